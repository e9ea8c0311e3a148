package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.Rewriter.NO;
import static org.sallyport.codegen.ir.Rule.constant;
import static org.sallyport.codegen.ir.Rule.first;
import static org.sallyport.codegen.ir.VectorRewriter.halves;
import static org.sallyport.codegen.ir.VectorRewriter.lanes;

import org.sallyport.wasm.LaneShape;

/** Rules for what makes vectors of lanes, takes lanes out, and puts them elsewhere. */
final class LaneRules {
    private LaneRules() {}

    static void addTo(Rules t) {
        scalars(t);
        extractions(t);
        shuffles(t);
    }

    // ---- from scalars, and to them

    private static void scalars(Rules t) {
        t.add(Op.VSPLAT, "splat-const", first(Op.CONST), (r, v, x, _) -> {
            var fold = new FoldVector();
            fold.splat(r.graph().shape(v), r.value(x));
            return VectorRewriter.constant(r, fold);
        });
        t.add(Op.VREPLACE, "replace-const", constant(Op.CONST), (r, v, x, y) -> {
            var fold = new FoldVector();
            long[] a = halves(r, x);
            fold.replace(r.graph().shape(v), a[0], a[1], (int) r.value(v), r.value(y));
            return VectorRewriter.constant(r, fold);
        });
        t.add(Op.VREPLACE, "replace-replaced", first(Op.VREPLACE), (r, v, x, y) -> isSameLane(r, v, x)
                ? r.make(Op.VREPLACE, Type.V128, r.a(x), y, -1, r.value(v), r.graph().aux(v)) : NO);
        t.add(Op.VTEST, "test-const", first(Op.CONST), (r, v, x, _) -> {
            long[] a = halves(r, x);
            return r.constant(Type.I32, FoldVector.test(r.graph().lane(v), r.graph().aux(v), a[0], a[1]));
        });
    }

    private static boolean isSameLane(Rewriter r, int v, int x) {
        return r.graph().shape(v) == r.graph().shape(x) && r.value(v) == r.value(x);
    }

    // ---- out

    private static void extractions(Rules t) {
        t.add(Op.VEXTRACT, "extract-const", first(Op.CONST), (r, v, x, _) -> {
            LaneShape shape = r.graph().shape(v);
            long[] a = halves(r, x);
            boolean signed = shape == LaneShape.I32X4 || r.graph().lane(v) == LaneOp.EXTRACT_S;
            return r.constant(r.type(v), FoldVector.lane(a[0], a[1], shape.laneBytes(), (int) r.value(v), signed));
        });
        t.add(Op.VEXTRACT, "extract-splat", first(Op.VSPLAT), (r, v, x, _) ->
            r.graph().shape(v) == r.graph().shape(x) ? VectorRewriter.extended(r, v, r.a(x)) : NO);
        t.add(Op.VEXTRACT, "extract-replaced", first(Op.VREPLACE), (r, v, x, _) -> {
            if (r.graph().shape(v) != r.graph().shape(x)) {
                return NO;
            }
            return r.value(v) == r.value(x)
                    ? VectorRewriter.extended(r, v, r.b(x))
                    : VectorRewriter.extract(r, v, r.a(x), (int) r.value(v));
        });
        t.add(Op.VEXTRACT, "extract-shuffled", first(Op.VSHUFFLE), (r, v, x, _) -> {
            int bytes = r.graph().shape(v).laneBytes();
            byte[] lanes = lanes(r, x);
            int at = (int) r.value(v) * bytes;
            int from = lanes[at];
            boolean whole = from % bytes == 0;
            for (int i = 1; i < bytes; i++) {
                whole &= lanes[at + i] == from + i;
            }
            return whole ? VectorRewriter.extract(r, v, from < 16 ? r.a(x) : r.b(x), (from & 15) / bytes) : NO;
        });
    }

    // ---- shuffles

    private static void shuffles(Rules t) {
        t.add(Op.VSHUFFLE, "shuffle-const", constant(Op.CONST), (r, v, x, y) -> {
            var fold = new FoldVector();
            long[] wanted = halves(r, v);
            fold.shuffle(halves(r, x), halves(r, y), wanted[0], wanted[1]);
            return VectorRewriter.constant(r, fold);
        });
        t.add(Op.VSHUFFLE, "shuffle-nothing", (r, v, x, y) -> {
            byte[] lanes = lanes(r, v);
            boolean ofFirst = true;
            boolean ofSecond = true;
            for (int i = 0; i < 16; i++) {
                ofFirst &= lanes[i] == i || x == y && lanes[i] == i + 16;
                ofSecond &= lanes[i] == i + 16;
            }
            return ofFirst ? x : ofSecond ? y : NO;
        });
        t.add(Op.VSHUFFLE, "shuffle-splat", (r, v, x, y) -> {
            byte[] lanes = lanes(r, v);
            boolean ofFirst = true;
            boolean ofSecond = true;
            for (byte lane : lanes) {
                ofFirst &= lane < 16;
                ofSecond &= lane >= 16;
            }
            int from = ofFirst ? x : ofSecond ? y : NO;
            if (from == NO || !r.is(from, Op.VSPLAT)) {
                return NO;
            }
            int bytes = r.graph().shape(from).laneBytes();
            for (int i = 0; i < 16; i++) {
                if (lanes[i] % bytes != i % bytes) {
                    return NO;
                }
            }
            return from;
        });
        t.add(Op.VSHUFFLE, "shuffle-shuffled", LaneRules::composed);
    }

    /** Where all bytes come from one vector behind the operands that are shuffles: that is one shuffle of one vector. */
    private static int composed(Rewriter r, int v, int x, int y) {
        if (!r.is(x, Op.VSHUFFLE) && !r.is(y, Op.VSHUFFLE)) {
            return NO;
        }
        byte[] wanted = lanes(r, v);
        byte[] lanes = new byte[16];
        int source = NO;
        for (int i = 0; i < 16; i++) {
            int from = wanted[i] < 16 ? x : y;
            lanes[i] = (byte) (wanted[i] & 15);
            if (r.is(from, Op.VSHUFFLE)) {
                int inner = lanes(r, from)[lanes[i]];
                from = inner < 16 ? r.a(from) : r.b(from);
                lanes[i] = (byte) (inner & 15);
            }
            source = source == NO ? from : source;
            if (from != source) {
                return NO;
            }
        }
        return source == x && source == y ? NO : VectorRewriter.shuffle(r, source, source, lanes);
    }
}
