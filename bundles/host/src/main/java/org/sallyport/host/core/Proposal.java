package org.sallyport.host.core;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.PluginOrigin;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUpdate;
import org.sallyport.wasm.Printable;

/** What becomes of an update: it is prepared, waits for what it lacks, is refused, or serves. Thread-safe. */
final class Proposal {
    private final String plugin;
    private final PluginOrigin origin;
    private final CountDownLatch settled = new CountDownLatch(1);
    private volatile PluginUpdate now;

    Proposal(String plugin, PluginOrigin origin) {
        this.plugin = plugin;
        this.origin = origin;
        this.now = new PluginUpdate(plugin, PluginState.COMPILING, origin, "", null);
    }

    PluginUpdate now() {
        return now;
    }

    /**
     * {@link #settle} is to follow, when everybody has been told.
     *
     * @param reason for people
     * @param cause or null
     * @return whether that is news
     */
    boolean become(PluginState state, String reason, @Nullable Throwable cause) {
        PluginUpdate next = new PluginUpdate(plugin, state, origin, Printable.message(reason), cause);
        boolean news = next.state() != now.state() || !next.reason().equals(now.reason());
        now = next;
        return news;
    }

    /** Whoever waits for what becomes of it goes on. */
    void settle() {
        settled.countDown();
    }

    /** What has become of it first, or that it is being prepared still. */
    PluginUpdate await(Duration patience) {
        try {
            var _ = settled.await(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return now;
    }
}
