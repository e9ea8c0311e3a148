package org.sallyport.codegen.ir;

import static org.sallyport.spi.ObjectLayout.HOST_BIT;
import static org.sallyport.spi.ObjectLayout.I31_BIT;
import static org.sallyport.spi.ObjectLayout.TAG_BITS;

import org.sallyport.TrapCode;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.LaneShape;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.VecType;

/**
 * Builds the instructions of structures, arrays, i31 and casts (docs/abi.md, "Objects"). A reference is an i64 that is below
 * 2³²: null (0), an i31 or a handle of the host by its low bits, else an offset from the base of the heap, whose accesses are
 * loads and stores of {@link Graph#FIELDS} and its like.
 *
 * <p><b>What the collector needs.</b> It finds references in frames as numbers that lie within an object, so whatever an
 * address is made of must stay within its object: the index of an element is added behind a {@link Op#GUARD}, which no rule
 * looks through.
 *
 * <p>Tests of types are straight code: what is no object is exchanged for {@link ObjectLayout#NOTHING}, which can be read.
 */
final class BuildObjects implements ObjectInstructions {
    /** Bytes of the largest access. */
    private static final int LARGEST_ACCESS = 16;

    private final ModuleFacts facts;
    private final CodeReader reader;
    private final Emitter out;
    private final BuildRuntime runtime;
    private final FuelSections fuel;

    BuildObjects(ModuleFacts facts, CodeReader reader, Emitter out, BuildRuntime runtime, FuelSections fuel) {
        this.facts = facts;
        this.reader = reader;
        this.out = out;
        this.runtime = runtime;
        this.fuel = fuel;
    }

    @Override
    public boolean add(Opcode opcode) {
        switch (opcode) {
            case STRUCT_NEW -> structNew(true);
            case STRUCT_NEW_DEFAULT -> structNew(false);
            case STRUCT_GET, STRUCT_GET_U -> structGet(false);
            case STRUCT_GET_S -> structGet(true);
            case STRUCT_SET -> structSet();
            case REF_EQ -> {
                int b = out.pop();
                out.push(out.emit(Op.EQ, Type.I32, out.pop(), b));
            }
            case REF_I31 -> {
                int twice = out.emit(Op.SHL, Type.I32, out.pop(), out.i32(1));
                out.push(wide(out.emit(Op.OR, Type.I32, twice, out.i32(I31_BIT))));
            }
            case I31_GET_S -> out.push(i31(Op.SHR_S));
            case I31_GET_U -> out.push(i31(Op.SHR_U));
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
            case ARRAY_NEW -> arrayNew();
            case ARRAY_NEW_DEFAULT -> out.push(newArray(out.pop()));
            case ARRAY_NEW_FIXED -> arrayNewFixed(reader.index2());
            case ARRAY_NEW_DATA -> arrayNewFrom(Builtin.ARRAY_NEW_DATA);
            case ARRAY_NEW_ELEM -> arrayNewFrom(Builtin.ARRAY_NEW_ELEM);
            case ARRAY_GET, ARRAY_GET_U -> arrayGet(false);
            case ARRAY_GET_S -> arrayGet(true);
            case ARRAY_SET -> arraySet();
            case ARRAY_LEN -> out.push(length(out.pop()));
            case ARRAY_FILL -> arrayFill();
            case ARRAY_COPY -> arrayCopy();
            case ARRAY_INIT_DATA -> arrayInit(Builtin.ARRAY_INIT_DATA);
            case ARRAY_INIT_ELEM -> arrayInit(Builtin.ARRAY_INIT_ELEM);
            default -> {
                return false;
            }
        }
        return true;
    }

    // ---- structures

    private StructType structure() {
        return (StructType) facts.composite(reader.index());
    }

    private void structNew(boolean withValues) {
        int type = reader.index();
        int number = runtime.typeNumber(type);
        int reference = out.emit(Op.NEW_STRUCT, Type.I64, number, -1, -1, type, facts.layout(type).bytes());
        if (withValues) {
            StructType structure = structure();
            int n = structure.fields().size();
            ObjectLayout layout = facts.layout(type);
            for (int i = 0; i < n; i++) {
                FieldType field = structure.fields().get(i);
                store(reference, layout.offset(i), out.peek(n, i), field.storage(), memory(field, Graph.FIELDS));
            }
            out.setHeight(out.height() - n);
        }
        out.push(reference);
    }

    private void structGet(boolean signed) {
        int field = reader.index2();
        int offset = facts.layout(reader.index()).offset(field);
        int reference = checked(out.pop(), offset);
        FieldType type = structure().fields().get(field);
        out.push(load(reference, offset, type.storage(), signed, memory(type, Graph.FIELDS)));
    }

    private void structSet() {
        int field = reader.index2();
        int offset = facts.layout(reader.index()).offset(field);
        int value = out.pop();
        int reference = checked(out.pop(), offset);
        noteWrite(reference, value, structure().fields().get(field).storage());
        store(reference, offset, value, structure().fields().get(field).storage(), Graph.FIELDS);
    }

    /** The reference; that it is null is found here where the access at that offset would not fault. */
    private int checked(int reference, int offset) {
        if (facts.options().explicitBoundsChecks() || offset + LARGEST_ACCESS > ObjectLayout.GUARD) {
            runtime.checkNotNull(reference, TrapCode.NULL_REFERENCE);
        }
        return reference;
    }

    // ---- arrays

    private FieldType element(int typeIndex) {
        return ((ArrayType) facts.composite(typeIndex)).element();
    }

    private int newArray(int length) {
        fuel.chargeElements(wide(length));
        int type = reader.index();
        return out.emit(
                Op.NEW_ARRAY, Type.I64, runtime.typeNumber(type), length, -1, type, facts.layout(type).bytes());
    }

    private void arrayNew() {
        int length = out.pop();
        int value = out.pop();
        int reference = newArray(length);
        if (!isZero(value)) {
            fill(reference, out.i32(0), value, length);
        }
        out.push(reference);
    }

    private void arrayNewFixed(int n) {
        FieldType element = element(reader.index());
        int step = facts.layout(reader.index()).bytes();
        int reference = newArray(out.i32(n));
        for (int i = 0; i < n; i++) {
            int value = out.peek(n, i);
            long at = ObjectLayout.ELEMENTS + (long) step * i;
            store(reference, at, value, element.storage(), memory(element, Graph.ELEMENTS));
        }
        out.setHeight(out.height() - n);
        out.push(reference);
    }

    private void arrayNewFrom(Builtin builtin) {
        int length = out.pop();
        int start = out.pop();
        fuel.chargeElements(wide(length));
        out.push(runtime.callBuiltin(builtin, out.i32(reader.index()), out.i32(reader.index2()), start, length));
    }

    private int length(int reference) {
        checked(reference, ObjectLayout.LENGTH);
        return out.emit(Op.LOAD, Type.I32, reference, -1, -1, ObjectLayout.LENGTH, aux(Access.U32));
    }

    /** What is {@link ObjectLayout#ELEMENTS} before the element; the index is checked, also under speculation. */
    private int elementAt(int reference, int index) {
        int inside = out.emit(Op.LT_U, Type.I32, index, length(reference));
        out.trapUnless(inside, TrapCode.ARRAY_OUT_OF_BOUNDS);
        int distance = wide(out.emit(Op.GUARD, Type.I32, inside, index));
        int log2 = Integer.numberOfTrailingZeros(facts.layout(reader.index()).bytes());
        return out.emit(Op.ADD, Type.I64, reference, out.emit(Op.SHL, Type.I64, distance, out.i64(log2)));
    }

    private void arrayGet(boolean signed) {
        int index = out.pop();
        int at = elementAt(out.pop(), index);
        FieldType type = element(reader.index());
        out.push(load(at, ObjectLayout.ELEMENTS, type.storage(), signed, memory(type, Graph.ELEMENTS)));
    }

    private void arraySet() {
        int value = out.pop();
        int index = out.pop();
        int at = elementAt(out.pop(), index);
        StorageType storage = element(reader.index()).storage();
        noteWrite(at, value, storage);
        store(at, ObjectLayout.ELEMENTS, value, storage, Graph.ELEMENTS);
    }

    private void arrayFill() {
        int length = out.pop();
        int value = out.pop();
        int start = out.pop();
        fuel.chargeElements(wide(length));
        fill(out.pop(), start, value, length);
    }

    private void fill(int reference, int start, int value, int length) {
        Type type = out.graph().type(value);
        int high = type == Type.V128 ? -1 : out.i64(0);
        int low = switch (type) {
            case I32 -> wide(value);
            case F32 -> wide(out.emit(Op.REINTERPRET, Type.I32, value));
            case F64 -> out.emit(Op.REINTERPRET, Type.I64, value);
            case V128 -> lane(value, 0);
            case I64, REF -> value;
            case VOID -> throw new AssertionError("BUG: an array of nothing");
        };
        if (type == Type.V128) {
            high = lane(value, 1);
        }
        runtime.callBuiltin(Builtin.ARRAY_FILL, reference, start, low, high, length);
    }

    private boolean isZero(int value) {
        Graph graph = out.graph();
        return graph.isConst(value) && graph.type(value) != Type.V128 && graph.imm(value) == 0;
    }

    private int lane(int vector, int lane) {
        return out.emit(Op.VEXTRACT, Type.I64, vector, -1, -1, lane, LaneOp.EXTRACT.pack(LaneShape.I64X2));
    }

    private void arrayCopy() {
        int length = out.pop();
        int from = out.pop();
        int source = out.pop();
        int to = out.pop();
        int target = out.pop();
        fuel.chargeElements(wide(length));
        runtime.callBuiltin(Builtin.ARRAY_COPY, target, to, source, from, length);
    }

    private void arrayInit(Builtin builtin) {
        int length = out.pop();
        int from = out.pop();
        int to = out.pop();
        int reference = out.pop();
        fuel.chargeElements(wide(length));
        runtime.callBuiltin(builtin, out.i32(reader.index2()), reference, to, from, length);
    }

    // ---- i31, tests and casts

    private int i31(Op shift) {
        int reference = out.pop();
        runtime.checkNotNull(reference, TrapCode.NULL_REFERENCE);
        return out.emit(shift, Type.I32, out.emit(Op.WRAP, Type.I32, reference), out.i32(1));
    }

    @Override
    public int castTest() {
        RefType target = reader.refType2();
        return test(out.top(), target.heap(), target.nullable());
    }

    /** Whether the reference is of the type, i32. */
    private int test(int reference, HeapType heap, boolean nullable) {
        int isNot = switch (heap) {
            case HeapType.Concrete(int type) ->
                facts.isFunctionType(type) ? isFunction(reference, type) : isObject(reference, type);
            case HeapType.Abstract kind -> switch (kind) {
                case ANY, EXTERN, FUNC, EXN -> notNull(reference);
                case NONE, NOEXTERN, NOFUNC, NOEXN -> out.i32(0);
                case EQ -> both(notNull(reference), isTag(reference, TAG_BITS, HOST_BIT, Op.NE));
                case I31 -> isTag(reference, I31_BIT, 0, Op.NE);
                case STRUCT -> both(isOffset(reference), isTag(typeOf(reference), ObjectLayout.ARRAY_BIT, 0, Op.EQ));
                case ARRAY -> both(isOffset(reference), isTag(typeOf(reference), ObjectLayout.ARRAY_BIT, 0, Op.NE));
            };
        };
        return nullable ? out.emit(Op.OR, Type.I32, isNot, out.isNull(reference)) : isNot;
    }

    private int isFunction(int reference, int type) {
        int there = notNull(reference);
        int none = out.emit(Op.NO_FUNCTION, Type.I64);
        int readable = out.emit(Op.SELECT, Type.I64, there, reference, none, 0, 0);
        return runtime.isFunction(readable, type);
    }

    private int isObject(int reference, int type) {
        int found = typeOf(reference);
        if (facts.isFinalType(type)) {
            return out.emit(Op.EQ, Type.I32, out.emit(Op.WRAP, Type.I32, found), runtime.typeNumber(type));
        }
        int ancestor = out.emit(Op.LOAD, Type.I32, found, -1, -1, 4L * facts.depth(type), aux(Access.U32));
        return out.emit(Op.EQ, Type.I32, ancestor, runtime.typeNumber(type));
    }

    /** The number of the object's type, i64: also where its row lies in the heap. That of nothing for what is no object. */
    private int typeOf(int reference) {
        int nothing = out.i64(ObjectLayout.NOTHING);
        int readable = out.emit(Op.SELECT, Type.I64, isOffset(reference), reference, nothing, 0, 0);
        return out.emit(Op.LOAD, Type.I64, readable, -1, -1, ObjectLayout.TYPE, aux(Access.U32));
    }

    private int isOffset(int reference) {
        return both(notNull(reference), isTag(reference, TAG_BITS, 0, Op.EQ));
    }

    private int isTag(int reference, int mask, int bits, Op comparison) {
        int low = out.emit(Op.AND, Type.I64, reference, out.i64(mask));
        return out.emit(comparison, Type.I32, low, out.i64(bits));
    }

    private int both(int a, int b) {
        return out.emit(Op.AND, Type.I32, a, b);
    }

    private int notNull(int reference) {
        return out.emit(Op.NE, Type.I32, reference, out.nullLike(reference));
    }

    // ---- accesses

    private int wide(int number) {
        return out.emit(Op.EXTEND_U, Type.I64, number);
    }

    private static int memory(FieldType field, int mutable) {
        return field.mutable() ? mutable : Graph.CONSTANTS;
    }

    /** Of what all objects begin with. */
    private static int aux(Access access) {
        return Graph.memoryAux(access, Graph.CONSTANTS, true);
    }

    private int load(int address, long offset, StorageType storage, boolean signed, int memory) {
        int aux = Graph.memoryAux(access(storage, signed), memory, true);
        return out.emit(Op.LOAD, Translation.type(storage.unpacked()), address, -1, -1, offset, aux);
    }

    /** For the collector: the object may have been there before what it will refer to (docs/decisions/objects.md). */
    private void noteWrite(int at, int value, StorageType storage) {
        if (ObjectLayout.isCollected(storage, facts::isFunctionType) && !out.graph().isConst(value)) {
            out.emit(Op.NOTE_WRITE, Type.VOID, at);
        }
    }

    private void store(int address, long offset, int value, StorageType storage, int memory) {
        int aux = Graph.memoryAux(access(storage, false), memory, true);
        out.emit(Op.STORE, Type.VOID, address, value, -1, offset, aux);
    }

    private Access access(StorageType storage, boolean signed) {
        return switch (storage) {
            case PackedType packed ->
                packed == PackedType.I8 ? signed ? Access.S8 : Access.U8 : signed ? Access.S16 : Access.U16;
            case RefType _ when ObjectLayout.isCollected(storage, facts::isFunctionType) -> Access.U32;
            case RefType _ -> Access.W64;
            case NumType number -> Access.full(Translation.type(number));
            case VecType vector -> Access.full(Translation.type(vector));
        };
    }
}
