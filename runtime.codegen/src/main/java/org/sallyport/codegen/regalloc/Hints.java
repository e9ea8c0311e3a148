package org.sallyport.codegen.regalloc;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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
    /** Of the registers in {@link #scored}, which are of one bank, by their number within that; always positive. */
    private final float[] score = new float[Registers.VECTORS];
    private int scored;
    /** By bank: registers wanted by the values that are in registers at a point; null if none is wanted. */
    private final @Nullable Occupancy[] wishes = new @Nullable Occupancy[2];

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
        for (int v = 0; v < code.vregs; v++) wish(v);
    }

    private void wish(int v) {
        code.arena.step();
        if (wanted[v] < 0) return;
        Occupancy of = wishes[code.bank[v]];
        if (of == null) {
            of = new Occupancy(code.arena, Point.entry(code.instructions) + 1);
            wishes[code.bank[v]] = of;
        }
        for (int s = stays.first[v]; s >= 0; s = stays.next[s]) {
            of.take(stays.start[s], stays.end[s], FlatCode.bit(wanted[v]));
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
            if ((code.traits[i] & (FlatCode.FIXED | FlatCode.TIED | FlatCode.MOVE)) == 0) continue;
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

    /** The best of the {@code free} registers of the bank for the bundle that begins with {@code head}. */
    int choose(Bundles bundles, int head, int bank, int free) {
        if ((free & free - 1) == 0) return FlatCode.lowest(bank, free);
        Occupancy wishesOfBank = wishes[bank];
        scored = 0;
        int n = 0;
        int wished = 0;
        for (int s = head; s >= 0 && n < MAX_STAYS; s = bundles.next.data[s], n++) {
            scoreOrigin(s);
            scoreUses(s);
            if (wishesOfBank != null) wished |= wishesOfBank.taken(stays.start[s], stays.end[s]);
        }
        if ((free & scored) != 0) return bank * Registers.VECTORS + best(free & scored);
        int unwished = free & ~wished;
        return FlatCode.lowest(bank, unwished != 0 ? unwished : free);
    }

    private int best(int registers) {
        int best = Integer.numberOfTrailingZeros(registers);
        for (int rest = registers & registers - 1; rest != 0; rest &= rest - 1) {
            int r = Integer.numberOfTrailingZeros(rest);
            if (score[r] > score[best]) best = r;
        }
        return best;
    }

    private void add(int register, float weight) {
        if (register < 0) return;
        int bit = FlatCode.bit(register);
        int n = Integer.numberOfTrailingZeros(bit);
        score[n] = (scored & bit) != 0 ? score[n] + weight : weight;
        scored |= bit;
    }

    private void scoreOrigin(int s) {
        int v = stays.vreg[s];
        if (stays.first[v] != s || stays.start[s] != code.defPoint[v]) {
            add(lastRegister[v], frequencyAt(stays.start[s]));
        } else if (code.isParam(v)) {
            scoreArguments(v);
        } else {
            scoreDefinition(code.defOperand[v]);
        }
    }

    private float frequencyAt(int point) {
        return flow.frequency[code.blockOf[Point.instruction(point)]];
    }

    private void scoreArguments(int param) {
        int b = code.defBlock[param];
        for (int x = code.inStart[b]; x < code.inStart[b + 1]; x++) {
            int e = code.inEdge[x];
            int v = code.argument[code.argStart[e] - 1 - code.defOperand[param]];
            add(lastRegister[v], flow.frequency[code.inFrom[x]]);
        }
    }

    private void scoreDefinition(int k) {
        int at = code.defPoint[code.vreg(k)];
        int constraint = code.constraint(k);
        if (constraint == Operand.FIXED) {
            add(code.register(k), frequencyAt(at));
            return;
        }
        int i = Point.instruction(at);
        if ((code.traits[i] & (FlatCode.MOVE | FlatCode.TIED)) == 0) return;
        boolean copy = code.isMove(i);
        for (int u = code.operandStart[i]; u < code.operandStart[i + 1]; u++) {
            if (copy && !code.isDef(u) || code.tie[u] == k) {
                int from = code.constraint(u) == Operand.FIXED ? code.register(u) : lastRegister[code.vreg(u)];
                add(from, frequencyAt(at));
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
            int k = live.useOperand[u];
            if (k < 0) scoreTarget(~k, u);
            else if (code.constraint(k) == Operand.FIXED) add(code.register(k), useFrequency(u));
            else if (code.tie[k] >= 0) scoreTarget(code.vreg(code.tie[k]), u);
            else scoreCopy(Point.instruction(live.usePoint[u]), u);
        }
    }

    private float useFrequency(int use) {
        return flow.frequency[live.useBlock(use)];
    }

    private void scoreCopy(int i, int use) {
        if (code.isMove(i)) scoreTarget(copyTarget(i), use);
    }

    private void scoreTarget(int v, int use) {
        int register = lastRegister[v] >= 0 ? lastRegister[v] : wanted[v];
        if (register >= 0) add(register, useFrequency(use));
    }
}
