package org.sallyport.host.core;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Closes instances that other threads are in. A guest ends at once; a host function that does not answer an interruption
 * may take any time, and must not take that of a framework's thread.
 */
final class Closing {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final long PATIENCE_MILLIS = 2_000;

    private Closing() {}

    /** Returns when all are closed, or after two seconds; what is left then goes on in threads of its own. */
    static void run(String owner, List<Runnable> closings) {
        CountDownLatch left = new CountDownLatch(closings.size());
        for (Runnable closing : closings) {
            Thread.ofPlatform().daemon().name("sallyport-close " + owner).start(() -> {
                try {
                    closing.run();
                } finally {
                    left.countDown();
                }
            });
        }
        try {
            if (!left.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.log(System.Logger.Level.WARNING, () -> owner + ": " + left.getCount()
                        + " calls are in host functions that do not end when they are interrupted; their instances are"
                        + " closed when they return");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
