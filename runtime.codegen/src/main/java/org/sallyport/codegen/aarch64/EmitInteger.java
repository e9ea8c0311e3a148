package org.sallyport.codegen.aarch64;

import org.sallyport.TrapCode;
import org.sallyport.codegen.aarch64.IntegerAssembler.Alu;
import org.sallyport.codegen.aarch64.IntegerAssembler.Bitfield;
import org.sallyport.codegen.aarch64.IntegerAssembler.Multiply;
import org.sallyport.codegen.aarch64.IntegerAssembler.One;
import org.sallyport.codegen.aarch64.IntegerAssembler.Shift;
import org.sallyport.codegen.aarch64.IntegerAssembler.Two;
import org.sallyport.codegen.aarch64.MemoryAssembler.Moved;
import org.sallyport.codegen.lir.Lir;

/** Writes integer instructions, loads and stores. */
final class EmitInteger {
    private static final Alu[] ALU = Alu.values();
    private static final Shift[] SHIFTS = Shift.values();
    private static final Two[] TWO = Two.values();
    private static final Multiply[] MULTIPLY = Multiply.values();
    private static final Bitfield[] BITFIELD = Bitfield.values();
    private static final Moved[] MOVED = Moved.values();

    private final Emission e;
    private final Assembler asm;
    private final Lir lir;

    EmitInteger(Emission e) {
        this.e = e;
        asm = e.asm;
        lir = e.lir;
    }

    /** Whether it was an integer instruction. */
    boolean emit(Inst inst, int i, int aux) {
        boolean wide = Fields.is(aux, Fields.WIDE);
        int imm = (int) lir.imm(i);
        switch (inst) {
            case MOVI -> asm.movImm(e.reg(0), lir.imm(i));
            case VMCTX -> asm.mov(true, e.reg(0), Abi.VMCTX);
            case ALU_RR -> asm.alu(alu(aux), wide, e.reg(0), e.reg(1), e.reg(2), SHIFTS[imm >> 6], imm & 63);
            case ALU_RI -> asm.aluImm(alu(aux), wide, e.reg(0), e.reg(1), lir.imm(i));
            case ALU_ZR -> asm.alu(alu(aux), wide, e.reg(0), Reg.ZR, e.reg(1), SHIFTS[imm >> 6], imm & 63);
            case MUL -> asm.multiply(MULTIPLY[Fields.sub(aux)], wide, e.reg(0), e.reg(1), e.reg(2), Reg.ZR);
            case MADD -> asm.multiply(MULTIPLY[Fields.sub(aux)], wide, e.reg(0), e.reg(1), e.reg(2), e.reg(3));
            case DIV -> divide(aux, wide);
            case SHIFT_I -> asm.shiftImm(SHIFTS[Fields.sub(aux)], wide, e.reg(0), e.reg(1), imm);
            case SHIFT_R -> asm.two(TWO[Fields.sub(aux)], wide, e.reg(0), e.reg(1), e.reg(2));
            case ROTL -> {
                asm.alu(Alu.SUB, false, Abi.TEMP, Reg.ZR, e.reg(2));
                asm.two(Two.RORV, wide, e.reg(0), e.reg(1), Abi.TEMP);
            }
            case BITFIELD -> asm.bitfield(BITFIELD[Fields.sub(aux)], wide, e.reg(0), e.reg(1), imm >> 6, imm & 63);
            case CLZ -> asm.one(One.CLZ, wide, e.reg(0), e.reg(1));
            case CTZ -> {
                asm.one(One.RBIT, wide, e.reg(0), e.reg(1));
                asm.one(One.CLZ, wide, e.reg(0), e.reg(0));
            }
            case POPCNT -> {
                asm.fmovFromInt(wide, Abi.VECTOR_SCRATCH, e.reg(1));
                asm.countBits(Abi.VECTOR_SCRATCH, Abi.VECTOR_SCRATCH);
                asm.fmovToInt(false, e.reg(0), Abi.VECTOR_SCRATCH);
            }
            case LOAD -> e.access(MOVED[Fields.sub(aux)], e.any(0), 1, i);
            case STORE -> e.access(MOVED[Fields.sub(aux)], e.any(0), 1, i);
            case STORE_Z -> e.access(MOVED[Fields.sub(aux)], Reg.ZR, 0, i);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static Alu alu(int aux) {
        return ALU[Fields.sub(aux)];
    }

    /** The machine gives 0 for a division by zero and the dividend for an overflow. */
    private void divide(int aux, boolean wide) {
        boolean signed = Fields.is(aux, Fields.SIGNED);
        boolean remainder = Fields.is(aux, Fields.REMAINDER);
        int a = e.reg(1);
        int b = e.reg(2);
        if (!Fields.is(aux, Fields.UNCHECKED)) {
            asm.cbz(wide, b, e.trapStub(TrapCode.INTEGER_DIVIDE_BY_ZERO.ordinal()));
            if (signed && !remainder) { // a - 1 overflows only for the smallest number
                asm.cmpImm(wide, b, -1);
                asm.ccmpImm(wide, a, 1, 0, Cond.EQ);
                asm.bCond(Cond.VS, e.trapStub(TrapCode.INTEGER_OVERFLOW.ordinal()));
            }
        }
        asm.two(signed ? Two.SDIV : Two.UDIV, wide, remainder ? Abi.TEMP : e.reg(0), a, b);
        if (remainder) {
            asm.multiply(Multiply.MSUB, wide, e.reg(0), Abi.TEMP, b, a);
        }
    }
}
