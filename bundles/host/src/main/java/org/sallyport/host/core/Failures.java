package org.sallyport.host.core;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sallyport.GuestException;
import org.sallyport.GuestInterruptedException;
import org.sallyport.ImportType;
import org.sallyport.OutOfFuelException;
import org.sallyport.TrapException;
import org.sallyport.host.PluginEvent;

/** Counts what goes wrong in a plugin and tells of it. Thread-safe. */
final class Failures {
    /** Of a guest, in an event. */
    private static final int FRAMES = 5;

    private final String plugin;
    private final Consumer<PluginEvent> events;
    /** Failures of its own since it was last taken into service. */
    private final AtomicInteger faults = new AtomicInteger();
    private final LongAdder traps = new LongAdder();
    private final LongAdder stops = new LongAdder();
    private final LongAdder denials = new LongAdder();

    Failures(String plugin, Consumer<PluginEvent> events) {
        this.plugin = plugin;
        this.events = events;
    }

    /**
     * @param ownLimit whether the deadline or the fuel was the plugin's, which grants and manifest set; else its caller's,
     *     which says nothing about the plugin
     * @return the failures of its own with this one, or 0 if this is none: not a trap, not a stop at its own limit
     */
    int count(Throwable failure, boolean ownLimit) {
        String message = message(failure);
        String limit = limit(failure);
        if (limit != null) {
            stops.increment();
            events.accept(new PluginEvent.Stopped(
                    plugin, ownLimit, ownLimit ? message : message + " (its caller's " + limit + ")"));
            if (!ownLimit) {
                return 0;
            }
        } else if (failure instanceof TrapException trap) {
            traps.increment();
            events.accept(new PluginEvent.Trapped(plugin, trap.code(), message));
        } else {
            return 0;
        }
        return faults.incrementAndGet();
    }

    /** What stopped the call, or null if nothing did. */
    private static @Nullable String limit(Throwable failure) {
        if (failure instanceof OutOfFuelException) {
            return "fuel";
        }
        return failure instanceof GuestInterruptedException stop
                        && stop.reason() == GuestInterruptedException.Reason.DEADLINE
                ? "deadline"
                : null;
    }

    /** With the guest's innermost frames. */
    private static String message(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return failure instanceof GuestException guest && !guest.frames().isEmpty()
                ? message + "; " + String.join("; ", guest.backtrace(FRAMES))
                : message;
    }

    void denied(ImportType wanted) {
        denials.increment();
        events.accept(new PluginEvent.Denied(plugin, wanted, "may not call " + wanted));
    }

    /** The plugin is taken into service anew. */
    void forgive() {
        faults.set(0);
    }

    long traps() {
        return traps.sum();
    }

    long stops() {
        return stops.sum();
    }

    long denials() {
        return denials.sum();
    }
}
