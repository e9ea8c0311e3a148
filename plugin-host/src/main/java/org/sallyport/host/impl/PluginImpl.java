package org.sallyport.host.impl;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Filter;
import org.osgi.framework.ServiceRegistration;
import org.sallyport.BindException;
import org.sallyport.CallContext;
import org.sallyport.Engine;
import org.sallyport.GuestException;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunctionException;
import org.sallyport.ImportType;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.TrapException;
import org.sallyport.host.AccessDeniedException;
import org.sallyport.host.Grant;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginIdentity;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.UnsatisfiedImport;

/**
 * A plugin: its bindings, its instances and the services it offers.
 *
 * <p>Whatever changes around it (a grant, a service) only asks for an {@link #update}; one thread at a time does the
 * updating, others
 * leave their request with it and go on. So no lock is held while services are registered or looked up, and events
 * that
 * registrations cause are handled in order.
 */
final class PluginImpl implements Plugin {
    private final PluginManifest manifest;
    private final Module module;
    private final Engine engine;
    private final BundleContext context;
    private final Audit audit;
    private final List<ImportBinding> bindings = new ArrayList<>();
    private final InstancePool pool;
    private final AtomicInteger updates = new AtomicInteger();

    private volatile PluginState state = PluginState.UNSATISFIED;
    private volatile List<Grant> grants = List.of();
    private volatile boolean grantsChanged = true;
    private volatile boolean uninstalled;
    private volatile @Nullable String quarantine;
    private volatile StoreLimits limits;
    private volatile @Nullable Duration timeout;
    private volatile PluginIdentity identity;
    private volatile @Nullable LinkedModule linked;
    /** Touched by the updating thread only. */
    private final List<ServiceRegistration<?>> offered = new ArrayList<>();

    private final LongAdder calls = new LongAdder();
    private final LongAdder stops = new LongAdder();
    private final LongAdder denials = new LongAdder();
    private final AtomicInteger traps = new AtomicInteger();

    PluginImpl(PluginManifest manifest, Module module, Engine engine, BundleContext context, Audit audit) {
        this.manifest = manifest;
        this.module = module;
        this.engine = engine;
        this.context = context;
        this.audit = audit;
        this.limits = engine.config().defaultLimits();
        this.identity = new PluginIdentity(manifest.id(), Map.of());
        this.pool = new InstancePool(manifest.id(), manifest.policy(), manifest.pool(), this::instantiate);
        for (ImportType wanted : module.imports()) {
            String ask = manifest.asks().get(wanted.module());
            bindings.add(new ImportBinding(
                    identity, wanted, context, ask, this::update, () -> denied(wanted)));
        }
    }

    @Override
    public String id() {
        return manifest.id();
    }

    @Override
    public PluginManifest manifest() {
        return manifest;
    }

    @Override
    public PluginState state() {
        return state;
    }

    @Override
    public Module module() {
        return module;
    }

    @Override
    public @Nullable String quarantinedBecause() {
        return quarantine;
    }

    @Override
    public List<UnsatisfiedImport> unsatisfied() {
        if (state != PluginState.UNSATISFIED) {
            return List.of();
        }
        return bindings.stream().filter(b -> !b.isBound()).map(ImportBinding::why).toList();
    }

    @Override
    public Counters counters() {
        return new Counters(
                calls.sum(), traps.get(), stops.sum(), denials.sum(), pool.size(), pool.memoryBytes());
    }

    /** @param all grants of the host; those for this plugin are picked out */
    void grantsChanged(List<Grant> all) {
        grants = all.stream().filter(g -> g.appliesTo(id())).toList();
        grantsChanged = true;
        quarantine = null;
        update();
    }

    void uninstall() {
        uninstalled = true;
        update();
    }

    private void update() {
        if (updates.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            try {
                updateOnce();
            } catch (RuntimeException | Error e) {
                updates.set(0);
                throw e;
            }
            seen = updates.addAndGet(-seen);
        } while (seen != 0);
    }

    private void updateOnce() {
        if (uninstalled) {
            if (state != PluginState.UNINSTALLED) {
                become(PluginState.UNINSTALLED);
                bindings.forEach(ImportBinding::close);
                pool.drain(true);
                module.close();
            }
            return;
        }
        if (grantsChanged) {
            grantsChanged = false;
            applyGrants();
        }
        boolean bound = bindings.stream().allMatch(ImportBinding::isBound);
        become(quarantine != null ? PluginState.QUARANTINED : bound ? PluginState.ACTIVE : PluginState.UNSATISFIED);
    }

    private void applyGrants() {
        List<Filter> allowed = new ArrayList<>();
        Map<String, Object> attributes = new HashMap<>();
        StoreLimits newLimits = engine.config().defaultLimits();
        long memory = manifest.memoryBytes() < 0 ? Long.MAX_VALUE : manifest.memoryBytes();
        Duration time = manifest.timeout();
        for (Grant grant : grants) {
            Filter allow = grant.allow();
            if (allow != null) {
                allowed.add(allow);
            }
            grant.attributes().forEach(attributes::putIfAbsent);
            if (grant.memoryBytes() >= 0) {
                memory = Math.min(memory, grant.memoryBytes());
            }
            Duration t = grant.timeout();
            if (t != null && (time == null || t.compareTo(time) < 0)) {
                time = t;
            }
        }
        limits = newLimits.withMemoryBytes(Math.min(newLimits.memoryBytes(), memory));
        timeout = time;
        identity = new PluginIdentity(id(), attributes);
        pool.drain(false);
        bindings.forEach(binding -> binding.open(allowed, identity));
    }

    private void become(PluginState next) {
        PluginState before = state;
        if (before == next) {
            return;
        }
        if (next == PluginState.ACTIVE && !link()) {
            return;
        }
        state = next;
        if (before == PluginState.ACTIVE) {
            withdraw();
            pool.drain(false);
        } else if (next == PluginState.ACTIVE) {
            offer();
        }
        audit.event("STATE", id(), "is " + next + reasons(), Map.of("state", next.name()));
    }

    private String reasons() {
        StringBuilder text = new StringBuilder();
        unsatisfied().forEach(missing -> text.append("\n  ").append(missing));
        return quarantine == null ? text.toString() : text + " because " + quarantine;
    }

    /** Links once: handles stay the same whatever service is behind them. */
    private boolean link() {
        if (linked == null) {
            Linker linker = engine.newLinker();
            for (ImportBinding binding : bindings) {
                MethodHandle handle = binding.handle();
                if (handle == null) {
                    return false;
                }
                linker.allowShadowing(true).define(binding.wanted().module(), binding.wanted().name(), handle);
            }
            linked = linker.link(module);
        }
        return true;
    }

    /** One registration per interface, each with a proxy in that interface's class loader. */
    private void offer() {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(ID, id());
        for (String name : manifest.services()) {
            try {
                Object proxy = proxy(context.getBundle().loadClass(name));
                offered.add(context.registerService(name, proxy, properties));
            } catch (ClassNotFoundException e) {
                quarantine = "bundle " + context.getBundle().getSymbolicName() + " does not see the interface " + name;
            } catch (BindException e) {
                quarantine = e.getMessage();
            }
        }
        if (quarantine != null) {
            updates.incrementAndGet();
        }
    }

    private void withdraw() {
        for (ServiceRegistration<?> registration : offered) {
            try {
                registration.unregister();
            } catch (IllegalStateException e) {
                // the bundle has stopped: the framework was faster
            }
        }
        offered.clear();
    }

    @Override
    public <T> T as(Class<T> contract) {
        return contract.cast(proxy(contract));
    }

    private Object proxy(Class<?> contract) {
        Map<Method, ExportCall> exports = ExportCall.of(contract, module);
        InvocationHandler handler = (self, method, args) -> {
            ExportCall export = exports.get(method);
            if (export != null) {
                return call(export, args);
            }
            return switch (method.getName()) {
                case "equals" -> self == args[0];
                case "hashCode" -> System.identityHashCode(self);
                case "toString" -> "plugin " + id();
                default -> InvocationHandler.invokeDefault(self, method, args);
            };
        };
        return Proxy.newProxyInstance(contract.getClassLoader(), new Class<?>[] {contract}, handler);
    }

    private @Nullable Object call(ExportCall export, Object @Nullable [] args) {
        Duration limit = timeout;
        return limit == null ? enter(export, args) : CallContext.withTimeout(limit, () -> enter(export, args));
    }

    private @Nullable Object enter(ExportCall export, Object @Nullable [] args) {
        if (state != PluginState.ACTIVE) {
            throw new PluginUnavailableException("plugin " + id() + " is " + state + reasons(), unsatisfied());
        }
        InstancePool.Lease lease = pool.take();
        boolean reusable = false;
        try {
            Object result = export.invoke(lease.instance(), args);
            reusable = true;
            return result;
        } catch (HostFunctionException e) {
            if (e.getCause() instanceof AccessDeniedException denied) {
                denied.addSuppressed(e);
                throw denied;
            }
            throw e;
        } catch (GuestException e) {
            count(e);
            throw e;
        } finally {
            calls.increment();
            pool.give(lease, reusable);
        }
    }

    private void count(GuestException failure) {
        if (failure instanceof GuestInterruptedException) {
            stops.increment();
            audit.event("STOPPED", id(), String.valueOf(failure.getMessage()), Map.of());
        } else if (failure instanceof TrapException trap) {
            audit.event("TRAP", id(), String.valueOf(failure.getMessage()), Map.of("code", trap.code().name()));
            if (traps.incrementAndGet() == manifest.maxTraps()) {
                quarantine = "it trapped " + manifest.maxTraps() + " times, last: " + failure.getMessage();
                update();
            }
        }
    }

    private void denied(ImportType wanted) {
        denials.increment();
        audit.event("DENIED", id(), "may not call " + wanted, Map.of("import", wanted.toString()));
    }

    private GuestInstance instantiate() {
        LinkedModule ready = linked;
        if (ready == null) {
            throw new PluginUnavailableException("plugin " + id() + " is not linked", unsatisfied());
        }
        Store store = engine.newStore(limits);
        try {
            store.attach(PluginIdentity.class, identity);
            Instance instance = ready.instantiate(store);
            if (instance.export("_initialize").isPresent()) {
                instance.func("_initialize").call();
            }
            return new GuestInstance(store, instance);
        } catch (Throwable t) {
            store.close();
            throw t;
        }
    }
}
