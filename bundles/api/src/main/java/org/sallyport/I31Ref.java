package org.sallyport;

import org.sallyport.wasm.HeapType;

/**
 * A 31-bit number as a reference ({@code i31ref}). It belongs to no store.
 *
 * @param value -2³⁰ to 2³⁰-1
 */
public record I31Ref(int value) implements AnyRef {
    /** @throws IllegalArgumentException if the value needs more than 31 bits */
    public I31Ref {
        if (value << 1 >> 1 != value) {
            throw new IllegalArgumentException("more than 31 bits: " + value);
        }
    }

    @Override
    public boolean is(HeapType type) {
        return type == HeapType.Abstract.I31 || type == HeapType.Abstract.EQ || type == HeapType.Abstract.ANY;
    }
}
