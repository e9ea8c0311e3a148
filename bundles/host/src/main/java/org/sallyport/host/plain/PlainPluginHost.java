package org.sallyport.host.plain;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.sallyport.Engine;
import org.sallyport.SallyportException;
import org.sallyport.host.Grant;
import org.sallyport.host.HostModule;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginEvent;
import org.sallyport.host.PluginHost;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginOrigin;
import org.sallyport.host.PluginUpdate;
import org.sallyport.host.core.ConfiguredGrant;
import org.sallyport.host.core.GrantSyntax;
import org.sallyport.host.core.HostCore;
import org.sallyport.host.core.HostSettings;
import org.sallyport.host.core.Limited;
import org.sallyport.host.core.Surroundings;

/**
 * A plugin host in plain Java. Host modules, grants and plugins may come and go at any time; what they do then is the same
 * as in OSGi, and so are the keys of grants, manifests and settings. Nothing is within a plugin's reach before a grant says
 * so. Thread-safe.
 *
 * <pre>{@code
 * try (PlainPluginHost host = PlainPluginHost.builder(engine)
 *         .module("log", Log.class, message -> logger.info(message))
 *         .grant(Map.of("plugin", "discount", "allow", "(sallyport.module=log)", "timeout", "50"))
 *         .build()) {
 *     Plugin plugin = host.install(PluginManifest.of("discount"), Path.of("discount.wasm"));
 *     Discount discount = plugin.as(Discount.class);
 * }
 * }</pre>
 */
public final class PlainPluginHost implements PluginHost, AutoCloseable {
    private final HostCore core;
    private final PlainModules modules = new PlainModules();
    private final PlainServices services = new PlainServices();
    private final ClassLoader contracts;
    private final List<Consumer<? super PluginEvent>> listeners = new CopyOnWriteArrayList<>();

    private PlainPluginHost(Engine engine, Builder builder) {
        contracts = builder.contracts;
        listeners.addAll(builder.listeners);
        core = new HostCore(engine, builder.settings, _ -> PlainServices.NOBODY, this::tell);
    }

    /** @param engine stays the caller's, and is to be closed after the host */
    public static Builder builder(Engine engine) {
        return new Builder(engine);
    }

    /** What a plugin host is made of. Not thread-safe. */
    public static final class Builder {
        private final Engine engine;
        private final List<Consumer<PlainPluginHost>> parts = new ArrayList<>();
        private final List<Consumer<? super PluginEvent>> listeners = new ArrayList<>();
        private HostSettings settings = HostSettings.DEFAULT;
        private ClassLoader contracts = loader();

        private Builder(Engine engine) {
            this.engine = engine;
        }

        private static ClassLoader loader() {
            ClassLoader context = Thread.currentThread().getContextClassLoader();
            return context == null ? ClassLoader.getSystemClassLoader() : context;
        }

        /** See {@link PlainPluginHost#offer(String, Class, Object, Map)}. */
        public <T> Builder module(String name, Class<T> contract, T implementation) {
            parts.add(host -> host.offer(name, contract, implementation, Map.of()));
            return this;
        }

        /** See {@link PlainPluginHost#offer(String, HostModule, Map)}. */
        public Builder module(String name, HostModule slices) {
            parts.add(host -> host.offer(name, slices, Map.of()));
            return this;
        }

        /** Functions by their names; as {@link HostModule#functions} has them, the same for all plugins. */
        public Builder module(String name, Map<String, MethodHandle> functions) {
            Map<String, MethodHandle> own = Map.copyOf(functions);
            return module(name, _ -> own);
        }

        /**
         * See {@link PlainPluginHost#grant}.
         *
         * @throws IllegalArgumentException when the host is built, if it cannot be read
         */
        public Builder grant(Map<?, ?> properties) {
            Map<String, Object> own = texts(properties);
            parts.add(host -> host.grant(own));
            return this;
        }

        /**
         * What plugins get where no grant says more, and what all of them may take: the keys of the configuration {@code
         * org.sallyport.host}.
         *
         * @throws IllegalArgumentException names every key that is unknown, and every value that makes no sense
         */
        public Builder settings(Map<?, ?> properties) {
            List<String> faults = new ArrayList<>();
            HostSettings read = HostSettings.of(texts(properties), faults::add);
            if (!faults.isEmpty()) {
                throw new IllegalArgumentException(String.join("; ", faults));
            }
            settings = read;
            return this;
        }

        /** Where interfaces that manifests name ({@code services}) are looked for; at first the thread's context loader. */
        public Builder contracts(ClassLoader loader) {
            contracts = loader;
            return this;
        }

        /** Told of events by the threads that cause them; must not wait. What it throws is logged. */
        public Builder listener(Consumer<? super PluginEvent> listener) {
            listeners.add(listener);
            return this;
        }

        public PlainPluginHost build() {
            PlainPluginHost host = new PlainPluginHost(engine, this);
            boolean done = false;
            try {
                parts.forEach(part -> part.accept(host));
                ServiceLoader.load(HostModule.class, contracts).forEach(host::offerFound);
                done = true;
                return host;
            } finally {
                if (!done) {
                    host.close();
                }
            }
        }
    }

    /** What was given to the host, until it is taken away. */
    public interface Registration extends AutoCloseable {
        /** From the next call of a guest on it is out of reach. */
        @Override
        void close();
    }

    /** A grant that was given to the host. */
    public interface GrantRegistration extends Registration {
        Grant grant();

        /**
         * From now on it says this.
         *
         * @throws IllegalArgumentException if it cannot be read: then it grants nothing
         */
        void update(Map<?, ?> properties);
    }

    // ---- what feeds it

    /**
     * Offers a host module: the abstract methods of an interface, by an object.
     *
     * @param name under which plugins import the functions
     * @param properties what grants and plugins may ask for besides the name; {@code service.ranking} (an {@code Integer})
     *     says which one is taken first
     */
    public <T> Registration offer(
            String name, Class<T> contract, T implementation, Map<String, ?> properties) {
        if (!contract.isInterface()) {
            throw new IllegalArgumentException(contract.getName() + " is no interface");
        }
        return modules.add(name, implementation, List.of(contract), properties);
    }

    /** Offers a host module that is asked once for each plugin. */
    public Registration offer(String name, HostModule slices, Map<String, ?> properties) {
        return modules.add(name, slices, List.of(), properties);
    }

    /** What stands on the class path is within no plugin's reach before a grant says so, either. */
    private void offerFound(HostModule found) {
        if (!found.module().isEmpty()) {
            offer(found.module(), found, Map.of("service.ranking", Integer.MIN_VALUE));
        }
    }

    /**
     * Grants a plugin something: {@link Grant} has the keys. Values are texts, numbers, lists of texts.
     *
     * @param properties such as a map or {@link java.util.Properties}
     * @throws IllegalArgumentException if it cannot be read; then nothing is granted
     */
    public GrantRegistration grant(Map<?, ?> properties) {
        ConfiguredGrant grant = new ConfiguredGrant(texts(properties), GrantSyntax.PLAIN);
        check(grant);
        core.addGrant(grant);
        return new GrantRegistration() {
            @Override
            public Grant grant() {
                return grant;
            }

            @Override
            public void update(Map<?, ?> changed) {
                grant.update(texts(changed));
                core.updatedGrant(grant);
                check(grant);
            }

            @Override
            public void close() {
                core.removeGrant(grant);
            }
        };
    }

    private static void check(Grant grant) {
        String problem = grant.problem();
        if (problem != null) {
            throw new IllegalArgumentException("grant " + grant.source() + " grants nothing: " + problem);
        }
    }

    /**
     * Compiles a plugin and binds what it asks for as far as host modules and grants are there. If another plugin holds the
     * id, the new one is in state {@link org.sallyport.host.PluginState#CONFLICT} until that one goes.
     *
     * @param module a file; its address is the plugin's {@linkplain PluginOrigin#location location}
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is no module in the binary format
     * @throws org.sallyport.SallyportException if it does not load, validate or compile, or is too large
     */
    public Plugin install(PluginManifest manifest, Path module) throws IOException {
        try (InputStream in = Files.newInputStream(module)) {
            byte[] wasm = Limited.module(in, core.settings().moduleBytes());
            return install(manifest, wasm, module.toUri().toString());
        }
    }

    /** @param location where the module comes from: the application answers for it, and grants may name it */
    public Plugin install(PluginManifest manifest, byte[] wasm, String location) {
        return core.install(manifest, wasm, PluginOrigin.of(location, wasm), surroundings());
    }

    @Override
    public PluginUpdate update(Plugin plugin, PluginManifest manifest, byte[] wasm, String location) {
        return core.update(plugin, manifest, wasm, PluginOrigin.of(location, wasm));
    }

    /** As {@link #update(Plugin, PluginManifest, byte[], String)}, with the plugin's own manifest. */
    public PluginUpdate update(Plugin plugin, Path module) throws IOException {
        byte[] wasm;
        String location = module.toUri().toString();
        try (InputStream in = Files.newInputStream(module)) {
            wasm = Limited.module(in, core.settings().moduleBytes());
        } catch (IllegalArgumentException | SallyportException e) {
            throw core.refused(plugin, PluginOrigin.of(location, new byte[0]), String.valueOf(e.getMessage()), e);
        }
        return update(plugin, plugin.manifest(), wasm, location);
    }

    @Override
    public PluginUpdate rollback(Plugin plugin) {
        return core.rollback(plugin);
    }

    private Surroundings surroundings() {
        return new PlainSurroundings(modules, services, contracts);
    }

    // ---- what it has

    @Override
    public void uninstall(Plugin plugin) {
        core.uninstall(plugin);
    }

    @Override
    public List<Plugin> plugins() {
        return core.plugins();
    }

    /** Updates only: a module that is refused otherwise is so by the exception of {@code install}. */
    @Override
    public List<PluginCandidate> candidates() {
        return core.updates();
    }

    @Override
    public Optional<Plugin> plugin(String id) {
        return core.plugin(id);
    }

    /**
     * What active plugins offer under the interface ({@code services} of their manifests, {@code offer} of their grants), the
     * one of the highest ranking first, then the oldest.
     */
    public <T> List<T> services(Class<T> contract) {
        return services.all(contract);
    }

    /** The first of them. */
    public <T> Optional<T> service(Class<T> contract) {
        return services(contract).stream().findFirst();
    }

    private void tell(PluginEvent event) {
        for (Consumer<? super PluginEvent> listener : listeners) {
            try {
                listener.accept(event);
            } catch (Throwable e) { // a plugin's state must not depend on it
                System.getLogger("org.sallyport.host").log(System.Logger.Level.ERROR, "a listener of plugin events failed", e);
            }
        }
    }

    /** Takes all plugins out, as {@link #uninstall} does. Idempotent. */
    @Override
    public void close() {
        core.close();
    }

    private static Map<String, Object> texts(Map<?, ?> properties) {
        Map<String, Object> texts = new HashMap<>();
        properties.forEach((key, value) -> {
            if (!(key instanceof String name)) {
                throw new IllegalArgumentException("keys are texts, found " + key);
            }
            texts.put(name, value);
        });
        return texts;
    }
}
