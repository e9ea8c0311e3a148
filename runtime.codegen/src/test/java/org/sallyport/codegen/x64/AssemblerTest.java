package org.sallyport.codegen.x64;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sallyport.codegen.x64.Reg.*;
import static org.sallyport.codegen.x64.Width.*;

import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.codegen.x64.Assembler.Sse;
import org.sallyport.codegen.x64.BitAssembler.BitTest;
import org.sallyport.codegen.x64.BitAssembler.Bits;
import org.sallyport.codegen.x64.BitAssembler.Blx;
import org.sallyport.codegen.x64.BitAssembler.Shift;
import org.sallyport.codegen.x64.BitAssembler.ShiftX;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;
import org.sallyport.codegen.x64.IntegerAssembler.Unary;

/** Rows of call, hex, text. The hex is checked always, the text where a disassembler is at hand. */
class AssemblerTest {
    record Row(String hex, String text, Consumer<Assembler> call) {
        @Override
        public String toString() {
            return text;
        }
    }

    private static Row row(String hex, String text, Consumer<Assembler> call) {
        return new Row(hex, text, call);
    }

    static Stream<Row> rows() {
        return Stream.of(
                // @formatter:off
                row("01c8",             "add eax,ecx",                         a -> a.alu(Alu.ADD, DWORD, RAX, RCX)),
                row("4d31fe",           "xor r14,r15",                         a -> a.alu(Alu.XOR, QWORD, R14, R15)),
                row("4038f7",           "cmp dil,sil",                         a -> a.alu(Alu.CMP, BYTE, RDI, RSI)),
                row("664103442410",     "add ax,WORD PTR [r12+0x10]",          a -> a.alu(Alu.ADD, WORD, RAX, Mem.at(R12, 16))),
                row("432b04ae",         "sub eax,DWORD PTR [r14+r13*4]",        a -> a.alu(Alu.SUB, DWORD, RAX, Mem.at(R14, R13, 2, 0))),
                row("48295d00",         "sub QWORD PTR [rbp+0x0],rbx",         a -> a.alu(Alu.SUB, QWORD, Mem.at(RBP, 0), RBX)),
                row("4883c0ff",         "add rax,0xffffffffffffffff",          a -> a.aluImm(Alu.ADD, QWORD, RAX, -1)),
                row("2578563412",       "and eax,0x12345678",                  a -> a.aluImm(Alu.AND, DWORD, RAX, 0x12345678)),
                row("81e378563412",     "and ebx,0x12345678",                  a -> a.aluImm(Alu.AND, DWORD, RBX, 0x12345678)),
                row("4080fd7f",         "cmp bpl,0x7f",                        a -> a.aluImm(Alu.CMP, BYTE, RBP, 127)),
                row("66817c24080001",   "cmp WORD PTR [rsp+0x8],0x100",        a -> a.aluImm(Alu.CMP, WORD, Mem.at(RSP, 8), 256)),
                row("a801",             "test al,0x1",                         a -> a.testImm(BYTE, RAX, 1)),
                row("49f7c300000080",   "test r11,0xffffffff80000000",         a -> a.testImm(QWORD, R11, Integer.MIN_VALUE)),
                row("4885c0",           "test rax,rax",                        a -> a.test(QWORD, RAX, RAX)),
                row("48f7f9",           "idiv rcx",                            a -> a.unary(Unary.IDIV, QWORD, RCX)),
                row("f7d8",             "neg eax",                             a -> a.unary(Unary.NEG, DWORD, RAX)),
                row("69c8e8030000",     "imul ecx,eax,0x3e8",                  a -> a.imulImm(DWORD, RCX, RAX, 1000)),
                row("4d6bc90a",         "imul r9,r9,0xa",                      a -> a.imulImm(QWORD, R9, R9, 10)),
                row("c21000",           "ret 0x10",                            a -> a.ret(16)),
                row("4899",             "cqo",                                 a -> a.signIntoRdx(QWORD)),
                row("b8ffffffff",       "mov eax,0xffffffff",                  a -> a.movImm(RAX, 0xFFFF_FFFFL)),
                row("49c7c0ffffffff",   "mov r8,0xffffffffffffffff",           a -> a.movImm(R8, -1)),
                row("48b90000000001000000", "movabs rcx,0x100000000",          a -> a.movImm(RCX, 1L << 32)),
                row("400fb6f6",         "movzx esi,sil",                       a -> a.movzx(BYTE, RSI, RSI)),
                row("480fbf08",         "movsx rcx,WORD PTR [rax]",            a -> a.movsx(QWORD, WORD, RCX, Mem.at(RAX, 0))),
                row("4863c1",           "movsxd rax,ecx",                      a -> a.movsx(QWORD, DWORD, RAX, RCX)),
                row("428d049d08000000", "lea eax,[r11*4+0x8]",                 a -> a.lea(DWORD, RAX, Mem.at(NONE, R11, 2, 8))),
                row("480f42ca",         "cmovb rcx,rdx",                       a -> a.cmov(Cond.B, QWORD, RCX, RDX)),
                row("400f95c7",         "setne dil",                           a -> a.set(Cond.NE, RDI)),
                row("c1e303",           "shl ebx,0x3",                         a -> a.shift(Shift.SHL, DWORD, RBX, 3)),
                row("49d3ca",           "ror r10,cl",                          a -> a.shiftCl(Shift.ROR, QWORD, R10)),
                row("c4e2f1f7d8",       "shlx rbx,rax,rcx",                    a -> a.shiftX(ShiftX.SHLX, QWORD, RBX, RAX, RCX)),
                row("c4427af74c8640",   "sarx r9d,DWORD PTR [r14+rax*4+0x40],eax", a -> a.shiftX(ShiftX.SARX, DWORD, R9, Mem.at(R14, RAX, 2, 64), RAX)),
                row("c4e37bf0c807",     "rorx ecx,eax,0x7",                    a -> a.rorx(DWORD, RCX, RAX, 7)),
                row("f3480fbdc1",       "lzcnt rax,rcx",                       a -> a.bits(Bits.LZCNT, QWORD, RAX, RCX)),
                row("f3440fb8c1",       "popcnt r8d,ecx",                      a -> a.bits(Bits.POPCNT, DWORD, R8, RCX)),
                row("0fa3c8",           "bt eax,ecx",                          a -> a.bitTest(BitTest.BT, DWORD, RAX, RCX)),
                row("480fbae83f",       "bts rax,0x3f",                        a -> a.bitTestImm(BitTest.BTS, QWORD, RAX, 63)),
                row("c4e260f2c1",       "andn eax,ebx,ecx",                    a -> a.andn(DWORD, RAX, RBX, RCX)),
                row("c4e2f8f3c9",       "blsr rax,rcx",                        a -> a.blx(Blx.BLSR, QWORD, RAX, RCX)),
                row("480fc8",           "bswap rax",                           a -> a.bswap(QWORD, RAX)),
                row("ff6110",           "jmp QWORD PTR [rcx+0x10]",            a -> a.jmp(Mem.at(RCX, 16))),
                row("41ffd4",           "call r12",                            a -> a.callReg(R12)),
                row("64488b042510000000", "mov rax,QWORD PTR fs:0x10",         a -> a.movFs(RAX, 16)),
                row("648b01",           "mov eax,DWORD PTR fs:[rcx]",          a -> a.movFsAt(RAX, RCX)),
                row("0f05",             "syscall",                             IntegerAssembler::syscall),
                row("f2410f58ca",       "addsd xmm1,xmm10",                    a -> a.sse(Sse.ADDSD, XMM1, 10)),
                row("c4c17358d2",       "vaddsd xmm2,xmm1,xmm10",              a -> a.avx(Sse.ADDSD, 2, XMM1, 10)),
                row("c5f35cd1",         "vsubsd xmm2,xmm1,xmm1",               a -> a.avx(Sse.SUBSD, 2, XMM1, XMM1)),
                row("660f2ec1",         "ucomisd xmm0,xmm1",                   a -> a.sse(Sse.UCOMISD, XMM0, XMM1)),
                row("c5f92ec1",         "vucomisd xmm0,xmm1",                  a -> a.avx(Sse.UCOMISD, XMM0, XMM1)),
                row("66480f6ec8",       "movq xmm1,rax",                       a -> a.movToXmm(QWORD, XMM1, RAX)),
                row("c4e1f97ec8",       "vmovq rax,xmm1",                      a -> a.vmovFromXmm(QWORD, RAX, XMM1)),
                row("c4e1832ac0",       "vcvtsi2sd xmm0,xmm15,rax",            a -> a.vcvtFromInt(true, QWORD, XMM0, XMM15, RAX)),
                row("f3480f2cc1",       "cvttss2si rax,xmm1",                  a -> a.cvtToInt(false, QWORD, RAX, XMM1)),
                row("660f3a0bc10b",     "roundsd xmm0,xmm1,0xb",               a -> a.round(true, XMM0, XMM1, 3)),
                row("c4e3694bd930",     "vblendvpd xmm3,xmm2,xmm1,xmm3",       a -> a.vblendv(true, 3, 2, 1, 3)),
                row("f3a4",             "rep movs BYTE PTR es:[rdi],BYTE PTR ds:[rsi]", IntegerAssembler::repMovsb),
                row("0f0b",             "ud2",                                 IntegerAssembler::ud2)
                // @formatter:on
        );
    }

    @ParameterizedTest
    @MethodSource("rows")
    void encodes(Row row) {
        var asm = new Assembler();
        row.call.accept(asm);
        assertThat(HexFormat.of().formatHex(asm.finish())).isEqualTo(row.hex);
    }

    @Test
    void meansWhatTheTextSays() throws Exception {
        Assumptions.assumeTrue(Disassembler.isAvailable(), "no objdump here: texts are not checked");
        var asm = new Assembler();
        rows().forEach(row -> row.call.accept(asm));
        assertThat(Disassembler.texts(asm.finish())).isEqualTo(rows().map(Row::text).toList());
    }

    @Test
    void shortensBranchesThatReachAndNoOthers() {
        for (int gap : List.of(0, 1, 125, 126, 127, 128, 129, 300)) {
            var asm = new Assembler();
            int start = asm.here();
            int end = asm.newLabel();
            asm.jcc(Cond.E, end);
            for (int i = 0; i < gap; i++) {
                asm.u8(0x90);
            }
            asm.jmp(start);
            asm.bind(end);
            byte[] code = asm.finish();
            // the forward branch jumps over the gap and the backward jump, the backward jump over both
            int back = gap + 2 + 2 <= 128 ? 2 : 5;
            int forward = gap + back <= 127 ? 2 : 6;
            assertThat(code).hasSize(gap + back + forward);
            assertThat(asm.offset(end)).isEqualTo(code.length);
            int distance = forward == 2 ? code[1] : CodeBufferTest.int32(code, 2);
            assertThat(forward + distance).isEqualTo(code.length);
            distance = back == 2 ? code[code.length - 1] : CodeBufferTest.int32(code, code.length - 4);
            assertThat(code.length + distance).isZero();
        }
    }
}
