package org.sallyport.host.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.sallyport.StoreLimits;
import org.sallyport.host.Budget;
import org.sallyport.host.Grant;
import org.sallyport.host.ModuleFilter;
import org.sallyport.host.PluginIdentity;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginOrigin;

/**
 * What a plugin may do, offer and take: what its manifest asks for and all grants for it, put together once. What a
 * manifest says only ever narrows: every limit is the smallest one named, and what is offered must be granted. An
 * instance keeps the rights it was made with; other rights mean other instances.
 *
 * @param allow a host module service must match one of them. None: nothing may be bound
 * @param offer what it may offer
 * @param timeout longest time of one call, or null
 * @param fuel instructions that one call may execute, or -1
 * @param maxTraps failures until quarantine; 0: never
 * @param budget over all instances and calls
 * @param absence for people: why no grant applies; empty if one does, or if none is needed
 */
record Rights(
        List<Allowed> allow,
        PluginIdentity identity,
        Offering offer,
        StoreLimits limits,
        @Nullable Duration timeout,
        long fuel,
        int maxTraps,
        Budget budget,
        String absence) {
    /** Failures until quarantine where no grant says otherwise. */
    static final int MAX_TRAPS = 100;

    /**
     * What one grant puts within reach.
     *
     * @param functions of these services; empty: all
     */
    record Allowed(ModuleFilter services, Set<String> functions) {
        boolean includes(String function) {
            return functions.isEmpty() || functions.contains(function);
        }

        @Override
        public String toString() {
            return functions.isEmpty() ? services.toString() : services + " only " + new TreeSet<>(functions);
        }
    }

    /**
     * @param grants for this plugin, the one that counts first in front
     * @param defaults what no grant can exceed
     * @param settings what an instance may take where no grant names it
     * @param absence why there are no grants, where there are none and the plugin needs one
     */
    static Rights of(
            PluginManifest manifest,
            PluginOrigin origin,
            List<Grant> grants,
            StoreLimits defaults,
            HostSettings settings,
            String absence) {
        List<Allowed> allow = new ArrayList<>();
        Map<String, Object> attributes = new HashMap<>();
        long memory = smallest(grants, Grant::memoryBytes, settings.memoryBytes());
        if (manifest.memoryBytes() >= 0) {
            memory = Math.min(memory, manifest.memoryBytes());
        }
        Duration timeout = manifest.timeout();
        long fuel = manifest.fuel();
        int traps = Integer.MAX_VALUE;
        boolean trapsGranted = false;
        Budget budget = Budget.NONE;
        for (Grant grant : grants) {
            ModuleFilter filter = grant.allow();
            if (filter != null) {
                allow.add(new Allowed(filter, grant.functions()));
            }
            grant.attributes().forEach(attributes::putIfAbsent);
            Duration granted = grant.timeout();
            if (granted != null && (timeout == null || granted.compareTo(timeout) < 0)) {
                timeout = granted;
            }
            if (grant.fuel() >= 0) {
                fuel = fuel < 0 ? grant.fuel() : Math.min(fuel, grant.fuel());
            }
            budget = budget.and(grant.budget());
            trapsGranted |= grant.maxTraps() >= 0;
            traps = smaller(traps, grant.maxTraps());
        }
        traps = smaller(trapsGranted ? traps : MAX_TRAPS, manifest.maxTraps());
        return new Rights(
                List.copyOf(allow),
                new PluginIdentity(manifest.id(), origin, attributes),
                Offering.of(manifest, grants, absence),
                defaults.withMemoryBytes(Math.min(defaults.memoryBytes(), memory))
                        .withExceptionBytes(Math.min(
                                defaults.exceptionBytes(),
                                smallest(grants, Grant::exceptionBytes, settings.exceptionBytes())))
                        .withSharedMemories(grants.stream().anyMatch(Grant::sharedMemory) ? defaults.sharedMemories() : 0),
                timeout,
                fuel,
                traps == Integer.MAX_VALUE ? 0 : traps,
                budget,
                absence);
    }

    /** @param otherwise where no grant names it */
    private static long smallest(List<Grant> grants, ToLongFunction<Grant> bytes, long otherwise) {
        return grants.stream().mapToLong(bytes).filter(granted -> granted >= 0).min().orElse(otherwise);
    }

    /** @param other 0 and less set no limit */
    private static int smaller(int traps, int other) {
        return other > 0 ? Math.min(traps, other) : traps;
    }

    /** What a service must match to be called by this function, if that is more than to match any; else null. */
    @Nullable List<ModuleFilter> onlyFor(String function) {
        if (allow.stream().allMatch(allowed -> allowed.includes(function))) {
            return null;
        }
        Set<ModuleFilter> filters = new HashSet<>();
        allow.stream().filter(allowed -> allowed.includes(function)).forEach(allowed -> filters.add(allowed.services()));
        return List.copyOf(filters);
    }

    /** For people. */
    Map<String, Object> describe() {
        Map<String, Object> text = new TreeMap<>(identity.attributes());
        text.put("allow", allow.stream().map(Allowed::toString).toList());
        offer.describe(text);
        text.putAll(budget.describe());
        text.put("memory", limits.memoryBytes());
        text.put("exceptions", limits.exceptionBytes());
        text.put("max-traps", maxTraps);
        if (limits.sharedMemories() > 0) {
            text.put("shared-memory", true);
        }
        if (timeout != null) {
            text.put("timeout", timeout.toMillis());
        }
        if (fuel >= 0) {
            text.put("fuel", fuel);
        }
        return text;
    }
}
