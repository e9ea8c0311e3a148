package org.sallyport.codegen.x64;

import org.sallyport.TrapCode;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.x64.BitAssembler.Bits;
import org.sallyport.codegen.x64.BitAssembler.Blx;
import org.sallyport.codegen.x64.BitAssembler.Shift;
import org.sallyport.codegen.x64.BitAssembler.ShiftX;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;
import org.sallyport.codegen.x64.IntegerAssembler.Unary;

/** Writes integer instructions, loads and stores. */
final class EmitInteger {
    private static final Alu[] ALU = Alu.values();
    private static final Shift[] SHIFT = Shift.values();
    private static final ShiftX[] SHIFT_X = ShiftX.values();
    private static final Unary[] UNARY = Unary.values();
    private static final Bits[] BITS = Bits.values();
    private static final Blx[] BLX = Blx.values();
    private static final Width[] WIDTH = Width.values();

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
        switch (inst) {
            case MOVI -> constant(e.reg(0), lir.imm(i));
            case VMCTX -> {
                asm.mov(Width.QWORD, e.reg(0), Abi.VMCTX);
                e.wrote(e.reg(0));
            }
            case ALU_RR, ALU_RM, ALU_RI -> alu(inst, i, aux);
            case ALU_MR -> {
                int src = e.reg(0);
                asm.alu(ALU[Fields.sub(aux)], Fields.width(aux), e.memory(1, aux, lir.disp(i)), src);
                e.forgetFlags();
            }
            case ALU_MI -> {
                asm.aluImm(ALU[Fields.sub(aux)], Fields.width(aux), e.memory(0, aux, lir.disp(i)), (int) lir.imm(i));
                e.forgetFlags();
            }
            case ADD_RRR -> add(aux);
            case ADD_RRI -> addImm(i, aux);
            case LEA -> {
                asm.lea(Fields.width(aux), e.reg(0), e.address(1, aux, lir.disp(i)));
                e.wrote(e.reg(0));
            }
            case MOVZX -> extend(aux, false);
            case MOVSX -> extend(aux, true);
            case LOAD -> load(i, aux);
            case STORE -> asm.mov(Fields.width(aux), e.memory(1, aux, lir.disp(i)), e.reg(0));
            case STORE_I -> asm.movImm(Fields.width(aux), e.memory(0, aux, lir.disp(i)), (int) lir.imm(i));
            default -> {
                return multiply(inst, i, aux) || shift(inst, i, aux) || bits(inst, i, aux);
            }
        }
        return true;
    }

    /** XOR is shorter but changes the flags. */
    void constant(int register, long value) {
        if (value == 0 && !e.knowsFlags()) {
            asm.zero(register);
            e.forgetFlags();
        } else {
            asm.movImm(register, value);
            e.wrote(register);
        }
    }

    private void alu(Inst inst, int i, int aux) {
        Alu op = ALU[Fields.sub(aux)];
        Width w = Fields.width(aux);
        int dst = e.reg(0);
        if (inst == Inst.ALU_RI) {
            asm.aluImm(op, w, dst, (int) lir.imm(i));
        } else if (inst == Inst.ALU_RM) {
            asm.alu(op, w, dst, e.memory(2, aux, lir.disp(i)));
        } else if (e.isSlot(2)) {
            asm.alu(op, w, dst, e.slot(2));
        } else {
            asm.alu(op, w, dst, e.reg(2));
        }
        e.setFlags(dst, w, op == Alu.AND || op == Alu.OR || op == Alu.XOR);
    }

    private void add(int aux) {
        Width w = Fields.width(aux);
        int dst = e.reg(0);
        int a = e.reg(1);
        int b = e.reg(2);
        if (dst == a || dst == b) {
            asm.alu(Alu.ADD, w, dst, dst == a ? b : a);
            e.setFlags(dst, w, false);
        } else {
            asm.lea(w, dst, e.at(a, 0).set(a, b, 0, 0));
            e.wrote(dst);
        }
    }

    private void addImm(int i, int aux) {
        Width w = Fields.width(aux);
        int dst = e.reg(0);
        int a = e.reg(1);
        int imm = (int) lir.imm(i);
        if (dst == a) {
            asm.aluImm(Alu.ADD, w, dst, imm);
            e.setFlags(dst, w, false);
        } else {
            asm.lea(w, dst, e.at(a, imm));
            e.wrote(dst);
        }
    }

    private void extend(int aux, boolean signed) {
        Width from = WIDTH[Fields.sub(aux)];
        int dst = e.reg(0);
        if (signed && e.isSlot(1)) {
            asm.movsx(Fields.width(aux), from, dst, e.slot(1));
        } else if (signed) {
            asm.movsx(Fields.width(aux), from, dst, e.reg(1));
        } else if (e.isSlot(1)) {
            asm.movzx(from, dst, e.slot(1));
        } else {
            asm.movzx(from, dst, e.reg(1));
        }
        e.wrote(dst);
    }

    private void load(int i, int aux) {
        Width from = WIDTH[Fields.sub(aux)];
        int dst = e.reg(0);
        Mem mem = e.memory(1, aux, lir.disp(i));
        if (Fields.is(aux, Fields.SIGNED)) {
            asm.movsx(Fields.width(aux), from, dst, mem);
        } else {
            asm.movzx(from, dst, mem);
        }
        e.wrote(dst);
    }

    // ---- products and quotients

    private boolean multiply(Inst inst, int i, int aux) {
        Width w = Fields.width(aux);
        int imm = (int) lir.imm(i);
        switch (inst) {
            case IMUL_RR -> {
                if (e.isSlot(2)) {
                    asm.imul(w, e.reg(0), e.slot(2));
                } else {
                    asm.imul(w, e.reg(0), e.reg(2));
                }
            }
            case IMUL_RM -> asm.imul(w, e.reg(0), e.memory(2, aux, lir.disp(i)));
            case IMUL_RI -> {
                if (e.isSlot(1)) {
                    asm.imulImm(w, e.reg(0), e.slot(1), imm);
                } else {
                    asm.imulImm(w, e.reg(0), e.reg(1), imm);
                }
            }
            case IMUL_MI -> asm.imulImm(w, e.reg(0), e.memory(1, aux, lir.disp(i)), imm);
            case MULHI -> unary(Fields.is(aux, Fields.SIGNED) ? Unary.IMUL : Unary.MUL, w, 2);
            case MULHI_X -> multiplyHigh();
            case DIV -> divide(aux);
            default -> {
                return false;
            }
        }
        e.forgetFlags();
        return true;
    }

    /** Both halves to the same register leave the upper one there. */
    private void multiplyHigh() {
        int dst = e.reg(0);
        if (e.isSlot(2)) {
            asm.mulx(Width.QWORD, dst, dst, e.slot(2));
        } else {
            asm.mulx(Width.QWORD, dst, dst, e.reg(2));
        }
    }

    private void unary(Unary op, Width w, int k) {
        if (e.isSlot(k)) {
            asm.unary(op, w, e.slot(k));
        } else {
            asm.unary(op, w, e.reg(k));
        }
    }

    /** Operands: the definitions, the dividend in RAX, the divisor. */
    private void divide(int aux) {
        Width w = Fields.width(aux);
        boolean remainder = Fields.is(aux, Fields.REMAINDER);
        boolean checked = !Fields.is(aux, Fields.UNCHECKED);
        int divisor = remainder ? 2 : 3;
        if (!Fields.is(aux, Fields.SIGNED)) {
            asm.zero(Reg.RDX);
            if (checked) {
                e.trapsHere(TrapCode.INTEGER_DIVIDE_BY_ZERO.ordinal());
            }
            unary(Unary.DIV, w, divisor);
            return;
        }
        int done = asm.newLabel();
        if (checked) {
            compare(w, divisor, 0);
            asm.jcc(Cond.E, e.trapStub(TrapCode.INTEGER_DIVIDE_BY_ZERO.ordinal()));
            if (remainder) {
                remainderByMinusOne(w, divisor, done);
            }
        }
        asm.signIntoRdx(w);
        if (checked && !remainder) {
            e.trapsHere(TrapCode.INTEGER_OVERFLOW.ordinal());
        }
        unary(Unary.IDIV, w, divisor);
        asm.bind(done);
    }

    /** The smallest number divided by -1 overflows, while its remainder is 0. */
    private void remainderByMinusOne(Width w, int divisor, int done) {
        int minusOne = asm.newLabel();
        compare(w, divisor, -1);
        asm.jcc(Cond.E, minusOne);
        e.cold(() -> {
            asm.bind(minusOne);
            asm.zero(Reg.RDX);
            asm.jmp(done);
        });
    }

    private void compare(Width w, int k, int imm) {
        if (e.isSlot(k)) {
            asm.aluImm(Alu.CMP, w, e.slot(k), imm);
        } else if (imm == 0) {
            asm.test(w, e.reg(k), e.reg(k));
        } else {
            asm.aluImm(Alu.CMP, w, e.reg(k), imm);
        }
    }

    // ---- shifts and bits

    private boolean shift(Inst inst, int i, int aux) {
        Width w = Fields.width(aux);
        int imm = (int) lir.imm(i);
        switch (inst) {
            case SHIFT_I -> {
                Shift op = SHIFT[Fields.sub(aux)];
                int dst = e.reg(0);
                if (imm != 0) {
                    asm.shift(op, w, dst, imm);
                    e.forgetFlags();
                    if (op != Shift.ROL && op != Shift.ROR) {
                        e.setFlags(dst, w, false);
                    }
                } else if (w == Width.DWORD) {
                    asm.mov(w, dst, dst); // the source may hold more than 32 bits
                    e.wrote(dst);
                }
            }
            case SHIFT_MI -> {
                Mem mem = e.memory(0, aux, lir.disp(i));
                asm.shift(SHIFT[Fields.sub(aux)], w, mem, imm);
                e.forgetFlags();
            }
            case SHIFT_CL -> {
                asm.shiftCl(SHIFT[Fields.sub(aux)], w, e.reg(0));
                e.forgetFlags();
            }
            case SHIFT_X -> {
                ShiftX op = SHIFT_X[Fields.sub(aux)];
                if (e.isSlot(1)) {
                    asm.shiftX(op, w, e.reg(0), e.slot(1), e.reg(2));
                } else {
                    asm.shiftX(op, w, e.reg(0), e.reg(1), e.reg(2));
                }
                e.wrote(e.reg(0));
            }
            case RORX -> rotate(w, imm);
            case SHL_LEA -> shiftLeft(w, imm);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void rotate(Width w, int right) {
        int dst = e.reg(0);
        if (dst == e.reg(1) && right != 0) {
            asm.shift(Shift.ROR, w, dst, right);
            e.forgetFlags();
        } else {
            asm.rorx(w, dst, e.reg(1), right);
            e.wrote(dst);
        }
    }

    private void shiftLeft(Width w, int count) {
        int dst = e.reg(0);
        int a = e.reg(1);
        if (dst == a) {
            asm.shift(Shift.SHL, w, dst, count);
            e.setFlags(dst, w, false);
        } else if (count == 1) {
            asm.lea(w, dst, e.at(a, 0).set(a, a, 0, 0));
            e.wrote(dst);
        } else {
            asm.lea(w, dst, e.at(a, 0).set(Reg.NONE, a, count, 0));
            e.wrote(dst);
        }
    }

    private boolean bits(Inst inst, int i, int aux) {
        Width w = Fields.width(aux);
        switch (inst) {
            case UNARY -> {
                Unary op = UNARY[Fields.sub(aux)];
                int dst = e.reg(0);
                asm.unary(op, w, dst);
                if (op == Unary.NEG) {
                    e.setFlags(dst, w, false);
                } else {
                    e.wrote(dst);
                }
            }
            case BITS -> {
                if (e.isSlot(1)) {
                    asm.bits(BITS[Fields.sub(aux)], w, e.reg(0), e.slot(1));
                } else {
                    asm.bits(BITS[Fields.sub(aux)], w, e.reg(0), e.reg(1));
                }
                e.forgetFlags();
            }
            case CLZ -> scan(Bits.BSR, w, 2 * w.bytes() * 8 - 1);
            case CTZ -> scan(Bits.BSF, w, w.bytes() * 8);
            case ANDN -> {
                if (e.isSlot(2)) {
                    asm.andn(w, e.reg(0), e.reg(1), e.slot(2));
                } else {
                    asm.andn(w, e.reg(0), e.reg(1), e.reg(2));
                }
                e.setFlags(e.reg(0), w, true);
            }
            case BLX -> {
                asm.blx(BLX[Fields.sub(aux)], w, e.reg(0), e.reg(1));
                e.setFlags(e.reg(0), w, false);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The scans leave the destination undefined for 0 and set the zero flag; BSR gives a position, not a count. */
    private void scan(Bits op, Width w, int ofZero) {
        int dst = e.reg(0);
        asm.movImm(Abi.SCRATCH, ofZero);
        asm.bits(op, w, dst, e.reg(1));
        asm.cmov(Cond.E, w, dst, Abi.SCRATCH);
        if (op == Bits.BSR) {
            asm.aluImm(Alu.XOR, w, dst, w.bytes() * 8 - 1);
        }
        e.forgetFlags();
    }
}
