package org.sallyport.codegen.ir;

import org.sallyport.spi.Builtin;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.VmLayout;

/**
 * For native code: takes what belongs to instances apart into loads and stores of the runtime's structures (docs/abi.md),
 * so that the passes behind see through it. The instance context is made once, at the start of the entry, and only where
 * something needs it. An instruction that is taken apart keeps its id; what it needs goes before it.
 */
final class LowerRuntime {
    private final ModuleFacts facts;
    private final VmLayout layout;
    private Graph graph = Graph.NOTHING;
    private int vmctx;
    /** The instruction that is being taken apart. */
    private int at;

    LowerRuntime(ModuleFacts facts, VmLayout layout) {
        this.facts = facts;
        this.layout = layout;
    }

    void run(Graph of) {
        graph = of;
        if (!graph.hasSymbolic()) {
            return;
        }
        vmctx = graph.prepend(graph.firstBlock(), graph.create(Op.VMCTX, Type.I64, -1, -1, -1, 0, 0));
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                if (graph.op(v).isSymbolic()) {
                    at = v;
                    graph.setPosition(graph.position(v));
                    lower(v, (int) graph.imm(v));
                }
            }
        }
        graph.resolveAll();
    }

    private void lower(int v, int index) {
        Type type = graph.type(v);
        switch (graph.op(v)) {
            case GLOBAL_GET -> {
                boolean isPointer = layout.isGlobalPointer(index);
                int base = isPointer ? contextPointer(layout.global(index)) : vmctx;
                becomeLoad(v, base, isPointer ? 0 : layout.global(index), Access.full(type), facts.globalAlias(index));
            }
            case GLOBAL_SET -> {
                boolean isPointer = layout.isGlobalPointer(index);
                int base = isPointer ? contextPointer(layout.global(index)) : vmctx;
                becomeStore(v, base, isPointer ? 0 : layout.global(index), graph.a(v), facts.globalAlias(index));
            }
            case MEMORY_LENGTH -> {
                int definition = contextPointer(layout.memoryDef(index));
                becomeLoad(v, definition, VmLayout.MEMORY_DEF_LENGTH, Access.W64, facts.memoryLengthAlias(index));
            }
            case TABLE_LENGTH -> {
                int definition = contextPointer(layout.table(index));
                becomeLoad(v, definition, VmLayout.TABLE_DEF_LENGTH, Access.full(type), facts.tableDefAlias(index));
            }
            case TABLE_GET -> becomeLoad(v, element(index, graph.a(v)), 0, Access.full(type), facts.tableElementAlias(index));
            case TABLE_SET -> becomeStore(v, element(index, graph.a(v)), 0, graph.b(v), facts.tableElementAlias(index));
            case REF_FUNC -> functionReference(v, index);
            case FUNC_TYPE -> becomeLoad(v, graph.a(v), VmLayout.FUNCREF_TYPE, Access.U32, Alias.CONSTANT);
            case FUNC_ANCESTOR -> {
                int numbers = load(graph.a(v), VmLayout.FUNCREF_SUPERTYPES, Alias.CONSTANT);
                becomeLoad(v, numbers, 4 * index, Access.U32, Alias.CONSTANT);
            }
            case NO_FUNCTION -> {
                int store = contextPointer(VmLayout.STORE);
                graph.become(v, Op.ADD, Type.I64, store, i64(StoreContext.NO_FUNCTION), -1, 0, 0);
            }
            case TYPE_NUMBER -> becomeLoad(v, vmctx, layout.typeId(index), Access.U32, Alias.CONSTANT);
            case CALL_REF -> callReference(v, Op.CALL_INDIRECT);
            case RETURN_CALL_REF -> callReference(v, Op.RETURN_CALL_INDIRECT);
            case TAG_NUMBER -> becomeLoad(v, vmctx, layout.tag(index), Access.W64, Alias.CONSTANT);
            case EXCEPTION_TAG ->
                becomeLoad(v, contextPointer(VmLayout.STORE), StoreContext.EXCEPTION_TAG, Access.W64, Alias.EXCEPTION);
            case EXCEPTION_GET -> becomeLoad(v, exceptionValues(), value(index), Access.full(type), Alias.EXCEPTION);
            case EXCEPTION_SET -> becomeStore(v, exceptionValues(), value(index), graph.a(v), Alias.EXCEPTION);
            case NOTE_WRITE -> {
                int cards = load(contextPointer(VmLayout.STORE), StoreContext.OBJECT_CARDS, Alias.OBJECTS);
                int card = add(Op.SHR_U, Type.I64, graph.a(v), i64(ObjectLayout.CARD_LOG2), 0, 0);
                int address = add(Op.ADD, Type.I64, cards, card, 0, 0);
                int dirty = add(Op.CONST, Type.I32, -1, -1, 1, 0);
                graph.become(v, Op.VMSTORE, Type.VOID, address, dirty, -1, 0, Graph.vmAux(Access.U8, Alias.CARDS));
            }
            default -> throw new AssertionError("BUG: " + graph.op(v) + " is not lowered");
        }
    }

    /** Address of the element {@code index}, which is inside. */
    private int element(int table, int index) {
        int wide = facts.isTable64(table) ? index : add(Op.EXTEND_U, Type.I64, index, -1, 0, 0);
        int scaled = add(Op.SHL, Type.I64, wide, i64(3), 0, 0);
        int base = load(contextPointer(layout.table(table)), VmLayout.TABLE_DEF_BASE, facts.tableDefAlias(table));
        return add(Op.ADD, Type.I64, base, scaled, 0, 0);
    }

    private int exceptionValues() {
        return load(contextPointer(VmLayout.STORE), StoreContext.EXCEPTION_VALUES, Alias.EXCEPTION);
    }

    private static int value(int index) {
        return StoreContext.EXCEPTION_VALUE * index;
    }

    private void functionReference(int v, int function) {
        int record = layout.funcRef(function);
        if (record >= 0) {
            graph.become(v, Op.ADD, Type.I64, vmctx, i64(record), -1, 0, 0);
            return;
        }
        int call = graph.createList(Op.CALL_BUILTIN, Type.I64, 1, Builtin.REF_FUNC.ordinal(), 0);
        graph.setOperand(call, 0, add(Op.CONST, Type.I32, -1, -1, function, 0));
        graph.insertBefore(v, call);
        graph.replace(v, call);
        graph.remove(v);
    }

    private void callReference(int v, Op by) {
        int reference = graph.operand(v, 0);
        int code = load(reference, VmLayout.FUNCREF_CODE, Alias.CONSTANT);
        int context = (graph.aux(v) & Graph.SAME_INSTANCE) != 0
                ? vmctx
                : load(reference, VmLayout.FUNCREF_VMCTX, Alias.CONSTANT);
        graph.insertOperand(v, 0, code);
        graph.setOperand(v, 1, context);
        graph.rename(v, by);
    }

    // ---- makers

    private int add(Op op, Type type, int a, int b, long imm, int aux) {
        return graph.insertBefore(at, graph.create(op, type, a, b, -1, imm, aux));
    }

    private int i64(long value) {
        return add(Op.CONST, Type.I64, -1, -1, value, 0);
    }

    private int load(int base, int offset, int alias) {
        return add(Op.VMLOAD, Type.I64, base, -1, offset, Graph.vmAux(Access.W64, alias));
    }

    /** A pointer that stays the same for as long as the instance lives. */
    private int contextPointer(int offset) {
        return load(vmctx, offset, Alias.CONSTANT);
    }

    private void becomeLoad(int v, int base, int offset, Access access, int alias) {
        graph.become(v, Op.VMLOAD, graph.type(v), base, -1, -1, offset, Graph.vmAux(access, alias));
    }

    private void becomeStore(int v, int base, int offset, int value, int alias) {
        Access access = Access.full(graph.type(value));
        graph.become(v, Op.VMSTORE, Type.VOID, base, value, -1, offset, Graph.vmAux(access, alias));
    }
}
