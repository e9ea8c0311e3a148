package org.sallyport.codegen.x64;

import org.jspecify.annotations.Nullable;
import org.sallyport.TrapCode;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.Operand;

/** Holds the fields of machine instructions to their rows: {@code aux}, immediate, displacement, and what they name. */
final class FieldRules {
    private static final int TRAPS = TrapCode.values().length;

    private final Lir lir;

    FieldRules(Lir lir) {
        this.lir = lir;
    }

    @Nullable String fault(int i, Inst inst, Form form) {
        int aux = lir.aux(i);
        if ((aux & ~allowed(inst, form)) != 0) {
            return "fields " + Integer.toHexString(aux & ~allowed(inst, form)) + " that it has not";
        }
        if (!inst.table.has(aux)) {
            return "row " + inst.table.number(aux) + " of " + inst.table;
        }
        if (!form.has('#') && lir.imm(i) != 0) {
            return "an immediate";
        }
        boolean hasMemory = Fields.base(aux) != Fields.Base.NONE;
        if (!form.has('%') && !hasMemory && lir.disp(i) != 0) {
            return "a displacement";
        }
        String wrong = form.has(Form.Kind.COMPARISON) ? comparison(i, inst, aux) : null;
        return wrong == null ? special(i, inst, aux) : wrong;
    }

    /** Bits of {@code aux} that mean something. */
    private static int allowed(Inst inst, Form form) {
        boolean compares = form.has(Form.Kind.COMPARISON);
        int bits = 0;
        bits |= form.has('w') || compares ? Fields.WIDTH_BITS : 0;
        bits |= form.has('s') ? Fields.SIGNED : 0;
        bits |= form.has('d') || compares ? Fields.DOUBLE : 0;
        bits |= form.has('m') ? Fields.REMAINDER : 0;
        bits |= form.has('u') ? Fields.UNCHECKED : 0;
        bits |= compares ? Fields.COMPARISON_BITS : 0;
        if (inst.table != Inst.Table.NONE) {
            bits |= inst.table.isWide() ? Fields.ROW_BITS : Fields.SUB_BITS;
        }
        return bits | (compares || form.has(Form.Kind.MEMORY) ? Fields.MEMORY_BITS : 0);
    }

    private @Nullable String comparison(int i, Inst inst, int aux) {
        if (!Producer.has(Fields.producerNumber(aux))) {
            return "no such comparison";
        }
        int cond = Fields.cond(aux);
        Producer producer = Fields.producer(aux);
        if (cond > Fields.FNE) {
            return "no such condition";
        }
        if (cond >= Fields.FEQ && !producer.comparesFloats()) {
            return "a condition of floats, of " + producer;
        }
        if (cond == Fields.FEQ && inst == Inst.CMOV) {
            return "a conditional move for equal and ordered";
        }
        if (Fields.is(aux, Fields.DOUBLE) && !producer.comparesFloats()) {
            return "integers of double precision";
        }
        return inst != Inst.TRAPCC || isTrap(lir.imm(i) >> 32) ? null : "no such trap";
    }

    private @Nullable String special(int i, Inst inst, int aux) {
        long imm = lir.imm(i);
        return switch (inst) {
            case ALU_RI, ALU_MI, ADD_RRI, IMUL_RI, IMUL_MI, STORE_I, LOCK_ALU_MI, CHARGE, CHARGE_CHECKED ->
                imm == (int) imm ? null : "an immediate of more than 32 bits";
            case SHIFT_I, SHIFT_MI, RORX -> imm >= 0 && imm < 8L * Fields.width(aux).bytes() ? null : "shifts by " + imm;
            case SHL_LEA -> imm >= 1 && imm <= 3 ? null : "shifts by " + imm;
            case DIV -> Fields.is(aux, Fields.REMAINDER) == (firstRegister(i) == Reg.RDX) ? null : "quotient or remainder";
            case MOVI, MOVF -> constant(i, imm);
            case VCONST -> lir.disp(i) >= 0 && lir.disp(i) < lir.wide().size() ? constant(i, lir.disp(i)) : "no such constant";
            case UD2 -> isTrap(imm) ? null : "no such trap";
            case VLANE, VLANE_M, VINSERT_R, VINSERT_M -> {
                int lanes = 16 >> Math.min(inst.table.number(aux), VectorAssembler.Lane.Q.ordinal());
                yield imm >= 0 && imm < lanes ? null : "lane " + imm;
            }
            case SWITCH -> table(i, (int) imm, lir.disp(i));
            default -> null;
        };
    }

    private static boolean isTrap(long code) {
        return code >= 0 && code < TRAPS;
    }

    /** What the allocator may make again is what is made here. */
    private @Nullable String constant(int i, long bits) {
        int vreg = Operand.vreg(lir.operand(lir.operandStart(i)));
        boolean isSame = !lir.isRematerializable(vreg) || lir.constantBits(vreg) == bits;
        return isSame ? null : "another constant than v" + vreg;
    }

    private int firstRegister(int i) {
        return Operand.register(lir.operand(lir.operandStart(i)));
    }

    private @Nullable String table(int i, int start, int count) {
        if (start < 0 || count < 1 || start + count > lir.tableTargetCount()) {
            return "no such table";
        }
        int block = lir.blockOf(i);
        for (int k = start; k < start + count; k++) {
            boolean isSuccessor = false;
            for (int s = 0; s < lir.successorCount(block); s++) {
                isSuccessor |= lir.successor(block, s) == lir.tableTarget(k);
            }
            if (!isSuccessor) {
                return "b" + lir.tableTarget(k) + " is no successor";
            }
        }
        return null;
    }
}
