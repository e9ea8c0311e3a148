package org.sallyport.cdi;

import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginSession;

/** A plugin as one bean has it: with an instance of its own from the first call on. Thread-safe. */
final class OwnSession implements Function<String, Optional<Plugin>>, AutoCloseable {
    private final Function<String, Optional<Plugin>> plugins;

    // guarded by this
    private @Nullable Plugin plugin;
    private @Nullable PluginSession session;
    private boolean closed;

    /** @param plugins who holds an id */
    OwnSession(Function<String, Optional<Plugin>> plugins) {
        this.plugins = plugins;
    }

    /** The session with who holds the id now. */
    @Override
    public synchronized Optional<Plugin> apply(String id) {
        Optional<Plugin> holder = plugins.apply(id);
        if (closed || holder.isEmpty()) {
            return Optional.empty();
        }
        if (plugin != holder.get() || session == null) {
            closeSession();
            plugin = holder.get();
            session = plugin.openSession();
        }
        return Optional.of(session);
    }

    private void closeSession() {
        if (session != null) {
            session.close();
            session = null;
        }
    }

    /** The bean is gone. */
    @Override
    public synchronized void close() {
        closed = true;
        closeSession();
    }
}
