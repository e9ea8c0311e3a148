package org.sallyport.codegen.x64;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.sallyport.codegen.x64.VectorAssembler.Lane;
import org.sallyport.codegen.x64.VectorAssembler.Mask;
import org.sallyport.codegen.x64.VectorAssembler.Shift128;
import org.sallyport.codegen.x64.VectorAssembler.Stored;

/** Every row of packed instructions, in both encodings, says to the system's disassembler what it was meant to say. */
class VectorEncodingsTest {
    private static final int ROUNDS = 12;
    private static final String[] DWORDS = {
        "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d", "r9d", "r10d", "r11d", "r12d", "r13d", "r14d", "r15d"
    };
    private static final String[] QWORDS = {
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
    };

    private final Random random = new Random(7);
    private final Assembler asm = new Assembler();
    private final List<String> expected = new ArrayList<>();

    private int register() {
        return random.nextInt(16);
    }

    private static String xmm(int register) {
        return "xmm" + register;
    }

    private void expect(String mnemonic, String... operands) {
        expected.add(mnemonic.toLowerCase(Locale.ROOT) + " " + String.join(",", operands));
    }

    @Test
    void saysWhatItMeans() throws Exception {
        Assumptions.assumeTrue(Disassembler.isAvailable(), "no objdump here: vector encodings are not checked");
        for (int i = 0; i < ROUNDS; i++) {
            for (Simd row : Simd.values()) {
                packed(row);
            }
            shifts();
            lanes();
            masksAndStores();
        }
        List<String> found = Disassembler.texts(asm.finish());
        for (int i = 0; i < expected.size(); i++) {
            assertThat(shorn(found.get(i))).as("instruction %d", i).isEqualTo(expected.get(i));
        }
        assertThat(found).hasSameSizeAs(expected);
    }

    /** What the disassembler says of the width of memory is not what is tested here. */
    private static String shorn(String text) {
        return text.replaceAll("(BYTE|WORD|DWORD|QWORD|XMMWORD) PTR ", "").replaceAll("cmp(eq|lt|le|unord)(ps|pd)", "cmp:$1$2");
    }

    private void packed(Simd row) {
        int a = register();
        int b = register();
        int c = register();
        Mem m = Mem.at(Reg.R13, 64);
        int imm = row == Simd.CMPPS || row == Simd.CMPPD ? random.nextInt(4) : 0x15 + random.nextInt(8);
        String name = name(row, imm);
        String tail = row.hasImm() && !name.startsWith("cmp") ? ",0x" + Integer.toHexString(imm) : "";
        boolean vexOnly = row.name().startsWith("V") || row.form == Simd.Form.FUSED || row.form == Simd.Form.FUSED_PD;
        if (row.form == Simd.Form.BLEND) {
            asm.simd(row, a, b, 0);
            expect(name, xmm(a), xmm(b) + ",xmm0");
            asm.vblend(row, a, b, c, 9);
            expect("v" + name, xmm(a), xmm(b), xmm(c), "xmm9");
            return;
        }
        boolean memoryOnly = row == Simd.MOVSS;
        String vex = vexOnly ? name : "v" + name;
        if (!vexOnly) {
            if (!memoryOnly) {
                asm.simd(row, a, b, imm);
                expect(name, xmm(a), xmm(b) + tail);
            }
            asm.simd(row, a, m, imm);
            expect(name, xmm(a), "[r13+0x40]" + tail);
        }
        if (row.isUnary()) {
            if (!memoryOnly) {
                asm.vsimd(row, a, 0, b, imm);
                expect(vex, xmm(a), xmm(b) + tail);
            }
            asm.vsimd(row, a, 0, m, imm);
            expect(vex, xmm(a), "[r13+0x40]" + tail);
        } else {
            asm.vsimd(row, a, b, c, imm);
            expect(vex, xmm(a), xmm(b), xmm(c) + tail);
            asm.vsimd(row, a, b, m, imm);
            expect(vex, xmm(a), xmm(b), "[r13+0x40]" + tail);
        }
    }

    private static String name(Simd row, int imm) {
        String[] predicates = {"eq", "lt", "le", "unord"};
        return switch (row) {
            case CMPPS -> "cmp:" + predicates[imm] + "ps";
            case CMPPD -> "cmp:" + predicates[imm] + "pd";
            case FMADD213PS, FMADD213PD, FNMADD213PS, FNMADD213PD -> "v" + row.name().toLowerCase(Locale.ROOT);
            default -> row.name().toLowerCase(Locale.ROOT);
        };
    }

    private void shifts() {
        for (Shift128 row : Shift128.values()) {
            int a = register();
            int b = register();
            asm.shift(row, a, 5);
            expect(row.name(), xmm(a), "0x5");
            asm.vshift(row, a, b, 7);
            expect("v" + row.name(), xmm(a), xmm(b), "0x7");
        }
    }

    private void lanes() {
        for (Lane row : Lane.values()) {
            int a = register();
            int b = register();
            int c = register();
            String suffix = row.name().toLowerCase(Locale.ROOT);
            String general = row == Lane.Q ? QWORDS[a] : DWORDS[a];
            asm.extract(row, a, b, 1);
            expect("pextr" + suffix, general, xmm(b), "0x1");
            asm.vextract(row, a, b, 1);
            expect("vpextr" + suffix, general, xmm(b), "0x1");
            asm.extract(row, Mem.at(Reg.RBX, 8), b, 0);
            expect("pextr" + suffix, "[rbx+0x8]", xmm(b), "0x0");
            asm.vextract(row, Mem.at(Reg.RBX, 8), b, 0);
            expect("vpextr" + suffix, "[rbx+0x8]", xmm(b), "0x0");
            asm.insert(row, b, a, 1);
            expect("pinsr" + suffix, xmm(b), general, "0x1");
            asm.insert(row, b, Mem.at(Reg.R12, 0), 1);
            expect("pinsr" + suffix, xmm(b), "[r12]", "0x1");
            asm.vinsert(row, b, c, a, 1);
            expect("vpinsr" + suffix, xmm(b), xmm(c), general, "0x1");
            asm.vinsert(row, b, c, Mem.at(Reg.R12, 0), 1);
            expect("vpinsr" + suffix, xmm(b), xmm(c), "[r12]", "0x1");
        }
    }

    private void masksAndStores() {
        String[] masks = {"pmovmskb", "movmskps", "movmskpd"};
        for (Mask row : Mask.values()) {
            int a = register();
            int b = register();
            asm.mask(row, a, b);
            expect(masks[row.ordinal()], DWORDS[a], xmm(b));
            asm.vmask(row, a, b);
            expect("v" + masks[row.ordinal()], DWORDS[a], xmm(b));
        }
        for (Stored row : Stored.values()) {
            int a = register();
            asm.store(row, Mem.at(Reg.R9, Reg.RCX, 1, 16), a);
            expect(row.name(), "[r9+rcx*2+0x10]", xmm(a));
            asm.vstore(row, Mem.at(Reg.R9, Reg.RCX, 1, 16), a);
            expect("v" + row.name(), "[r9+rcx*2+0x10]", xmm(a));
        }
    }
}
