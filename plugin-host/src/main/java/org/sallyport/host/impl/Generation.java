package org.sallyport.host.impl;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.sallyport.Engine;
import org.sallyport.ImportType;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.SallyportException;
import org.sallyport.Store;
import org.sallyport.host.PluginIdentity;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.UnsatisfiedImport;

/**
 * A plugin under certain rights: one binding for each import, and the module linked with them. Other rights make another
 * generation; instances stay with the one that they were made in.
 */
final class Generation {
    private final Rights rights;
    private final List<ImportBinding> bindings;
    /** Null while it cannot be: an import is no function. */
    private final @Nullable LinkedModule linked;
    private final @Nullable String fault;

    private Generation(
            Rights rights, List<ImportBinding> bindings, @Nullable LinkedModule linked, @Nullable String fault) {
        this.rights = rights;
        this.bindings = bindings;
        this.linked = linked;
        this.fault = fault;
    }

    /**
     * Opens the bindings and links once: handles stay the same whatever service is behind them.
     *
     * @param changed called when a binding has changed
     * @param denied called when a guest calls what is not bound
     */
    static Generation of(
            Rights rights,
            PluginManifest manifest,
            Module module,
            Engine engine,
            BundleContext context,
            Runnable changed,
            Consumer<ImportType> denied) {
        List<ImportBinding> bindings = new ArrayList<>();
        for (ImportType wanted : module.imports()) {
            String ask = manifest.asks().get(wanted.module());
            bindings.add(new ImportBinding(rights, wanted, context, ask, changed, () -> denied.accept(wanted)));
        }
        bindings.forEach(ImportBinding::open);
        Linker linker = engine.newLinker().allowShadowing(true);
        for (ImportBinding binding : bindings) {
            var handle = binding.handle();
            if (handle == null) {
                return new Generation(rights, bindings, null, null);
            }
            linker.define(binding.wanted().module(), binding.wanted().name(), handle);
        }
        try {
            return new Generation(rights, bindings, linker.link(module), null);
        } catch (SallyportException e) {
            return new Generation(rights, bindings, null, "it cannot be linked: " + e.getMessage());
        }
    }

    Rights rights() {
        return rights;
    }

    /** Why it cannot be linked although all imports are functions, or null. */
    @Nullable String fault() {
        return fault;
    }

    boolean isLinked() {
        return linked != null;
    }

    boolean isBound() {
        return linked != null && bindings.stream().allMatch(ImportBinding::isBound);
    }

    List<UnsatisfiedImport> unsatisfied() {
        return bindings.stream().filter(b -> !b.isBound()).map(ImportBinding::why).toList();
    }

    /** From now on every call of its guests to the host is refused. */
    void close() {
        bindings.forEach(ImportBinding::close);
    }

    /**
     * An instance in a store of its own.
     *
     * @param number which making of the pool it is from
     */
    GuestInstance instantiate(Engine engine, int number) {
        LinkedModule module = linked;
        if (module == null) {
            throw new IllegalStateException("not linked");
        }
        Store store = engine.newStore(rights.limits());
        try {
            store.attach(PluginIdentity.class, rights.identity());
            Instance instance = module.instantiate(store);
            if (instance.export("_initialize").isPresent()) {
                instance.func("_initialize").call();
            }
            return new GuestInstance(number, store, instance);
        } catch (Throwable t) {
            store.close();
            throw t;
        }
    }
}
