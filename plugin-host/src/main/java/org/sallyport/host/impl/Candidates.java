package org.sallyport.host.impl;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginEvent;
import org.sallyport.host.PluginState;
import org.sallyport.wasm.Printable;

/** What wants to be a plugin and is none, by where it comes from. Thread-safe. */
final class Candidates {
    private static final int REASON_LENGTH = 2_000;

    private final Consumer<PluginEvent> events;
    /** Guarded by this. */
    private final Map<Object, PluginCandidate> known = new LinkedHashMap<>();

    Candidates(Consumer<PluginEvent> events) {
        this.events = events;
    }

    /** @param key of whoever wants to be a plugin, unequal to others */
    void compiling(Object key, String id, String source) {
        put(key, new PluginCandidate(name(id), name(source), PluginState.COMPILING, ""));
    }

    /** To be seen until {@link #forget}; also an event. */
    void refused(Object key, String id, String source, String reason) {
        PluginCandidate refused = new PluginCandidate(
                name(id), name(source), PluginState.REFUSED, oneLine(reason));
        put(key, refused);
        events.accept(new PluginEvent.Refused(
                refused.id(), refused.source(), "from " + refused.source() + " is REFUSED because " + refused.reason()));
    }

    /** What is wrong, for a line of a table or a header. */
    static String oneLine(String reason) {
        return Printable.text(reason.strip().replaceAll("\\s*\\R\\s*", "; "), REASON_LENGTH);
    }

    private static String name(String text) {
        return Printable.text(text, 500);
    }

    private synchronized void put(Object key, PluginCandidate candidate) {
        known.put(key, candidate);
    }

    synchronized void forget(Object key) {
        known.remove(key);
    }

    /** Ordered by id. */
    synchronized List<PluginCandidate> all() {
        List<PluginCandidate> all = new ArrayList<>(known.values());
        all.sort(Comparator.comparing(PluginCandidate::id));
        return all;
    }
}
