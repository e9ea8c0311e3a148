package org.sallyport.host;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.Module;

/** An installed plugin. Registered as a service with the property {@link #ID} while it is installed. Thread-safe. */
public interface Plugin {
    /** Service property of plugins and of the services they offer: the plugin's id. */
    String ID = "sallyport.plugin";

    String id();

    PluginManifest manifest();

    PluginState state();

    /** Empty unless the state is {@link PluginState#UNSATISFIED}. */
    List<UnsatisfiedImport> unsatisfied();

    /** Why it is quarantined, or null. */
    @Nullable String quarantinedBecause();

    Module module();

    /**
     * An implementation of {@code contract} by the plugin's exports (docs/plugin-abi.md), also for interfaces that
     * the manifest does not name.
     * Calls throw {@link PluginUnavailableException} while the plugin is not active.
     *
     * @throws org.sallyport.BindException lists every method without a fitting export
     */
    <T> T as(Class<T> contract);

    Counters counters();

    /**
     * What grants and manifest together allow, for people: {@code allow} (LDAP filters of grants), {@code memory}
     * (bytes of one instance), {@code timeout} (milliseconds, where there is one) and the attributes of its grants.
     */
    Map<String, Object> rights();

    /** Starts it anew: out of quarantine, with fresh instances. Calls in flight end with their old instances. */
    void restart();

    /**
     * @param calls finished calls, failed ones included
     * @param traps calls that trapped
     * @param stops calls stopped at their deadline
     * @param denials host calls refused because a grant or service had gone
     * @param instances live instances
     * @param memoryBytes memory of the live instances
     */
    record Counters(long calls, long traps, long stops, long denials, int instances, long memoryBytes) {}
}
