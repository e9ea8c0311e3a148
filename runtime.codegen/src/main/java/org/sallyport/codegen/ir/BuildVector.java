package org.sallyport.codegen.ir;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.LaneShape;
import org.sallyport.wasm.Opcode;

/**
 * Builds vector instructions. Those that combine an access to memory with lanes become two, a scalar access and an operation on
 * lanes, so that passes see both; instruction selection joins them again.
 */
final class BuildVector {
    private final ModuleFacts facts;
    private final CodeReader reader;
    private final Emitter out;
    private final BuildRuntime runtime;

    BuildVector(ModuleFacts facts, CodeReader reader, Emitter out, BuildRuntime runtime) {
        this.facts = facts;
        this.reader = reader;
        this.out = out;
        this.runtime = runtime;
    }

    /** Appends the instruction just read; false if it is no vector instruction. */
    boolean add(Opcode opcode) {
        LaneOp op = LaneOp.of(opcode);
        if (op != null) {
            boolean determined = facts.options().deterministicVectors() && opcode.feature() == Feature.RELAXED_SIMD;
            if (!determined || !composed(op, opcode.lanes())) {
                lanes(opcode, determined ? determined(op) : op);
            }
            return true;
        }
        switch (opcode) {
            case V128_CONST -> out.push(constant(reader.bits(), reader.bitsHigh()));
            case I8X16_SHUFFLE -> shuffle();
            case V128_LOAD -> out.push(load(Type.V128, Access.W128));
            case V128_STORE -> store(out.pop(), Access.W128);
            case V128_LOAD32_ZERO -> out.push(load(Type.V128, Access.U32));
            case V128_LOAD64_ZERO -> out.push(load(Type.V128, Access.W64));
            case V128_LOAD8X8_S -> extend(LaneOp.EXTEND_LOW_S, LaneShape.I16X8);
            case V128_LOAD8X8_U -> extend(LaneOp.EXTEND_LOW_U, LaneShape.I16X8);
            case V128_LOAD16X4_S -> extend(LaneOp.EXTEND_LOW_S, LaneShape.I32X4);
            case V128_LOAD16X4_U -> extend(LaneOp.EXTEND_LOW_U, LaneShape.I32X4);
            case V128_LOAD32X2_S -> extend(LaneOp.EXTEND_LOW_S, LaneShape.I64X2);
            case V128_LOAD32X2_U -> extend(LaneOp.EXTEND_LOW_U, LaneShape.I64X2);
            case V128_LOAD8_SPLAT -> splat(LaneShape.I8X16, Access.U8);
            case V128_LOAD16_SPLAT -> splat(LaneShape.I16X8, Access.U16);
            case V128_LOAD32_SPLAT -> splat(LaneShape.F32X4, Access.U32);
            case V128_LOAD64_SPLAT -> splat(LaneShape.F64X2, Access.W64);
            case V128_LOAD8_LANE -> loadLane(LaneShape.I8X16, Access.U8);
            case V128_LOAD16_LANE -> loadLane(LaneShape.I16X8, Access.U16);
            case V128_LOAD32_LANE -> loadLane(LaneShape.I32X4, Access.U32);
            case V128_LOAD64_LANE -> loadLane(LaneShape.I64X2, Access.W64);
            case V128_STORE8_LANE -> storeLane(LaneShape.I8X16, Access.U8);
            case V128_STORE16_LANE -> storeLane(LaneShape.I16X8, Access.U16);
            case V128_STORE32_LANE -> storeLane(LaneShape.I32X4, Access.U32);
            case V128_STORE64_LANE -> storeLane(LaneShape.I64X2, Access.W64);
            default -> {
                return false;
            }
        }
        return true;
    }

    private int constant(long low, long high) {
        return out.constant(Type.V128, out.graph().wide().number(low, high));
    }

    private void shuffle() {
        long[] pattern = new long[2];
        for (int i = 0; i < 16; i++) {
            pattern[i >> 3] |= (long) reader.lane(i) << 8 * (i & 7);
        }
        int b = out.pop();
        int number = out.graph().wide().number(pattern[0], pattern[1]);
        out.push(out.emit(Op.VSHUFFLE, Type.V128, out.pop(), b, -1, number, 0));
    }

    // ---- operations on lanes

    private void lanes(Opcode opcode, LaneOp op) {
        LaneShape shape = opcode.lanes();
        switch (op.form()) {
            case VUNARY, VSPLAT -> out.push(emit(op, shape, Type.V128, out.pop(), -1, -1, 0));
            case VTEST -> out.push(emit(op, shape, Type.I32, out.pop(), -1, -1, 0));
            case VBINARY, VSHIFT -> {
                int b = out.pop();
                out.push(emit(op, shape, Type.V128, out.pop(), b, -1, 0));
            }
            case VTERNARY -> {
                int c = out.pop();
                int b = out.pop();
                out.push(emit(op, shape, Type.V128, out.pop(), b, c, 0));
            }
            case VEXTRACT -> {
                Type scalar = Translation.type(requireNonNull(shape).scalar());
                out.push(emit(op, shape, scalar, out.pop(), -1, -1, reader.lane()));
            }
            case VREPLACE -> {
                int b = out.pop();
                out.push(emit(op, shape, Type.V128, out.pop(), b, -1, reader.lane()));
            }
            default -> throw new AssertionError("BUG: " + op + " in " + op.form());
        }
    }

    private int emit(LaneOp op, @Nullable LaneShape shape, Type type, int a, int b, int c, long imm) {
        return out.emit(op.form(), type, a, b, c, imm, op.pack(shape));
    }

    // ---- relaxed ones in the deterministic profile: the first of the results that each may have (4.3)

    private static LaneOp determined(LaneOp op) {
        return switch (op) {
            case RELAXED_SWIZZLE -> LaneOp.SWIZZLE;
            case RELAXED_TRUNC_S -> LaneOp.TRUNC_SAT_S;
            case RELAXED_TRUNC_U -> LaneOp.TRUNC_SAT_U;
            case RELAXED_ZERO_S -> LaneOp.TRUNC_ZERO_S;
            case RELAXED_ZERO_U -> LaneOp.TRUNC_ZERO_U;
            case RELAXED_SELECT -> LaneOp.BITSELECT;
            case RELAXED_MIN -> LaneOp.FMIN;
            case RELAXED_MAX -> LaneOp.FMAX;
            case RELAXED_Q15MULR -> LaneOp.Q15MULR_SAT;
            default -> throw new AssertionError("BUG: " + op + " is not one operation");
        };
    }

    /** Those that take several operations; false for others. */
    private boolean composed(LaneOp op, @Nullable LaneShape shape) {
        switch (op) {
            case RELAXED_MADD, RELAXED_NMADD -> {
                int c = out.pop();
                int b = out.pop();
                int product = binary(LaneOp.MUL, shape, out.pop(), b);
                boolean adds = op == LaneOp.RELAXED_MADD;
                out.push(adds ? binary(LaneOp.ADD, shape, product, c) : binary(LaneOp.SUB, shape, c, product));
            }
            case RELAXED_DOT -> {
                int b = out.pop();
                out.push(dot(out.pop(), b));
            }
            case RELAXED_DOT_ADD -> {
                int c = out.pop();
                int b = out.pop();
                int pairs = dot(out.pop(), b);
                int sums = emit(LaneOp.EXTADD_S, LaneShape.I32X4, Type.V128, pairs, -1, -1, 0);
                out.push(binary(LaneOp.ADD, LaneShape.I32X4, sums, c));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Sums of two products of signed bytes, saturated to words. */
    private int dot(int a, int b) {
        int low = binary(LaneOp.DOT, LaneShape.I32X4, words(LaneOp.EXTEND_LOW_S, a), words(LaneOp.EXTEND_LOW_S, b));
        int high = binary(LaneOp.DOT, LaneShape.I32X4, words(LaneOp.EXTEND_HIGH_S, a), words(LaneOp.EXTEND_HIGH_S, b));
        return binary(LaneOp.NARROW_S, LaneShape.I16X8, low, high);
    }

    private int words(LaneOp half, int a) {
        return emit(half, LaneShape.I16X8, Type.V128, a, -1, -1, 0);
    }

    private int binary(LaneOp op, @Nullable LaneShape shape, int a, int b) {
        return emit(op, shape, Type.V128, a, b, -1, 0);
    }

    // ---- memory

    private int load(Type type, Access access) {
        int memory = reader.memory();
        int address = runtime.address(memory, out.pop(), reader.memOffset(), access.bytes());
        return out.emit(Op.LOAD, type, address, -1, -1, runtime.remainingOffset(), aux(access, memory));
    }

    private void store(int value, Access access) {
        int memory = reader.memory();
        int address = runtime.address(memory, out.pop(), reader.memOffset(), access.bytes());
        out.emit(Op.STORE, Type.VOID, address, value, -1, runtime.remainingOffset(), aux(access, memory));
    }

    private int aux(Access access, int memory) {
        return Graph.memoryAux(access, memory, facts.needsCheck(memory));
    }

    private void extend(LaneOp op, LaneShape shape) {
        out.push(emit(op, shape, Type.V128, load(Type.V128, Access.W64), -1, -1, 0));
    }

    private void splat(LaneShape shape, Access access) {
        out.push(emit(LaneOp.SPLAT, shape, Type.V128, load(Translation.type(shape.scalar()), access), -1, -1, 0));
    }

    private void loadLane(LaneShape shape, Access access) {
        int vector = out.pop();
        int lane = load(Translation.type(shape.scalar()), access);
        out.push(emit(LaneOp.REPLACE, shape, Type.V128, vector, lane, -1, reader.lane()));
    }

    private void storeLane(LaneShape shape, Access access) {
        int vector = out.pop();
        int lane = emit(LaneOp.EXTRACT, shape, Translation.type(shape.scalar()), vector, -1, -1, reader.lane());
        store(lane, access);
    }
}
