package org.sallyport.host;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Filter;

/**
 * What an operator allows one plugin. Grants are services; each configuration of the factory {@value #FACTORY_PID}
 * makes one:
 *
 * <pre>
 * plugin  = acme.discount                 (the plugin's id; a trailing * matches any rest)
 * allow   = (sallyport.module=log)        (LDAP filter over the properties of host module services)
 * timeout = 50                            (milliseconds per call, optional)
 * memory  = 16777216                      (bytes of all memories of one instance, optional)
 * </pre>
 *
 * All other properties are attributes that host functions see ({@link PluginIdentity#attribute}).
 */
public interface Grant {
    String FACTORY_PID = "org.sallyport.grant";

    /** Whether the grant is for this plugin. */
    boolean appliesTo(String pluginId);

    /** Host module services that the plugin may be bound to; null: the grant sets limits only. */
    @Nullable Filter allow();

    /** Longest time of one call, or null. */
    @Nullable Duration timeout();

    /** Memory of one instance in bytes, or -1. */
    long memoryBytes();

    Map<String, Object> attributes();

    /** Where it comes from, for people: the configuration's pid. */
    String source();
}
