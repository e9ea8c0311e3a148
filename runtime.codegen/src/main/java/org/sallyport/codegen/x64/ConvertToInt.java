package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Width.DWORD;
import static org.sallyport.codegen.x64.Width.QWORD;

import org.sallyport.TrapCode;
import org.sallyport.codegen.x64.Assembler.Sse;
import org.sallyport.codegen.x64.BitAssembler.BitTest;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;

/**
 * Float to integer, trapping or saturating (WebAssembly 4.3.3, trunc and trunc_sat). The CPU's conversion gives
 * {@code 0x80…0} for whatever does not fit; the usual case is one comparison with that, the rest stands behind the
 * function.
 *
 * <p>i32 unsigned goes through a 64-bit conversion, whose upper half must be zero. i64 unsigned takes away 2⁶³ where
 * the direct conversion gives a negative number.
 */
final class ConvertToInt {
    private static final int INVALID = TrapCode.INVALID_CONVERSION.ordinal();
    private static final int OVERFLOW = TrapCode.INTEGER_OVERFLOW.ordinal();
    private static final int X = Abi.VECTOR_SCRATCH;

    private final Emission e;
    private final Assembler asm;
    private final boolean avx;

    ConvertToInt(Emission e) {
        this.e = e;
        asm = e.asm;
        avx = e.cpu.avx();
    }

    void emit(int aux) {
        boolean dbl = Fields.is(aux, Fields.DOUBLE);
        boolean signed = Fields.is(aux, Fields.SIGNED);
        boolean wide = Fields.width(aux) == QWORD;
        boolean saturate = Fields.is(aux, Fields.SATURATE);
        int dst = e.reg(0);
        int src = e.xmm(1);
        int position = e.position();
        int special = asm.newLabel();
        int done = asm.newLabel();
        convert(dbl, wide || !signed ? QWORD : DWORD, dst, src);
        if (signed) {
            asm.aluImm(Alu.CMP, Width.of64(wide), dst, 1); // overflows for the smallest number only
            asm.jcc(Cond.O, special);
        } else if (wide) {
            asm.test(QWORD, dst, dst);
            asm.jcc(Cond.S, special);
        } else {
            asm.mov(DWORD, Abi.SCRATCH, dst);
            asm.alu(Alu.CMP, QWORD, Abi.SCRATCH, dst);
            asm.jcc(Cond.NE, special);
        }
        asm.bind(done);
        e.cold(() -> {
            asm.bind(special);
            if (signed) {
                signed(dbl, wide, saturate, dst, src, position, done);
            } else if (wide) {
                unsigned64(dbl, saturate, dst, src, position, done);
            } else {
                unsigned32(dbl, saturate, dst, src, position, done);
            }
        });
    }

    private void convert(boolean dbl, Width w, int dst, int src) {
        if (avx) {
            asm.vcvtToInt(dbl, w, dst, src);
        } else {
            asm.cvtToInt(dbl, w, dst, src);
        }
    }

    private void compare(boolean dbl, int a, int b) {
        Sse row = dbl ? Sse.UCOMISD : Sse.UCOMISS;
        if (avx) {
            asm.avx(row, a, b);
        } else {
            asm.sse(row, a, b);
        }
    }

    private void compare(boolean dbl, int a, Mem b) {
        Sse row = dbl ? Sse.UCOMISD : Sse.UCOMISS;
        if (avx) {
            asm.avx(row, a, b);
        } else {
            asm.sse(row, a, b);
        }
    }

    private Mem constant(boolean dbl, double value) {
        long bits = dbl ? Double.doubleToRawLongBits(value) : Float.floatToRawIntBits((float) value) & 0xFFFF_FFFFL;
        return e.constant(bits);
    }

    /** Compares with zero; the parity flag tells NaN. */
    private void compareWithZero(boolean dbl, int src) {
        if (avx) {
            asm.avx(Sse.XORPS, X, X, X);
        } else {
            asm.sse(Sse.XORPS, X, X);
        }
        compare(dbl, src, X);
    }

    private void signed(boolean dbl, boolean wide, boolean saturate, int dst, int src, int position, int done) {
        compareWithZero(dbl, src);
        if (saturate) {
            int nan = asm.newLabel();
            asm.jcc(Cond.P, nan);
            asm.jcc(Cond.B, done); // the smallest number is right
            asm.movImm(dst, wide ? Long.MAX_VALUE : Integer.MAX_VALUE);
            asm.jmp(done);
            asm.bind(nan);
            asm.zero(dst);
            asm.jmp(done);
            return;
        }
        asm.jcc(Cond.P, e.trapStub(INVALID, position));
        int overflow = e.trapStub(OVERFLOW, position);
        asm.jcc(Cond.A, overflow);
        // the smallest number itself is right; as i32 so is everything above the next whole number
        if (wide || !dbl) {
            compare(dbl, src, constant(dbl, wide ? -0x1p63 : -0x1p31));
            asm.jcc(Cond.B, overflow);
        } else {
            compare(true, src, constant(true, -0x1p31 - 1));
            asm.jcc(Cond.BE, overflow);
        }
        asm.jmp(done);
    }

    private void unsigned32(boolean dbl, boolean saturate, int dst, int src, int position, int done) {
        compareWithZero(dbl, src);
        if (!saturate) {
            asm.jcc(Cond.P, e.trapStub(INVALID, position));
            asm.jmp(e.trapStub(OVERFLOW, position));
            return;
        }
        asm.movImm(dst, 0); // leaves the flags alone
        asm.jcc(Cond.BE, done); // below or NaN
        asm.movImm(dst, 0xFFFF_FFFFL);
        asm.jmp(done);
    }

    private void unsigned64(boolean dbl, boolean saturate, int dst, int src, int position, int done) {
        int low = asm.newLabel();
        int high = asm.newLabel();
        compareWithZero(dbl, src);
        if (saturate) {
            asm.jcc(Cond.BE, low); // below or NaN
        } else {
            asm.jcc(Cond.P, e.trapStub(INVALID, position));
            asm.jcc(Cond.B, e.trapStub(OVERFLOW, position));
        }
        Sse sub = dbl ? Sse.SUBSD : Sse.SUBSS;
        if (avx) {
            asm.avx(sub, X, src, constant(dbl, 0x1p63));
        } else {
            asm.sse(Sse.MOVAPS, X, src);
            asm.sse(sub, X, constant(dbl, 0x1p63));
        }
        convert(dbl, QWORD, dst, X);
        asm.test(QWORD, dst, dst);
        asm.jcc(Cond.S, saturate ? high : e.trapStub(OVERFLOW, position));
        asm.bitTestImm(BitTest.BTS, QWORD, dst, 63);
        asm.jmp(done);
        if (saturate) {
            asm.bind(low);
            asm.zero(dst);
            asm.jmp(done);
            asm.bind(high);
            asm.movImm(dst, -1);
            asm.jmp(done);
        }
    }
}
