package org.sallyport;

import java.lang.foreign.MemorySegment;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.HeapType;

/**
 * An array in a store's heap; {@link Store#newArray} makes one. Equal to every other reference to the same one. Methods may
 * be called by whoever may enter the store.
 */
public interface ArrayRef extends AnyRef {
    Store store();

    /** Concrete types inside are numbers of the engine. */
    ArrayType type();

    /** The type it was made of, a number of the engine. */
    HeapType.Concrete heapType();

    /** Number of elements. */
    long length();

    /**
     * An element, boxed as in {@link Linker}; of packed ones, sign-extended.
     *
     * @throws IndexOutOfBoundsException if there is no such element
     */
    @Nullable Object get(long index);

    /**
     * @throws IndexOutOfBoundsException if there is no such element
     * @throws IllegalArgumentException if the value is not of the element's type
     * @throws ReferenceException if it is of another store, or its scope is closed
     * @throws UnsupportedOperationException if elements are immutable
     */
    void set(long index, @Nullable Object value);

    /**
     * An element of {@code i32}, or a packed one, sign-extended.
     *
     * @throws IndexOutOfBoundsException if there is no such element
     * @throws IllegalArgumentException if elements are of another type
     */
    int getInt(long index);

    /** As {@link #set} with an {@code i32}; of packed elements, the lowest bits. */
    void setInt(long index, int value);

    /**
     * The elements as a list that reads and writes through. {@code set} of the list returns what was there.
     *
     * @param type of each element that is not null, boxed: {@code StructRef.class}, {@code Integer.class}; reading one of another
     *     class is a {@link ClassCastException}
     * @throws IllegalArgumentException if there are more than 2³¹-1
     */
    <T> List<@Nullable T> elements(Class<T> type);

    /**
     * Copies elements that are numbers or vectors, packed ones too, as their bytes lie in a memory: the lowest one first. {@link
     * MemorySegment#ofArray(int[])} and the like, and {@link MemorySegment#ofBuffer}, make a segment of a Java array or buffer.
     * Long ones are copied by pieces, and a deadline ends that.
     *
     * @param index of the first element
     * @param target its size is that of as many elements
     * @throws IndexOutOfBoundsException if there are not as many; then nothing is copied
     * @throws IllegalArgumentException if elements are references, or the target's size is no multiple of theirs
     */
    void read(long index, MemorySegment target);

    /**
     * Copies the other way.
     *
     * @throws UnsupportedOperationException if elements are immutable
     */
    void write(long index, MemorySegment source);
}
