package org.sallyport.spi;

import java.time.Duration;

/**
 * What compiling may take. Compiled code does not depend on it, so it is no part of cache keys. Immutable and
 * comparable.
 *
 * @param time from the call of {@code Engine.compile}, for everything it does; {@link Duration#ZERO} for no limit. The
 *     deadline of a {@link org.sallyport.CallContext} counts too
 * @param memoryBytes heap that the compiler may use for one function, and for the machine code of one module with its
 *     tables; 0 for half of the largest heap. Functions that need more than an eighth of it are compiled one at a time
 *     in an engine, so that {@code n} compiling threads never use more than {@code 1 + n/8} times as much
 */
public record CompileLimits(Duration time, long memoryBytes) {
    public static final CompileLimits DEFAULT = new CompileLimits(Duration.ZERO, 0);

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
}
