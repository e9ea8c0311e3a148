package org.sallyport.host.impl;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;
import org.sallyport.EntityType;
import org.sallyport.ImportType;
import org.sallyport.host.AccessDeniedException;
import org.sallyport.host.Grant;
import org.sallyport.host.HostModule;
import org.sallyport.host.PluginIdentity;
import org.sallyport.host.UnsatisfiedImport;
import org.sallyport.host.UnsatisfiedImport.Kind;

/**
 * One import of a plugin under certain rights, and the service behind it. A tracker on the plugin's bundle context sees
 * exactly the services with the import's module that the plugin asks for <em>and</em> some grant allows; without a
 * grant there is no tracker at all. Guests call {@link #handle}, which goes to the present target, so that a loss takes
 * effect at the next call. Once closed, a binding never has a target again: instances that were linked with it are cut
 * off.
 *
 * <p>Thread-safe. No lock is held while {@code changed} runs or services are looked up.
 */
final class ImportBinding implements ServiceTrackerCustomizer<Object, Object> {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final MethodHandle CURRENT;

    static {
        try {
            CURRENT = MethodHandles.lookup()
                    .findVirtual(ImportBinding.class, "current", MethodType.methodType(MethodHandle.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own method", e);
        }
    }

    private final Rights rights;
    private final ImportType wanted;
    private final @Nullable MethodType type;
    private final BundleContext context;
    private final String wish;
    private final Runnable changed;
    private final Runnable denied;
    private final @Nullable ServiceTracker<Object, Object> tracker;
    /** Not sorted: the ranking of a reference may change while it is in here. Guarded by this. */
    private final Map<ServiceReference<Object>, HostFunctions> candidates = new HashMap<>();

    private volatile @Nullable MethodHandle target;
    /** Guarded by this. */
    private boolean closed;

    /**
     * @param ask filter of the manifest, or null
     * @param changed called after the target has changed
     * @param denied called when a guest calls without a target
     */
    ImportBinding(
            Rights rights,
            ImportType wanted,
            BundleContext context,
            @Nullable String ask,
            Runnable changed,
            Runnable denied) {
        this.rights = rights;
        this.wanted = wanted;
        this.context = context;
        this.changed = changed;
        this.denied = denied;
        this.type = wanted.type() instanceof EntityType.Func func ? Abi.rawType(func.type()) : null;
        String module = "(" + HostModule.MODULE + "=" + escape(wanted.module()) + ")";
        this.wish = ask == null ? module : "(&" + module + filter(ask) + ")";
        this.tracker = type == null || rights.allow().isEmpty()
                ? null
                : new ServiceTracker<>(context, filter("(&" + wish + granted() + ")"), this);
    }

    /** What some grant allows. Each part was parsed as one well-formed filter on its own. */
    private String granted() {
        return rights.allow().stream().map(Filter::toString).collect(Collectors.joining("", "(|", ")"));
    }

    ImportType wanted() {
        return wanted;
    }

    /** What guests are linked with; null when the import is not a function that can be bound. */
    @Nullable MethodHandle handle() {
        return type == null
                ? null
                : MethodHandles.foldArguments(MethodHandles.exactInvoker(type), CURRENT.bindTo(this));
    }

    boolean isBound() {
        return target != null;
    }

    /** Starts to look at services; those already there are looked at before this returns. */
    void open() {
        if (tracker != null) {
            tracker.open();
        }
    }

    /** From now on every call is refused. */
    void close() {
        synchronized (this) {
            closed = true;
            target = null;
        }
        if (tracker != null) {
            tracker.close();
        }
    }

    @Override
    public @Nullable Object addingService(ServiceReference<Object> reference) {
        Object service = context.getService(reference);
        if (service != null) {
            HostFunctions functions = ask(reference, service, rights.identity());
            synchronized (this) {
                candidates.put(reference, functions);
            }
            choose();
        }
        return service;
    }

    /** A service that fails when asked offers nothing; the plugin is then unsatisfied and says so. */
    private static HostFunctions ask(ServiceReference<?> reference, Object service, PluginIdentity plugin) {
        try {
            return HostFunctions.of(reference, service, plugin);
        } catch (RuntimeException | LinkageError e) {
            LOG.log(System.Logger.Level.ERROR, "host module " + reference + " offers nothing to " + plugin.id(), e);
            return HostFunctions.NONE;
        }
    }

    @Override
    public void modifiedService(ServiceReference<Object> reference, Object service) {
        choose();
    }

    @Override
    public void removedService(ServiceReference<Object> reference, Object service) {
        synchronized (this) {
            candidates.remove(reference);
        }
        choose();
        try {
            context.ungetService(reference);
        } catch (IllegalStateException e) {
            // the plugin's bundle has stopped: the framework was faster
        }
    }

    /** The best service that has the function with the right type: highest ranking, then oldest. */
    private void choose() {
        synchronized (this) {
            ServiceReference<?> from = null;
            MethodHandle best = null;
            for (Map.Entry<ServiceReference<Object>, HostFunctions> candidate : candidates.entrySet()) {
                MethodHandle function = type == null ? null : candidate.getValue().find(wanted.name(), type);
                if (function != null && (from == null || candidate.getKey().compareTo(from) > 0)) {
                    from = candidate.getKey();
                    best = function;
                }
            }
            if (closed || best == target) {
                return;
            }
            target = best;
        }
        changed.run();
    }

    private MethodHandle current() {
        MethodHandle now = target;
        if (now == null) {
            denied.run();
            throw new AccessDeniedException(
                    rights.identity().id(),
                    wanted.module() + "." + wanted.name(),
                    "its grant was withdrawn or its service has left");
        }
        return now;
    }

    /** Why there is no target. */
    UnsatisfiedImport why() {
        if (type == null) {
            return missing(
                    Kind.NOT_A_FUNCTION,
                    "only functions over numbers can be bound to services, this is a " + wanted.type());
        }
        ServiceReference<?>[] offers = offers();
        if (offers.length == 0) {
            return missing(Kind.NO_SERVICE, "no service offers it: none matches " + wish);
        }
        synchronized (this) {
            return candidates.isEmpty() ? notGranted(offers[0]) : noFunction();
        }
    }

    private UnsatisfiedImport notGranted(ServiceReference<?> offer) {
        Bundle bundle = offer.getBundle();
        String plugin = rights.identity().id();
        String missing = rights.allow().isEmpty()
                ? "there is no grant for plugin " + plugin
                : "no grant of plugin " + plugin + " allows that service";
        return missing(
                Kind.NOT_GRANTED,
                "not granted: " + (bundle == null ? "a service" : bundle.getSymbolicName()) + " offers it, but "
                        + missing + "; a configuration of " + Grant.FACTORY_PID + " with plugin=" + plugin
                        + " and allow=(" + HostModule.MODULE + "=" + escape(wanted.module()) + ") would");
    }

    private UnsatisfiedImport noFunction() {
        TreeSet<String> names = new TreeSet<>();
        TreeSet<String> types = new TreeSet<>();
        for (HostFunctions functions : candidates.values()) {
            names.addAll(functions.names());
            functions.types(wanted.name()).forEach(found -> types.add(found.toString()));
        }
        return types.isEmpty()
                ? missing(
                        Kind.NO_FUNCTION,
                        "the granted service has no such function; it has "
                                + (names.isEmpty() ? "none" : String.join(", ", names)))
                : missing(
                        Kind.WRONG_TYPE,
                        "the granted service has it with the Java type " + String.join(" and ", types) + ", wanted "
                                + type);
    }

    private UnsatisfiedImport missing(Kind kind, String reason) {
        return new UnsatisfiedImport(wanted, kind, reason);
    }

    private ServiceReference<?>[] offers() {
        try {
            ServiceReference<?>[] found = context.getAllServiceReferences(null, wish);
            return found == null ? new ServiceReference<?>[0] : found;
        } catch (InvalidSyntaxException e) {
            throw new AssertionError("BUG: checked filter " + wish, e);
        } catch (IllegalStateException e) {
            return new ServiceReference<?>[0]; // the plugin's bundle has stopped
        }
    }

    /** @param text made of parts that were checked before */
    private static Filter filter(String text) {
        try {
            return FrameworkUtil.createFilter(text);
        } catch (InvalidSyntaxException e) {
            throw new AssertionError("BUG: filter made of checked parts: " + text, e);
        }
    }

    /** Escapes of OSGi filters (Core 3.2.7), so that a guest's import name cannot change the filter. */
    static String escape(String value) {
        return value.replace("\\", "\\\\").replace("*", "\\*").replace("(", "\\(").replace(")", "\\)");
    }
}
