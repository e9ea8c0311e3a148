package org.sallyport.codegen.bytecode;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.LaneOp;
import org.sallyport.codegen.ir.Op;
import org.sallyport.wasm.LaneShape;

/**
 * Operations on vectors. A vector is two {@code long}s, and each half of a result is computed by itself, of the halves of the
 * operands that it depends on: by a method of the class for the shape, which has the operation's name. So no method returns two
 * values, and HotSpot, which takes these methods apart, keeps all of it in registers.
 */
final class EmitVectors {
    private static final ClassDesc LONG = ConstantDescs.CD_long;
    private static final ClassDesc INT = ConstantDescs.CD_int;

    private final EmitFunction out;
    private final Graph graph;
    private final CodeBuilder code;

    EmitVectors(EmitFunction out) {
        this.out = out;
        graph = out.graph;
        code = out.code;
    }

    /** Leaves the result on the stack. */
    void emit(int v) {
        switch (graph.op(v)) {
            case VUNARY, VBINARY, VTERNARY -> lanes(v);
            case VSHIFT -> {
                for (int half = 0; half < 2; half++) {
                    out.pushHalf(graph.a(v), half == 1);
                    out.push(graph.b(v));
                    call(v, LONG, LONG, INT);
                }
            }
            case VTEST -> test(v);
            case VSPLAT -> {
                out.push(graph.a(v));
                call(v, LONG, scalar(v));
                code.dup2();
            }
            case VEXTRACT -> {
                out.pushHalf(graph.a(v), isUpper(v));
                pushLane(v);
                call(v, scalar(v), LONG, INT);
            }
            case VREPLACE -> replace(v);
            case VSHUFFLE -> {
                shuffled(v, false);
                shuffled(v, true);
            }
            default -> throw new AssertionError("BUG: no operation on vectors: " + graph.op(v));
        }
    }

    private ClassDesc scalar(int v) {
        return switch (graph.shape(v)) {
            case I8X16, I16X8, I32X4 -> INT;
            case I64X2 -> LONG;
            case F32X4 -> ConstantDescs.CD_float;
            case F64X2 -> ConstantDescs.CD_double;
        };
    }

    // ---- methods

    /** The class with the methods for lanes of that shape. */
    static Class<?> owner(LaneShape shape) {
        return switch (shape) {
            case I8X16 -> LanesI8.class;
            case I16X8 -> LanesI16.class;
            case I32X4 -> LanesI32.class;
            case I64X2 -> LanesI64.class;
            case F32X4 -> LanesF32.class;
            case F64X2 -> LanesF64.class;
        };
    }

    /** The name of its method: which half of the operand is widened is the caller's affair. */
    static String name(LaneOp op) {
        StringBuilder name = new StringBuilder();
        for (String word : op.name().replace("_LOW", "").replace("_HIGH", "").split("_")) {
            String lower = word.toLowerCase(Locale.ROOT);
            name.append(name.isEmpty() ? lower : word.charAt(0) + lower.substring(1));
        }
        return name.toString();
    }

    private void call(int v, ClassDesc result, ClassDesc... arguments) {
        ClassDesc owner = Shape.desc(owner(graph.shape(v)));
        code.invokestatic(owner, name(graph.lane(v)), MethodTypeDesc.of(result, arguments));
    }

    private void call(int v, int longs) {
        List<ClassDesc> arguments = Collections.nCopies(longs, LONG);
        call(v, LONG, arguments.toArray(ClassDesc[]::new));
    }

    // ---- all lanes

    private void lanes(int v) {
        int a = graph.a(v);
        switch (graph.lane(v)) {
            case NOT, AND, OR, XOR, ANDNOT, BITSELECT, RELAXED_SELECT -> {
                bits(v, false);
                bits(v, true);
            }
            case EXTEND_LOW_S, EXTEND_LOW_U, EXTMUL_LOW_S, EXTMUL_LOW_U -> widened(v, false);
            case EXTEND_HIGH_S, EXTEND_HIGH_U, EXTMUL_HIGH_S, EXTMUL_HIGH_U -> widened(v, true);
            case PROMOTE -> widened(v, false);
            case CONVERT_S, CONVERT_U -> {
                if (graph.shape(v) == LaneShape.F64X2) {
                    widened(v, false);
                } else {
                    byHalves(v);
                }
            }
            case NARROW_S, NARROW_U -> {
                joined(v, a);
                joined(v, graph.b(v));
            }
            case DEMOTE, TRUNC_ZERO_S, TRUNC_ZERO_U -> {
                joined(v, a);
                code.lconst_0();
            }
            case SWIZZLE -> {
                for (int half = 0; half < 2; half++) {
                    out.push(a);
                    out.pushHalf(graph.b(v), half == 1);
                    call(v, 3);
                }
            }
            default -> byHalves(v);
        }
    }

    private void byHalves(int v) {
        for (int half = 0; half < 2; half++) {
            int n = graph.operandCount(v);
            for (int i = 0; i < n; i++) {
                out.pushHalf(graph.operand(v, i), half == 1);
            }
            call(v, n);
        }
    }

    /** Both halves of the result come of one half of each operand: the lower 32 bits of it, and the upper ones. */
    private void widened(int v, boolean ofUpper) {
        for (int half = 0; half < 2; half++) {
            int n = graph.operandCount(v);
            for (int i = 0; i < n; i++) {
                out.pushHalf(graph.operand(v, i), ofUpper);
                if (half == 1) {
                    code.loadConstant(32).lushr();
                }
            }
            call(v, n);
        }
    }

    private void joined(int v, int operand) {
        out.push(operand);
        call(v, 2);
    }

    private void bits(int v, boolean upper) {
        int a = graph.a(v);
        if (graph.op(v) == Op.VTERNARY) { // b ^ (a ^ b) & c; the other selection is there only where masks are of whole lanes
            out.pushHalf(graph.b(v), upper);
            out.pushHalf(a, upper);
            out.pushHalf(graph.b(v), upper);
            code.lxor();
            out.pushHalf(graph.c(v), upper);
            code.land().lxor();
            return;
        }
        out.pushHalf(a, upper);
        if (graph.lane(v) == LaneOp.NOT) {
            code.loadConstant(-1L).lxor();
            return;
        }
        out.pushHalf(graph.b(v), upper);
        switch (graph.lane(v)) {
            case AND -> code.land();
            case OR -> code.lor();
            case XOR -> code.lxor();
            case ANDNOT -> code.loadConstant(-1L).lxor().land();
            default -> throw new AssertionError("BUG: not of bits: " + graph.lane(v));
        }
    }

    private void test(int v) {
        if (graph.lane(v) != LaneOp.ANY_TRUE) {
            out.push(graph.a(v));
            call(v, INT, LONG, LONG);
            return;
        }
        out.push(graph.a(v));
        code.lor().lconst_0().lcmp();
        code.dup().imul(); // -1 and 1 to 1
    }

    // ---- one lane

    private boolean isUpper(int v) {
        return graph.imm(v) >= graph.shape(v).lanes() / 2;
    }

    /** The number of the lane in its half. */
    private void pushLane(int v) {
        code.loadConstant((int) graph.imm(v) & graph.shape(v).lanes() / 2 - 1);
    }

    private void replace(int v) {
        boolean upper = isUpper(v);
        if (upper) {
            out.pushHalf(graph.a(v), false);
        }
        out.pushHalf(graph.a(v), upper);
        pushLane(v);
        out.push(graph.b(v));
        call(v, LONG, LONG, INT, scalar(v));
        if (!upper) {
            out.pushHalf(graph.a(v), true);
        }
    }

    // ---- shuffles

    /** A half of the result: bytes that move by the same distance move together. */
    private void shuffled(int v, boolean upper) {
        int pattern = (int) graph.imm(v);
        long masks = 0;
        boolean isFirst = true;
        for (int half = 0; half < 4; half++) {
            for (int distance = -7; distance <= 7; distance++) {
                long mask = 0;
                for (int i = 0; i < 8; i++) {
                    int from = graph.wide().at(pattern, upper ? i + 8 : i);
                    mask |= from >> 3 == half && (from & 7) - i == distance ? 0xFFL << 8 * i : 0;
                }
                if (mask == 0) {
                    continue;
                }
                moved(half < 2 ? graph.a(v) : graph.b(v), (half & 1) != 0, 8 * distance, mask);
                masks |= mask;
                if (!isFirst) {
                    code.lor();
                }
                isFirst = false;
            }
        }
        if (masks != -1) {
            throw new AssertionError("BUG: a byte of a shuffle comes from nowhere");
        }
    }

    /** @param by bits to the right */
    private void moved(int vector, boolean upper, int by, long mask) {
        out.pushHalf(vector, upper);
        if (by > 0) {
            code.loadConstant(by).lushr();
        } else if (by < 0) {
            code.loadConstant(-by).lshl();
        }
        boolean isAll = by >= 0 ? mask == -1L >>> by : mask == -1L << -by;
        if (!isAll) {
            code.loadConstant(mask).land();
        }
    }
}
