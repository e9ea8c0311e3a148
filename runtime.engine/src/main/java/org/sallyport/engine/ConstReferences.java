package org.sallyport.engine;

import org.jspecify.annotations.Nullable;
import org.sallyport.I31Ref;
import org.sallyport.spi.GuestArray;
import org.sallyport.spi.GuestStruct;
import org.sallyport.spi.GuestType;
import org.sallyport.spi.PassedObjects;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Opcode;

/** As {@link ConstObjects}, where references are Java objects: on the evaluation's stack they are passed. */
final class ConstReferences {
    private final InstanceImpl instance;
    private final Execution execution;
    private final PassedObjects passed;

    ConstReferences(InstanceImpl instance, PassedObjects passed) {
        this.instance = instance;
        execution = instance.storeImpl().execution();
        this.passed = passed;
    }

    void step(Opcode op, CodeReader code, ConstExpr values) {
        switch (op) {
            case ANY_CONVERT_EXTERN, EXTERN_CONVERT_ANY -> {}
            case REF_I31 -> push(new I31Ref((int) values.pop() << 1 >> 1), values);
            case STRUCT_NEW, STRUCT_NEW_DEFAULT -> newStruct(type(code.index()), op == Opcode.STRUCT_NEW, values);
            case ARRAY_NEW -> {
                GuestArray array = newArray(code.index(), (int) values.pop());
                put(array, 0, array.length(), values);
                push(array, values);
            }
            case ARRAY_NEW_DEFAULT -> push(newArray(code.index(), (int) values.pop()), values);
            case ARRAY_NEW_FIXED -> {
                GuestArray array = newArray(code.index(), code.index2());
                for (int i = array.length() - 1; i >= 0; i--) {
                    put(array, i, i + 1, values);
                }
                push(array, values);
            }
            default -> throw new AssertionError("BUG: " + op + " in a constant expression");
        }
    }

    private void push(Object object, ConstExpr values) {
        values.push(passed.pass(object), 0);
    }

    private GuestType type(int index) {
        return execution.guestType(instance.moduleImpl().typeIds()[index]);
    }

    private void newStruct(GuestType type, boolean withValues, ConstExpr values) {
        GuestStruct struct = GuestStruct.of(type);
        execution.count(struct, GuestStruct.bytes(type.objects(), type.words()));
        int n = withValues ? type.fields() : 0;
        for (int i = n - 1; i >= 0; i--) {
            long high = values.topHigh();
            long low = values.pop();
            set(struct, i, low, high, type.kind(i) == GuestType.Kind.OBJECT ? passed.take(low) : null);
        }
        push(struct, values);
    }

    /** Sets a field to a value that is given in one of its two ways. */
    static void set(GuestStruct struct, int field, long low, long high, @Nullable Object object) {
        GuestType type = struct.type;
        int place = type.place(field);
        if (type.kind(field) == GuestType.Kind.OBJECT) {
            struct.setObject(place, object);
            return;
        }
        struct.setWord(place, low);
        if (type.kind(field) == GuestType.Kind.VECTOR) {
            struct.setWord(place + 1, high);
        }
    }

    private GuestArray newArray(int index, int length) {
        return execution.newArray(type(index), length);
    }

    private void put(GuestArray array, int from, int to, ConstExpr values) {
        long high = values.topHigh();
        long low = values.pop();
        array.fill(from, to, low, high, array.type.kind(0) == GuestType.Kind.OBJECT ? passed.take(low) : null);
    }
}
