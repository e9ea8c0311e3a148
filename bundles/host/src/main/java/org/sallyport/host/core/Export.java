package org.sallyport.host.core;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.sallyport.host.Grant;

/**
 * What a grant says about other frameworks.
 *
 * @param interfaces under which they may call the plugin; a trailing {@code *} matches any rest
 * @param properties of services for whoever exports them, such as {@code aries.rsa.port}
 */
record Export(Set<String> interfaces, Map<String, Object> properties) {
    static final Export NONE = new Export(Set.of(), Map.of());
    /** The service property that has Remote Services export a service. */
    private static final String INTERFACES = "service.exported.interfaces";
    /** What is the framework's or ours to say, and what the key {@code export} says. */
    private static final Set<String> NOT_FREE = Set.of(
            INTERFACES, "objectclass", "service.id", "service.bundleid", "service.scope", "service.ranking", "service.pid",
            "service.imported");

    static boolean isFree(String property) {
        String lower = property.toLowerCase(Locale.ROOT);
        return !NOT_FREE.contains(lower) && !lower.startsWith("sallyport.") && !lower.startsWith("component.");
    }

    /** The properties by which a service is exported, none if no grant says that it is. */
    static Map<String, Object> of(Iterable<Grant> grants, String contract) {
        Map<String, Object> found = new HashMap<>();
        for (Grant grant : grants) {
            if (grant.exports().stream().anyMatch(pattern -> GrantTerms.startsAs(pattern, contract))) {
                found.put(INTERFACES, contract);
                grant.exportProperties().forEach(found::putIfAbsent);
            }
        }
        return Map.copyOf(found);
    }
}
