package org.sallyport.codegen.ir;

import org.sallyport.TrapCode;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.StructType;

/**
 * The same as {@link BuildObjects} where references are objects of the back end's language ({@link Type#REF}): what is read and
 * written is said by names, and how it lies is the back end's affair.
 */
final class BuildReferences implements ObjectInstructions {
    private final ModuleFacts facts;
    private final CodeReader reader;
    private final Emitter out;
    private final BuildRuntime runtime;
    private final FuelSections fuel;

    BuildReferences(ModuleFacts facts, CodeReader reader, Emitter out, BuildRuntime runtime, FuelSections fuel) {
        this.facts = facts;
        this.reader = reader;
        this.out = out;
        this.runtime = runtime;
        this.fuel = fuel;
    }

    @Override
    public boolean add(Opcode opcode) {
        switch (opcode) {
            case STRUCT_NEW -> make(ObjectOp.STRUCT_NEW, structure().fields().size());
            case STRUCT_NEW_DEFAULT -> make(ObjectOp.STRUCT_NEW_DEFAULT, 0);
            case STRUCT_GET, STRUCT_GET_U -> structGet(ObjectOp.STRUCT_GET);
            case STRUCT_GET_S -> structGet(ObjectOp.STRUCT_GET_S);
            case STRUCT_SET -> {
                int value = out.pop();
                object(ObjectOp.STRUCT_SET, Type.VOID, notNull(out.pop()), value);
            }
            case REF_EQ -> {
                int b = out.pop();
                out.push(out.emit(Op.REF_EQ, Type.I32, out.pop(), b));
            }
            case REF_I31 -> out.push(out.emit(Op.I31_NEW, Type.REF, out.pop()));
            case I31_GET_S, I31_GET_U -> {
                int signed = opcode == Opcode.I31_GET_S ? 1 : 0;
                out.push(out.emit(Op.I31_GET, Type.I32, notNull(out.pop()), -1, -1, 0, signed));
            }
            case ANY_CONVERT_EXTERN, EXTERN_CONVERT_ANY -> {}
            case REF_TEST, REF_TEST_NULL -> out.push(test(out.pop(), reader.heapType(), reader.nullable()));
            case REF_CAST, REF_CAST_NULL ->
                out.trapUnless(test(out.top(), reader.heapType(), reader.nullable()), TrapCode.CAST_FAILURE);
            default -> {
                return array(opcode);
            }
        }
        return true;
    }

    private boolean array(Opcode opcode) {
        switch (opcode) {
            case ARRAY_NEW -> makeArray(ObjectOp.ARRAY_NEW, 2);
            case ARRAY_NEW_DEFAULT -> makeArray(ObjectOp.ARRAY_NEW_DEFAULT, 1);
            case ARRAY_NEW_FIXED -> {
                fuel.chargeElements(wide(out.i32(reader.index2())));
                make(ObjectOp.ARRAY_NEW_FIXED, reader.index2());
            }
            case ARRAY_NEW_DATA -> makeArray(ObjectOp.ARRAY_NEW_DATA, 2);
            case ARRAY_NEW_ELEM -> makeArray(ObjectOp.ARRAY_NEW_ELEM, 2);
            case ARRAY_GET, ARRAY_GET_U -> arrayGet(ObjectOp.ARRAY_GET);
            case ARRAY_GET_S -> arrayGet(ObjectOp.ARRAY_GET_S);
            case ARRAY_SET -> {
                int value = out.pop();
                int index = out.pop();
                int reference = inside(out.pop(), index);
                object(ObjectOp.ARRAY_SET, Type.VOID, reference, index, value);
            }
            case ARRAY_LEN -> out.push(length(notNull(out.pop())));
            case ARRAY_FILL -> change(ObjectOp.ARRAY_FILL, reader.index(), 0, 4);
            case ARRAY_COPY -> change(ObjectOp.ARRAY_COPY, reader.index(), 0, 5);
            case ARRAY_INIT_DATA -> change(ObjectOp.ARRAY_INIT_DATA, reader.index(), reader.index2(), 4);
            case ARRAY_INIT_ELEM -> change(ObjectOp.ARRAY_INIT_ELEM, reader.index(), reader.index2(), 4);
            default -> {
                return false;
            }
        }
        return true;
    }

    // ---- structures and arrays

    private StructType structure() {
        return (StructType) facts.composite(reader.index());
    }

    private int object(ObjectOp op, Type type, int... operands) {
        return out.list(Op.OBJECT, type, Graph.objectImm(reader.index(), reader.index2()), op.ordinal(), operands);
    }

    /** The operands on top of the stack, which are no longer there. */
    private int[] operands(int n) {
        int[] operands = new int[n];
        for (int i = 0; i < n; i++) {
            operands[i] = out.peek(n, i);
        }
        out.setHeight(out.height() - n);
        return operands;
    }

    private void make(ObjectOp op, int n) {
        out.push(object(op, Type.REF, operands(n)));
    }

    /** The last operand is the length. */
    private void makeArray(ObjectOp op, int n) {
        fuel.chargeElements(wide(out.top()));
        make(op, n);
    }

    /** The last operand is a number of elements. */
    private void change(ObjectOp op, int type, int index, int n) {
        fuel.chargeElements(wide(out.top()));
        out.list(Op.OBJECT, Type.VOID, Graph.objectImm(type, index), op.ordinal(), operands(n));
    }

    private void structGet(ObjectOp op) {
        FieldType field = structure().fields().get(reader.index2());
        out.push(object(op, type(field.storage()), notNull(out.pop())));
    }

    private void arrayGet(ObjectOp op) {
        FieldType element = ((ArrayType) facts.composite(reader.index())).element();
        int index = out.pop();
        int reference = inside(out.pop(), index);
        out.push(object(op, type(element.storage()), reference, index));
    }

    private Type type(StorageType storage) {
        return facts.type(storage.unpacked());
    }

    private int length(int reference) {
        return out.list(Op.OBJECT, Type.I32, 0, ObjectOp.ARRAY_LEN.ordinal(), reference);
    }

    /** The array, which has an element with that index. */
    private int inside(int reference, int index) {
        int inside = out.emit(Op.LT_U, Type.I32, index, length(notNull(reference)));
        out.trapUnless(inside, TrapCode.ARRAY_OUT_OF_BOUNDS);
        return reference;
    }

    private int notNull(int reference) {
        runtime.checkNotNull(reference, TrapCode.NULL_REFERENCE);
        return reference;
    }

    private int wide(int number) {
        return out.emit(Op.EXTEND_U, Type.I64, number);
    }

    // ---- tests

    @Override
    public int castTest() {
        RefType target = reader.refType2();
        return test(out.top(), target.heap(), target.nullable());
    }

    /** Whether the reference is of the type, i32. */
    private int test(int reference, HeapType heap, boolean nullable) {
        if (out.graph().type(reference) == Type.REF) {
            return out.emit(Op.REF_TEST, Type.I32, reference, -1, -1, Graph.heapTypeImm(heap), nullable ? 1 : 0);
        }
        int isNot = switch (heap) {
            case HeapType.Concrete(int type) -> runtime.isFunction(reference, type);
            case HeapType.Abstract kind -> kind == HeapType.Abstract.FUNC
                    ? out.emit(Op.NE, Type.I32, reference, out.nullLike(reference))
                    : out.i32(0);
        };
        return nullable ? out.emit(Op.OR, Type.I32, isNot, out.isNull(reference)) : isNot;
    }
}
