package org.sallyport.host;

import java.time.Duration;
import java.util.List;

/**
 * How long calls took, waiting for an instance not included: every call of a plugin with limits of time, fuel or processor time,
 * else the first of each sixteen of an instance.
 *
 * @param counts measured calls by their time: the one at index {@code i} took from 2<sup>i</sup> to less than
 *     2<sup>i+1</sup> nanoseconds
 */
public record Latency(List<Long> counts) {
    public Latency {
        counts = List.copyOf(counts);
    }

    /** Measured ones. */
    public long calls() {
        return counts.stream().mapToLong(Long::longValue).sum();
    }

    /**
     * @param part of the calls, 0 to 1
     * @return what so many of them stayed below, to the next power of two; zero if there are none
     */
    public Duration below(double part) {
        long due = (long) Math.ceil(calls() * part);
        long seen = 0;
        for (int i = 0; i < counts.size() && due > 0; i++) {
            seen += counts.get(i);
            if (seen >= due) {
                return Duration.ofNanos(1L << i + 1);
            }
        }
        return Duration.ZERO;
    }
}
