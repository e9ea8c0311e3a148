package org.sallyport.codegen.regalloc;

import org.jspecify.annotations.Nullable;

/** Allocated code as text: for failures, and to see what the heuristics do. */
final class AllocationPrinter {
    private final AllocatableCode code;
    private final @Nullable Allocation allocation;
    private final StringBuilder out = new StringBuilder();
    private int move;

    private AllocationPrinter(AllocatableCode code, @Nullable Allocation allocation) {
        this.code = code;
        this.allocation = allocation;
    }

    static String print(AllocatableCode code, @Nullable Allocation allocation) {
        return new AllocationPrinter(code, allocation).run();
    }

    private String run() {
        for (int b = 0; b < code.blockCount(); b++) {
            out.append("b").append(b).append('(');
            for (int p = 0; p < code.paramCount(b); p++) out.append(p == 0 ? "v" : ", v").append(code.param(b, p));
            out.append(") depth ").append(code.loopDepth(b)).append(code.isCold(b) ? " cold\n" : "\n");
            for (int i = code.blockStart(b); i < code.blockEnd(b); i++) instruction(i);
            for (int s = 0; s < code.successorCount(b); s++) edge(b, s);
        }
        return out.toString();
    }

    private void edge(int b, int s) {
        int to = code.successor(b, s);
        out.append("      -> b").append(to).append('(');
        for (int p = 0; p < code.paramCount(to); p++) out.append(p == 0 ? "v" : ", v").append(code.branchArg(b, s, p));
        out.append(")\n");
    }

    private void instruction(int i) {
        moves(2 * i);
        out.append(String.format("%5d", i)).append(code.isMove(i) ? " move" : " op");
        for (int k = code.operandStart(i); k < code.operandStart(i + 1); k++) {
            long o = code.operand(k);
            out.append(' ').append(Operand.isDef(o) ? "def" : "use").append(Operand.isExtended(o) ? "*" : "")
                    .append(":v").append(Operand.vreg(o)).append(suffix(o));
            if (allocation != null) out.append('=').append(place(allocation.operands()[k]));
        }
        if (code.clobbers(i) != 0) out.append(" clobbers ").append(Long.toHexString(code.clobbers(i)));
        out.append('\n');
        moves(2 * i + 1);
    }

    private static String suffix(long o) {
        return switch (Operand.constraint(o)) {
            case Operand.ANY -> "?";
            case Operand.FIXED -> "@" + place(Operand.register(o));
            case Operand.REUSE -> "#" + Operand.register(o);
            case Operand.SLOT -> "$";
            default -> "";
        };
    }

    private void moves(int point) {
        if (allocation == null) return;
        for (; move < allocation.moveCount() && allocation.movePoints()[move] == point; move++) {
            out.append("          ").append(place(allocation.moveTo()[move])).append(" <- ")
                    .append(place(allocation.moveFrom()[move])).append("  v").append(allocation.moveVreg()[move])
                    .append('\n');
        }
    }

    static String place(int p) {
        if (p < 0) return "const";
        if (Allocation.isSlot(p)) return "[" + (p - Allocation.SLOT_BASE) + "]";
        return Registers.isVector(p) ? "x" + (p - Registers.VECTORS) : "r" + p;
    }
}
