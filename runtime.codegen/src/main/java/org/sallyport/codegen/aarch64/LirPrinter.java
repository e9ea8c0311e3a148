package org.sallyport.codegen.aarch64;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.codegen.regalloc.Operand;

/** Text form of machine instructions: with virtual registers, or with places and the allocator's moves. */
final class LirPrinter {
    private final Lir lir;
    private final @Nullable Allocation allocation;
    private final StringBuilder out = new StringBuilder();
    private int move;

    private LirPrinter(Lir lir, @Nullable Allocation allocation) {
        this.lir = lir;
        this.allocation = allocation;
    }

    static String print(Lir lir, @Nullable Allocation allocation) {
        return new LirPrinter(lir, allocation).run();
    }

    private String run() {
        for (int b = 0; b < lir.blockCount(); b++) {
            head(b);
            for (int i = lir.blockStart(b); i < lir.blockEnd(b); i++) {
                moves(2 * i);
                instruction(i, b);
                moves(2 * i + 1);
            }
        }
        return out.toString();
    }

    private void head(int b) {
        out.append('b').append(b);
        if (lir.paramCount(b) > 0) {
            out.append('(');
            for (int i = 0; i < lir.paramCount(b); i++) {
                out.append(i > 0 ? ", " : "").append('v').append(lir.param(b, i));
            }
            out.append(')');
        }
        out.append(':');
        if (lir.loopDepth(b) > 0) {
            out.append(" loop ").append(lir.loopDepth(b));
        }
        out.append(lir.isCold(b) ? " cold\n" : "\n");
    }

    private void moves(int point) {
        if (allocation == null) {
            return;
        }
        while (move < allocation.moveCount() && allocation.movePoints()[move] == point) {
            int from = allocation.moveFrom()[move];
            String source = from == Allocation.REMATERIALIZE
                    ? "0x" + Long.toHexString(lir.constantBits(allocation.moveVreg()[move]))
                    : place(from);
            out.append("      ").append(place(allocation.moveTo()[move])).append(" <- ").append(source).append('\n');
            move++;
        }
    }

    static String place(int place) {
        if (Allocation.isSlot(place)) {
            return "[" + (place - Allocation.SLOT_BASE) + "]";
        }
        return Reg.name(place);
    }

    private void instruction(int i, int b) {
        Inst inst = Inst.of(lir.op(i));
        int aux = lir.aux(i);
        out.append("    ");
        int first = lir.operandStart(i);
        int count = lir.operandCount(i);
        int uses = 0;
        while (uses < count && Operand.isDef(lir.operand(first + uses))) {
            out.append(uses > 0 ? ", " : "");
            operand(first + uses++);
        }
        out.append(uses > 0 ? " = " : "").append(inst);
        details(inst, i, aux);
        for (int k = uses; k < count; k++) {
            out.append(k > uses ? ", " : " ");
            operand(first + k);
        }
        targets(inst, b);
        out.append('\n');
    }

    private void details(Inst inst, int i, int aux) {
        String row = row(inst, aux);
        out.append(row.isEmpty() ? "" : "." + row.toLowerCase(Locale.ROOT));
        out.append(Fields.is(aux, Fields.WIDE) ? ".x" : "").append(Fields.is(aux, Fields.DOUBLE) ? ".d" : "");
        out.append(Fields.is(aux, Fields.SIGNED) ? ".s" : "").append(Fields.is(aux, Fields.REMAINDER) ? ".rem" : "");
        out.append(Fields.is(aux, Fields.UNCHECKED) ? ".u" : "");
        if (inst.form.contains("cmp")) {
            out.append('.').append(Fields.cond(aux)).append('.').append(Fields.producer(aux));
        } else if (inst.family == Inst.Family.VECTOR) {
            out.append('.').append(8 << Fields.lanesOf(aux));
        }
        if (Fields.base(aux) != Fields.Base.NONE) {
            out.append(" [").append(Fields.base(aux));
            out.append(Fields.is(aux, Fields.INDEX) ? "+index<<" + Fields.indexShift(aux) : "");
            out.append(lir.disp(i) < 0 ? "-" : "+").append(Math.abs(lir.disp(i))).append(']');
        } else if (lir.disp(i) != 0) {
            out.append(" #").append(lir.disp(i));
        }
        if (lir.imm(i) != 0) {
            out.append(" 0x").append(Long.toHexString(lir.imm(i)));
        }
    }

    /** The sub-operation's name. */
    private static String row(Inst inst, int aux) {
        int sub = Fields.sub(aux);
        Enum<?>[] rows = switch (inst) {
            case ALU_RR, ALU_RI, ALU_ZR -> IntegerAssembler.Alu.values();
            case MUL, MADD -> IntegerAssembler.Multiply.values();
            case SHIFT_I, VSHIFT_R -> IntegerAssembler.Shift.values();
            case SHIFT_R -> IntegerAssembler.Two.values();
            case BITFIELD -> IntegerAssembler.Bitfield.values();
            case LOAD, STORE, STORE_Z -> MemoryAssembler.Moved.values();
            case FOP -> FloatAssembler.Binary.values();
            case FUN -> FloatAssembler.Unary.values();
            case V3, V3_CHANGE -> VectorAssembler.Three.values();
            case V2, V2_CHANGE -> VectorAssembler.Two.values();
            case VSHIFT_I -> VectorAssembler.ShiftImm.values();
            default -> new Enum<?>[0];
        };
        return sub < rows.length ? rows[sub].name() : sub == 0 ? "" : "row" + sub;
    }

    private void operand(int k) {
        long operand = lir.operand(k);
        out.append('v').append(Operand.vreg(operand));
        if (allocation != null) {
            out.append(':').append(place(allocation.operands()[k]));
            return;
        }
        switch (Operand.constraint(operand)) {
            case Operand.ANY -> out.append('?');
            case Operand.FIXED -> out.append(':').append(place(Operand.register(operand)));
            case Operand.REUSE -> out.append("=#").append(Operand.register(operand));
            default -> { }
        }
        if (Operand.isExtended(operand)) {
            out.append('!');
        }
    }

    private void targets(Inst inst, int b) {
        switch (inst) {
            case JMP, JCC, SWITCH -> {
                for (int i = 0; i < lir.successorCount(b); i++) {
                    out.append(i == 0 ? " -> b" : ", b").append(lir.successor(b, i));
                }
                int arguments = lir.argumentCount(b);
                for (int i = 0; i < arguments; i++) {
                    out.append(i == 0 ? "(" : ", ").append('v').append(lir.branchArg(b, 0, i));
                }
                out.append(arguments > 0 ? ")" : "");
            }
            default -> { }
        }
    }
}
