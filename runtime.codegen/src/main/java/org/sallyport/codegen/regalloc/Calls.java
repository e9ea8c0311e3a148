package org.sallyport.codegen.regalloc;

/** Where all registers of a bank are destroyed at once, in blocks that are not cold. */
final class Calls {
    static final int NEVER = 0;
    static final int PERHAPS = 1;
    static final int SURELY = 2;

    private final FlatCode code;
    private final ControlFlow flow;
    /** Points, ascending, by bank. */
    private final IntArray[] points = {new IntArray(16), new IntArray(16)};
    private final int[] cursor = new int[2];
    /** By bank and loop header: the first call in the loop, and the first on every way around it; or the maximum. */
    private final int[][] inLoop;
    private final int[][] onEveryWay;

    Calls(FlatCode code, ControlFlow flow) {
        this.code = code;
        this.flow = flow;
        inLoop = new int[][] {none(), none()};
        onEveryWay = new int[][] {none(), none()};
        for (int i = 0; i < code.instructions; i++) {
            if ((code.clobbers[0][i] | code.clobbers[1][i]) != 0 && !code.cold[code.blockOf[i]]) find(i);
        }
    }

    private int[] none() {
        return code.arena.filled(code.blocks, Integer.MAX_VALUE);
    }

    private void find(int i) {
        for (int bank = 0; bank < 2; bank++) {
            int written = code.clobbers[bank][i] | fixedResults(i, bank);
            if (code.allocatable[bank] == 0 || (code.allocatable[bank] & ~written) != 0) continue;
            IntArray all = points[bank];
            int b = code.blockOf[i];
            boolean known = all.size > 0 && code.blockOf[Point.instruction(all.data[all.size - 1])] == b;
            all.add(Point.late(i));
            if (!known) findLoops(bank, b, Point.late(i));
        }
    }

    private void findLoops(int bank, int b, int point) {
        for (int h = flow.loop[b]; h >= 0; h = flow.outer[h]) {
            inLoop[bank][h] = Math.min(inLoop[bank][h], point);
            if (onEveryWay[bank][h] == Integer.MAX_VALUE && isOnEveryWay(b, h)) onEveryWay[bank][h] = point;
        }
    }

    private boolean isOnEveryWay(int b, int header) {
        return flow.latch[header] >= 0 && flow.dominates(b, flow.latch[header]);
    }

    private int fixedResults(int i, int bank) {
        int registers = 0;
        for (int k = code.operandStart[i]; k < code.operandStart[i + 1]; k++) {
            if (code.isDef(k) && code.constraint(k) == Operand.FIXED && code.bank[code.vreg(k)] == bank) {
                registers |= FlatCode.bit(code.register(k));
            }
        }
        return registers;
    }

    /** The first call on every way around the loop, as a point, or {@link Integer#MAX_VALUE}. */
    int onEveryWay(int bank, int header) {
        return onEveryWay[bank][header];
    }

    /** Whether a call comes on the way from one point to a later one. Called with ascending {@code from}. */
    int between(int bank, int from, int to) {
        IntArray all = points[bank];
        int c = cursor[bank];
        while (c < all.size && all.data[c] <= from) c++;
        cursor[bank] = c;
        if (c == all.size || all.data[c] >= to) return NEVER;
        int b = code.blockOf[Point.instruction(all.data[c])];
        return flow.dominates(b, code.blockOf[Point.instructionBefore(to)]) ? SURELY : PERHAPS;
    }

    /** Whether a call comes on the way from one point in a loop to an earlier one, in the next iteration. */
    int around(int bank, int header, int from, int to) {
        int sure = onEveryWay[bank][header];
        if (sure != Integer.MAX_VALUE && (sure > from || sure < to)) return SURELY;
        if (inLoop[bank][header] < to || between(bank, from, flow.loopEnd(header)) != NEVER) return PERHAPS;
        return NEVER;
    }
}
