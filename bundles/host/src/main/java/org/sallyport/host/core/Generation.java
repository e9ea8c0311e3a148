package org.sallyport.host.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sallyport.Engine;
import org.sallyport.ImportType;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.SallyportException;
import org.sallyport.Store;
import org.sallyport.contract.Transfers;
import org.sallyport.host.Grant;
import org.sallyport.host.PluginIdentity;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.UnsatisfiedImport;

/**
 * A plugin under certain rights: one binding for each import, and the module linked with them. Other rights make another
 * generation; instances stay with the one that they were made in.
 */
final class Generation {
    private final Rights rights;
    private final Permit permit;
    private final List<ImportedModule> modules;
    private final List<ImportBinding> bindings;
    /** Null while it cannot be: an import is no function. */
    private final @Nullable Function<Store, Instance> linked;
    private final @Nullable String fault;
    private volatile Grants.Granted[] grants;
    private volatile boolean ready;

    private Generation(
            Rights rights,
            List<Grants.Granted> grants,
            Permit permit,
            List<ImportedModule> modules,
            List<ImportBinding> bindings,
            @Nullable Function<Store, Instance> linked,
            @Nullable String fault) {
        this.rights = rights;
        this.grants = grants.toArray(Grants.Granted[]::new);
        this.permit = permit;
        this.modules = modules;
        this.bindings = bindings;
        this.linked = linked;
        this.fault = fault;
    }

    /** What a generation is made of. */
    record Parts(PluginManifest manifest, Module module, Engine engine, Surroundings surroundings) {}

    /**
     * Opens the bindings and links once: handles stay the same whatever service is behind them.
     *
     * @param grants that the rights come from
     * @param permit of its guests
     * @param meter of the plugin
     * @param changed called when a binding has changed
     * @param denied called when a guest calls what is not bound
     */
    static Generation of(
            Rights rights,
            List<Grants.Granted> grants,
            Permit permit,
            Meter meter,
            Parts parts,
            Runnable changed,
            Consumer<ImportType> denied) {
        Map<ImportType, ImportBinding> bindings = new LinkedHashMap<>();
        Map<String, List<ImportBinding>> byModule = new LinkedHashMap<>();
        for (ImportType wanted : parts.module().imports()) {
            if (!OwnMemories.isOne(wanted) && !bindings.containsKey(wanted)) {
                ImportBinding binding = new ImportBinding(rights, wanted, permit, meter, () -> denied.accept(wanted));
                bindings.put(wanted, binding);
                byModule.computeIfAbsent(wanted.module(), _ -> new ArrayList<>()).add(binding);
            }
        }
        List<ImportedModule> modules = new ArrayList<>(byModule.size());
        byModule.forEach((name, own) -> modules.add(new ImportedModule(
                name, own, rights, parts.surroundings(), parts.manifest().asks().get(name), changed)));
        List<ImportBinding> all = List.copyOf(bindings.values());
        boolean done = false;
        try {
            modules.forEach(ImportedModule::open);
            Generation made = link(rights, grants, permit, parts, modules, all);
            done = true;
            return made;
        } finally {
            if (!done) {
                permit.withdraw();
                modules.forEach(ImportedModule::close);
            }
        }
    }

    private static Generation link(
            Rights rights,
            List<Grants.Granted> grants,
            Permit permit,
            Parts parts,
            List<ImportedModule> modules,
            List<ImportBinding> bindings) {
        Linker linker = parts.engine().newLinker().allowShadowing(true);
        for (ImportBinding binding : bindings) {
            var handle = binding.handle();
            if (handle == null) {
                return new Generation(rights, grants, permit, modules, bindings, null, null);
            }
            linker.define(binding.wanted().module(), binding.wanted().name(), handle);
        }
        try {
            return new Generation(
                    rights, grants, permit, modules, bindings, OwnMemories.link(linker, parts.module()), null);
        } catch (SallyportException e) {
            return new Generation(
                    rights, grants, permit, modules, bindings, null, "it cannot be linked: " + e.getMessage());
        }
    }

    Rights rights() {
        return rights;
    }

    /** Whether each call looks at the clock anyway. */
    boolean isMeasured() {
        return rights.timeout() != null || rights.fuel() >= 0 || rights.budget().isOnTime();
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

    /** Whether all that it asks for is bound, and all that it would offer is granted. */
    boolean isSatisfied() {
        return isBound() && rights.offer().refused().isEmpty();
    }

    /** An instance was made under these rights, and calls are prepared. */
    boolean isReady() {
        return ready;
    }

    void setReady() {
        ready = true;
    }

    List<UnsatisfiedImport> unsatisfied(int most) {
        List<UnsatisfiedImport> reasons = new ArrayList<>();
        modules.forEach(module -> module.why(reasons, most));
        return List.copyOf(reasons);
    }

    /** Where its rights come from. */
    List<String> sources() {
        return Arrays.stream(grants).map(granted -> granted.terms().source()).toList();
    }

    /** The same rights come from these grants now. */
    void restOn(List<Grants.Granted> now) {
        grants = now.toArray(Grants.Granted[]::new);
    }

    /** Cuts its guests off if their rights come from this grant, among others. Needs neither heap nor a lock. */
    void withdraw(Grant grant) {
        for (Grants.Granted granted : grants) {
            if (granted.service() == grant) {
                permit.withdraw();
            }
        }
    }

    /** Cuts its guests off if this grant was edited in what it puts within reach, or does not say. */
    void withdrawUnlessSame(Grant grant) {
        for (Grants.Granted granted : grants) {
            boolean same = false;
            try {
                same = granted.service() != grant || granted.isStillSo();
            } finally {
                if (!same) {
                    permit.withdraw();
                }
            }
        }
    }

    /** From now on every call of its guests to the host is refused; needs neither heap nor a lock. */
    void cutOff() {
        permit.withdraw();
    }

    boolean isCutOff() {
        return permit.isWithdrawn();
    }

    /** Cuts off and lets go of the services. */
    void close() {
        permit.withdraw();
        modules.forEach(ImportedModule::close);
    }

    /**
     * An instance in a store of its own, ready to be called.
     *
     * @param number which making of the pool it is from
     * @param memory bytes that its memories may have at most, if that is less than its rights say
     * @param exports index of each export that calls use
     * @param begun told of the store before guest code runs in it
     */
    GuestInstance instantiate(
            Engine engine,
            HostSettings settings,
            int number,
            long memory,
            Map<String, Integer> exports,
            Consumer<Store> begun) {
        Function<Store, Instance> module = linked;
        if (module == null) {
            throw new IllegalStateException("not linked");
        }
        Store store = engine.newStore(rights.limits().withMemoryBytes(Math.min(rights.limits().memoryBytes(), memory)));
        try {
            store.setInterruptible(true);
            Transfers transfers = settings.transfers();
            store.attach(PluginIdentity.class, rights.identity());
            store.attach(Transfers.class, transfers);
            begun.accept(store);
            Instance instance = module.apply(store);
            if (instance.export("_initialize").isPresent()) {
                instance.func("_initialize").call();
            }
            GuestInstance made = new GuestInstance(number, store, instance, transfers);
            made.link(exports);
            return made;
        } catch (LimitExceededException e) {
            store.close();
            throw inWordsOfGrants(e);
        } catch (Throwable t) {
            store.close();
            throw t;
        }
    }

    /** Whoever reads it writes grants, and no {@code StoreLimits}. */
    private static LimitExceededException inWordsOfGrants(LimitExceededException e) {
        String keys = switch (e.property()) {
            case "StoreLimits.memoryBytes" -> "memory in the plugin's grant and manifest, budget.memory in its grant, or "
                    + HostSettings.name("memory");
            case "StoreLimits.exceptionBytes" -> "exceptions in the plugin's grant, or " + HostSettings.name("exceptions");
            case "StoreLimits.sharedMemories" -> "shared-memory=true in the plugin's grant";
            default -> null;
        };
        return keys == null ? e : new LimitExceededException(e.limit(), e.asked(), e.allowed(), keys);
    }
}
