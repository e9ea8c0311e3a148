package org.sallyport.spi;

import org.jspecify.annotations.Nullable;

/** A table as code of an {@link ObjectBackEnd} sees it. */
public final class ArrayTable {
    /** References; another array after it grew. Only the runtime sets it. */
    public long[] elements;

    /** The same where they are objects ({@link ObjectBackEnd#referencesAreObjects}); then there are no others. */
    public @Nullable Object[] objects = {};

    public ArrayTable(long[] elements) {
        this.elements = elements;
    }
}
