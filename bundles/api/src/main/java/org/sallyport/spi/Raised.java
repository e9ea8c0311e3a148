package org.sallyport.spi;

import org.jspecify.annotations.Nullable;

/**
 * An exception of guests whose code is Java's, on its way to a handler; a reference to it is itself. Code catches nothing else,
 * so traps, stops and failures of the host pass. It has no stack trace.
 */
public abstract class Raised extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Number of the tag: equal tags have equal numbers. */
    public final long tag;
    /** Values as in {@link GuestFunction}; but references to anything but functions are in {@link #objects}. */
    public final transient long[] words;
    /** By value; null where it is none of those. Empty when there are none. */
    public final transient @Nullable Object[] objects;

    protected Raised(long tag, long[] words, @Nullable Object[] objects) {
        super(null, null, false, false);
        this.tag = tag;
        this.words = words;
        this.objects = objects;
    }
}
