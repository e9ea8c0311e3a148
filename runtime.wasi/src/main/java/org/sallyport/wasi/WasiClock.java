package org.sallyport.wasi;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** The time a guest sees. An own implementation makes a guest's time reproducible. Thread-safe. */
public interface WasiClock {
    /** The host's clocks. */
    WasiClock SYSTEM = new WasiClock() {
        @Override
        public long realtimeNanos() {
            Instant now = Instant.now();
            return now.getEpochSecond() * 1_000_000_000L + now.getNano();
        }

        @Override
        public long monotonicNanos() {
            return System.nanoTime() - ORIGIN;
        }

        @Override
        public String toString() {
            return "WasiClock.SYSTEM";
        }
    };

    /**
     * {@link System#nanoTime} when this class was loaded: guests see a clock that begins near 0 and tells nothing of
     * the host.
     */
    long ORIGIN = System.nanoTime();

    /** Nanoseconds since 1970-01-01T00:00:00Z. */
    long realtimeNanos();

    /** Nanoseconds since some moment; not negative, never goes back. */
    long monotonicNanos();

    /** What {@code clock_res_get} says, in nanoseconds; at least 1. */
    default long resolutionNanos() {
        return 1;
    }

    /** Lets {@code nanos} pass on both clocks. */
    default void sleep(long nanos) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(nanos);
    }
}
