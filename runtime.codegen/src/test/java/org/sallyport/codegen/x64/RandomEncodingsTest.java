package org.sallyport.codegen.x64;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sallyport.codegen.x64.Width.*;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.sallyport.codegen.x64.Assembler.Sse;
import org.sallyport.codegen.x64.BitAssembler.BitTest;
import org.sallyport.codegen.x64.BitAssembler.Bits;
import org.sallyport.codegen.x64.BitAssembler.Blx;
import org.sallyport.codegen.x64.BitAssembler.Shift;
import org.sallyport.codegen.x64.BitAssembler.ShiftX;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;
import org.sallyport.codegen.x64.IntegerAssembler.Unary;

/** Every family of instructions with random operands says to the system's disassembler what it was meant to say. */
class RandomEncodingsTest {
    private static final int ROUNDS = 150;
    private static final String[][] GENERAL = {
        {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", "r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b",
                "r15b"},
        {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r9w", "r10w", "r11w", "r12w", "r13w", "r14w", "r15w"},
        {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d", "r9d", "r10d", "r11d", "r12d", "r13d", "r14d",
            "r15d"},
        {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"},
    };
    private static final String[] CONDITIONS = {
        "o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"
    };
    private static final int[] DISPLACEMENTS = {0, 1, -1, 127, 128, -128, -129, 0x1000, Integer.MAX_VALUE,
            Integer.MIN_VALUE};

    private final Random random = new Random(11);
    private final Assembler asm = new Assembler();
    private final List<String> expected = new ArrayList<>();

    private int register() {
        return random.nextInt(16);
    }

    private Mem memory() {
        int index;
        do {
            index = random.nextInt(17) - 1;
        } while (index == Reg.RSP);
        boolean noBase = index >= 0 && random.nextInt(6) == 0;
        int disp = DISPLACEMENTS[random.nextInt(DISPLACEMENTS.length)];
        return Mem.at(noBase ? Reg.NONE : register(), index, index < 0 ? 0 : random.nextInt(4), disp);
    }

    private static String text(Width w, int register) {
        return GENERAL[w.ordinal()][register];
    }

    private static String xmm(int register) {
        return "xmm" + register;
    }

    /** The disassembler's way to write it. */
    private static String address(Mem m) {
        var text = new StringBuilder("[");
        if (m.base >= 0) {
            text.append(text(QWORD, m.base));
        }
        if (m.index >= 0) {
            text.append(m.base >= 0 ? "+" : "").append(text(QWORD, m.index)).append('*').append(1 << m.scale);
        }
        boolean always = m.base < 0 || (m.base & 7) == 5;
        if (m.disp != 0 || always) {
            text.append(m.disp < 0 ? "-0x" : "+0x").append(Long.toHexString(Math.abs((long) m.disp)));
        }
        return text.append(']').toString();
    }

    private static String memory(Width w, Mem m) {
        return w + " PTR " + address(m);
    }

    private static String imm(Width w, int value) {
        long bits = switch (w) {
            case BYTE -> value & 0xFF;
            case WORD -> value & 0xFFFF;
            case DWORD -> value & 0xFFFF_FFFFL;
            case QWORD -> value;
        };
        return "0x" + Long.toHexString(bits);
    }

    private void expect(String mnemonic, String... operands) {
        expected.add(mnemonic.toLowerCase(Locale.ROOT) + " " + String.join(",", operands));
    }

    @Test
    void saysWhatItMeans() throws Exception {
        Assumptions.assumeTrue(Disassembler.isAvailable(), "no objdump here: random encodings are not checked");
        for (int i = 0; i < ROUNDS; i++) {
            for (Width w : Width.values()) {
                arithmetic(w);
                moves(w);
                if (w.ordinal() >= DWORD.ordinal()) {
                    wide(w);
                    bits(w);
                }
            }
            conditional();
            floats();
        }
        List<String> found = Disassembler.texts(asm.finish());
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i)).as("instruction %d", i).isEqualTo(expected.get(i));
        }
        assertThat(found).hasSameSizeAs(expected);
    }

    private void arithmetic(Width w) {
        Alu op = Alu.values()[random.nextInt(8)];
        int a = register();
        int b = register();
        Mem m = memory();
        int value = random.nextInt(3) == 0 ? (byte) random.nextInt() : w == BYTE ? (byte) random.nextInt()
                : w == WORD ? (short) random.nextInt() : random.nextInt();
        asm.alu(op, w, a, b);
        expect(op.name(), text(w, a), text(w, b));
        asm.alu(op, w, a, m);
        expect(op.name(), text(w, a), memory(w, m));
        asm.alu(op, w, m, b);
        expect(op.name(), memory(w, m), text(w, b));
        asm.aluImm(op, w, a, value);
        expect(op.name(), text(w, a), imm(w, value));
        asm.aluImm(op, w, m, value);
        expect(op.name(), memory(w, m), imm(w, value));
        asm.test(w, a, b);
        expect("test", text(w, a), text(w, b));
        asm.testImm(w, a, value);
        expect("test", text(w, a), imm(w, value));
        asm.testImm(w, m, value);
        expect("test", memory(w, m), imm(w, value));
        Unary unary = Unary.values()[random.nextInt(Unary.values().length)];
        asm.unary(unary, w, a);
        expect(unary.name(), text(w, a));
        asm.unary(unary, w, m);
        expect(unary.name(), memory(w, m));
        Shift shift = Shift.values()[random.nextInt(Shift.values().length)];
        int count = 2 + random.nextInt(5);
        asm.shift(shift, w, a, count);
        expect(shift.name(), text(w, a), "0x" + count);
        asm.shift(shift, w, m, count);
        expect(shift.name(), memory(w, m), "0x" + count);
        asm.shiftCl(shift, w, a);
        expect(shift.name(), text(w, a), "cl");
    }

    private void moves(Width w) {
        int a = register();
        int b = register();
        Mem m = memory();
        asm.mov(w, a, b);
        expect("mov", text(w, a), text(w, b));
        asm.mov(w, a, m);
        expect("mov", text(w, a), memory(w, m));
        asm.mov(w, m, b);
        expect("mov", memory(w, m), text(w, b));
        asm.movImm(w, m, 0x11);
        expect("mov", memory(w, m), "0x11");
        asm.xchg(w, m, b);
        expect("xchg", memory(w, m), text(w, b));
        asm.lock();
        asm.cmpxchg(w, m, b);
        expect("lock cmpxchg", memory(w, m), text(w, b));
        if (w.ordinal() < DWORD.ordinal()) {
            asm.movzx(w, a, b);
            expect("movzx", text(DWORD, a), text(w, b));
            asm.movsx(QWORD, w, a, m);
            expect("movsx", text(QWORD, a), memory(w, m));
            asm.movsx(DWORD, w, a, b);
            expect("movsx", text(DWORD, a), text(w, b));
        }
    }

    private void wide(Width w) {
        int a = register();
        int b = register();
        Mem m = memory();
        int value = random.nextBoolean() ? (byte) random.nextInt() : random.nextInt();
        asm.lea(w, a, m);
        expect("lea", text(w, a), address(m));
        asm.imul(w, a, b);
        expect("imul", text(w, a), text(w, b));
        asm.imul(w, a, m);
        expect("imul", text(w, a), memory(w, m));
        asm.imulImm(w, a, b, value);
        expect("imul", text(w, a), text(w, b), imm(w, value));
        asm.imulImm(w, a, m, value);
        expect("imul", text(w, a), memory(w, m), imm(w, value));
        asm.bswap(w, a);
        expect("bswap", text(w, a));
        asm.xadd(w, m, b);
        expect("xadd", memory(w, m), text(w, b));
    }

    private void bits(Width w) {
        int a = register();
        int b = register();
        int c = register();
        Mem m = memory();
        ShiftX shift = ShiftX.values()[random.nextInt(3)];
        asm.shiftX(shift, w, a, b, c);
        expect(shift.name(), text(w, a), text(w, b), text(w, c));
        asm.shiftX(shift, w, a, m, c);
        expect(shift.name(), text(w, a), memory(w, m), text(w, c));
        asm.rorx(w, a, m, 9);
        expect("rorx", text(w, a), memory(w, m), "0x9");
        Bits bits = Bits.values()[random.nextInt(Bits.values().length)];
        asm.bits(bits, w, a, b);
        expect(bits.name(), text(w, a), text(w, b));
        asm.bits(bits, w, a, m);
        expect(bits.name(), text(w, a), memory(w, m));
        BitTest test = BitTest.values()[random.nextInt(4)];
        asm.bitTest(test, w, a, b);
        expect(test.name(), text(w, a), text(w, b));
        asm.bitTestImm(test, w, a, 29);
        expect(test.name(), text(w, a), "0x1d");
        asm.andn(w, a, b, c);
        expect("andn", text(w, a), text(w, b), text(w, c));
        asm.andn(w, a, b, m);
        expect("andn", text(w, a), text(w, b), memory(w, m));
        Blx blx = Blx.values()[random.nextInt(3)];
        asm.blx(blx, w, a, b);
        expect(blx.name(), text(w, a), text(w, b));
        asm.bzhi(w, a, b, c);
        expect("bzhi", text(w, a), text(w, b), text(w, c));
        asm.mulx(w, a, b, m);
        expect("mulx", text(w, a), text(w, b), memory(w, m));
    }

    private void conditional() {
        Cond cond = Cond.of(random.nextInt(16));
        String suffix = CONDITIONS[cond.ordinal()];
        int a = register();
        int b = register();
        Mem m = memory();
        asm.set(cond, a);
        expect("set" + suffix, text(BYTE, a));
        asm.set(cond, m);
        expect("set" + suffix, memory(BYTE, m));
        asm.cmov(cond, DWORD, a, b);
        expect("cmov" + suffix, text(DWORD, a), text(DWORD, b));
        asm.cmov(cond, QWORD, a, m);
        expect("cmov" + suffix, text(QWORD, a), memory(QWORD, m));
        asm.jmp(m);
        expect("jmp", memory(QWORD, m));
        asm.call(m);
        expect("call", memory(QWORD, m));
        asm.push(a);
        expect("push", text(QWORD, a));
        asm.pop(b);
        expect("pop", text(QWORD, b));
    }

    private void floats() {
        int a = register();
        int b = register();
        int c = register();
        Mem m = memory();
        Sse op = Sse.values()[random.nextInt(Sse.UCOMISS.ordinal())];
        String name = op.name();
        Width w = name.endsWith("SS") || name.equals("CVTSS2SD") ? DWORD : QWORD;
        boolean packed = name.endsWith("PS") || name.endsWith("PD") || name.startsWith("P");
        String source = packed ? "XMMWORD PTR " + address(m) : memory(w, m);
        if (!packed && name.equals("CVTSD2SS")) {
            source = memory(QWORD, m);
        }
        asm.sse(op, a, b);
        expect(name, xmm(a), xmm(b));
        asm.sse(op, a, m);
        expect(name, xmm(a), source);
        asm.avx(op, a, b, c);
        expect("v" + name, xmm(a), xmm(b), xmm(c));
        asm.avx(op, a, b, m);
        expect("v" + name, xmm(a), xmm(b), source);
        boolean dbl = random.nextBoolean();
        String suffix = dbl ? "sd" : "ss";
        Width scalar = dbl ? QWORD : DWORD;
        asm.movs(dbl, a, m);
        expect("mov" + suffix, xmm(a), memory(scalar, m));
        asm.vmovs(dbl, m, a);
        expect("vmov" + suffix, memory(scalar, m), xmm(a));
        asm.vmovups(true, a, m);
        expect("vmovups", "ymm" + a, "YMMWORD PTR " + address(m));
        asm.vcvtToInt(dbl, QWORD, a, b);
        expect("vcvtt" + suffix + "2si", text(QWORD, a), xmm(b));
        asm.cvtFromInt(dbl, DWORD, a, b);
        expect("cvtsi2" + suffix, xmm(a), text(DWORD, b));
        asm.vround(dbl, a, b, c, 1);
        expect("vround" + suffix, xmm(a), xmm(b), xmm(c), "0x9");
        asm.vblendv(dbl, a, b, c, 5);
        expect("vblendvp" + suffix.charAt(1), xmm(a), xmm(b), xmm(c), "xmm5");
        asm.movToXmm(scalar, a, b);
        expect(dbl ? "movq" : "movd", xmm(a), text(scalar, b));
        asm.vmovFromXmm(scalar, a, b);
        expect(dbl ? "vmovq" : "vmovd", text(scalar, a), xmm(b));
    }
}
