package org.sallyport.engine;

import org.jspecify.annotations.Nullable;
import org.sallyport.V128;
import org.sallyport.engine.types.Shapes;
import org.sallyport.spi.NativeMemory;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;

/**
 * Boxed values (see {@link org.sallyport.Linker}) and the 16-byte slots of argument blocks and globals. Without switches
 * over the sealed types of values: the first of those in a JVM costs 20 ms, and these are on the way of the first call.
 */
public final class Values {
    private Values() {}

    static @Nullable Object read(StoreImpl store, ValType type, long slot) {
        if (type instanceof NumType number) {
            return switch (number) {
                case I32 -> (Object) NativeMemory.getInt(slot);
                case I64 -> NativeMemory.getLong(slot);
                case F32 -> NativeMemory.getFloat(slot);
                case F64 -> NativeMemory.getDouble(slot);
            };
        }
        return type instanceof RefType ref ? store.references().toHost(ref, NativeMemory.getLong(slot)) : readV128(slot);
    }

    /** The value of these bits, of which only vectors have a high half. */
    public static @Nullable Object box(StoreImpl store, ValType type, long low, long high) {
        if (type instanceof NumType number) {
            return switch (number) {
                case I32 -> (Object) (int) low;
                case I64 -> low;
                case F32 -> Float.intBitsToFloat((int) low);
                case F64 -> Double.longBitsToDouble(low);
            };
        }
        return type instanceof RefType ref ? store.references().toHost(ref, low) : new V128(low, high);
    }

    /** The value's bits. @throws IllegalArgumentException as {@link #write} */
    public static long low(StoreImpl store, ValType type, @Nullable Object value) {
        if (type instanceof NumType number) {
            return switch (number) {
                case I32 -> cast(Integer.class, type, value) & 0xFFFF_FFFFL;
                case I64 -> cast(Long.class, type, value);
                case F32 -> Float.floatToRawIntBits(cast(Float.class, type, value)) & 0xFFFF_FFFFL;
                case F64 -> Double.doubleToRawLongBits(cast(Double.class, type, value));
            };
        }
        return type instanceof RefType ref ? store.references().toGuest(ref, value) : cast(V128.class, type, value).low();
    }

    public static long high(ValType type, @Nullable Object value) {
        return type instanceof VecType ? cast(V128.class, type, value).high() : 0;
    }

    /** @throws IllegalArgumentException if the value is not of the type or of another store */
    static void write(StoreImpl store, ValType type, long slot, @Nullable Object value) {
        if (type == NumType.F32) { // the other half of the word stays
            NativeMemory.putFloat(slot, cast(Float.class, type, value));
        } else if (type instanceof VecType) {
            writeV128(slot, cast(V128.class, type, value));
        } else {
            NativeMemory.putLong(slot, low(store, type, value));
        }
    }

    /** @throws IllegalArgumentException as {@link #write} */
    static void check(StoreImpl store, ValType type, @Nullable Object value) {
        if (type instanceof RefType ref) {
            store.references().check(ref, value);
        } else if (type instanceof VecType) {
            cast(V128.class, type, value);
        } else {
            cast(boxed((NumType) type), type, value);
        }
    }

    private static Class<?> boxed(NumType type) {
        if (type == NumType.I32) {
            return Integer.class;
        }
        if (type == NumType.I64) {
            return Long.class;
        }
        return type == NumType.F32 ? Float.class : Double.class;
    }

    private static <T> T cast(Class<T> wanted, ValType type, @Nullable Object value) {
        if (!wanted.isInstance(value)) {
            throw new IllegalArgumentException(
                    type + " wants " + wanted.getSimpleName() + ", found "
                            + (value == null ? "null" : value.getClass().getName()));
        }
        return wanted.cast(value);
    }

    static V128 readV128(long slot) {
        return new V128(NativeMemory.getLong(slot), NativeMemory.getLong(slot + 8));
    }

    /** @throws IllegalArgumentException if there is no value */
    static void writeV128(long slot, @Nullable V128 value) {
        V128 vector = cast(V128.class, VecType.V128, value);
        NativeMemory.putLong(slot, vector.low());
        NativeMemory.putLong(slot + 8, vector.high());
    }

    /** The Java type of a value in exact method handles. */
    static Class<?> javaType(ValType type) {
        if (type instanceof NumType number) {
            return switch (number) {
                case I32 -> int.class;
                case I64 -> long.class;
                case F32 -> float.class;
                case F64 -> double.class;
            };
        }
        if (type instanceof RefType ref) {
            return Shapes.isFunction(ref) ? org.sallyport.Func.class : Object.class;
        }
        return V128.class;
    }
}
