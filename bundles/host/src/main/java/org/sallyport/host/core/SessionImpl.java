package org.sallyport.host.core;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sallyport.Module;
import org.sallyport.host.Latency;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginOrigin;
import org.sallyport.host.PluginSession;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.PluginUpdate;
import org.sallyport.host.UnsatisfiedImport;
import org.sallyport.host.UnsatisfiedOffer;

/** A plugin, but that calls take their instance from a pool of one, which goes with the edition that it is of. */
final class SessionImpl implements PluginSession {
    private static final long GRACE = TimeUnit.SECONDS.toNanos(1);

    private final PluginImpl plugin;
    private final PluginGate gate;

    // guarded by this
    private @Nullable Edition edition;
    private @Nullable GuestPool pool;
    private boolean closed;

    /** @param gates makes a gate that takes instances from there */
    SessionImpl(PluginImpl plugin, Function<Function<Edition, GuestPool>, PluginGate> gates) {
        this.plugin = plugin;
        this.gate = gates.apply(this::pool);
    }

    PluginGate gate() {
        return gate;
    }

    /** Of that edition; the one of the edition before ends with it. */
    private GuestPool pool(Edition present) {
        Edition last;
        GuestPool before;
        GuestPool own;
        synchronized (this) {
            if (closed) {
                throw new PluginUnavailableException("the session of plugin " + id() + " is closed", List.of());
            }
            if (pool != null && edition == present) {
                return pool;
            }
            last = edition;
            before = pool;
            own = present.pools().open();
            edition = present;
            pool = own;
        }
        if (last != null && before != null) { // of an edition that has ended, or of the new one, to which a thread comes back
            last.pools().close(before, GRACE);
        }
        return own;
    }

    @Override
    public void close() {
        Edition last;
        GuestPool own;
        synchronized (this) {
            last = edition;
            own = pool;
            closed = true;
            edition = null;
            pool = null;
        }
        if (last != null && own != null) {
            last.pools().close(own, GRACE);
        }
    }

    @Override
    public <T> T as(Class<T> contract) {
        return plugin.implement(contract, this);
    }

    @Override
    public <R, X extends Throwable> R use(Use<R, X> use) throws X {
        return gate.use(use);
    }

    @Override
    public PluginSession openSession() {
        return plugin.openSession();
    }

    // ---- as the plugin

    @Override
    public String id() {
        return plugin.id();
    }

    @Override
    public PluginManifest manifest() {
        return plugin.manifest();
    }

    @Override
    public PluginOrigin origin() {
        return plugin.origin();
    }

    @Override
    public PluginState state() {
        return plugin.state();
    }

    @Override
    public List<UnsatisfiedImport> unsatisfied() {
        return plugin.unsatisfied();
    }

    @Override
    public List<UnsatisfiedOffer> unsatisfiedOffers() {
        return plugin.unsatisfiedOffers();
    }

    @Override
    public @Nullable String conflict() {
        return plugin.conflict();
    }

    @Override
    public @Nullable String quarantinedBecause() {
        return plugin.quarantinedBecause();
    }

    @Override
    public Module module() {
        return plugin.module();
    }

    @Override
    public @Nullable PluginUpdate update() {
        return plugin.update();
    }

    @Override
    public boolean hasPrevious() {
        return plugin.hasPrevious();
    }

    @Override
    public Counters counters() {
        return plugin.counters();
    }

    @Override
    public Usage usage() {
        return plugin.usage();
    }

    @Override
    public Latency latency() {
        return plugin.latency();
    }

    @Override
    public Map<String, Object> rights() {
        return plugin.rights();
    }

    @Override
    public void restart() {
        plugin.restart();
    }

    @Override
    public String toString() {
        return "session of plugin " + id();
    }
}
