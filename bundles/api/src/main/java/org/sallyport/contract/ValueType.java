package org.sallyport.contract;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.sallyport.V128;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;

/** A Java type, and what stands for it in wasm (docs/plugin-abi.md). Immutable. */
abstract sealed class ValueType {
    /** What can cross, for messages. */
    static final String ALL = "use int, long, float, double, boolean, String, byte[], int[], long[], float[], double[], records"
            + " and List of these; and for references Func, StructRef, ArrayRef, I31Ref, AnyRef, ExternRef, Object";

    /** Of a parameter, or of the result. */
    final Class<?> java;

    private ValueType(Class<?> java) {
        this.java = java;
    }

    /**
     * @param type of a parameter, of a result, or of a part of one
     * @throws IllegalArgumentException if nothing stands for it
     */
    static ValueType of(Type type) {
        return of(type, new HashSet<>());
    }

    private static ValueType of(Type type, Set<Class<?>> around) {
        if (type == V128.class) {
            return new Plain(V128.class, VecType.V128);
        } else if (type instanceof TypeVariable<?> variable && variable.getBounds()[0] == Object.class) {
            return new Plain(Object.class, RefType.EXTERNREF);
        } else if (type instanceof Class<?> java) {
            RefType reference = ReferenceType.of(java);
            if (reference != null) {
                return new Plain(java, reference);
            }
        }
        return inMemory(type, around);
    }

    /**
     * Of what can lie in a guest's memory. Without a switch over types: the first of those costs a fresh JVM 20 ms.
     *
     * @param around records that it is a part of
     */
    private static InMemory inMemory(Type type, Set<Class<?>> around) {
        if (type instanceof ParameterizedType generic) {
            if (generic.getRawType() == List.class) {
                return new ListType(element(generic.getActualTypeArguments()[0], around));
            }
        } else if (type instanceof Class<?> plain) {
            ScalarType scalar = ScalarType.of(plain);
            if (scalar != null) {
                return scalar;
            }
            BlockType block = BlockType.of(plain);
            if (block != null) {
                return block;
            }
            if (plain.isRecord() && plain.getTypeParameters().length == 0) {
                return record(plain, around);
            }
            if (plain == List.class) {
                throw new IllegalArgumentException(
                        "List does not say of what; use an interface with List<String>, for instance");
            }
        }
        throw new IllegalArgumentException(type.getTypeName() + " has no wasm counterpart; " + ALL);
    }

    private static InMemory element(Type argument, Set<Class<?>> around) {
        Type type = argument instanceof WildcardType wildcard ? wildcard.getUpperBounds()[0] : argument;
        ScalarType scalar = type instanceof Class<?> box ? ScalarType.ofBox(box) : null;
        return scalar == null ? inMemory(type, around) : scalar;
    }

    private static RecordType record(Class<?> type, Set<Class<?>> around) {
        if (!around.add(type)) {
            throw new IllegalArgumentException("the record " + type.getName() + " is a part of itself, and has no layout");
        }
        RecordType made = RecordType.of(type, part -> inMemory(part, around));
        around.remove(type);
        return made;
    }

    /** As parameters. */
    abstract List<ValType> params();

    abstract ValType result();

    /** Whether the value itself crosses, in Java of this very type. */
    boolean isPlain() {
        return false;
    }

    /** A number, vector or reference. */
    static final class Plain extends ValueType {
        private final ValType type;

        Plain(Class<?> java, ValType type) {
            super(java);
            this.type = type;
        }

        @Override
        List<ValType> params() {
            return List.of(type);
        }

        @Override
        ValType result() {
            return type;
        }

        @Override
        boolean isPlain() {
            return true;
        }
    }

    /** What can be a part of a value. */
    abstract static sealed class InMemory extends ValueType permits ScalarType, Buffered {
        InMemory(Class<?> java) {
            super(java);
        }

        /** Bytes, as a part of another value; a multiple of {@link #align}. */
        abstract int size();

        /** 1, 4 or 8. */
        abstract int align();

        /** @param offset where the image has room for it */
        abstract void write(Image image, int offset, Object value);

        /** @param at where {@link #size} bytes can be read */
        abstract Object read(Incoming in, long at);
    }

    /** What always lies in memory: a guest gets its address. */
    abstract static sealed class Buffered extends InMemory permits RecordType, BlockType, ListType {
        Buffered(Class<?> java) {
            super(java);
        }

        /** Everything that has to lie in the guest's memory. */
        abstract Image image(Object value, String where);

        /** Whether it is an address and a count, and not an address alone. */
        abstract boolean isCounted();

        /** @param count 1 unless {@link #isCounted} */
        abstract Object read(Incoming in, int address, int count);

        /** Bytes of the outermost part. */
        abstract int length(int count);

        @Override
        List<ValType> params() {
            return isCounted() ? List.of(NumType.I32, NumType.I32) : List.of(NumType.I32);
        }

        @Override
        ValType result() {
            return isCounted() ? NumType.I64 : NumType.I32;
        }
    }
}
