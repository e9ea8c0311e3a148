package org.sallyport.engine;

import java.lang.foreign.MemorySegment;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArrayRef;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.ReferenceScope;
import org.sallyport.StructRef;
import org.sallyport.engine.heap.ObjectTypes;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.VecType;

/**
 * Structures and arrays that Java makes. Apart from the store, which has no call sites that are linked when they are first
 * reached.
 */
final class NewObjects implements ObjectMaker {
    private final StoreImpl store;
    private final NativeExecution machine;

    NewObjects(StoreImpl store, NativeExecution machine) {
        this.store = store;
        this.machine = machine;
    }

    // ---- for any thread that may be in the store

    static HeapType.Concrete newType(StoreImpl store, CompositeType type) {
        return store.execution().stay(() -> new HeapType.Concrete(define(store, type)));
    }

    @Override
    public StructRef newStruct(HeapType.Concrete type, @Nullable Object[] fields) {
        return machine.stay(() -> struct(type.typeIndex(), fields));
    }

    @Override
    public ArrayRef newArray(HeapType.Concrete type, long length, @Nullable Object initial) {
        return machine.stay(() -> array(type.typeIndex(), length, initial));
    }

    @Override
    public ArrayRef newArray(HeapType.Concrete type, MemorySegment elements) {
        return machine.stay(() -> array(type.typeIndex(), elements));
    }

    @Override
    public ReferenceScope openScope() {
        return machine.stay(store.references()::openScope);
    }

    // ---- types, by the thread inside

    /** The number of a type that Java describes, which the store keeps. */
    private static int define(StoreImpl store, CompositeType type) {
        EngineImpl engine = store.engine;
        switch (type) {
            case FuncType function -> engine.hostTypes().check("a type", function);
            case StructType(List<FieldType> fields) -> {
                engine.config().limits().check(Limit.FIELDS, fields.size(), "a type of structures");
                for (FieldType field : fields) {
                    check(engine, field.storage());
                }
            }
            case ArrayType(FieldType element) -> check(engine, element.storage());
        }
        int number = engine.types().register(type);
        store.releaseLater(number);
        return number;
    }

    private static void check(EngineImpl engine, StorageType storage) {
        if (storage instanceof RefType ref) {
            engine.hostTypes().check(ref, "a field");
        }
    }

    /** @throws IllegalArgumentException if it is the number of no type of objects */
    private ObjectTypes.Type type(int number) {
        if (machine.types.knows(number)) {
            return machine.types.ofId(number);
        }
        if (!store.engine.types().isKnown(number) || store.engine.types().kind(number) == HeapType.Abstract.FUNC) {
            throw new IllegalArgumentException(number + " is the number of no type of structures or arrays of this engine");
        }
        store.engine.types().retain(number);
        store.releaseLater(number);
        return machine.types.ofId(number);
    }

    // ---- structures

    private StructRef struct(int number, @Nullable Object[] values) {
        ObjectTypes.Type type = type(number);
        if (!(type.composite() instanceof StructType(List<FieldType> fields))) {
            throw new IllegalArgumentException("a type of structures is wanted, found " + type.composite());
        }
        if (values.length == 0) {
            fields.forEach(NewObjects::requireDefault);
        } else if (values.length != fields.size()) {
            throw new IllegalArgumentException(
                    "the structure has " + fields.size() + " fields, found " + values.length + " values");
        }
        long place = machine.heap.allocate(type.number(), type.bytes(), 0);
        StructReference made = (StructReference) ObjectReference.of(machine, place);
        for (int i = 0; i < values.length; i++) {
            try {
                made.initialize(i, values[i]);
            } catch (IllegalArgumentException e) {
                throw FuncImpl.placed("field " + i, e);
            }
        }
        return made;
    }

    private static void requireDefault(FieldType field) {
        if (field.storage() instanceof RefType ref && !ref.nullable()) {
            throw new IllegalArgumentException("a field of type " + ref + " has no default: give a value for each field");
        }
    }

    // ---- arrays

    private ArrayRef array(int number, long length, @Nullable Object initial) {
        ObjectTypes.Type type = arrayType(number);
        StorageType element = ((ArrayType) type.composite()).element().storage();
        if (length != (length & 0xFFFF_FFFFL)) {
            throw new IllegalArgumentException("an array of " + length + " elements");
        }
        long low = ObjectFields.bits(store, element, initial);
        long high = element instanceof VecType vector ? Values.high(vector, initial) : 0;
        long place = machine.heap.allocate(type.number(), ObjectLayout.arrayBytes(type.bytes(), (int) length), (int) length);
        if ((low | high) != 0) {
            machine.objectBuiltins.fill(place, 0, low, high, (int) length);
        }
        return (ArrayRef) ObjectReference.of(machine, place);
    }

    private ArrayRef array(int number, MemorySegment elements) {
        ObjectTypes.Type type = arrayType(number);
        long length = ArrayReference.count(type, elements);
        if (length != (length & 0xFFFF_FFFFL)) {
            throw new IllegalArgumentException("an array of " + length + " elements");
        }
        long place = machine.heap.allocate(type.number(), ObjectLayout.arrayBytes(type.bytes(), (int) length), (int) length);
        ArrayReference.copyBytes(store, machine.heap.base() + place + ObjectLayout.ELEMENTS, elements, true);
        return (ArrayRef) ObjectReference.of(machine, place);
    }

    private ObjectTypes.Type arrayType(int number) {
        ObjectTypes.Type type = type(number);
        if (!type.isArray()) {
            throw new IllegalArgumentException("a type of arrays is wanted, found " + type.composite());
        }
        return type;
    }
}
