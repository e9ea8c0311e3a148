package org.sallyport;

import java.util.Objects;

import org.sallyport.wasm.HeapType;

/**
 * A value of type {@code externref} that is not null, as a value with a type of its own: for methods and fields that say so.
 * Where Java takes any {@link Object}, an object of the host is itself. Guests cannot tell how Java gave it to them. It belongs
 * to no store; a guest that gets it keeps the object.
 *
 * @param value any object; a {@link StructRef}, {@link ArrayRef} or {@link I31Ref} is what a guest has converted
 *     ({@code extern.convert_any}). Compared with {@code equals}
 */
public record ExternRef(Object value) implements AnyRef {
    /** @throws IllegalArgumentException if the value is an {@code ExternRef} itself */
    public ExternRef {
        Objects.requireNonNull(value);
        if (value instanceof ExternRef) {
            throw new IllegalArgumentException("an ExternRef of an ExternRef");
        }
    }

    @Override
    public boolean is(HeapType type) {
        return type == HeapType.Abstract.EXTERN || type == HeapType.Abstract.ANY
                || value instanceof AnyRef reference && reference.is(type);
    }
}
