package org.sallyport.engine.cache;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

import org.jspecify.annotations.Nullable;
import org.sallyport.engine.events.FlightRecording;

/** What code caches tell the Flight Recorder. */
final class CacheEvents {
    /** What happened in a code cache. */
    @Name("org.sallyport.CodeCache")
    @Label("WebAssembly Code Cache")
    @Category("Sallyport")
    static final class Happened extends Event {
        @Label("Outcome")
        @Description("hit, miss, stored, refused, evicted or failed")
        @Nullable String outcome;

        @Label("Entry")
        @Nullable String entry;

        @Label("Size")
        @DataAmount
        long size;

        @Label("Reason")
        @Nullable String reason;
    }

    private CacheEvents() {}

    /** @param reason empty if there is nothing to explain */
    static void happened(String outcome, String entry, long size, String reason) {
        if (FlightRecording.isOn()) {
            Happened event = new Happened();
            if (event.shouldCommit()) {
                event.outcome = outcome;
                event.entry = entry;
                event.size = size;
                event.reason = reason;
                event.commit();
            }
        }
    }
}
