package org.sallyport.host.impl;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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
import org.sallyport.host.HostModule;
import org.sallyport.host.PluginIdentity;
import org.sallyport.host.UnsatisfiedImport;
import org.sallyport.host.UnsatisfiedImport.Kind;

/**
 * One import of a plugin and the service behind it. A tracker on the plugin's bundle context sees exactly the
 * services with the
 * import's module that the plugin asks for <em>and</em> some grant allows; without a grant there is no tracker at
 * all. Guests call {@link #handle}, which goes to
 * the present target, so that a loss takes effect at the next call.
 */
final class ImportBinding implements ServiceTrackerCustomizer<Object, Object> {
    private final String plugin;
    private final ImportType wanted;
    private final @Nullable MethodType type;
    private final BundleContext context;
    private final String wish;
    private final Runnable changed;
    private final Runnable denied;
    private final Map<ServiceReference<Object>, Map<String, MethodHandle>> candidates =
            new ConcurrentSkipListMap<>(java.util.Comparator.reverseOrder());

    private @Nullable ServiceTracker<Object, Object> tracker;
    private List<Filter> grants = List.of();
    private PluginIdentity identity;
    private volatile @Nullable MethodHandle target;

    /**
     * @param ask filter of the manifest, or null
     * @param changed called after the target may have changed
     * @param denied called when a guest calls without a target
     */
    ImportBinding(
            PluginIdentity identity,
            ImportType wanted,
            BundleContext context,
            @Nullable String ask,
            Runnable changed,
            Runnable denied) {
        this.plugin = identity.id();
        this.identity = identity;
        this.wanted = wanted;
        this.context = context;
        this.changed = changed;
        this.denied = denied;
        this.type = wanted.type() instanceof EntityType.Func func ? Abi.rawType(func.type()) : null;
        String module = "(" + HostModule.MODULE + "=" + escape(wanted.module()) + ")";
        this.wish = ask == null ? module : "(&" + module + ask + ")";
    }

    ImportType wanted() {
        return wanted;
    }

    /** What guests are linked with; null when the import is not a function that can be bound. */
    @Nullable MethodHandle handle() {
        if (type == null) {
            return null;
        }
        try {
            MethodHandle current = MethodHandles.lookup()
                    .findVirtual(ImportBinding.class, "current", MethodType.methodType(MethodHandle.class))
                    .bindTo(this);
            return MethodHandles.foldArguments(MethodHandles.exactInvoker(type), current);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own method", e);
        }
    }

    boolean isBound() {
        return target != null;
    }

    /** Looks at services anew under these grants. */
    void open(List<Filter> grants, PluginIdentity identity) {
        close();
        this.grants = List.copyOf(grants);
        this.identity = identity;
        if (type == null || grants.isEmpty()) {
            return;
        }
        tracker = new ServiceTracker<>(context, filter(and(grants)), this);
        tracker.open();
    }

    void close() {
        if (tracker != null) {
            tracker.close();
            tracker = null;
        }
        candidates.clear();
        target = null;
    }

    @Override
    public @Nullable Object addingService(ServiceReference<Object> reference) {
        Object service = context.getService(reference);
        if (service != null) {
            candidates.put(reference, HostFunctions.of(reference, service, identity));
            choose();
        }
        return service;
    }

    @Override
    public void modifiedService(ServiceReference<Object> reference, Object service) {
        choose();
    }

    @Override
    public void removedService(ServiceReference<Object> reference, Object service) {
        candidates.remove(reference);
        choose();
        context.ungetService(reference);
    }

    /** The best service that has the function with the right type. */
    private void choose() {
        MethodHandle best = null;
        for (Map<String, MethodHandle> functions : candidates.values()) {
            MethodHandle function = functions.get(wanted.name());
            if (function != null && function.type().equals(type)) {
                best = function;
                break;
            }
        }
        target = best;
        changed.run();
    }

    private MethodHandle current() {
        MethodHandle now = target;
        if (now == null) {
            denied.run();
            throw new AccessDeniedException(
                    plugin, wanted.module() + "." + wanted.name(), "its grant was withdrawn or its service has left");
        }
        return now;
    }

    /** Why there is no target. */
    UnsatisfiedImport why() {
        if (type == null) {
            return new UnsatisfiedImport(
                    wanted, Kind.NOT_A_FUNCTION, "only functions over numbers can be bound to services, this is a " + wanted.type());
        }
        Collection<ServiceReference<?>> offers = offers();
        if (offers.isEmpty()) {
            return new UnsatisfiedImport(wanted, Kind.NO_SERVICE, "no service offers it: none matches " + wish);
        }
        if (candidates.isEmpty()) {
            return new UnsatisfiedImport(
                    wanted,
                    Kind.NOT_GRANTED,
                    "not granted: " + offers.iterator().next().getBundle().getSymbolicName() + " offers it, but "
                            + (grants.isEmpty()
                                    ? "there is no grant for plugin " + plugin
                                    : "no grant of plugin " + plugin + " allows that service") + "; a configuration of "
                            + org.sallyport.host.Grant.FACTORY_PID + " with plugin=" + plugin + " and allow=("
                            + HostModule.MODULE + "=" + wanted.module() + ") would");
        }
        for (Map<String, MethodHandle> functions : candidates.values()) {
            MethodHandle function = functions.get(wanted.name());
            if (function != null) {
                return new UnsatisfiedImport(
                        wanted, Kind.WRONG_TYPE, "the service has it with the Java type " + function.type() + ", wanted " + type);
            }
        }
        return new UnsatisfiedImport(
                wanted,
                Kind.NO_FUNCTION,
                "the granted service has no such function; it has "
                        + candidates.values().stream()
                                .flatMap(f -> f.keySet().stream())
                                .sorted()
                                .collect(Collectors.joining(", ")));
    }

    private Collection<ServiceReference<?>> offers() {
        try {
            ServiceReference<?>[] found = context.getAllServiceReferences(null, wish);
            return found == null ? List.of() : List.of(found);
        } catch (InvalidSyntaxException e) {
            throw new AssertionError("BUG: checked filter " + wish, e);
        }
    }

    /** What the plugin asks for and some grant allows. Each part was parsed as one well-formed filter on its own. */
    private String and(List<Filter> grants) {
        return "(&" + wish + "(|" + grants.stream().map(Filter::toString).collect(Collectors.joining()) + "))";
    }

    private static Filter filter(String text) {
        try {
            return FrameworkUtil.createFilter(text);
        } catch (InvalidSyntaxException e) {
            throw new AssertionError("BUG: filter made of checked parts: " + text, e);
        }
    }

    /** RFC 4515 escapes, so that a guest's import name cannot change the filter. */
    private static String escape(String value) {
        return value.replace("\\", "\\\\").replace("*", "\\*").replace("(", "\\(").replace(")", "\\)");
    }
}
