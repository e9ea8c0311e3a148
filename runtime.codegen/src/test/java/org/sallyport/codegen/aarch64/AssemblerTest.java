package org.sallyport.codegen.aarch64;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.aarch64.IntegerAssembler.Alu;
import org.sallyport.codegen.aarch64.IntegerAssembler.Bitfield;
import org.sallyport.codegen.aarch64.IntegerAssembler.Extend;
import org.sallyport.codegen.aarch64.IntegerAssembler.Multiply;
import org.sallyport.codegen.aarch64.IntegerAssembler.Select;
import org.sallyport.codegen.aarch64.IntegerAssembler.Shift;
import org.sallyport.codegen.aarch64.MemoryAssembler.Atomic;
import org.sallyport.codegen.aarch64.MemoryAssembler.Moved;
import org.sallyport.codegen.aarch64.VectorAssembler.ShiftImm;
import org.sallyport.codegen.aarch64.VectorAssembler.Three;
import org.sallyport.codegen.aarch64.VectorAssembler.Two;

/** Rows of a call, the word that it writes, and the text that a disassembler gives for it where there is one. */
class AssemblerTest {
    private record Row(@Nullable String hex, String text, Consumer<Assembler> call) {}

    private final List<Row> rows = new ArrayList<>();

    private void row(@Nullable String hex, String text, Consumer<Assembler> call) {
        rows.add(new Row(hex, text, call));
    }

    private static String hex(Consumer<Assembler> call) {
        var asm = new Assembler();
        call.accept(asm);
        byte[] code = asm.finish();
        var words = new StringBuilder();
        for (int at = 0; at < code.length; at += 4) {
            words.append(at == 0 ? "" : " ").append(HexFormat.of().toHexDigits(CodeBuffer.get32(code, at)));
        }
        return words.toString();
    }

    private void check() throws IOException {
        var all = new Assembler();
        var wrong = new StringBuilder();
        for (Row row : rows) {
            row.call.accept(all);
            if (row.hex != null && !hex(row.call).equals(row.hex)) {
                wrong.append(hex(row.call)).append(" instead of ").append(row.hex).append(": ").append(row.text).append('\n');
            }
        }
        List<String> texts = Disassembler.disassemble(all.finish());
        List<String> wanted = rows.stream().flatMap(r -> r.text.lines()).toList();
        if (texts != null) {
            for (int i = 0; i < wanted.size(); i++) {
                if (i >= texts.size() || !texts.get(i).equals(wanted.get(i))) {
                    wrong.append(i >= texts.size() ? "nothing" : texts.get(i)).append(" instead of ")
                            .append(wanted.get(i)).append('\n');
                }
            }
        }
        assertEquals("", wrong.toString());
    }

    // @formatter:off
    @Test
    void encodesArithmeticAndLogic() throws IOException {
        row("0b030041", "add w1, w2, w3",                    a -> a.alu(Alu.ADD, false, 1, 2, 3));
        row("cb031041", "sub x1, x2, x3, lsl #4",            a -> a.alu(Alu.SUB, true, 1, 2, 3, Shift.LSL, 4));
        row("cac3fc41", "eor x1, x2, x3, ror #63",           a -> a.alu(Alu.EOR, true, 1, 2, 3, Shift.ROR, 63));
        row("2abc1c5e", "orn w30, w2, w28, asr #7",          a -> a.alu(Alu.ORN, false, 30, 2, 28, Shift.ASR, 7));
        row("8a6b0549", "bic x9, x10, x11, lsr #1",          a -> a.alu(Alu.BIC, true, 9, 10, 11, Shift.LSR, 1));
        row("6a0600bf", "tst w5, w6",                        a -> a.alu(Alu.ANDS, false, 31, 5, 6));
        row("aa0403e3", "mov x3, x4",                        a -> a.mov(true, 3, 4));
        row("910043e1", "add x1, sp, #0x10",                 a -> a.aluImm(Alu.ADD, true, 1, Reg.SP, 16));
        row("d1001441", "sub x1, x2, #0x5",                  a -> a.aluImm(Alu.ADD, true, 1, 2, -5));
        row("d1400fff", "sub sp, sp, #0x3, lsl #12",         a -> a.aluImm(Alu.SUB, true, 31, 31, 0x3000));
        row("3100047f", "cmn w3, #0x1",                      a -> a.cmpImm(false, 3, -1));
        row("f13ffc7f", "cmp x3, #0xfff",                    a -> a.cmpImm(true, 3, 0xFFF));
        row("eb3163ff", "cmp sp, x17",                       a -> a.aluExtended(Alu.SUBS, true, 31, 31, 17, Extend.UXTX, 0));
        row("8b234841", "add x1, x2, w3, uxtw #2",           a -> a.aluExtended(Alu.ADD, true, 1, 2, 3, Extend.UXTW, 2));
        row("12001c41", "and w1, w2, #0xff",                 a -> a.aluImm(Alu.AND, false, 1, 2, 0xFF));
        row("b2410441", "orr x1, x2, #0x8000000000000001",   a -> a.aluImm(Alu.ORR, true, 1, 2, 0x8000_0000_0000_0001L));
        row("521f7841", "eor w1, w2, #0xfffffffe",           a -> a.aluImm(Alu.EOR, false, 1, 2, 0xFFFF_FFFEL));
        row("9200f041", "and x1, x2, #0x5555555555555555",   a -> a.aluImm(Alu.AND, true, 1, 2, 0x5555_5555_5555_5555L));
        row("92009c41", "and x1, x2, #0xff00ff00ff00ff",     a -> a.aluImm(Alu.AND, true, 1, 2, 0x00FF_00FF_00FF_00FFL));
        row("f261003f", "tst x1, #0x80000000",               a -> a.aluImm(Alu.ANDS, true, 31, 1, 0x8000_0000L));
        row("9b031041", "madd x1, x2, x3, x4",               a -> a.multiply(Multiply.MADD, true, 1, 2, 3, 4));
        row("1b039041", "msub w1, w2, w3, w4",               a -> a.multiply(Multiply.MSUB, false, 1, 2, 3, 4));
        row("9bc37c41", "umulh x1, x2, x3",                  a -> a.multiply(Multiply.UMULH, true, 1, 2, 3, Reg.ZR));
        row("9b437c41", "smulh x1, x2, x3",                  a -> a.multiply(Multiply.SMULH, true, 1, 2, 3, Reg.ZR));
        row("9ba37c41", "umull x1, w2, w3",                  a -> a.multiply(Multiply.UMADDL, true, 1, 2, 3, Reg.ZR));
        row("9b231041", "smaddl x1, w2, w3, x4",             a -> a.multiply(Multiply.SMADDL, true, 1, 2, 3, 4));
        row("1ac30841", "udiv w1, w2, w3",                   a -> a.two(IntegerAssembler.Two.UDIV, false, 1, 2, 3));
        row("9ac30c41", "sdiv x1, x2, x3",                   a -> a.two(IntegerAssembler.Two.SDIV, true, 1, 2, 3));
        row("1ac32041", "lsl w1, w2, w3",                    a -> a.two(IntegerAssembler.Two.LSLV, false, 1, 2, 3));
        row("9ac32c41", "ror x1, x2, x3",                    a -> a.two(IntegerAssembler.Two.RORV, true, 1, 2, 3));
        row("dac00041", "rbit x1, x2",                       a -> a.one(IntegerAssembler.One.RBIT, true, 1, 2));
        row("5ac01041", "clz w1, w2",                        a -> a.one(IntegerAssembler.One.CLZ, false, 1, 2));
        row("d37df041", "lsl x1, x2, #3",                    a -> a.shiftImm(Shift.LSL, true, 1, 2, 3));
        row("531f7c41", "lsr w1, w2, #31",                   a -> a.shiftImm(Shift.LSR, false, 1, 2, 31));
        row("937ffc41", "asr x1, x2, #63",                   a -> a.shiftImm(Shift.ASR, true, 1, 2, 63));
        row("13821441", "ror w1, w2, #5",                    a -> a.shiftImm(Shift.ROR, false, 1, 2, 5));
        row("d3442c41", "ubfx x1, x2, #4, #8",               a -> a.bitfield(Bitfield.UBFM, true, 1, 2, 4, 11));
        row("13001c41", "sxtb w1, w2",                       a -> a.bitfield(Bitfield.SBFM, false, 1, 2, 0, 7));
        row("93407c41", "sxtw x1, w2",                       a -> a.bitfield(Bitfield.SBFM, true, 1, 2, 0, 31));
        row("33180c41", "bfi w1, w2, #8, #4",                a -> a.bitfield(Bitfield.BFM, false, 1, 2, 24, 3));
        row("9a83b041", "csel x1, x2, x3, lt",               a -> a.select(Select.CSEL, true, 1, 2, 3, Cond.LT));
        row("1a838441", "csinc w1, w2, w3, hi",              a -> a.select(Select.CSINC, false, 1, 2, 3, Cond.HI));
        row("1a9f17e1", "cset w1, eq",                       a -> a.cset(1, Cond.EQ));
        row("da9f53e1", "csetm x1, mi",                      a -> a.csetm(1, Cond.MI));
        row("7a410820", "ccmp w1, #0x1, #0x0, eq",           a -> a.ccmpImm(false, 1, 1, 0, Cond.EQ));
        row("d61f0200", "br x16",                            a -> a.br(16));
        row("d63f0060", "blr x3",                            a -> a.blr(3));
        row("d65f03c0", "ret",                               a -> a.ret());
        row("00000000", "udf #0",                            a -> a.udf());
        row("d4000001", "svc #0x0",                          a -> a.svc());
        row("d5033bbf", "dmb ish",                           a -> a.dmb());
        row("d53bd041", "mrs x1, tpidr_el0",                 a -> a.mrsThread(1));
        check();
    }

    @Test
    void encodesConstants() throws IOException {
        row("d2800001", "mov x1, #0x0",                      a -> a.movImm(1, 0));
        row("92800001", "mov x1, #0xffffffffffffffff",       a -> a.movImm(1, -1));
        row("12800001", "mov w1, #0xffffffff",               a -> a.movImm(1, 0xFFFF_FFFFL));
        row("129db961", "mov w1, #0xffff1234",               a -> a.movImm(1, 0xFFFF_1234L));
        row("d2a24681", "mov x1, #0x12340000",               a -> a.movImm(1, 0x1234_0000L));
        row("d28acf01 f2a24681", "mov x1, #0x5678\nmovk x1, #0x1234, lsl #16", a -> a.movImm(1, 0x1234_5678L));
        row("b200f3e1", "mov x1, #0x5555555555555555",       a -> a.movImm(1, 0x5555_5555_5555_5555L));
        row("32083fe1", "mov w1, #0xff0000ff",               a -> a.movImm(1, 0xFF00_00FFL));
        row("929db961", "mov x1, #0xffffffffffff1234",       a -> a.movImm(1, 0xFFFF_FFFF_FFFF_1234L));
        row("929db961 f2aacf01", "mov x1, #0xffffffffffff1234\nmovk x1, #0x5678, lsl #16",
                a -> a.movImm(1, 0xFFFF_FFFF_5678_1234L));
        row("d2800021 f2a00041 f2c00061 f2e00081",
                "mov x1, #0x1\nmovk x1, #0x2, lsl #16\nmovk x1, #0x3, lsl #32\nmovk x1, #0x4, lsl #48",
                a -> a.movImm(1, 0x0004_0003_0002_0001L));
        row("aa0203e1", "mov x1, x2",                        a -> a.mov(true, 1, 2));
        row("91448c41 91115821", "add x1, x2, #0x123, lsl #12\nadd x1, x1, #0x456", a -> a.addAny(1, 2, 0x123456));
        row("1e6e1001", "fmov d1, #1.000000000000000000e+00",
                a -> a.fmovImm(true, 1, Immediates.floating(true, Double.doubleToRawLongBits(1))));
        row("1e37f001", "fmov s1, #-3.100000000000000000e+01",
                a -> a.fmovImm(false, 1, Immediates.floating(false, Float.floatToRawIntBits(-31f))));
        row("1e281001", "fmov s1, #1.250000000000000000e-01",
                a -> a.fmovImm(false, 1, Immediates.floating(false, Float.floatToRawIntBits(0.125f))));
        check();
    }

    @Test
    void encodesMemory() throws IOException {
        row("f9400041", "ldr x1, [x2]",                      a -> a.ldr(1, 2, 0));
        row("f93ffc41", "str x1, [x2, #32760]",              a -> a.str(1, 2, 32760));
        row("397fffe1", "ldrb w1, [sp, #4095]",              a -> a.moved(Moved.LDRB, 1, 31, 4095));
        row("79800441", "ldrsh x1, [x2, #2]",                a -> a.moved(Moved.LDRSHX, 1, 2, 2));
        row("b89fc041", "ldursw x1, [x2, #-4]",              a -> a.moved(Moved.LDRSWX, 1, 2, -4));
        row("39c00441", "ldrsb w1, [x2, #1]",                a -> a.moved(Moved.LDRSBW, 1, 2, 1));
        row("b8007041", "stur w1, [x2, #7]",                 a -> a.moved(Moved.STRW, 1, 2, 7));
        row("3dc00441", "ldr q1, [x2, #16]",                 a -> a.moved(Moved.LDR_Q, 1, 2, 16));
        row("3c9f0041", "stur q1, [x2, #-16]",               a -> a.moved(Moved.STR_Q, 1, 2, -16));
        row("fc636841", "ldr d1, [x2, x3]",                  a -> a.movedIndexed(Moved.LDR_D, 1, 2, 3, 0));
        row("bc237841", "str s1, [x2, x3, lsl #2]",          a -> a.movedIndexed(Moved.STR_S, 1, 2, 3, 2));
        row("78635841", "ldrh w1, [x2, w3, uxtw #1]",        a -> a.movedIndexed(Moved.LDRH, 1, 2, 3, 1, Extend.UXTW));
        row("a9410861", "ldp x1, x2, [x3, #16]",             a -> a.ldp(1, 2, 3, 16));
        row("a9bf7bfd", "stp x29, x30, [sp, #-16]!",         a -> a.stpPre(29, 30, 31, -16));
        row("a8c17bfd", "ldp x29, x30, [sp], #16",           a -> a.ldpPost(29, 30, 31, 16));
        row("a93f8861", "stp x1, x2, [x3, #-8]",             a -> a.stp(1, 2, 3, -8));
        row("6d4627e8", "ldp d8, d9, [sp, #96]",             a -> a.ldpDouble(8, 9, 31, 96));
        row("6d0627e8", "stp d8, d9, [sp, #96]",             a -> a.stpDouble(8, 9, 31, 96));
        row("ad410420", "ldp q0, q1, [x1, #32]",             a -> a.ldpVector(0, 1, 1, 32));
        row("ad3f0420", "stp q0, q1, [x1, #-32]",            a -> a.stpVector(0, 1, 1, -32));
        row("08dffc41", "ldarb w1, [x2]",                    a -> a.ldar(0, 1, 2));
        row("c89ffc41", "stlr x1, [x2]",                     a -> a.stlr(3, 1, 2));
        row("485ffc41", "ldaxrh w1, [x2]",                   a -> a.ldaxr(1, 1, 2));
        row("8803fc41", "stlxr w3, w1, [x2]",                a -> a.stlxr(2, 3, 1, 2));
        row("f8e10062", "ldaddal x1, x2, [x3]",              a -> a.atomic(Atomic.LDADDAL, 3, 1, 2, 3));
        row("38e11062", "ldclralb w1, w2, [x3]",             a -> a.atomic(Atomic.LDCLRAL, 0, 1, 2, 3));
        row("78e13062", "ldsetalh w1, w2, [x3]",             a -> a.atomic(Atomic.LDSETAL, 1, 1, 2, 3));
        row("b8e12062", "ldeoral w1, w2, [x3]",              a -> a.atomic(Atomic.LDEORAL, 2, 1, 2, 3));
        row("b8e18062", "swpal w1, w2, [x3]",                a -> a.atomic(Atomic.SWPAL, 2, 1, 2, 3));
        row("c8e1fc62", "casal x1, x2, [x3]",                a -> a.casal(3, 1, 2, 3));
        check();
    }

    @Test
    void encodesFloats() throws IOException {
        row("1e632841", "fadd d1, d2, d3",                   a -> a.fbinary(FloatAssembler.Binary.FADD, true, 1, 2, 3));
        row("1e235841", "fmin s1, s2, s3",                   a -> a.fbinary(FloatAssembler.Binary.FMIN, false, 1, 2, 3));
        row("1e7f1841", "fdiv d1, d2, d31",                  a -> a.fbinary(FloatAssembler.Binary.FDIV, true, 1, 2, 31));
        row("1e21c041", "fsqrt s1, s2",                      a -> a.funary(FloatAssembler.Unary.FSQRT, false, 1, 2));
        row("1e654041", "frintm d1, d2",                     a -> a.funary(FloatAssembler.Unary.FRINTM, true, 1, 2));
        row("1e244041", "frintn s1, s2",                     a -> a.funary(FloatAssembler.Unary.FRINTN, false, 1, 2));
        row("1e22c041", "fcvt d1, s2",                       a -> a.promote(1, 2));
        row("1e624041", "fcvt s1, d2",                       a -> a.demote(1, 2));
        row("1e622020", "fcmp d1, d2",                       a -> a.fcmp(true, 1, 2));
        row("1e202028", "fcmp s1, #0.0",                     a -> a.fcmpZero(false, 1));
        row("1e63cc41", "fcsel d1, d2, d3, gt",              a -> a.fcsel(true, 1, 2, 3, Cond.GT));
        row("9e670041", "fmov d1, x2",                       a -> a.fmovFromInt(true, 1, 2));
        row("1e260041", "fmov w1, s2",                       a -> a.fmovToInt(false, 1, 2));
        row("1e620041", "scvtf d1, w2",                      a -> a.cvtFromInt(true, false, true, 1, 2));
        row("9e230041", "ucvtf s1, x2",                      a -> a.cvtFromInt(false, true, false, 1, 2));
        row("9e380041", "fcvtzs x1, s2",                     a -> a.cvtToInt(true, true, false, 1, 2));
        row("1e790041", "fcvtzu w1, d2",                     a -> a.cvtToInt(false, false, true, 1, 2));
        check();
    }

    @Test
    void encodesVectors() throws IOException {
        String[] shapes = {"16b", "8h", "4s", "2d"};
        for (Three op : Three.values()) {
            String name = op.name().toLowerCase(java.util.Locale.ROOT);
            boolean isWide = name.startsWith("smull") || name.startsWith("umull") || name.startsWith("smlal");
            if (!isWide && !name.startsWith("tb") && !name.startsWith("f")) {
                boolean isBits = op == Three.AND || op == Three.BIC || op == Three.ORR || op == Three.EOR || op == Three.BSL
                        || op == Three.BIT || op == Three.BIF;
                String shape = shapes[isBits ? 0 : 1];
                row(null, name + " v1." + shape + ", v2." + shape + ", v3." + shape, a -> a.three(op, 1, 1, 2, 3));
            } else if (name.startsWith("f")) {
                row(null, name + " v1.4s, v2.4s, v3.4s", a -> a.three(op, 2, 1, 2, 3));
                row(null, name + " v1.2d, v2.2d, v3.2d", a -> a.three(op, 3, 1, 2, 3));
            } else if (isWide) {
                String half = name.endsWith("2") ? "8h" : "4h";
                row(null, name + " v1.4s, v2." + half + ", v3." + half, a -> a.three(op, 1, 1, 2, 3));
            } else {
                row(null, name + " v1.16b, {v2.16b}, v3.16b", a -> a.three(op, 0, 1, 2, 3));
            }
        }
        row("6ee38c41", "cmeq v1.2d, v2.2d, v3.2d",          a -> a.three(Three.CMEQ, 3, 1, 2, 3));
        row("4ea0b841", "abs v1.4s, v2.4s",                  a -> a.two(Two.ABS, 2, 1, 2));
        row("6ee0b841", "neg v1.2d, v2.2d",                  a -> a.two(Two.NEG, 3, 1, 2));
        row("4e205841", "cnt v1.16b, v2.16b",                a -> a.two(Two.CNT, 0, 1, 2));
        row("6e205841", "mvn v1.16b, v2.16b",                a -> a.two(Two.NOT, 0, 1, 2));
        row("4e202841", "saddlp v1.8h, v2.16b",              a -> a.two(Two.SADDLP, 0, 1, 2));
        row("6e602841", "uaddlp v1.4s, v2.8h",               a -> a.two(Two.UADDLP, 1, 1, 2));
        row("0e214841", "sqxtn v1.8b, v2.8h",                a -> a.two(Two.SQXTN, 0, 1, 2));
        row("4e614841", "sqxtn2 v1.8h, v2.4s",               a -> a.two(Two.SQXTN2, 1, 1, 2));
        row("2e212841", "sqxtun v1.8b, v2.8h",               a -> a.two(Two.SQXTUN, 0, 1, 2));
        row("6e212841", "sqxtun2 v1.16b, v2.8h",             a -> a.two(Two.SQXTUN2, 0, 1, 2));
        row("2ea14841", "uqxtn v1.2s, v2.2d",                a -> a.two(Two.UQXTN, 2, 1, 2));
        row("0ea12841", "xtn v1.2s, v2.2d",                  a -> a.two(Two.XTN, 2, 1, 2));
        row("4e20a841", "cmlt v1.16b, v2.16b, #0",           a -> a.two(Two.CMLT0, 0, 1, 2));
        row("4ee09841", "cmeq v1.2d, v2.2d, #0",             a -> a.two(Two.CMEQ0, 3, 1, 2));
        row("4ea0f841", "fabs v1.4s, v2.4s",                 a -> a.two(Two.FABS, 2, 1, 2));
        row("6ee0f841", "fneg v1.2d, v2.2d",                 a -> a.two(Two.FNEG, 3, 1, 2));
        row("6ee1f841", "fsqrt v1.2d, v2.2d",                a -> a.two(Two.FSQRT, 3, 1, 2));
        row("4e218841", "frintn v1.4s, v2.4s",               a -> a.two(Two.FRINTN, 2, 1, 2));
        row("4e619841", "frintm v1.2d, v2.2d",               a -> a.two(Two.FRINTM, 3, 1, 2));
        row("4ea18841", "frintp v1.4s, v2.4s",               a -> a.two(Two.FRINTP, 2, 1, 2));
        row("4ee19841", "frintz v1.2d, v2.2d",               a -> a.two(Two.FRINTZ, 3, 1, 2));
        row("4ea1b841", "fcvtzs v1.4s, v2.4s",               a -> a.two(Two.FCVTZS, 2, 1, 2));
        row("6ee1b841", "fcvtzu v1.2d, v2.2d",               a -> a.two(Two.FCVTZU, 3, 1, 2));
        row("4e21d841", "scvtf v1.4s, v2.4s",                a -> a.two(Two.SCVTF, 2, 1, 2));
        row("6e61d841", "ucvtf v1.2d, v2.2d",                a -> a.two(Two.UCVTF, 3, 1, 2));
        row("0e617841", "fcvtl v1.2d, v2.2s",                a -> a.two(Two.FCVTL, 3, 1, 2));
        row("0e616841", "fcvtn v1.2s, v2.2d",                a -> a.two(Two.FCVTN, 3, 1, 2));
        row("4e71b841", "addv h1, v2.8h",                    a -> a.two(Two.ADDV, 1, 1, 2));
        row("6e30a841", "umaxv b1, v2.16b",                  a -> a.two(Two.UMAXV, 0, 1, 2));
        row("6eb1a841", "uminv s1, v2.4s",                   a -> a.two(Two.UMINV, 2, 1, 2));
        row("0e205841 0e31b821", "cnt v1.8b, v2.8b\naddv b1, v1.8b",  a -> a.countBits(1, 2));
        row("4f090441", "sshr v1.16b, v2.16b, #7",           a -> a.shiftImm(ShiftImm.SSHR, 0, 1, 2, 7));
        row("6f410441", "ushr v1.2d, v2.2d, #63",            a -> a.shiftImm(ShiftImm.USHR, 3, 1, 2, 63));
        row("4f255441", "shl v1.4s, v2.4s, #5",              a -> a.shiftImm(ShiftImm.SHL, 2, 1, 2, 5));
        row("0f08a441", "sxtl v1.8h, v2.8b",                 a -> a.shiftImm(ShiftImm.SSHLL, 0, 1, 2, 0));
        row("6f20a441", "uxtl2 v1.2d, v2.4s",                a -> a.shiftImm(ShiftImm.USHLL2, 2, 1, 2, 0));
        row("6e032841", "ext v1.16b, v2.16b, v3.16b, #5",    a -> a.ext(1, 2, 3, 5));
        row("4ea21c41", "mov v1.16b, v2.16b",                a -> a.movVector(1, 2));
        row("6f00e401", "movi v1.2d, #0x0",                  a -> a.movi(1, false));
        row("6f07e7e1", "movi v1.2d, #0xffffffffffffffff",   a -> a.movi(1, true));
        row("4f046401", "movi v1.4s, #0x80, lsl #24",        a -> a.moviSign(false, 1));
        row("4e070441", "dup v1.16b, v2.b[3]",               a -> a.dupLane(0, 1, 2, 3));
        row("4e080c41", "dup v1.2d, x2",                     a -> a.dup(3, 1, 2));
        row("4e020c41", "dup v1.8h, w2",                     a -> a.dup(1, 1, 2));
        row("4e1c1c41", "mov v1.s[3], w2",                   a -> a.ins(2, 1, 3, 2));
        row("6e180441", "mov v1.d[1], v2.d[0]",              a -> a.insLane(3, 1, 1, 2, 0));
        row("6e1f7441", "mov v1.b[15], v2.b[14]",            a -> a.insLane(0, 1, 15, 2, 14));
        row("0e0f3c41", "umov w1, v2.b[7]",                  a -> a.umov(0, 1, 2, 7));
        row("4e183c41", "mov x1, v2.d[1]",                   a -> a.umov(3, 1, 2, 1));
        row("0e1a2c41", "smov w1, v2.h[6]",                  a -> a.smov(1, 1, 2, 6));
        check();
    }
    // @formatter:on

    /** Forward, backward, and so far that only the long forms reach. */
    @Test
    void branchesReachAnyLabel() throws IOException {
        var asm = new Assembler();
        int far = asm.newLabel();
        int back = asm.here();
        asm.bCond(Cond.EQ, far);
        asm.cbz(true, 1, far);
        asm.tbnz(2, 33, far);
        asm.adr(3, far);
        asm.b(far);
        asm.tbz(2, 3, back);
        int constant = asm.constant(42);
        asm.ldrVector(8, 5, constant);
        for (int i = 0; i < 300_000; i++) {
            asm.word(CodeBuffer.NOP);
        }
        asm.bind(far);
        asm.bCond(Cond.LO, back);
        asm.ret();
        byte[] code = asm.finish();
        int end = asm.offset(far);
        assertEquals(4 * (300_000 + 6 + 4 + 1 + 1 + 4), end);
        List<String> texts = Disassembler.disassemble(java.util.Arrays.copyOf(code, 0x40));
        assertEquals(0x54000041, CodeBuffer.get32(code, 0), "b.ne across");
        assertEquals(0x14000000 | end - 4 >> 2, CodeBuffer.get32(code, 4));
        assertEquals(0xB5000041, CodeBuffer.get32(code, 8), "cbnz across");
        assertEquals(0xB6080042, CodeBuffer.get32(code, 16), "tbz across");
        assertEquals(0x10000003, CodeBuffer.get32(code, 24), "adr");
        if (texts != null) {
            assertEquals("add x3, x3, w17, sxtw", texts.get(9));
            assertEquals("ldr d5, [x30, w17, sxtw]", texts.get(15));
            assertEquals("adr x30, 0x30", texts.get(12));
        }
        assertEquals(0x54000042, CodeBuffer.get32(code, end), "b.lo backward is the opposite across a branch, too");
    }

    /** Every mask that has an encoding gives itself back. */
    @Test
    void findsAllMasks() {
        int count = 0;
        for (int size = 2; size <= 64; size *= 2) {
            for (int ones = 1; ones < size; ones++) {
                for (int rotation = 0; rotation < size; rotation++) {
                    long run = (1L << ones) - 1;
                    long mask = size == 64 ? -1 : (1L << size) - 1;
                    long element = (run >>> rotation | run << size - rotation & mask) & mask;
                    element = rotation == 0 ? run : element;
                    long value = element;
                    for (int s = size; s < 64; s *= 2) {
                        value |= value << s;
                    }
                    int fields = Immediates.bitmask(true, value);
                    assertEquals(size == 64 ? 1 : 0, fields >> 12, Long.toHexString(value));
                    assertEquals(rotation, fields >> 6 & 63, Long.toHexString(value));
                    assertEquals(ones - 1, fields & 63 & size - 1, Long.toHexString(value));
                    count++;
                }
            }
        }
        assertEquals(5334, count);
        assertEquals(-1, Immediates.bitmask(true, 0));
        assertEquals(-1, Immediates.bitmask(true, -1));
        assertEquals(-1, Immediates.bitmask(true, 0b1011));
        assertEquals(-1, Immediates.bitmask(false, 0xFFFF_FFFFL));
    }
}
