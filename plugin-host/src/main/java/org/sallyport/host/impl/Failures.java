package org.sallyport.host.impl;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.sallyport.GuestInterruptedException;
import org.sallyport.ImportType;
import org.sallyport.TrapException;

/** Counts what goes wrong in a plugin and tells of it. Thread-safe. */
final class Failures {
    private final String plugin;
    private final Audit audit;
    /** Failures of its own since it was last taken into service. */
    private final AtomicInteger faults = new AtomicInteger();
    private final LongAdder traps = new LongAdder();
    private final LongAdder stops = new LongAdder();
    private final LongAdder denials = new LongAdder();

    Failures(String plugin, Audit audit) {
        this.plugin = plugin;
        this.audit = audit;
    }

    /**
     * @param ownTime whether the deadline was the plugin's, which grants and manifest set; else its caller's, which says
     *     nothing about the plugin
     * @return the failures of its own with this one, or 0 if this is none: not a trap, not a stop at its deadline
     */
    int count(Throwable failure, boolean ownTime) {
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof GuestInterruptedException stop
                && stop.reason() == GuestInterruptedException.Reason.DEADLINE) {
            stops.increment();
            audit.event("STOPPED", plugin, ownTime ? message : message + " (its caller's deadline)", Map.of());
            if (!ownTime) {
                return 0;
            }
        } else if (failure instanceof TrapException trap) {
            traps.increment();
            audit.event("TRAP", plugin, message, Map.of("code", trap.code().name()));
        } else {
            return 0;
        }
        return faults.incrementAndGet();
    }

    void denied(ImportType wanted) {
        denials.increment();
        audit.event("DENIED", plugin, "may not call " + wanted, Map.of("import", wanted.toString()));
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
