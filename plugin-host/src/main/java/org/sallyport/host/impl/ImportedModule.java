package org.sallyport.host.impl;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;
import org.sallyport.host.HostModule;
import org.sallyport.host.PluginIdentity;
import org.sallyport.host.UnsatisfiedImport;

/**
 * All imports of a plugin from one module, and the services that may stand behind them. One tracker on the plugin's bundle
 * context sees exactly the services with that module that the plugin asks for <em>and</em> some grant allows; without a
 * grant there is no tracker at all.
 *
 * <p>Thread-safe. No lock is held while {@code changed} runs or services are looked up. What services do here is done on
 * the thread that registers or takes them: a few looks into maps for each import.
 */
final class ImportedModule implements ServiceTrackerCustomizer<Object, Object> {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");

    private final Rights rights;
    private final BundleContext context;
    private final List<ImportBinding> bindings;
    private final String wish;
    private final Runnable changed;
    private final @Nullable ServiceTracker<Object, Object> tracker;
    /** Not sorted: the ranking of a reference may change while it is in here. Guarded by this. */
    private final Map<ServiceReference<Object>, HostFunctions> candidates = new HashMap<>();
    /** Guarded by this. */
    private boolean closed;

    /**
     * @param name of the module
     * @param bindings one for each function
     * @param ask filter of the manifest, or null
     * @param changed called after targets have changed
     */
    ImportedModule(
            String name,
            List<ImportBinding> bindings,
            Rights rights,
            BundleContext context,
            @Nullable String ask,
            Runnable changed) {
        this.bindings = bindings;
        this.rights = rights;
        this.context = context;
        this.changed = changed;
        String module = "(" + HostModule.MODULE + "=" + escape(name) + ")";
        this.wish = ask == null ? module : "(&" + module + filter(ask) + ")";
        this.tracker = rights.allow().isEmpty()
                ? null
                : new ServiceTracker<>(context, filter("(&" + wish + granted() + ")"), this);
    }

    /** What some grant allows. Each part was parsed as one well-formed filter on its own. */
    private String granted() {
        return rights.allow().stream()
                .map(allowed -> allowed.services().toString())
                .distinct()
                .collect(Collectors.joining("", "(|", ")"));
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
            bindings.forEach(ImportBinding::empty);
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

    /** If choosing fails in the middle, for want of memory say, nothing is bound: no target may be one that has left. */
    private void choose() {
        boolean different = true;
        try {
            different = chooseAll();
        } finally {
            if (different) {
                changed.run();
            }
        }
    }

    private synchronized boolean chooseAll() {
        boolean different = false;
        boolean done = false;
        try {
            for (int i = 0; i < bindings.size() && !closed; i++) {
                different |= bindings.get(i).choose(candidates);
            }
            done = true;
        } finally {
            for (int i = 0; i < bindings.size() && !done; i++) {
                bindings.get(i).empty();
            }
        }
        return different;
    }

    /** Adds why each function that is not bound is not. */
    void why(List<UnsatisfiedImport> reasons, int most) {
        ServiceReference<?> offer = null;
        boolean looked = false;
        for (ImportBinding binding : bindings) {
            if (binding.isBound() || reasons.size() >= most) {
                continue;
            }
            if (!looked) {
                offer = offer();
                looked = true;
            }
            synchronized (this) {
                reasons.add(binding.why(offer, wish, candidates));
            }
        }
    }

    private @Nullable ServiceReference<?> offer() {
        try {
            ServiceReference<?>[] found = context.getAllServiceReferences(null, wish);
            return found == null ? null : found[0];
        } catch (InvalidSyntaxException e) {
            throw new AssertionError("BUG: checked filter " + wish, e);
        } catch (IllegalStateException e) {
            return null; // the plugin's bundle has stopped
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
