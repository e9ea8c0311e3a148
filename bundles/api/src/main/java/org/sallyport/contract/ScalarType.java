package org.sallyport.contract;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.ValType;

/** A number, or a boolean: an i32 of which 0 is false, one byte in memory. */
final class ScalarType extends ValueType.InMemory {
    private static final List<ScalarType> ALL_OF_THEM = List.of(
            new ScalarType(int.class, Integer.class, NumType.I32, 4),
            new ScalarType(long.class, Long.class, NumType.I64, 8),
            new ScalarType(float.class, Float.class, NumType.F32, 4),
            new ScalarType(double.class, Double.class, NumType.F64, 8),
            new ScalarType(boolean.class, Boolean.class, NumType.I32, 1));

    private final Class<?> box;
    private final NumType type;
    private final int size;

    private ScalarType(Class<?> java, Class<?> box, NumType type, int size) {
        super(java);
        this.box = box;
        this.type = type;
        this.size = size;
    }

    static @Nullable ScalarType of(Class<?> java) {
        for (ScalarType scalar : ALL_OF_THEM) {
            if (scalar.java == java) {
                return scalar;
            }
        }
        return null;
    }

    /** @param box a class such as {@code Integer}, for elements of lists */
    static @Nullable ScalarType ofBox(Class<?> box) {
        for (ScalarType scalar : ALL_OF_THEM) {
            if (scalar.box == box) {
                return scalar;
            }
        }
        return null;
    }

    /** The primitive type of a number in wasm. */
    static Class<?> javaType(NumType type) {
        return switch (type) {
            case I32 -> int.class;
            case I64 -> long.class;
            case F32 -> float.class;
            case F64 -> double.class;
        };
    }

    boolean isBoolean() {
        return java == boolean.class;
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
        return !isBoolean();
    }

    @Override
    int size() {
        return size;
    }

    @Override
    int align() {
        return size;
    }

    @Override
    void write(Image image, int offset, Object value) {
        if (isBoolean()) {
            image.bytes().put(offset, (byte) fromBoolean((boolean) value));
            return;
        }
        switch (type) {
            case I32 -> image.bytes().putInt(offset, (int) value);
            case I64 -> image.bytes().putLong(offset, (long) value);
            case F32 -> image.bytes().putFloat(offset, (float) value);
            case F64 -> image.bytes().putDouble(offset, (double) value);
        }
    }

    @Override
    Object read(Incoming in, long at) {
        if (isBoolean()) {
            return in.memory.getByte(at) != 0;
        }
        return switch (type) {
            case I32 -> in.memory.getInt(at);
            case I64 -> in.memory.getLong(at);
            case F32 -> Float.intBitsToFloat(in.memory.getInt(at));
            case F64 -> Double.longBitsToDouble(in.memory.getLong(at));
        };
    }

    // ---- one boolean alone

    static boolean toBoolean(int value) {
        return value != 0;
    }

    static int fromBoolean(boolean value) {
        return value ? 1 : 0;
    }
}
