package org.sallyport.host;

import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sallyport.spi.ConfigValues;
import org.sallyport.wasm.Keys;
import org.sallyport.wasm.Printable;

/**
 * What a plugin is and asks for. In a bundle the header {@value #HEADER} holds it in OSGi's usual form, {@code
 * acme.discount;module="discount.wasm";services="com.acme.Discount";timeout=50}; for a bare {@code .wasm} it is a
 * properties file beside it ({@code discount.properties}) or the module's custom section {@value #SECTION}, with the
 * same names and {@code id}; an id in the custom section does not count. All of it is a wish: it never gives a plugin
 * more than grants and the plugin host's limits do.
 *
 * @param id letters, digits, {@code . _ -}; one plugin at a time holds it
 * @param module path of the module in its bundle; empty for a bare module
 * @param services names of the Java interfaces under which its exports are registered as services
 * @param asks LDAP filters over host module properties by import module name; an import module without an entry asks
 *     for any service
 * @param timeout longest time of one call; null leaves it to the grants
 * @param fuel instructions that one call may execute, or -1 to leave it to the grants; needs an engine that counts ({@link
 *     org.sallyport.Config#withFuel})
 * @param memoryBytes memory of one instance, or -1
 * @param policy how calls enter
 * @param pool instances at most (for {@link EntryPolicy#POOLED} and {@link EntryPolicy#FRESH})
 * @param maxTraps failures of its own (traps, calls stopped at their deadline) after which the plugin is quarantined; 0
 *     leaves it to the grants, or to the plugin host, which has 100
 * @param ranking service ranking of its services, as far as a grant allows it
 * @param properties service properties of its services, those that a grant allows
 */
public record PluginManifest(
        String id,
        String module,
        List<String> services,
        Map<String, String> asks,
        @Nullable Duration timeout,
        long fuel,
        long memoryBytes,
        EntryPolicy policy,
        int pool,
        int maxTraps,
        int ranking,
        Map<String, String> properties) {

    public static final String HEADER = "Sallyport-Plugin";
    public static final String SECTION = "sallyport";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_.-]{1,128}");
    private static final Pattern SERVICE = Pattern.compile("[\\p{L}\\p{Nd}_$.]{1,500}");
    private static final Pattern PROPERTY = Pattern.compile("[A-Za-z0-9_.-]{1,128}");
    private static final Set<String> KEYS =
            Set.of("id", "module", "services", "timeout", "fuel", "memory", "policy", "pool", "max-traps", "ranking");

    public PluginManifest {
        if (!isId(id)) {
            throw new IllegalArgumentException(
                    "a plugin's id is 1 to 128 letters, digits and . _ - : found \"" + Printable.name(id) + "\"");
        }
        services = List.copyOf(services);
        services.forEach(name -> checkService(id, name));
        asks = Map.copyOf(asks);
        properties = Map.copyOf(properties);
        properties.forEach((name, value) -> checkProperty(id, name, value));
        asks.forEach((name, filter) -> checkAsk(id, name, filter));
        if (pool < 1 || pool > 1024) {
            throw new IllegalArgumentException("plugin " + id + ": pool must be 1 to 1024, found " + pool);
        }
    }

    /** Whether a plugin may be called so. */
    public static boolean isId(String name) {
        return ID.matcher(name).matches();
    }

    /** A plugin with default settings: pooled, two instances. */
    public static PluginManifest of(String id, String... services) {
        return new PluginManifest(id, "", List.of(services), Map.of(), null, -1, -1, EntryPolicy.POOLED, 2, 0, 0, Map.of());
    }

    public PluginManifest withId(String id) {
        return new PluginManifest(
                id, module, services, asks, timeout, fuel, memoryBytes, policy, pool, maxTraps, ranking, properties);
    }

    public PluginManifest withPolicy(EntryPolicy policy) {
        return new PluginManifest(
                id, module, services, asks, timeout, fuel, memoryBytes, policy, pool, maxTraps, ranking, properties);
    }

    public PluginManifest withTimeout(Duration timeout) {
        return new PluginManifest(
                id, module, services, asks, timeout, fuel, memoryBytes, policy, pool, maxTraps, ranking, properties);
    }

    /** @param fuel -1 leaves it to the grants */
    public PluginManifest withFuel(long fuel) {
        return new PluginManifest(
                id, module, services, asks, timeout, fuel, memoryBytes, policy, pool, maxTraps, ranking, properties);
    }

    public PluginManifest withMemoryBytes(long memoryBytes) {
        return new PluginManifest(
                id, module, services, asks, timeout, fuel, memoryBytes, policy, pool, maxTraps, ranking, properties);
    }

    /** @param pool instances at most, 1 to 1024 */
    public PluginManifest withPool(int pool) {
        return new PluginManifest(
                id, module, services, asks, timeout, fuel, memoryBytes, policy, pool, maxTraps, ranking, properties);
    }

    public PluginManifest withMaxTraps(int maxTraps) {
        return new PluginManifest(
                id, module, services, asks, timeout, fuel, memoryBytes, policy, pool, maxTraps, ranking, properties);
    }

    /** @param ranking service ranking, as far as a grant allows it */
    public PluginManifest withRanking(int ranking) {
        return new PluginManifest(
                id, module, services, asks, timeout, fuel, memoryBytes, policy, pool, maxTraps, ranking, properties);
    }

    /** A service property, if a grant allows it. */
    public PluginManifest withProperty(String name, String value) {
        Map<String, String> more = new HashMap<>(properties);
        more.put(name, value);
        return new PluginManifest(
                id, module, services, asks, timeout, fuel, memoryBytes, policy, pool, maxTraps, ranking, more);
    }

    /** @param filter LDAP filter over the properties of host module services */
    public PluginManifest withAsk(String importModule, String filter) {
        Map<String, String> more = new HashMap<>(asks);
        more.put(importModule, filter);
        return new PluginManifest(
                id, module, services, more, timeout, fuel, memoryBytes, policy, pool, maxTraps, ranking, properties);
    }

    /**
     * Reads the properties form.
     *
     * @param defaultId taken where the text has no {@code id}
     * @throws IllegalArgumentException names the unknown key or the bad value
     */
    public static PluginManifest parse(String properties, String defaultId) {
        Properties text = new Properties();
        try {
            text.load(new StringReader(properties));
        } catch (IOException e) {
            throw new AssertionError("BUG: reading a string", e);
        }
        Map<String, String> map = new HashMap<>();
        text.forEach((key, value) -> map.put((String) key, ((String) value).trim()));
        return of(map, defaultId);
    }

    /**
     * Reads names and values as of one clause of the header or of the properties form.
     *
     * @param defaultId taken where the map has no {@code id}
     */
    public static PluginManifest of(Map<String, String> map, String defaultId) {
        String id = map.getOrDefault("id", defaultId);
        Map<String, String> asks = new HashMap<>();
        Map<String, String> properties = new HashMap<>();
        for (String key : map.keySet()) {
            if (key.startsWith("ask.")) {
                asks.put(key.substring(4), map.get(key));
            } else if (key.startsWith("property.")) {
                properties.put(key.substring(9), map.get(key));
            } else if (!KEYS.contains(key)) {
                throw new IllegalArgumentException("plugin " + Printable.name(id) + ": " + Keys.unknown(key, known()));
            }
        }
        String timeout = map.get("timeout");
        return new PluginManifest(
                id,
                map.getOrDefault("module", ""),
                list(map.getOrDefault("services", "")),
                asks,
                timeout == null ? null : timeout(number(id, "timeout", timeout)),
                fuel(number(id, "fuel", map.getOrDefault("fuel", "0"))),
                map.containsKey("memory") ? number(id, "memory", map.get("memory")) : -1,
                policy(id, map.getOrDefault("policy", "pooled")),
                count(id, "pool", map.getOrDefault("pool", "2")),
                count(id, "max-traps", map.getOrDefault("max-traps", "0")),
                ranking(id, map.getOrDefault("ranking", "0")),
                properties);
    }

    private static Set<String> known() {
        Set<String> all = new HashSet<>(KEYS);
        all.add("ask.MODULE");
        all.add("property.NAME");
        return all;
    }

    /** 0 sets no limit, as in a grant; what no clock can count to is the longest that it can. */
    private static @Nullable Duration timeout(long millis) {
        return millis == 0 ? null : Duration.ofMillis(Math.min(millis, ConfigValues.LONGEST_MILLIS));
    }

    /** Likewise. */
    private static long fuel(long units) {
        return units == 0 ? -1 : units;
    }

    private static List<String> list(String text) {
        List<String> items = new ArrayList<>();
        for (String item : text.split(",")) {
            if (!item.isBlank()) {
                items.add(item.trim());
            }
        }
        return items;
    }

    private static long number(String id, String key, String text) {
        try {
            long n = Long.parseLong(text);
            if (n >= 0) {
                return n;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IllegalArgumentException(
                "plugin " + id + ": " + key + " must be a number from 0, found \"" + Printable.name(text) + "\"");
    }

    private static int count(String id, String key, String text) {
        return (int) Math.min(Integer.MAX_VALUE, number(id, key, text));
    }

    private static int ranking(String id, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "plugin " + id + ": ranking must be a whole number, found \"" + Printable.name(text) + "\"", e);
        }
    }

    private static EntryPolicy policy(String id, String text) {
        for (EntryPolicy policy : EntryPolicy.values()) {
            if (policy.name().equalsIgnoreCase(text)) {
                return policy;
            }
        }
        throw new IllegalArgumentException(
                "plugin " + id + ": policy must be confined, serialized, pooled or fresh, "
                        + "found \"" + Printable.name(text) + "\"");
    }

    /** Names of classes only: manifests are written into headers of bundles. */
    private static void checkService(String id, String name) {
        if (!SERVICE.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "plugin " + id + ": services must be names of interfaces, found \"" + Printable.name(name) + "\"");
        }
    }

    /** They, too, are written into headers of bundles. */
    private static void checkProperty(String id, String name, String value) {
        if (!PROPERTY.matcher(name).matches() || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("plugin " + id + ": property." + Printable.name(name)
                    + ": names are of letters, digits and . _ -, values without control characters");
        }
    }

    private static void checkAsk(String id, String name, String filter) {
        if (name.isEmpty() || name.chars().anyMatch(c -> Character.isISOControl(c) || ";=,\"".indexOf(c) >= 0)) {
            throw new IllegalArgumentException(
                    "plugin " + id + ": ask." + Printable.name(name) + ": no name of a module that can be asked for");
        }
        if (filter.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "plugin " + id + ": ask." + Printable.name(name) + " has control characters in it");
        }
        try {
            ModuleFilter.of(filter);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "plugin " + id + ": ask." + Printable.name(name) + " is no LDAP filter: " + e.getMessage(), e);
        }
    }
}
