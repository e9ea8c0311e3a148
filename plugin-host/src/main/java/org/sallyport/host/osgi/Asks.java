package org.sallyport.host.osgi;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.sallyport.ImportType;
import org.sallyport.host.Grant;
import org.sallyport.host.HostModule;
import org.sallyport.host.ModuleFilter;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.UnsatisfiedImport;
import org.sallyport.host.UnsatisfiedOffer;

/** What a plugin asks for against what it is granted, and by which configuration. */
final class Asks {
    private static final String DEFAULT = "org.sallyport.host";
    private static final String NOTHING = "-";

    private final BundleContext context;
    private final Plugin plugin;
    private final List<Grant> grants;
    private final List<Ask> rows = new ArrayList<>();

    /** @param grants all that there are */
    Asks(BundleContext context, Plugin plugin, List<Grant> grants) {
        this.context = context;
        this.plugin = plugin;
        this.grants = grants.stream()
                .filter(grant -> grant.problem() == null && grant.appliesTo(plugin.id(), plugin.origin()))
                .toList();
    }

    List<Ask> all() {
        Map<String, Object> rights = plugin.rights();
        imports();
        offers();
        PluginManifest asks = plugin.manifest();
        limit("memory", asks.memoryBytes(), rights, grant -> grant.memoryBytes() >= 0);
        limit("timeout", asks.timeout() == null ? -1 : asks.timeout().toMillis(), rights, grant -> grant.timeout() != null);
        limit("fuel", asks.fuel(), rights, grant -> grant.fuel() >= 0);
        limit("exceptions", -1, rights, grant -> grant.exceptionBytes() >= 0);
        limit("max-traps", asks.maxTraps() > 0 ? asks.maxTraps() : -1, rights, grant -> grant.maxTraps() >= 0);
        rights.forEach((name, value) -> {
            if (name.startsWith("budget")) {
                row(name, NOTHING, value, by(grant -> grant.budget().describe().containsKey(name)), "");
            }
        });
        properties(asks, rights);
        for (Grant grant : grants) {
            grant.attributes().forEach((name, value) -> row("attribute", name, NOTHING, name + "=" + value, grant.source(), ""));
        }
        return List.copyOf(rows);
    }

    private void row(String what, Object asks, Object granted, String by, String why) {
        row(what, "", asks, granted, by, why);
    }

    private void row(String what, String name, Object asks, Object granted, String by, String why) {
        rows.add(new Ask(what, name, String.valueOf(asks), String.valueOf(granted), by, why));
    }

    private void imports() {
        List<UnsatisfiedImport> missing = plugin.unsatisfied();
        Set<ImportType> all = new LinkedHashSet<>(plugin.module().imports());
        for (ImportType wanted : all) {
            UnsatisfiedImport gap = missing.stream().filter(each -> each.wanted().equals(wanted)).findFirst().orElse(null);
            boolean granted = isGranted(wanted);
            row("import", wanted.module(), wanted, granted ? "yes" : "no",
                    granted ? by(grant -> reaches(grant, wanted)) : NOTHING, gap == null ? "" : gap.reason());
        }
    }

    private boolean isGranted(ImportType wanted) {
        return grants.stream().anyMatch(grant -> reaches(grant, wanted));
    }

    /** Whether the grant puts a host module within reach that is there and may be behind the import. */
    private boolean reaches(Grant grant, ImportType wanted) {
        ModuleFilter allow = grant.allow();
        if (allow == null || !(grant.functions().isEmpty() || grant.functions().contains(wanted.name()))) {
            return false;
        }
        try {
            ServiceReference<?>[] modules = context.getAllServiceReferences(
                    null, "(&(" + HostModule.MODULE + "=" + ModuleFilter.escape(wanted.module()) + ")" + allow + ")");
            return modules != null;
        } catch (InvalidSyntaxException e) {
            return false;
        }
    }

    private void offers() {
        List<UnsatisfiedOffer> missing = plugin.unsatisfiedOffers();
        for (String name : plugin.manifest().services()) {
            UnsatisfiedOffer gap = missing.stream().filter(each -> each.service().equals(name)).findFirst().orElse(null);
            boolean granted = grants.stream().anyMatch(grant -> offers(grant, name));
            row("offer", name, name, granted ? "yes" : "no", granted ? by(grant -> offers(grant, name)) : NOTHING,
                    gap == null ? "" : gap.reason());
        }
    }

    private static boolean offers(Grant grant, String name) {
        return grant.offers().stream().anyMatch(pattern -> pattern.endsWith("*")
                ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                : pattern.equals(name));
    }

    /** @param asked -1 for nothing */
    private void limit(String name, long asked, Map<String, Object> rights, Predicate<Grant> names) {
        Object granted = rights.get(name);
        if (granted != null || asked >= 0) {
            String by = by(names);
            row(name, asked < 0 ? NOTHING : asked, granted == null ? "no limit" : granted,
                    by.equals(NOTHING) ? asked >= 0 ? "itself" : DEFAULT : by, "");
        }
    }

    private void properties(PluginManifest asks, Map<String, Object> rights) {
        if (asks.ranking() != 0) {
            row("ranking", asks.ranking(), rights.getOrDefault("ranking", 0), by(grant -> grant.ranking() > 0), "");
        }
        for (String name : new TreeSet<>(asks.properties().keySet())) {
            boolean granted = rights.get("properties") instanceof Map<?, ?> given && given.containsKey(name);
            row("property", name, name + "=" + asks.properties().get(name), granted ? "yes" : "no",
                    by(grant -> grant.properties().contains(name)),
                    granted ? "" : "properties=" + name + " in a grant would");
        }
    }

    private String by(Predicate<Grant> says) {
        List<String> sources = new ArrayList<>(grants.stream().filter(says).map(Grant::source).toList());
        return sources.isEmpty() ? NOTHING : sources.stream().sorted().collect(Collectors.joining(", "));
    }
}
