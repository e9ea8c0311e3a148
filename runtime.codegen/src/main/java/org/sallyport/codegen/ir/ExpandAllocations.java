package org.sallyport.codegen.ir;

import org.sallyport.spi.Builtin;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.VmLayout;

/**
 * For native code: an object is cut from the store's zeroed run ({@link StoreContext#OBJECT_TOP}); the runtime is called when
 * that is used up. Comes late, so that the passes before see one instruction that changes nothing.
 */
final class ExpandAllocations {
    private Graph graph = Graph.NOTHING;
    /** Where instructions go. */
    private int block;

    void run(Graph of) {
        graph = of;
        if (!graph.hasMade(Op.NEW_STRUCT) && !graph.hasMade(Op.NEW_ARRAY)) {
            return;
        }
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                if (graph.op(v).isAllocation()) {
                    expand(v, b);
                    break; // what stood behind is the block after the next
                }
            }
        }
        graph.resolveAll();
    }

    private void expand(int v, int b) {
        graph.setPosition(graph.position(v));
        int number = graph.resolve(graph.a(v));
        int length = graph.op(v) == Op.NEW_ARRAY ? graph.resolve(graph.b(v)) : -1;
        int rest = graph.cutBefore(graph.next(v));
        int result = graph.addParam(rest, Type.I64);
        int quick = graph.newBlock();
        int slow = graph.newBlock();
        graph.setCold(slow, true);
        graph.placeBlock(quick, b);
        graph.placeBlock(slow, quick);
        graph.placeBlock(rest, slow);

        block = b;
        int store = load(emit(Op.VMCTX, Type.I64, -1, -1, 0, 0), VmLayout.STORE, Alias.CONSTANT);
        int top = load(store, StoreContext.OBJECT_TOP, Alias.OBJECTS);
        int end = emit(Op.ADD, Type.I64, top, bytes(v, length), 0, 0);
        int fits = emit(Op.LE_U, Type.I32, end, load(store, StoreContext.OBJECT_LIMIT, Alias.OBJECTS), 0, 0);
        graph.appendBranch(b, fits, quick, slow);

        block = quick;
        write(top, ObjectLayout.TYPE, number);
        if (length >= 0) {
            write(top, ObjectLayout.LENGTH, length);
        }
        emit(Op.VMSTORE, Type.VOID, store, end, StoreContext.OBJECT_TOP, Graph.vmAux(Access.W64, Alias.OBJECTS));
        graph.appendJump(quick, rest, top);

        block = slow;
        graph.appendJump(slow, rest, call(v, length));
        graph.replace(v, result);
        graph.remove(v);
    }

    /** Bytes of the object, i64. */
    private int bytes(int v, int length) {
        if (length < 0) {
            return i64(graph.aux(v));
        }
        if (graph.isConst(length)) {
            return i64(ObjectLayout.arrayBytes(graph.aux(v), (int) graph.imm(length)));
        }
        int log2 = Integer.numberOfTrailingZeros(graph.aux(v));
        int elements = emit(Op.SHL, Type.I64, emit(Op.EXTEND_U, Type.I64, length, -1, 0, 0), i64(log2), 0, 0);
        int all = ObjectLayout.ELEMENTS + ObjectLayout.ALIGNMENT - 1;
        int sum = emit(Op.ADD, Type.I64, elements, i64(all), 0, 0);
        return emit(Op.AND, Type.I64, sum, i64(-ObjectLayout.ALIGNMENT), 0, 0);
    }

    private int call(int v, int length) {
        boolean isArray = length >= 0;
        Builtin builtin = isArray ? Builtin.ARRAY_NEW : Builtin.STRUCT_NEW;
        int call = graph.createList(Op.CALL_BUILTIN, Type.I64, isArray ? 2 : 1, builtin.ordinal(), 0);
        graph.setOperand(call, 0, emit(Op.CONST, Type.I32, -1, -1, graph.imm(v), 0));
        if (isArray) {
            graph.setOperand(call, 1, length);
        }
        return graph.append(block, call);
    }

    // ---- makers

    private int emit(Op op, Type type, int a, int b, long imm, int aux) {
        return graph.append(block, graph.create(op, type, a, b, -1, imm, aux));
    }

    private int i64(long value) {
        return emit(Op.CONST, Type.I64, -1, -1, value, 0);
    }

    private int load(int base, int offset, int alias) {
        return emit(Op.VMLOAD, Type.I64, base, -1, offset, Graph.vmAux(Access.W64, alias));
    }

    private void write(int object, int offset, int value) {
        emit(Op.STORE, Type.VOID, object, value, offset, Graph.memoryAux(Access.U32, Graph.CONSTANTS, true));
    }
}
