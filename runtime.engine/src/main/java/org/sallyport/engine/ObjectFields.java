package org.sallyport.engine;

import org.jspecify.annotations.Nullable;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;

/** Fields and elements as Java sees them; types name numbers of the engine. */
final class ObjectFields {
    private ObjectFields() {}

    static @Nullable Object read(StoreImpl store, StorageType type, long address) {
        return switch (type) {
            case PackedType packed ->
                packed == PackedType.I8 ? (int) NativeMemory.getByte(address) : (int) NativeMemory.getShort(address);
            case NumType number -> Values.read(store, number, address);
            case VecType vector -> Values.read(store, vector, address);
            case RefType ref -> store.references().toHost(
                    ref,
                    isNarrow(store, ref) ? NativeMemory.getInt(address) & 0xFFFF_FFFFL : NativeMemory.getLong(address));
        };
    }

    static void write(StoreImpl store, StorageType type, long address, @Nullable Object value) {
        long high = type instanceof VecType vector ? Values.high(vector, value) : 0;
        put(address, bytes(store, type), bits(store, type, value), high);
    }

    /**
     * The value's bits, of a vector the lower half.
     *
     * @throws IllegalArgumentException if the value is not of the type or of another store
     */
    static long bits(StoreImpl store, StorageType type, @Nullable Object value) {
        if (type instanceof ValType unpacked) {
            return Values.low(store, unpacked, value);
        }
        if (value instanceof Integer number) {
            return number;
        }
        throw new IllegalArgumentException(
                type + " wants Integer, found " + (value == null ? "null" : value.getClass().getName()));
    }

    private static int bytes(StoreImpl store, StorageType type) {
        return ObjectLayout.bytes(type, id -> store.engine.types().kind(id) == HeapType.Abstract.FUNC);
    }

    private static boolean isNarrow(StoreImpl store, RefType ref) {
        return ObjectLayout.isCollected(ref, id -> store.engine.types().kind(id) == HeapType.Abstract.FUNC);
    }

    /** Writes a value of that many bytes, given as two words. */
    static void put(long address, int bytes, long low, long high) {
        switch (bytes) {
            case 1 -> NativeMemory.putByte(address, (byte) low);
            case 2 -> NativeMemory.putShort(address, (short) low);
            case 4 -> NativeMemory.putInt(address, (int) low);
            case 8 -> NativeMemory.putLong(address, low);
            default -> {
                NativeMemory.putLong(address, low);
                NativeMemory.putLong(address + 8, high);
            }
        }
    }
}
