package org.sallyport.spi;

import java.util.concurrent.atomic.AtomicLong;
import org.sallyport.LimitExceededException;

/** So many bytes of linear memory, for one or more memories together. Thread-safe. */
public final class MemoryBudget {
    private final long limit;
    private final String property;
    private final AtomicLong used = new AtomicLong();

    /** @param property what sets the limit, for messages */
    public MemoryBudget(long limit, String property) {
        this.limit = limit;
        this.property = property;
    }

    public long limit() {
        return limit;
    }

    public long used() {
        return used.get();
    }

    /**
     * @param bytes 0 and up
     * @throws LimitExceededException if there are not so many left; then nothing is taken
     */
    public void take(long bytes) {
        long before = used.get();
        while (true) {
            if (bytes > limit - before) {
                throw new LimitExceededException("memory bytes", Math.max(before + bytes, bytes), limit, property);
            }
            if (used.compareAndSet(before, before + bytes)) {
                return;
            }
            before = used.get();
        }
    }

    public void giveBack(long bytes) {
        used.addAndGet(-bytes);
    }
}
