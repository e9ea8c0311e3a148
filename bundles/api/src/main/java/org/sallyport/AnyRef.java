package org.sallyport;

import org.sallyport.wasm.HeapType;

/**
 * A value of type {@code anyref} that is not null: {@link I31Ref}, {@link StructRef}, {@link ArrayRef}, or an object of the host
 * that a guest has converted ({@code any.convert_extern}). Such an object is itself where Java takes any {@link Object}, and an
 * {@link ExternRef} where it takes an {@code AnyRef}. {@code instanceof} tells the kinds apart, {@link #is} types.
 *
 * <p>While Java holds one its object stays, or, if it was made within a {@link ReferenceScope}, until that is closed. Using one
 * after its store was closed is a {@link StoreClosedException}; after its scope, or in another store, a {@link
 * ReferenceException}.
 */
public interface AnyRef {
    /**
     * {@code ref.test}: whether it is of the type or of a subtype.
     *
     * @param type a concrete one is a number of the engine ({@link Engine#typeDefinition})
     * @throws IllegalArgumentException if the number stands for nothing in this engine
     */
    boolean is(HeapType type);

    /**
     * {@code ref.cast}.
     *
     * @return this
     * @throws ClassCastException if {@link #is} says no
     */
    default AnyRef as(HeapType type) {
        if (!is(type)) {
            throw new ClassCastException(this + " is not of the heap type " + type);
        }
        return this;
    }
}
