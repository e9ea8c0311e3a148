package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Encoding.P66;
import static org.sallyport.codegen.x64.Encoding.PF2;
import static org.sallyport.codegen.x64.Encoding.PF3;

/**
 * Packed instructions {@code xmm, xmm/m128}, one row each: mandatory prefix and opcode, the same in legacy and VEX
 * encoding. Under VEX those of the first part have one more source, those marked {@link Form#UNARY} have not.
 */
enum Simd {
    // @formatter:off
    // integers (SDM vol. 2: SSE2, SSSE3, SSE4.1, SSE4.2)
    PADDB     (P66, 0x0FFC),   PADDW     (P66, 0x0FFD),   PADDD     (P66, 0x0FFE),   PADDQ     (P66, 0x0FD4),
    PSUBB     (P66, 0x0FF8),   PSUBW     (P66, 0x0FF9),   PSUBD     (P66, 0x0FFA),   PSUBQ     (P66, 0x0FFB),
    PADDSB    (P66, 0x0FEC),   PADDSW    (P66, 0x0FED),   PADDUSB   (P66, 0x0FDC),   PADDUSW   (P66, 0x0FDD),
    PSUBSB    (P66, 0x0FE8),   PSUBSW    (P66, 0x0FE9),   PSUBUSB   (P66, 0x0FD8),   PSUBUSW   (P66, 0x0FD9),
    PMULLW    (P66, 0x0FD5),   PMULHW    (P66, 0x0FE5),   PMULHUW   (P66, 0x0FE4),   PMULLD    (P66, 0x0F3840),
    PMULUDQ   (P66, 0x0FF4),   PMULDQ    (P66, 0x0F3828), PMADDWD   (P66, 0x0FF5),   PMADDUBSW (P66, 0x0F3804),
    PMULHRSW  (P66, 0x0F380B),
    PMINSB    (P66, 0x0F3838), PMINSW    (P66, 0x0FEA),   PMINSD    (P66, 0x0F3839),
    PMINUB    (P66, 0x0FDA),   PMINUW    (P66, 0x0F383A), PMINUD    (P66, 0x0F383B),
    PMAXSB    (P66, 0x0F383C), PMAXSW    (P66, 0x0FEE),   PMAXSD    (P66, 0x0F383D),
    PMAXUB    (P66, 0x0FDE),   PMAXUW    (P66, 0x0F383E), PMAXUD    (P66, 0x0F383F),
    PAVGB     (P66, 0x0FE0),   PAVGW     (P66, 0x0FE3),
    PCMPEQB   (P66, 0x0F74),   PCMPEQW   (P66, 0x0F75),   PCMPEQD   (P66, 0x0F76),   PCMPEQQ   (P66, 0x0F3829),
    PCMPGTB   (P66, 0x0F64),   PCMPGTW   (P66, 0x0F65),   PCMPGTD   (P66, 0x0F66),   PCMPGTQ   (P66, 0x0F3837),
    PAND      (P66, 0x0FDB),   PANDN     (P66, 0x0FDF),   POR       (P66, 0x0FEB),   PXOR      (P66, 0x0FEF),
    PSLLW     (P66, 0x0FF1),   PSLLD     (P66, 0x0FF2),   PSLLQ     (P66, 0x0FF3),
    PSRLW     (P66, 0x0FD1),   PSRLD     (P66, 0x0FD2),   PSRLQ     (P66, 0x0FD3),
    PSRAW     (P66, 0x0FE1),   PSRAD     (P66, 0x0FE2),
    // rearranging
    PACKSSWB  (P66, 0x0F63),   PACKUSWB  (P66, 0x0F67),   PACKSSDW  (P66, 0x0F6B),   PACKUSDW  (P66, 0x0F382B),
    PUNPCKLBW (P66, 0x0F60),   PUNPCKLWD (P66, 0x0F61),   PUNPCKLDQ (P66, 0x0F62),   PUNPCKLQDQ(P66, 0x0F6C),
    PUNPCKHBW (P66, 0x0F68),   PUNPCKHWD (P66, 0x0F69),   PUNPCKHDQ (P66, 0x0F6A),   PUNPCKHQDQ(P66, 0x0F6D),
    PSHUFB    (P66, 0x0F3800),
    PALIGNR   (P66, 0x0F3A0F, Form.BINARY_IMM),           PBLENDW   (P66, 0x0F3A0E, Form.BINARY_IMM),
    SHUFPS    (0,   0x0FC6,   Form.BINARY_IMM),           SHUFPD    (P66, 0x0FC6,   Form.BINARY_IMM),
    BLENDPS   (P66, 0x0F3A0C, Form.BINARY_IMM),           INSERTPS  (P66, 0x0F3A21, Form.BINARY_IMM),
    // floats
    ADDPS     (0,   0x0F58),   ADDPD     (P66, 0x0F58),   SUBPS     (0,   0x0F5C),   SUBPD     (P66, 0x0F5C),
    MULPS     (0,   0x0F59),   MULPD     (P66, 0x0F59),   DIVPS     (0,   0x0F5E),   DIVPD     (P66, 0x0F5E),
    MINPS     (0,   0x0F5D),   MINPD     (P66, 0x0F5D),   MAXPS     (0,   0x0F5F),   MAXPD     (P66, 0x0F5F),
    ANDPS     (0,   0x0F54),   ANDPD     (P66, 0x0F54),   ANDNPS    (0,   0x0F55),   ANDNPD    (P66, 0x0F55),
    ORPS      (0,   0x0F56),   ORPD      (P66, 0x0F56),   XORPS     (0,   0x0F57),   XORPD     (P66, 0x0F57),
    CMPPS     (0,   0x0FC2,   Form.BINARY_IMM),           CMPPD     (P66, 0x0FC2,   Form.BINARY_IMM),
    // fused: the destination is the first factor (FMA3)
    FMADD213PS (P66, 0x0F38A8, Form.FUSED),               FMADD213PD (P66, 0x0F38A8, Form.FUSED_PD),
    FNMADD213PS(P66, 0x0F38AC, Form.FUSED),               FNMADD213PD(P66, 0x0F38AC, Form.FUSED_PD),
    // by the sign of a mask: in legacy encoding it is xmm0
    PBLENDVB  (P66, 0x0F3810, Form.BLEND),                BLENDVPS  (P66, 0x0F3814, Form.BLEND),
    BLENDVPD  (P66, 0x0F3815, Form.BLEND),

    // one source
    PABSB     (P66, 0x0F381C, Form.UNARY), PABSW    (P66, 0x0F381D, Form.UNARY), PABSD    (P66, 0x0F381E, Form.UNARY),
    PMOVSXBW  (P66, 0x0F3820, Form.UNARY), PMOVSXWD (P66, 0x0F3823, Form.UNARY), PMOVSXDQ (P66, 0x0F3825, Form.UNARY),
    PMOVZXBW  (P66, 0x0F3830, Form.UNARY), PMOVZXWD (P66, 0x0F3833, Form.UNARY), PMOVZXDQ (P66, 0x0F3835, Form.UNARY),
    SQRTPS    (0,   0x0F51,   Form.UNARY), SQRTPD   (P66, 0x0F51,   Form.UNARY),
    CVTDQ2PS  (0,   0x0F5B,   Form.UNARY), CVTTPS2DQ(PF3, 0x0F5B,   Form.UNARY), CVTDQ2PD (PF3, 0x0FE6,   Form.UNARY),
    CVTTPD2DQ (P66, 0x0FE6,   Form.UNARY), CVTPS2PD (0,   0x0F5A,   Form.UNARY), CVTPD2PS (P66, 0x0F5A,   Form.UNARY),
    MOVDDUP   (PF2, 0x0F12,   Form.UNARY), MOVQ     (PF3, 0x0F7E,   Form.UNARY), PTEST    (P66, 0x0F3817, Form.UNARY),
    MOVAPS    (0,   0x0F28,   Form.UNARY), MOVUPS   (0,   0x0F10,   Form.UNARY),
    PSHUFD    (P66, 0x0F70,   Form.UNARY_IMM), PSHUFLW(PF2, 0x0F70, Form.UNARY_IMM), PSHUFHW(PF3, 0x0F70, Form.UNARY_IMM),
    ROUNDPS   (P66, 0x0F3A08, Form.UNARY_IMM), ROUNDPD(P66, 0x0F3A09, Form.UNARY_IMM),
    // AVX and AVX2 only
    VBROADCASTSS(P66, 0x0F3818, Form.UNARY),
    VPBROADCASTB(P66, 0x0F3878, Form.UNARY), VPBROADCASTW(P66, 0x0F3879, Form.UNARY),
    VPBROADCASTD(P66, 0x0F3858, Form.UNARY), VPBROADCASTQ(P66, 0x0F3859, Form.UNARY),
    // from memory only: the lowest 4 bytes, the others become 0
    MOVSS     (PF3, 0x0F10,   Form.UNARY);
    // @formatter:on

    /** Operands, and what follows them. */
    enum Form { BINARY, BINARY_IMM, FUSED, FUSED_PD, BLEND, UNARY, UNARY_IMM }

    private static final Simd[] ALL = values();

    final int prefix;
    final int opcode;
    final Form form;

    Simd(int prefix, int opcode) {
        this(prefix, opcode, Form.BINARY);
    }

    Simd(int prefix, int opcode, Form form) {
        this.prefix = prefix;
        this.opcode = opcode;
        this.form = form;
    }

    static Simd of(int ordinal) {
        return ALL[ordinal];
    }

    boolean hasImm() {
        return form == Form.BINARY_IMM || form == Form.UNARY_IMM;
    }

    boolean isUnary() {
        return form == Form.UNARY || form == Form.UNARY_IMM;
    }

    /** The wide bit of the VEX encoding. */
    boolean isWide() {
        return form == Form.FUSED_PD;
    }
}
