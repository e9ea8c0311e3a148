package org.sallyport.host;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an operator allows one plugin. In OSGi grants are services, and each configuration of the factory {@value
 * #FACTORY_PID} makes one; in plain Java each map or {@link java.util.Properties} of the same keys does:
 *
 * <pre>
 * plugin     = acme.discount               (the plugin's id; a trailing * matches any rest)
 * location   = file:/srv/plugins/*         (the bundle's location, or the file's address; * matches anything;
 *                                           of sallyport:install, the address that it was given)
 * digest     = 9f86d081884c7d65...         (SHA-256 of the module, 64 hexadecimal digits)
 * signer     = CN=*,O=ACME,C=US;-          (pattern for a chain of distinguished names, as
 *                                           {@code FrameworkUtil.matchDistinguishedNameChain} has it; in OSGi only)
 * allow      = (sallyport.module=log)      (LDAP filter over the properties of host modules, {@link ModuleFilter})
 * functions  = info, warn                  (of those services; without it all)
 * offer      = com.acme.Discount           (Java interfaces under which it may be a service; com.acme.* for a package)
 * ranking    = 10                          (highest service ranking, from 0)
 * properties = colour                      (names of service properties that it may set)
 * export     = com.acme.Discount           (of what it offers, the interfaces by which other frameworks may call it)
 * export.aries.rsa.port = 9000             (a property for whoever exports it: "aries.rsa.port")
 * timeout    = 50                          (milliseconds per call; 0: no limit by this grant)
 * fuel       = 5000000                     (instructions per call; 0: no limit by this grant; the engine must count them)
 * memory     = 16777216                    (bytes of all memories of one instance)
 * exceptions = 1048576                     (Java heap bytes for the exceptions that one instance refers to)
 * max-traps  = 100                         (failures until quarantine; 0: never)
 * shared-memory = true                     (its memories may be shared with others)
 * budget     = enforce                     (or observe: what is beyond is told of, not refused)
 * budget.memory     = 67108864             (bytes of all its instances)
 * budget.instances  = 4                    (live ones)
 * budget.call-cpu   = 20                   (milliseconds of processor time of one call)
 * budget.minute-cpu = 6000                 (of all calls in a minute)
 * budget.host-calls = 100000               (in a second)
 * budget.log-lines  = 100                  (in a second: calls of host modules with sallyport.log=true)
 * attribute.prefix = /data/acme            (an attribute that host functions see, {@link PluginIdentity#attribute}: "prefix")
 * </pre>
 *
 * Only {@code plugin} must be there. The grant is for the plugins that all of those of the first four lines that are there fit.
 * A configuration with another key (those that the framework adds aside), or with a value that cannot be read or is out
 * of range, grants nothing, and says so ({@link #problem}).
 *
 * <p>An id alone is a plugin's own word: whoever comes first holds it, unless a grant {@linkplain #confirms confirms}
 * another one only. A grant of consequence names the origin as well.
 *
 * <p>The methods answer at once and the same until the service is modified.
 */
public interface Grant {
    String FACTORY_PID = "org.sallyport.grant";

    /** Whether the grant is for this plugin. */
    boolean appliesTo(String pluginId, PluginOrigin origin);

    /**
     * Whether the grant says that this origin is the plugin's: it is for it, and names the id in full and the origin.
     * Among plugins that claim one id, such a one has it.
     */
    boolean confirms(String pluginId, PluginOrigin origin);

    /** Host module services that the plugin may be bound to; null: none by this grant. */
    @Nullable ModuleFilter allow();

    /** Names of the functions of those services that it may call; empty: all. */
    Set<String> functions();

    /** Names of Java interfaces under which the plugin may be registered; a trailing {@code *} matches any rest. */
    Set<String> offers();

    /** Highest service ranking that the plugin may ask for. */
    int ranking();

    /** Names of service properties that the plugin may set. */
    Set<String> properties();

    /**
     * Names of Java interfaces, of those under which it may be registered, by which Remote Services may offer it to other
     * frameworks ({@code service.exported.interfaces}); a trailing {@code *} matches any rest.
     */
    default Set<String> exports() {
        return Set.of();
    }

    /** Service properties for whoever exports it. */
    default Map<String, Object> exportProperties() {
        return Map.of();
    }

    /** Longest time of one call, or null. */
    @Nullable Duration timeout();

    /** Instructions that one call may execute, or -1. */
    default long fuel() {
        return -1;
    }

    /** Memory of one instance in bytes, or -1. */
    long memoryBytes();

    /** Java heap for the exceptions that one instance refers to, and for their values, in bytes, or -1. */
    default long exceptionBytes() {
        return -1;
    }

    /** Failures until quarantine, 0 for never; -1 leaves it to others. */
    int maxTraps();

    /** Whether its instances may have memories of a shared type, which threads in other stores can use, too. */
    default boolean sharedMemory() {
        return false;
    }

    /** What it may use in all, over its instances and calls. */
    default Budget budget() {
        return Budget.NONE;
    }

    Map<String, Object> attributes();

    /** Why it grants nothing, for people: what in its configuration makes no sense. Null if all is well. */
    default @Nullable String problem() {
        return null;
    }

    /** Where it comes from, for people: the configuration's pid. */
    String source();
}
