package org.sallyport.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A line on the terminal that says what is worked on and for how long, once that is more than a second; it is gone when
 * the work is done. Nothing where messages go elsewhere.
 */
final class LongWork implements AutoCloseable {
    private static final String TO_START_OF_LINE_AND_CLEAR = "\r\u001b[K";

    private final CountDownLatch done = new CountDownLatch(1);
    private final @Nullable Thread teller;

    private LongWork(String what, Streams streams, long afterMillis) {
        if (!streams.errPaint().on()) {
            teller = null;
            return;
        }
        teller = Thread.ofPlatform().daemon().name("sallyport-progress")
                .start(() -> tell(HostText.message(what), streams.err(), streams.errPaint(), afterMillis));
    }

    static LongWork begin(String what, Streams streams) {
        return begin(what, streams, 1000);
    }

    /** @param afterMillis when to begin, and how often to say it anew */
    static LongWork begin(String what, Streams streams, long afterMillis) {
        return new LongWork(what, streams, afterMillis);
    }

    private void tell(String what, PrintStream err, Paint paint, long everyMillis) {
        long began = System.nanoTime();
        boolean isShown = false;
        try {
            while (!done.await(everyMillis, TimeUnit.MILLISECONDS)) {
                double seconds = (System.nanoTime() - began) / 1e9;
                String text = String.format(Locale.ROOT, "%s: %.0f s …", what, seconds);
                err.print(TO_START_OF_LINE_AND_CLEAR + paint.faint(text));
                err.flush();
                isShown = true;
            }
        } catch (InterruptedException e) {
            // nobody does that; the line goes all the same
        }
        if (isShown) {
            err.print(TO_START_OF_LINE_AND_CLEAR);
            err.flush();
        }
    }

    /** Returns when the line is gone. */
    @Override
    public void close() {
        done.countDown();
        if (teller != null) {
            boolean interrupted = false;
            while (true) {
                try {
                    teller.join();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
