package org.sallyport.host.core;

import java.util.concurrent.atomic.AtomicInteger;
import org.sallyport.LimitExceededException;

/** Counts the live instances of all plugins of the host against one limit. Thread-safe. */
final class Places {
    private final int most;
    private final AtomicInteger taken = new AtomicInteger();

    Places(int most) {
        this.most = most;
    }

    /** @throws LimitExceededException if there are as many as there may be */
    void take() {
        int before = taken.getAndUpdate(n -> n < most ? n + 1 : n);
        if (before >= most) {
            throw new LimitExceededException(
                    "live instances of all plugins", before + 1L, most, HostSettings.name("instances"));
        }
    }

    void giveBack() {
        taken.decrementAndGet();
    }

    int taken() {
        return taken.get();
    }
}
