package org.sallyport.codegen.aarch64;

import org.sallyport.TrapCode;
import org.sallyport.codegen.aarch64.FloatAssembler.Binary;
import org.sallyport.codegen.aarch64.FloatAssembler.Unary;
import org.sallyport.codegen.aarch64.VectorAssembler.Three;
import org.sallyport.codegen.lir.Lir;

/** Writes float instructions. */
final class EmitFloat {
    private static final Binary[] BINARY = Binary.values();
    private static final Unary[] UNARY = Unary.values();

    private final Emission e;
    private final Assembler asm;
    private final Lir lir;

    EmitFloat(Emission e) {
        this.e = e;
        asm = e.asm;
        lir = e.lir;
    }

    /** Whether it was a float instruction. */
    boolean emit(Inst inst, int i, int aux) {
        boolean isDouble = Fields.is(aux, Fields.DOUBLE);
        boolean wide = Fields.is(aux, Fields.WIDE);
        switch (inst) {
            case MOVF -> constant(e.vec(0), lir.imm(i));
            case FOP -> asm.fbinary(BINARY[Fields.sub(aux)], isDouble, e.vec(0), e.vec(1), e.vec(2));
            case FUN -> asm.funary(UNARY[Fields.sub(aux)], isDouble, e.vec(0), e.vec(1));
            case PROMOTE -> asm.promote(e.vec(0), e.vec(1));
            case DEMOTE -> asm.demote(e.vec(0), e.vec(1));
            case COPYSIGN -> copySign(isDouble);
            case CVT_FROM_INT -> asm.cvtFromInt(Fields.is(aux, Fields.SIGNED), wide, isDouble, e.vec(0), e.reg(1));
            case CVT_TO_INT -> toInt(aux, wide, isDouble);
            case INT_BITS -> asm.fmovFromInt(wide, e.vec(0), e.reg(1));
            case FLOAT_BITS -> asm.fmovToInt(wide, e.reg(0), e.vec(1));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** A single's bits are those of its register with zeros above. */
    void constant(int dst, long bits) {
        boolean isSingle = bits >>> 32 == 0;
        int imm8 = Immediates.floating(!isSingle, bits);
        if (bits == 0) {
            asm.movi(dst, false);
        } else if (imm8 >= 0) {
            asm.fmovImm(!isSingle, dst, imm8);
        } else {
            asm.ldrVector(8, dst, asm.constant(bits));
        }
    }

    private void copySign(boolean isDouble) {
        asm.moviSign(isDouble, Abi.VECTOR_SCRATCH);
        asm.three(Three.BSL, 0, Abi.VECTOR_SCRATCH, e.vec(2), e.vec(1));
        asm.funary(Unary.FMOV, isDouble, e.vec(0), Abi.VECTOR_SCRATCH);
    }

    // ---- to integers

    /** The machine saturates; a conversion that traps compares with the two limits first. */
    private void toInt(int aux, boolean wide, boolean isDouble) {
        boolean signed = Fields.is(aux, Fields.SIGNED);
        if (!Fields.is(aux, Fields.SATURATE)) {
            checkRange(signed, wide, isDouble, e.vec(1));
        }
        asm.cvtToInt(signed, wide, isDouble, e.reg(0), e.vec(1));
    }

    private void checkRange(boolean signed, boolean wide, boolean isDouble, int x) {
        int overflow = e.trapStub(TrapCode.INTEGER_OVERFLOW.ordinal());
        asm.fcmp(isDouble, x, x);
        asm.bCond(Cond.VS, e.trapStub(TrapCode.INVALID_CONVERSION.ordinal()));
        double above = signed ? wide ? 0x1p63 : 0x1p31 : wide ? 0x1p64 : 0x1p32;
        limit(above, isDouble);
        asm.fcmp(isDouble, x, Abi.VECTOR_SCRATCH);
        asm.bCond(Cond.GE, overflow);
        // the largest that is too small, where there is one next to the limit; else the smallest that is not
        boolean isExact = signed && (wide || !isDouble);
        limit(!signed ? -1 : isExact ? -above : -above - 1, isDouble);
        asm.fcmp(isDouble, x, Abi.VECTOR_SCRATCH);
        asm.bCond(isExact ? Cond.MI : Cond.LS, overflow);
    }

    private void limit(double value, boolean isDouble) {
        long single = Float.floatToRawIntBits((float) value) & 0xFFFF_FFFFL;
        constant(Abi.VECTOR_SCRATCH, isDouble ? Double.doubleToRawLongBits(value) : single);
    }
}
