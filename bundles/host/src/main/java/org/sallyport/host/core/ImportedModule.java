package org.sallyport.host.core;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.ModuleFilter;
import org.sallyport.host.PluginIdentity;
import org.sallyport.host.UnsatisfiedImport;

/**
 * All imports of a plugin from one module, and the host modules that may stand behind them. One watch of the plugin's
 * surroundings sees exactly the host modules of that name that the plugin asks for <em>and</em> some grant allows; without a
 * grant there is no watch at all.
 *
 * <p>Thread-safe. No lock is held while {@code changed} runs or surroundings are asked. What host modules do here is done on
 * the thread that brings or takes them: a few looks into maps for each import.
 */
final class ImportedModule implements Surroundings.Listener {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");

    private final Rights rights;
    private final Surroundings surroundings;
    private final List<ImportBinding> bindings;
    private final ModuleWish wish;
    private final Runnable changed;
    private volatile @Nullable AutoCloseable watch;
    /** Not sorted: the rank of an offer may change while it is in here. Guarded by this. */
    private final Map<HostOffer, HostFunctions> candidates = new HashMap<>();
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
            Surroundings surroundings,
            @Nullable String ask,
            Runnable changed) {
        this.bindings = bindings;
        this.rights = rights;
        this.surroundings = surroundings;
        this.changed = changed;
        this.wish = new ModuleWish(
                name,
                ask == null ? null : ModuleFilter.of(ask),
                rights.allow().stream().map(Rights.Allowed::services).toList());
    }

    /** Starts to look; what is already there is looked at before this returns. */
    void open() {
        if (!wish.granted().isEmpty()) {
            watch = surroundings.watch(wish, this);
        }
    }

    /** From now on every call is refused. */
    void close() {
        synchronized (this) {
            closed = true;
            bindings.forEach(ImportBinding::empty);
        }
        AutoCloseable looking = watch;
        try {
            if (looking != null) {
                looking.close();
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void added(HostOffer offer) {
        HostFunctions functions = ask(offer, rights.identity());
        synchronized (this) {
            candidates.put(offer, functions);
        }
        choose();
    }

    /** A host module that fails when asked offers nothing; the plugin is then unsatisfied and says so. */
    private static HostFunctions ask(HostOffer offer, PluginIdentity plugin) {
        try {
            return HostFunctions.of(offer, plugin);
        } catch (RuntimeException | LinkageError e) {
            LOG.log(System.Logger.Level.ERROR, "host module " + offer + " offers nothing to " + plugin.id(), e);
            return HostFunctions.none(e instanceof IllegalArgumentException ? String.valueOf(e.getMessage()) : e.toString());
        }
    }

    @Override
    public void changed() {
        choose();
    }

    @Override
    public void removed(HostOffer offer) {
        synchronized (this) {
            candidates.remove(offer);
        }
        choose();
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
        if (bindings.stream().allMatch(ImportBinding::isBound)) {
            return;
        }
        HostOffer offer = surroundings.any(wish);
        synchronized (this) { // so that none is bound between the question and the answer
            for (ImportBinding binding : bindings) {
                if (!binding.isBound() && reasons.size() < most) {
                    reasons.add(binding.why(offer, wish.asked(), candidates, surroundings.aGrant()));
                }
            }
        }
    }
}
