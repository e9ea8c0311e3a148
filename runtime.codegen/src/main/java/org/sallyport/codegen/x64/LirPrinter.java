package org.sallyport.codegen.x64;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.codegen.regalloc.Operand;
import org.sallyport.codegen.regalloc.Registers;

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
        return Registers.isVector(place) ? "xmm" + Reg.vector(place) : Reg.name(place);
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
        String operation = operation(inst, aux);
        if (!operation.isEmpty()) {
            out.append('.').append(operation.toLowerCase(Locale.ROOT));
        }
        Form form = LirRules.form(inst);
        if (form.has('w') || form.has(Form.Kind.COMPARISON)) {
            out.append('.').append(Fields.width(aux).toString().toLowerCase(Locale.ROOT));
        }
        switch (inst) {
            case SETCC, CMOV, FSEL, TRAPCC, JCC -> {
                int cond = Fields.cond(aux);
                out.append('.').append(cond < 16 ? Cond.of(cond).toString() : cond == Fields.FEQ ? "FEQ" : "FNE");
                out.append('.').append(Fields.producer(aux));
            }
            default -> { }
        }
        if (Fields.base(aux) != Fields.Base.NONE) {
            out.append(" [").append(Fields.base(aux));
            out.append(Fields.is(aux, Fields.INDEX) ? "+index*" + (1 << Fields.scale(aux)) : "");
            out.append(lir.disp(i) < 0 ? "-" : "+").append(Math.abs(lir.disp(i))).append(']');
        } else if (lir.disp(i) != 0) {
            out.append(" #").append(lir.disp(i));
        }
        if (lir.imm(i) != 0) {
            out.append(" 0x").append(Long.toHexString(lir.imm(i)));
        }
    }

    /** What {@link Fields#sub} and the marks say. */
    private static String operation(Inst inst, int aux) {
        String row = inst.table.name(aux);
        return switch (inst) {
            case MOVZX, MOVSX -> "from_" + row;
            case LOAD -> (Fields.is(aux, Fields.SIGNED) ? "s_" : "u_") + row;
            case FLOAD, FSTORE, FROUND, FCMP, FBLEND -> Fields.is(aux, Fields.DOUBLE) ? "f64" : "f32";
            case FMINMAX -> Fields.is(aux, Fields.MAX) ? "max" : "min";
            case DIV -> (Fields.is(aux, Fields.SIGNED) ? "s" : "u")
                    + (Fields.is(aux, Fields.REMAINDER) ? "_rem" : "_div")
                    + (Fields.is(aux, Fields.UNCHECKED) ? "_unchecked" : "");
            case CVT_TO_INT -> (Fields.is(aux, Fields.SIGNED) ? "s" : "u")
                    + (Fields.is(aux, Fields.SATURATE) ? "_sat" : "");
            default -> row;
        };
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
