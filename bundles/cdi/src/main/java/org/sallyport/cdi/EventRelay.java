package org.sallyport.cdi;

import jakarta.enterprise.event.Event;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.sallyport.host.PluginEvent;

/**
 * Brings events of the plugin host to observers, in a thread of its own: whoever caused one does not wait for them. Observers
 * that are too slow lose events, and are told how many.
 */
final class EventRelay implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("org.sallyport.cdi");
    private static final int WAITING = 10_000;
    private static final long CLOSE_MILLIS = 2_000;

    private final LinkedBlockingQueue<PluginEvent> queue = new LinkedBlockingQueue<>(WAITING);
    private final AtomicLong lost = new AtomicLong();
    private final Thread thread;

    EventRelay(Event<PluginEvent> observers, ClassLoader application) {
        thread = new Thread(() -> run(observers), "sallyport-cdi-events");
        thread.setDaemon(true);
        thread.setContextClassLoader(application);
    }

    /** From now on observers are told, also of what was before. */
    void open() {
        thread.start();
    }

    void accept(PluginEvent event) {
        if (!queue.offer(event)) {
            lost.incrementAndGet();
        }
    }

    private void run(Event<PluginEvent> observers) {
        try {
            while (!Thread.interrupted()) {
                PluginEvent event = queue.take();
                long missing = lost.getAndSet(0);
                if (missing > 0) {
                    LOG.log(System.Logger.Level.WARNING, "observers are too slow: " + missing + " events of plugins were lost");
                }
                tell(observers, event);
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    private static void tell(Event<PluginEvent> observers, PluginEvent event) {
        try {
            observers.fireAsync(event);
            observers.fire(event);
        } catch (RuntimeException | Error e) { // the next event may find a better one
            LOG.log(System.Logger.Level.ERROR, "an observer of plugins failed", e);
        }
    }

    /** From now on nobody is told. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
