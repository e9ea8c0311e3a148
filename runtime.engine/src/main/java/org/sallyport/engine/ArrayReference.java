package org.sallyport.engine;

import java.lang.foreign.MemorySegment;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArrayRef;
import org.sallyport.engine.heap.ObjectTypes;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;

/** An array as Java sees it. */
final class ArrayReference extends ObjectReference implements ArrayRef {
    ArrayReference(StoreImpl store, ObjectTypes.Type type, long place, @Nullable ScopeImpl scope) {
        super(store, type, place, scope);
    }

    @Override
    ObjectReference in(@Nullable ScopeImpl other) {
        return new ArrayReference(store, type, place(), other);
    }

    @Override
    public ArrayType type() {
        return (ArrayType) type.composite();
    }

    private FieldType element() {
        return type().element();
    }

    @Override
    public long length() {
        return Objects.requireNonNull(inside(this::lengthInside));
    }

    private long lengthInside() {
        return NativeMemory.getInt(address() + ObjectLayout.LENGTH) & 0xFFFF_FFFFL;
    }

    private long at(long index) {
        return address() + ObjectLayout.ELEMENTS + Objects.checkIndex(index, lengthInside()) * type.bytes();
    }

    @Override
    public @Nullable Object get(long index) {
        return inside(() -> read(element(), at(index)));
    }

    @Override
    public void set(long index, @Nullable Object value) {
        inside(() -> {
            write(element(), at(index), value);
            return null;
        });
    }

    @Override
    public int getInt(long index) {
        requireNumber(element(), NumType.I32);
        return Objects.requireNonNull(inside(() -> readInt(element(), at(index))));
    }

    @Override
    public void setInt(long index, int value) {
        requireNumber(element(), NumType.I32);
        requireMutable(element());
        inside(() -> {
            writeInt(element(), at(index), value);
            return null;
        });
    }

    @Override
    public <T> List<@Nullable T> elements(Class<T> type) {
        long length = length();
        if (length > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a list has at most 2147483647 elements, the array " + length);
        }
        return new AbstractList<>() {
            @Override
            public @Nullable T get(int index) {
                return type.cast(ArrayReference.this.get(index));
            }

            @Override
            public @Nullable T set(int index, @Nullable T value) {
                T before = get(index);
                ArrayReference.this.set(index, value);
                return before;
            }

            @Override
            public int size() {
                return (int) length;
            }
        };
    }

    // ---- bytes

    @Override
    public void read(long index, MemorySegment target) {
        copy(index, target, false);
    }

    @Override
    public void write(long index, MemorySegment source) {
        requireMutable(element());
        copy(index, source, true);
    }

    private void copy(long index, MemorySegment segment, boolean in) {
        long count = count(type, segment);
        inside(() -> {
            Objects.checkFromIndexSize(index, count, lengthInside());
            copyBytes(store, address() + ObjectLayout.ELEMENTS + index * type.bytes(), segment, in);
            return null;
        });
    }

    /** How many elements a segment is. @throws IllegalArgumentException if none, or elements are references */
    static long count(ObjectTypes.Type type, MemorySegment segment) {
        FieldType element = ((ArrayType) type.composite()).element();
        if (element.storage() instanceof RefType) {
            throw new IllegalArgumentException("only numbers are copied as bytes, elements are " + element.storage());
        }
        if (segment.byteSize() % type.bytes() != 0) {
            throw new IllegalArgumentException(
                    segment.byteSize() + " bytes are no multiple of an element's " + type.bytes());
        }
        return segment.byteSize() / type.bytes();
    }

    static void copyBytes(StoreImpl store, long address, MemorySegment segment, boolean in) {
        MemorySegment own = MemorySegment.ofAddress(address).reinterpret(segment.byteSize());
        for (long done = 0; done < segment.byteSize(); done += Builtins.PIECE_BYTES) {
            store.execution().checkpoint();
            long piece = Math.min(segment.byteSize() - done, Builtins.PIECE_BYTES);
            MemorySegment.copy(in ? segment : own, done, in ? own : segment, done, piece);
        }
    }
}
