package org.sallyport.spi;

import org.jspecify.annotations.Nullable;

/** A global as code of an {@link ObjectBackEnd} sees it: values as in {@link GuestFunction}. */
public final class GlobalCell {
    public long low;
    /** Of a vector. */
    public long high;
    /** Of a reference that is an object ({@link ObjectBackEnd#referencesAreObjects}). */
    public @Nullable Object object;
}
