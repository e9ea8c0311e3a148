package org.sallyport.engine.objectcode;

import java.lang.foreign.MemorySegment;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArrayRef;
import org.sallyport.ReferenceScope;
import org.sallyport.StructRef;
import org.sallyport.engine.FuncImpl;
import org.sallyport.engine.ObjectMaker;
import org.sallyport.spi.GuestArray;
import org.sallyport.spi.GuestStruct;
import org.sallyport.spi.GuestType;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StructType;

/** Structures and arrays that Java makes for guests whose code is Java's, too. */
final class GuestObjects implements ObjectMaker {
    private final ObjectExecution execution;

    GuestObjects(ObjectExecution execution) {
        this.execution = execution;
    }

    @Override
    public StructRef newStruct(HeapType.Concrete type, @Nullable Object[] fields) {
        return execution.stay(() -> struct(type.typeIndex(), fields));
    }

    @Override
    public ArrayRef newArray(HeapType.Concrete type, long length, @Nullable Object initial) {
        return execution.stay(() -> array(type.typeIndex(), length, initial));
    }

    @Override
    public ArrayRef newArray(HeapType.Concrete type, MemorySegment elements) {
        return execution.stay(() -> array(type.typeIndex(), elements));
    }

    @Override
    public ReferenceScope openScope() {
        return execution.stay(execution::newScope);
    }

    private StructRef struct(int number, @Nullable Object[] values) {
        GuestType type = execution.guestTypes().ofJava(number);
        if (!(type.composite() instanceof StructType(List<FieldType> fields))) {
            throw new IllegalArgumentException("a type of structures is wanted, found " + type.composite());
        }
        if (values.length == 0) {
            fields.forEach(GuestObjects::requireDefault);
        } else if (values.length != fields.size()) {
            throw new IllegalArgumentException(
                    "the structure has " + fields.size() + " fields, found " + values.length + " values");
        }
        GuestStruct struct = GuestStruct.of(type);
        execution.count(struct, GuestStruct.bytes(type.objects(), type.words()));
        for (int i = 0; i < values.length; i++) {
            try {
                StructView.initialize(execution, struct, i, values[i]);
            } catch (IllegalArgumentException e) {
                throw FuncImpl.placed("field " + i, e);
            }
        }
        return new StructView(execution, struct, execution.scope());
    }

    private static void requireDefault(FieldType field) {
        if (field.storage() instanceof RefType ref && !ref.nullable()) {
            throw new IllegalArgumentException("a field of type " + ref + " has no default: give a value for each field");
        }
    }

    private ArrayRef array(int number, long length, @Nullable Object initial) {
        GuestType type = arrayType(number);
        FieldType element = ((ArrayType) type.composite()).element();
        long low = GuestView.bits(execution, element.storage(), initial);
        long high = GuestView.highBits(element.storage(), initial);
        Object object = type.kind(0) == GuestType.Kind.OBJECT ? execution.passing().take(low) : null;
        GuestArray array = newArray(type, length);
        if ((low | high) != 0) {
            array.fill(0, array.length(), low, high, object);
        }
        return new ArrayView(execution, array, execution.scope());
    }

    private ArrayRef array(int number, MemorySegment elements) {
        GuestType type = arrayType(number);
        GuestArray array = newArray(type, ArrayView.count(type, elements));
        ArrayView.copyBytes(execution, array, 0, elements, true);
        return new ArrayView(execution, array, execution.scope());
    }

    private GuestArray newArray(GuestType type, long length) {
        if (length != (length & 0xFFFF_FFFFL)) {
            throw new IllegalArgumentException("an array of " + length + " elements");
        }
        return execution.newArray(type, (int) length);
    }

    private GuestType arrayType(int number) {
        GuestType type = execution.guestTypes().ofJava(number);
        if (!type.isArray()) {
            throw new IllegalArgumentException("a type of arrays is wanted, found " + type.composite());
        }
        return type;
    }
}
