package org.sallyport.host.core;

import java.util.function.LongSupplier;

/** What is used in a stretch of time, one after the other. Thread-safe. */
final class Window {
    private final long length;
    private final LongSupplier nanos;
    // guarded by this
    private long begun;
    private long used;
    private boolean told;

    /**
     * @param length in nanoseconds
     * @param nanos a clock that never goes back
     */
    Window(long length, LongSupplier nanos) {
        this.length = length;
        this.nanos = nanos;
        begun = nanos.getAsLong();
    }

    /** @return what is used in this stretch, with that */
    synchronized long add(long amount) {
        long now = nanos.getAsLong();
        if (now - begun >= length) {
            begun = now;
            used = 0;
            told = false;
        }
        return used += amount;
    }

    /** Whether this is the first time in this stretch. */
    synchronized boolean isFirst() {
        boolean first = !told;
        told = true;
        return first;
    }
}
