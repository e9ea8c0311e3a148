package org.sallyport;

import java.util.function.Consumer;

import org.sallyport.wasm.HeapType;

/** The structures and arrays of a store, for tools. Methods may be called by whoever may enter the store. */
public interface Heap {
    /** Collects what nobody reaches: structures, arrays, and objects of the host that guests no longer have. */
    void collect();

    /** What lives, counted after a collection; empty where guests have no such heap. */
    HeapStatistics statistics();

    /**
     * Shows all that live of a type or its subtypes, after a collection, in no particular order.
     *
     * @param type such as {@link HeapType.Abstract#STRUCT}, or a number of the engine ({@link Engine#typeDefinition})
     * @param action gets {@link StructRef}s and {@link ArrayRef}s. It may use the store; what it makes is not shown
     * @throws IllegalArgumentException if the number stands for nothing in this engine
     */
    void forEach(HeapType type, Consumer<? super AnyRef> action);
}
