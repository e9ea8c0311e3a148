package org.sallyport.host.impl;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Filter;
import org.sallyport.StoreLimits;
import org.sallyport.host.Grant;
import org.sallyport.host.PluginIdentity;
import org.sallyport.host.PluginManifest;

/**
 * What a plugin may do and take: what its manifest says and all grants for it, put together once. Every limit is the
 * smallest one named. An instance keeps the rights it was made with; other rights mean other instances.
 *
 * @param allow LDAP filters; a host module service must match one of them. None: nothing may be bound
 * @param timeout longest time of one call, or null
 */
record Rights(List<Filter> allow, PluginIdentity identity, StoreLimits limits, @Nullable Duration timeout) {

    /** @param grants for this plugin */
    static Rights of(PluginManifest manifest, List<Grant> grants, StoreLimits defaults) {
        List<Filter> allow = new ArrayList<>();
        Map<String, Object> attributes = new HashMap<>();
        long memory = manifest.memoryBytes() < 0 ? defaults.memoryBytes() : manifest.memoryBytes();
        Duration timeout = manifest.timeout();
        for (Grant grant : grants.stream().sorted(Comparator.comparing(Grant::source)).toList()) {
            Filter filter = grant.allow();
            if (filter != null) {
                allow.add(filter);
            }
            grant.attributes().forEach(attributes::putIfAbsent);
            if (grant.memoryBytes() >= 0) {
                memory = Math.min(memory, grant.memoryBytes());
            }
            Duration granted = grant.timeout();
            if (granted != null && (timeout == null || granted.compareTo(timeout) < 0)) {
                timeout = granted;
            }
        }
        StoreLimits limits = defaults.withMemoryBytes(Math.min(defaults.memoryBytes(), memory));
        return new Rights(List.copyOf(allow), new PluginIdentity(manifest.id(), attributes), limits, timeout);
    }

    /** For people. */
    Map<String, Object> describe() {
        Map<String, Object> text = new TreeMap<>(identity.attributes());
        text.put("allow", allow.stream().map(Filter::toString).toList());
        text.put("memory", limits.memoryBytes());
        if (timeout != null) {
            text.put("timeout", timeout.toMillis());
        }
        return text;
    }
}
