package org.sallyport.wasi.fs;

import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A time that a file is to get.
 *
 * @param now whether it is the system's present time, which needs fewer permissions than any other
 * @param nanos since 1970 otherwise
 */
public record SetTime(boolean now, long nanos) {
    public static final SetTime NOW = new SetTime(true, 0);

    public static SetTime at(long nanos) {
        return new SetTime(false, nanos);
    }

    static @Nullable FileTime fileTime(@Nullable SetTime time) {
        if (time == null) {
            return null;
        }
        return time.now
                ? FileTime.fromMillis(System.currentTimeMillis())
                : FileTime.from(time.nanos, TimeUnit.NANOSECONDS);
    }
}
