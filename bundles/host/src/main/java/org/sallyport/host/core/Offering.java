package org.sallyport.host.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.Grant;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.UnsatisfiedOffer;
import org.sallyport.host.UnsatisfiedOffer.Kind;

/**
 * What a plugin may offer: what it asks for and some grant allows. Interfaces that the application shares with the JDK,
 * the framework or us are never a plugin's to implement: whoever looks such a service up trusts it.
 *
 * @param services names of interfaces, in the manifest's order
 * @param refused interfaces that it asks for and must not offer
 * @param exported of the services that other frameworks may call, the properties that say so
 * @param ranking service ranking
 * @param properties service properties
 */
record Offering(
        List<String> services,
        List<UnsatisfiedOffer> refused,
        Map<String, Map<String, Object>> exported,
        int ranking,
        Map<String, String> properties) {
    private static final Set<String> NEVER = Set.of(
            "java.", "javax.", "jdk.", "sun.", "com.sun.", "org.osgi.", "org.apache.felix.", "org.eclipse.",
            "org.sallyport.");
    /**
     * Ours that are made for plugins: their adapters stand between a caller and the plugin. Whole names, so that no package
     * of ours is open by another one's name.
     */
    private static final Set<String> ADAPTED = Set.of(
            "org.sallyport.dprint.Formatter",
            "org.sallyport.extism.ExtismPlugin",
            "org.sallyport.host.wasi.WasiCommand",
            "org.sallyport.opa.Policy",
            "org.sallyport.proxywasm.HttpFilter");
    /** What the framework and its extenders make of service properties is not for plugins. */
    private static final Set<String> NEVER_PROPERTIES =
            Set.of("objectclass", "service.", "component.", "osgi.", "org.osgi.", "felix.", "sallyport.", ".");

    /**
     * @param grants for this plugin
     * @param absence why there are none, where there are none
     */
    static Offering of(PluginManifest manifest, List<Grant> grants, String absence) {
        List<String> services = new ArrayList<>();
        List<UnsatisfiedOffer> refused = new ArrayList<>();
        for (String name : manifest.services()) {
            if (isNever(name)) {
                refused.add(new UnsatisfiedOffer(name, Kind.NEVER, "interfaces of the JDK, of the framework and of"
                        + " Sallyport are not for plugins; no grant changes that"));
            } else if (grants.stream().anyMatch(grant -> allows(grant, name))) {
                services.add(name);
            } else {
                refused.add(new UnsatisfiedOffer(name, Kind.NOT_GRANTED, missing(manifest.id(), name, grants, absence)));
            }
        }
        int most = grants.stream().mapToInt(Grant::ranking).max().orElse(0);
        Map<String, String> properties = new TreeMap<>(manifest.properties());
        properties.keySet().removeIf(name -> !isFree(name)
                || grants.stream().noneMatch(grant -> grant.properties().contains(name)));
        return new Offering(
                List.copyOf(services),
                List.copyOf(refused),
                exported(services, grants),
                Math.min(manifest.ranking(), Math.max(0, most)),
                Map.copyOf(properties));
    }

    private static Map<String, Map<String, Object>> exported(List<String> services, List<Grant> grants) {
        Map<String, Map<String, Object>> exported = new TreeMap<>();
        for (String name : services) {
            Map<String, Object> properties = Export.of(grants, name);
            if (!properties.isEmpty()) {
                exported.put(name, properties);
            }
        }
        return Map.copyOf(exported);
    }

    private static boolean allows(Grant grant, String name) {
        return grant.offers().stream().anyMatch(pattern -> GrantTerms.startsAs(pattern, name));
    }

    /** Whether no grant can allow an interface of this name. */
    static boolean isNever(String name) {
        return !ADAPTED.contains(name) && NEVER.stream().anyMatch(name::startsWith);
    }

    private static boolean isFree(String property) {
        String lower = property.toLowerCase(java.util.Locale.ROOT);
        return NEVER_PROPERTIES.stream().noneMatch(lower::startsWith);
    }

    private static String missing(String plugin, String name, List<Grant> grants, String absence) {
        String why = grants.isEmpty()
                ? absence
                : "no grant of plugin " + plugin + " offers that interface";
        return "not granted: " + why + "; offer=" + name + " in a grant with plugin=" + plugin + " would";
    }

    /** The first interface that must not be offered, or null. */
    @Nullable UnsatisfiedOffer firstRefused() {
        return refused.isEmpty() ? null : refused.getFirst();
    }

    /** For people. */
    void describe(Map<String, Object> text) {
        text.put("offer", services);
        if (!exported.isEmpty()) {
            text.put("export", List.copyOf(new TreeSet<>(exported.keySet())));
        }
        if (ranking != 0) {
            text.put("ranking", ranking);
        }
        if (!properties.isEmpty()) {
            text.put("properties", new TreeMap<>(properties));
        }
    }
}
