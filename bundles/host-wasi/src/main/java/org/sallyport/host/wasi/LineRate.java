package org.sallyport.host.wasi;

import java.util.function.LongSupplier;

/** How many lines all instances of a plugin may log in a second. Thread-safe. */
final class LineRate {
    private static final long SECOND = 1_000_000_000;

    private final int most;
    private final LongSupplier nanos;
    // guarded by this
    private long begun;
    private int taken;
    private long dropped;

    /** @param nanos a clock that never goes back */
    LineRate(int most, LongSupplier nanos) {
        this.most = most;
        this.nanos = nanos;
        begun = nanos.getAsLong();
    }

    /** @return lines that were left out since the last one that was not; -1: this one is left out as well */
    synchronized long take() {
        long now = nanos.getAsLong();
        if (now - begun >= SECOND) {
            begun = now;
            taken = 0;
        }
        if (taken >= most) {
            dropped++;
            return -1;
        }
        taken++;
        long before = dropped;
        dropped = 0;
        return before;
    }
}
