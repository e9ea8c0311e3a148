package org.sallyport.codegen.bytecode;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Helper;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.spi.ArrayMemory;
import org.sallyport.spi.SegmentMemory;

/**
 * Accesses to linear memories. The array of the first memory is in a variable, which is read again behind what may let the memory
 * grow: not there, but before the next access or the end of the block.
 */
final class EmitMemory {
    private static final ClassDesc BYTES = Shape.desc(Bytes.class);
    private static final ClassDesc SHARED = Shape.desc(SharedBytes.class);
    private static final ClassDesc ATOMICS = Shape.desc(Atomics.class);
    private static final ClassDesc SHARED_MEMORY = Shape.desc(SegmentMemory.class);
    private static final ClassDesc ARRAY = ConstantDescs.CD_byte.arrayType();
    private static final ClassDesc MEMORY = Shape.desc(ArrayMemory.class);
    private static final ClassDesc INT = ConstantDescs.CD_int;
    private static final ClassDesc LONG = ConstantDescs.CD_long;

    private final EmitFunction out;
    private final Graph graph;
    private final CodeBuilder code;
    private final int array;
    private final boolean isKept;
    private boolean isStale;

    /** @param array the variable for it */
    EmitMemory(EmitFunction out, int array) {
        this.out = out;
        graph = out.graph;
        code = out.code;
        this.array = array;
        isKept = isWorthIt();
    }

    private boolean isWorthIt() {
        if (out.module.facts().valid().spaces().memoryCount() == 0) {
            return false;
        }
        int accesses = 0;
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                accesses += graph.op(v).isLinearAccess() && graph.memory(v) == 0 ? 1 : 0;
            }
        }
        return accesses > 1 && !isShared(0);
    }

    void begin() {
        if (isKept) {
            read();
        }
    }

    private void read() {
        pushArrayOf(0);
        code.astore(array);
    }

    private void pushArrayOf(int memory) {
        code.aload(out.context);
        if (memory == 0) {
            code.getfield(Shape.CONTEXT, "memory0", MEMORY);
        } else {
            code.getfield(Shape.CONTEXT, "memories", MEMORY.arrayType()).loadConstant(memory).aaload();
        }
        code.getfield(MEMORY, "bytes", ARRAY);
    }

    private boolean isShared(int memory) {
        return out.module.facts().valid().spaces().memory(memory).shared();
    }

    /** What the methods for accesses take first. */
    private ClassDesc kindOf(int memory) {
        return isShared(memory) ? SHARED_MEMORY : ARRAY;
    }

    private void pushShared(int memory) {
        code.aload(out.context).getfield(Shape.CONTEXT, "shared", SHARED_MEMORY.arrayType()).loadConstant(memory).aaload();
    }

    /** Its array, or the memory itself if it is shared. */
    private void pushArray(int memory) {
        if (isShared(memory)) {
            pushShared(memory);
            return;
        }
        if (memory != 0 || !isKept) {
            pushArrayOf(memory);
            return;
        }
        refresh();
        code.aload(array);
    }

    private void refresh() {
        if (isStale) {
            read();
            isStale = false;
        }
    }

    void beginBlock() {
        isStale = false;
    }

    /** The memory may have grown. */
    void mayGrow() {
        isStale = isKept;
    }

    /** Where an exception has arrived, which may come from a call that let the memory grow. */
    void arrive() {
        if (isKept) {
            read();
        }
    }

    /** Before a block gives way to others. */
    void endBlock() {
        refresh();
    }

    void length(int v) {
        int memory = (int) graph.imm(v);
        pushArray(memory);
        if (isShared(memory)) {
            code.getfield(SHARED_MEMORY, "length", LONG);
        } else {
            code.arraylength().i2l();
        }
    }

    private void pushPlace(int v) {
        int a = graph.a(v);
        long offset = graph.imm(v);
        if (graph.isChecked(v) || graph.type(a) == Type.I64) {
            out.push(a);
            if (graph.type(a) == Type.I32) {
                code.i2l().loadConstant(0xFFFF_FFFFL).land();
            }
            code.loadConstant(offset);
            at(LONG, LONG);
        } else if (graph.isConst(a) && graph.imm(a) >= 0 && graph.imm(a) + offset <= Integer.MAX_VALUE) {
            code.loadConstant((int) (graph.imm(a) + offset));
        } else if (offset > Integer.MAX_VALUE || offset < -Bytes.NEGATIVE) {
            out.push(a);
            code.i2l().loadConstant(0xFFFF_FFFFL).land().loadConstant(offset);
            at(LONG, LONG);
        } else {
            out.push(a);
            if (offset != 0) {
                code.loadConstant((int) offset);
                at(INT, INT);
            }
        }
    }

    private void at(ClassDesc address, ClassDesc offset) {
        code.invokestatic(BYTES, "at", MethodTypeDesc.of(INT, address, offset));
    }

    void load(int v) {
        Access access = graph.access(v);
        Type type = graph.type(v);
        if (access == Access.W128) {
            loadVector(v);
            return;
        }
        pushArray(graph.memory(v));
        pushPlace(v);
        out.at(v);
        switch (access) {
            case S8 -> get(v, "get8", ConstantDescs.CD_byte);
            case U8 -> {
                get(v, "get8", ConstantDescs.CD_byte);
                code.loadConstant(0xFF).iand();
            }
            case S16 -> get(v, "get16", ConstantDescs.CD_short);
            case U16 -> {
                get(v, "get16", ConstantDescs.CD_short);
                code.loadConstant(0xFFFF).iand();
            }
            case U32, S32 -> get(v, "get32", INT);
            case W64 -> get(v, "get64", LONG);
            case W128 -> throw new AssertionError("BUG: a vector");
        }
        switch (type) {
            case F32 -> Convert.intToFloat(code);
            case F64 -> Convert.longToDouble(code);
            case I64 -> widen(access);
            case V128 -> {
                widen(access);
                code.lconst_0();
            }
            case I32, REF, VOID -> {}
        }
    }

    private void loadVector(int v) {
        int memory = out.scratch;
        int place = memory + 1;
        pushArray(graph.memory(v));
        pushPlace(v);
        out.at(v);
        code.istore(place).astore(memory);
        code.aload(memory).iload(place);
        get(v, "get64", LONG);
        code.aload(memory).iload(place);
        get(v, "getUpper", LONG);
    }

    private void widen(Access access) {
        if (access == Access.W64) {
            return;
        }
        code.i2l();
        if (access == Access.U32) {
            code.loadConstant(0xFFFF_FFFFL).land();
        }
    }

    private void get(int v, String method, ClassDesc result) {
        ClassDesc memory = kindOf(graph.memory(v));
        code.invokestatic(memory == ARRAY ? BYTES : SHARED, method, MethodTypeDesc.of(result, memory, INT));
    }

    private void set(int v, String method, ClassDesc... values) {
        ClassDesc memory = kindOf(graph.memory(v));
        code.invokestatic(
                memory == ARRAY ? BYTES : SHARED,
                method,
                MethodTypeDesc.of(ConstantDescs.CD_void, memory, INT).insertParameterTypes(2, values));
    }

    // ---- atomic accesses: values are longs, those that are narrower extended with zeros

    void atomic(int v) {
        Op op = graph.op(v);
        ClassDesc memory = kindOf(graph.memory(v));
        pushArray(graph.memory(v));
        pushPlace(v);
        MethodTypeDesc type = MethodTypeDesc.of(op == Op.ATOMIC_STORE ? ConstantDescs.CD_void : LONG, memory, INT);
        for (int i = 1; i < graph.operandCount(v); i++) {
            out.push(graph.operand(v, i));
            if (graph.type(graph.operand(v, i)) == Type.I32) {
                code.i2l().loadConstant(0xFFFF_FFFFL).land();
            }
            type = type.insertParameterTypes(type.parameterCount(), LONG);
        }
        code.loadConstant(graph.access(v).bytes());
        type = type.insertParameterTypes(type.parameterCount(), INT);
        String method = switch (op) {
            case ATOMIC_LOAD -> "load";
            case ATOMIC_STORE -> "store";
            case ATOMIC_CMPXCHG -> "exchange";
            default -> {
                code.loadConstant(Atomics.how(op));
                type = type.insertParameterTypes(type.parameterCount(), INT);
                yield "modify";
            }
        };
        out.at(v);
        code.invokestatic(memory == ARRAY ? ATOMICS : SHARED, method, type);
        if (graph.type(v) == Type.I32) {
            code.l2i();
        }
    }

    void fence() {
        code.invokestatic(ConstantDescs.CD_VarHandle, "fullFence", ConstantDescs.MTD_void);
    }

    void store(int v) {
        int value = graph.b(v);
        Access access = graph.access(v);
        pushArray(graph.memory(v));
        pushPlace(v);
        out.push(value);
        switch (graph.type(value)) {
            case F32 -> Convert.floatToInt(code);
            case F64 -> Convert.doubleToLong(code);
            case I64 -> {
                if (access != Access.W64) {
                    code.l2i();
                }
            }
            case I32, REF, V128, VOID -> {}
        }
        out.at(v);
        if (access == Access.W128) {
            set(v, "set128", LONG, LONG);
            return;
        }
        String method = switch (access) {
            case U8, S8 -> "set8";
            case U16, S16 -> "set16";
            case U32, S32 -> "set32";
            case W64 -> "set64";
            case W128 -> throw new AssertionError("BUG: a vector");
        };
        set(v, method, access == Access.W64 ? LONG : INT);
    }

    void helper(int v) {
        Helper helper = Helper.of((int) graph.imm(v));
        code.aload(out.context).loadConstant(graph.aux(v));
        out.pushOperands(v, 0);
        out.at(v);
        ClassDesc second = helper == Helper.MEMORY_COPY ? LONG : INT;
        code.invokevirtual(
                Shape.CONTEXT,
                helper == Helper.MEMORY_COPY ? "copy" : "fill",
                MethodTypeDesc.of(ConstantDescs.CD_void, INT, LONG, second, LONG));
    }
}
