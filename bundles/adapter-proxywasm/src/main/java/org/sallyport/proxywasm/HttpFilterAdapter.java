package org.sallyport.proxywasm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sallyport.BindException;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginAdapter;

/** Makes {@link HttpFilter}s. */
public final class HttpFilterAdapter implements PluginAdapter<HttpFilter> {
    private static final String VERSION = "proxy_abi_version_0_2_1";

    @Override
    public HttpFilter adapt(Plugin plugin) {
        List<String> missing = new ArrayList<>();
        if (plugin.module().exports().stream().noneMatch(export -> export.name().equals(VERSION))) {
            missing.add("no exported function \"" + VERSION + "\": it is no filter of that version");
        }
        if (plugin.manifest().policy() != EntryPolicy.SERIALIZED) {
            missing.add("one instance has all exchanges: the manifest needs policy=serialized, and has "
                    + plugin.manifest().policy());
        }
        if (!missing.isEmpty()) {
            throw new BindException(HttpFilter.class, plugin.module().name(), missing);
        }
        return () -> new Adapted(plugin);
    }

    private static final class Adapted implements HttpFilter.Exchange {
        private final Plugin plugin;
        private final Stream stream;
        private boolean closed;

        Adapted(Plugin plugin) {
            this.plugin = plugin;
            this.stream = plugin.use(instance -> Session.of(instance).open());
        }

        @Override
        public Optional<HttpMessage> request(HttpMessage request) {
            return run(session -> session.request(stream, request));
        }

        @Override
        public Optional<HttpMessage> response(HttpMessage response) {
            return run(session -> session.response(stream, response));
        }

        private Optional<HttpMessage> run(Function<Session, @Nullable HttpMessage> step) {
            return plugin.use(instance -> {
                Session session = Session.of(instance);
                if (!session.has(stream)) {
                    throw new ProxyException("filter " + plugin.id() + " was restarted in the middle of an exchange");
                }
                return Optional.ofNullable(step.apply(session));
            });
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                plugin.<Void, RuntimeException>use(instance -> {
                    Session.of(instance).close(stream);
                    return null;
                });
            }
        }
    }
}
