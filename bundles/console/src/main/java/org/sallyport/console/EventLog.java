package org.sallyport.console;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;
import org.sallyport.host.Plugin;

/** The last events of plugins, as {@code EventAdmin} tells them; of traps and stops the last ones of each plugin. Thread-safe. */
@Component(service = {EventLog.class, EventHandler.class}, property = EventConstants.EVENT_TOPIC + "=" + EventLog.TOPIC + "*")
public final class EventLog implements EventHandler {
    static final String TOPIC = "org/sallyport/plugin/";
    private static final int MOST = 500;
    private static final int FAILURES = 5;
    /** Plugins whose failures are kept; the ids are theirs to choose. */
    private static final int PLUGINS = 2_000;

    // guarded by this
    private final Deque<Entry> entries = new ArrayDeque<>();
    private final Map<String, Deque<Entry>> failures = new HashMap<>();
    private long last;

    /**
     * One of them.
     *
     * @param number in order
     * @param kind the last word of the topic: {@code TRAP}
     */
    record Entry(long number, Instant time, String plugin, String kind, String message) {
        boolean isFailure() {
            return kind.equals("TRAP") || kind.equals("STOPPED") || kind.equals("BUDGET");
        }

        /** Whether an operator may want to look. */
        boolean isBad() {
            return isFailure() || kind.equals("DENIED") || kind.equals("REFUSED");
        }
    }

    @Activate
    public EventLog() {}

    @Override
    public void handleEvent(Event event) {
        add(
                String.valueOf(event.getProperty(Plugin.ID)),
                event.getTopic().substring(TOPIC.length()),
                String.valueOf(event.getProperty("message")));
    }

    synchronized void add(String plugin, String kind, String message) {
        Entry entry = new Entry(++last, Instant.now(), plugin, kind, message);
        entries.addFirst(entry);
        if (entries.size() > MOST) {
            entries.removeLast();
        }
        if (entry.isFailure() && (failures.containsKey(plugin) || failures.size() < PLUGINS)) {
            Deque<Entry> own = failures.computeIfAbsent(plugin, _ -> new ArrayDeque<>());
            own.addFirst(entry);
            if (own.size() > FAILURES) {
                own.removeLast();
            }
        }
    }

    /** @return those after that number, the newest one first */
    synchronized List<Entry> after(long number, Predicate<Entry> wanted) {
        return entries.stream().filter(entry -> entry.number() > number).filter(wanted).toList();
    }

    /** The newest one first. */
    synchronized List<Entry> failures(String plugin) {
        return new ArrayList<>(failures.getOrDefault(plugin, new ArrayDeque<>()));
    }
}
