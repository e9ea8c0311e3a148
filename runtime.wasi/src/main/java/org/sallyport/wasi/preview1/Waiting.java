package org.sallyport.wasi.preview1;

import java.util.List;
import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException.Reason;
import org.sallyport.GuestInterruptedException;

/** Rules for host calls that wait: they end at the call's deadline and when their thread is interrupted. */
final class Waiting {
    private Waiting() {}

    /** The shorter of {@code nanos} and what the call's deadline leaves; at least 0. */
    static long cap(long nanos) {
        CallContext context = CallContext.current();
        return Math.max(0, context == null ? nanos : Math.min(nanos, context.remainingNanos()));
    }

    /** @throws GuestInterruptedException if the call is to end */
    static void check() {
        CallContext context = CallContext.current();
        if (context != null && context.remainingNanos() <= 0) {
            throw new GuestInterruptedException(Reason.DEADLINE, List.of());
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new GuestInterruptedException(Reason.INTERRUPT, List.of());
        }
    }

    /** What an interrupted wait throws; the thread stays marked as interrupted. */
    static GuestInterruptedException interrupted() {
        Thread.currentThread().interrupt();
        CallContext context = CallContext.current();
        boolean late = context != null && context.remainingNanos() <= 0;
        return new GuestInterruptedException(late ? Reason.DEADLINE : Reason.INTERRUPT, List.of());
    }
}
