package org.sallyport.codegen.aarch64;

import static org.sallyport.codegen.aarch64.VectorCode.NEW;

import org.sallyport.codegen.aarch64.VectorAssembler.Three;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.lir.Lir;

/** Selects instructions for shuffles: one that interleaves, repeats or cuts out where there is one, else look-ups of bytes. */
final class LowerShuffle {
    private static final int BYTES = 16;

    private static final Three[] INTERLEAVING = {Three.ZIP1, Three.ZIP2, Three.UZP1, Three.UZP2, Three.TRN1, Three.TRN2};

    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final VectorCode code;
    private final int[] pattern = new int[BYTES];

    LowerShuffle(Selection s, VectorCode code) {
        this.s = s;
        this.code = code;
        graph = s.graph;
        lir = s.lir;
    }

    void lower(int v) {
        int a = s.reg(graph.a(v));
        int b = s.reg(graph.b(v));
        int number = (int) graph.imm(v);
        boolean usesA = false;
        boolean usesB = false;
        for (int i = 0; i < BYTES; i++) {
            pattern[i] = graph.wide().at(number, i);
            usesA |= pattern[i] < BYTES;
            usesB |= pattern[i] >= BYTES;
        }
        int to = s.result(v);
        if (repeatsLane(to, a, b) || cutsOut(to, a, b) || interleaves(to, a, b)) {
            return;
        }
        if (!usesB) {
            code.three(to, Three.TBL, 0, a, indexes(0));
        } else if (!usesA) {
            code.three(to, Three.TBL, 0, b, indexes(BYTES));
        } else { // numbers that are too large give 0 at first, and change nothing then
            int fromA = code.three(NEW, Three.TBL, 0, a, indexes(0));
            code.change(to, Three.TBX, 0, fromA, b, indexes(BYTES));
        }
    }

    private int indexes(int less) {
        long low = 0;
        long high = 0;
        for (int i = 7; i >= 0; i--) {
            low = low << 8 | pattern[i] - less & 0xFF;
            high = high << 8 | pattern[i + 8] - less & 0xFF;
        }
        return s.wideConstant(lir.wide().number(low, high));
    }

    private boolean repeatsLane(int to, int a, int b) {
        for (int lanes = 3; lanes >= 0; lanes--) {
            int size = 1 << lanes;
            int first = pattern[0];
            boolean fits = (first & size - 1) == 0;
            for (int i = 0; i < BYTES && fits; i++) {
                fits = pattern[i] == first + (i & size - 1);
            }
            if (fits) {
                code.one(Inst.VDUP_LANE, to, lanes, (first & 15) >> lanes, first < BYTES ? a : b);
                return true;
            }
        }
        return false;
    }

    private boolean cutsOut(int to, int a, int b) {
        for (int i = 1; i < BYTES; i++) {
            if (pattern[i] != pattern[0] + i) {
                return false;
            }
        }
        if (pattern[0] == 0 || pattern[0] == BYTES) {
            int source = pattern[0] == 0 ? a : b;
            code.three(to, Three.ORR, 0, source, source);
        } else {
            code.ext(to, a, b, pattern[0]);
        }
        return true;
    }

    private boolean interleaves(int to, int a, int b) {
        for (Three row : INTERLEAVING) {
            for (int lanes = 0; lanes < 4; lanes++) {
                boolean fits = true;
                for (int i = 0; i < BYTES && fits; i++) {
                    int lane = i >> lanes;
                    fits = pattern[i] == (source(row, lane, BYTES >> lanes) << lanes) + (i & (1 << lanes) - 1);
                }
                if (fits) {
                    code.three(to, row, lanes, a, b);
                    return true;
                }
            }
        }
        return false;
    }

    /** The lane of both sources, one behind the other, that becomes {@code lane}. */
    private static int source(Three row, int lane, int count) {
        int half = count / 2;
        int other = (lane & 1) * count;
        return switch (row) {
            case ZIP1 -> (lane >> 1) + other;
            case ZIP2 -> half + (lane >> 1) + other;
            case UZP1 -> 2 * lane;
            case UZP2 -> 2 * lane + 1;
            case TRN1 -> (lane & ~1) + other;
            default -> (lane | 1) + other;
        };
    }
}
