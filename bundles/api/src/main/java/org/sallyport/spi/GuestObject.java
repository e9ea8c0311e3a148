package org.sallyport.spi;

import org.jspecify.annotations.Nullable;

/** A structure or array of guests whose code is Java's. Its identity is the object's. Used by the thread inside the store. */
public abstract sealed class GuestObject permits GuestStruct, GuestArray {
    public final GuestType type;

    GuestObject(GuestType type) {
        this.type = type;
    }

    /** Whether the reference, which may be any, is to an object of the type or a subtype. */
    public static boolean is(@Nullable Object reference, GuestType type) {
        return reference instanceof GuestObject object && object.type.is(type);
    }
}
