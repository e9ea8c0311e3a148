package org.sallyport;

import java.util.List;

import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.HeapType;

/**
 * What lived in a store's {@link Heap} at some time.
 *
 * @param objects how many structures and arrays
 * @param bytes that they take, with what each begins with
 * @param reservedBytes of the heap, which count as {@link StoreLimits#memoryBytes}
 * @param collections so far, with the one for this
 * @param hostObjects how many objects of the host guests hold
 * @param types those that have objects; what takes the most bytes first
 */
public record HeapStatistics(
        long objects, long bytes, long reservedBytes, long collections, long hostObjects, List<OfType> types) {
    public HeapStatistics {
        types = List.copyOf(types);
    }

    /**
     * The objects of one type; those of its subtypes are not among them.
     *
     * @param heapType a number of the engine
     * @param type its definition, in which concrete types are numbers of the engine
     */
    public record OfType(HeapType.Concrete heapType, CompositeType type, long objects, long bytes) {}
}
