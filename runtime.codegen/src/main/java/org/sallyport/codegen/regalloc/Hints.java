package org.sallyport.codegen.regalloc;

import java.util.Arrays;

/**
 * Which register a bundle would like: where its values come from and go to. Fixed operands behind chains of two-address
 * results, copies and parameters are seen through, so that an argument is computed in the register it is passed in.
 */
final class Hints {
    /** Stays and uses of a bundle looked at. */
    private static final int MAX_STAYS = 24;
    private static final int MAX_USES = 16;

    private final FlatCode code;
    private final ControlFlow flow;
    private final Liveness live;
    private final Stays stays;
    /** The register in which the value is wanted in the end, or -1. */
    private final byte[] wanted;
    /** The register the value got last, or -1. */
    final byte[] lastRegister;
    private final float[] score = new float[32];
    /** Registers wanted by the values that are in registers at a point. */
    private final Occupancy wishes;

    Hints(FlatCode code, ControlFlow flow, Liveness live, Stays stays) {
        this.code = code;
        this.flow = flow;
        this.live = live;
        this.stays = stays;
        wanted = new byte[code.vregs];
        lastRegister = new byte[code.vregs];
        Arrays.fill(wanted, (byte) -1);
        Arrays.fill(lastRegister, (byte) -1);
        for (int b = code.blocks - 1; b >= 0; b--) propagate(b);
        wishes = new Occupancy(code.arena, Point.entry(code.instructions) + 1);
        for (int v = 0; v < code.vregs; v++) wish(v);
    }

    private void wish(int v) {
        code.arena.step();
        if (wanted[v] < 0) return;
        for (int s = stays.first[v]; s >= 0; s = stays.next[s]) {
            wishes.take(stays.start[s], stays.end[s], 1 << wanted[v]);
        }
    }

    private void propagate(int block) {
        for (int e = code.edgeStart[block]; e < code.edgeStart[block + 1]; e++) {
            int parameters = code.paramStart[code.edgeTo[e]];
            for (int a = code.argStart[e]; a < code.argStart[e + 1]; a++) {
                want(code.argument[a], wanted[code.param[parameters + a - code.argStart[e]]]);
            }
        }
        for (int i = code.blockStart[block + 1] - 1; i >= code.blockStart[block]; i--) {
            code.arena.step();
            int copy = code.isMove(i) ? copyTarget(i) : -1;
            for (int k = code.operandStart[i]; k < code.operandStart[i + 1]; k++) {
                if (code.isDef(k)) continue;
                int v = code.vreg(k);
                if (code.constraint(k) == Operand.FIXED) wanted[v] = (byte) code.register(k);
                else if (code.tie[k] >= 0) want(v, wanted[code.vreg(code.tie[k])]);
                else if (copy >= 0) want(v, wanted[copy]);
            }
        }
    }

    private void want(int v, byte register) {
        if (register >= 0) wanted[v] = register;
    }

    private int copyTarget(int i) {
        for (int k = code.operandStart[i]; k < code.operandStart[i + 1]; k++) {
            if (code.isDef(k)) return code.vreg(k);
        }
        return -1;
    }

    /** The best of the {@code free} registers for the bundle that begins with {@code head}. */
    int choose(Bundles bundles, int head, int free) {
        if ((free & free - 1) == 0) return Integer.numberOfTrailingZeros(free);
        Arrays.fill(score, 0);
        int n = 0;
        int wished = 0;
        for (int s = head; s >= 0 && n < MAX_STAYS; s = bundles.next.data[s], n++) {
            scoreOrigin(s);
            scoreUses(s);
            wished |= wishes.taken(stays.start[s], stays.end[s]);
        }
        for (int rest = free & wished; rest != 0; rest &= rest - 1) {
            int r = Integer.numberOfTrailingZeros(rest);
            if (score[r] == 0) score[r] = -1;
        }
        int best = -1;
        for (int rest = free; rest != 0; rest &= rest - 1) {
            int r = Integer.numberOfTrailingZeros(rest);
            if (best < 0 || score[r] > score[best]) best = r;
        }
        return best;
    }

    private void add(int register, float weight) {
        if (register >= 0) score[register] += weight;
    }

    private void scoreOrigin(int s) {
        int v = stays.vreg[s];
        float weight = flow.frequency[code.blockOf[Point.instruction(stays.start[s])]];
        if (stays.first[v] != s || stays.start[s] != code.defPoint[v]) {
            add(lastRegister[v], weight);
        } else if (code.isParam(v)) {
            scoreArguments(v);
        } else {
            scoreDefinition(code.defOperand[v], weight);
        }
    }

    private void scoreArguments(int param) {
        int b = code.defBlock[param];
        for (int x = code.inStart[b]; x < code.inStart[b + 1]; x++) {
            int e = code.inEdge[x];
            int v = code.argument[code.argStart[e] - 1 - code.defOperand[param]];
            add(lastRegister[v], flow.frequency[code.edgeFrom[e]]);
        }
    }

    private void scoreDefinition(int k, float weight) {
        int constraint = code.constraint(k);
        if (constraint == Operand.FIXED) {
            add(code.register(k), weight);
            return;
        }
        int i = Point.instruction(code.defPoint[code.vreg(k)]);
        boolean copy = code.isMove(i);
        for (int u = code.operandStart[i]; u < code.operandStart[i + 1]; u++) {
            if (copy && !code.isDef(u) || code.tie[u] == k) {
                int from = code.constraint(u) == Operand.FIXED ? code.register(u) : lastRegister[code.vreg(u)];
                add(from, weight);
                return;
            }
        }
    }

    private void scoreUses(int s) {
        int v = stays.vreg[s];
        int end = stays.end[s];
        int u = live.firstUse(v, stays.start[s]);
        int last = Math.min(live.useStart[v + 1], u + MAX_USES);
        for (; u < last && live.usePoint[u] <= end; u++) {
            float weight = flow.frequency[live.useBlock(u)];
            int k = live.useOperand[u];
            if (k < 0) scoreTarget(~k, weight);
            else if (code.constraint(k) == Operand.FIXED) add(code.register(k), weight);
            else if (code.tie[k] >= 0) scoreTarget(code.vreg(code.tie[k]), weight);
            else scoreCopy(Point.instruction(live.usePoint[u]), weight);
        }
    }

    private void scoreCopy(int i, float weight) {
        if (code.isMove(i)) scoreTarget(copyTarget(i), weight);
    }

    private void scoreTarget(int v, float weight) {
        add(lastRegister[v] >= 0 ? lastRegister[v] : wanted[v], weight);
    }
}
