package org.sallyport;

import java.time.Duration;

/**
 * What compiling may take. Compiled code does not depend on it, so it is no part of cache keys. Immutable and
 * comparable.
 *
 * @param time from the call of {@code Engine.compile}, for everything it does; {@link Duration#ZERO} for what the size
 *     of the module allows: a minute, and ten seconds for each megabyte (2<sup>20</sup> bytes). That is about
 *     twenty times what modules of toolchains take on one core; only modules that are made for it take longer. See {@link
 *     #UNLIMITED}. The deadline of a {@link CallContext} counts too
 * @param memoryBytes heap that the compiler may use for one function, and for the machine code of one module with its
 *     tables; 0 for half of the largest heap. Functions that need more than an eighth of it are compiled one at a time
 *     in an engine, so that {@code n} compiling threads never use more than {@code 1 + n/8} times as much
 */
public record CompileLimits(Duration time, long memoryBytes) {
    /** Time by the size of the module, half of the largest heap. */
    public static final CompileLimits DEFAULT = new CompileLimits(Duration.ZERO, 0);

    /** A {@link #time} that is never over. */
    public static final Duration UNLIMITED = Duration.ofSeconds(Long.MAX_VALUE);

    private static final long LEAST_SECONDS = 60;
    private static final long SECONDS_PER_MEGABYTE = 10;

    public CompileLimits {
        if (time.isNegative() || memoryBytes < 0) {
            throw new IllegalArgumentException("negative limit: " + time + ", " + memoryBytes);
        }
    }

    public CompileLimits withTime(Duration time) {
        return new CompileLimits(time, memoryBytes);
    }

    public CompileLimits withMemoryBytes(long memoryBytes) {
        return new CompileLimits(time, memoryBytes);
    }

    /**
     * The time for a module: {@link #time}, or what its size allows.
     *
     * @param moduleBytes size of the binary
     */
    public Duration timeFor(long moduleBytes) {
        return time.isZero()
                ? Duration.ofSeconds(LEAST_SECONDS).plusMillis(1000 * SECONDS_PER_MEGABYTE * moduleBytes >> 20)
                : time;
    }
}
