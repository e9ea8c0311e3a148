package org.sallyport.shell;

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
final class Explanation {
    private static final String DEFAULT = "org.sallyport.host";
    private static final String NOTHING = "-";

    private final BundleContext context;
    private final Plugin plugin;
    private final List<Grant> grants;
    private final Table table = new Table("what", "asks for", "granted", "by", "why not, and what would do");

    /** @param grants all that there are */
    Explanation(BundleContext context, Plugin plugin, List<Grant> grants) {
        this.context = context;
        this.plugin = plugin;
        this.grants = grants.stream()
                .filter(grant -> grant.problem() == null && grant.appliesTo(plugin.id(), plugin.origin()))
                .toList();
    }

    @Override
    public String toString() {
        Map<String, Object> rights = plugin.rights();
        imports();
        offers();
        PluginManifest asks = plugin.manifest();
        limit("memory", asks.memoryBytes(), rights, grant -> grant.memoryBytes() >= 0);
        limit("timeout", asks.timeout() == null ? -1 : asks.timeout().toMillis(), rights, grant -> grant.timeout() != null);
        limit("fuel", asks.fuel(), rights, grant -> grant.fuel() >= 0);
        limit("exceptions", -1, rights, grant -> grant.exceptionBytes() >= 0);
        limit("max-traps", asks.maxTraps() > 0 ? asks.maxTraps() : -1, rights, grant -> grant.maxTraps() >= 0);
        properties(asks, rights);
        for (Grant grant : grants) {
            grant.attributes().forEach((name, value) -> table.row("attribute", NOTHING, name + "=" + value, grant.source(), ""));
        }
        return table.toString();
    }

    private void imports() {
        List<UnsatisfiedImport> missing = plugin.unsatisfied();
        Set<ImportType> all = new LinkedHashSet<>(plugin.module().imports());
        for (ImportType wanted : all) {
            UnsatisfiedImport gap = missing.stream().filter(each -> each.wanted().equals(wanted)).findFirst().orElse(null);
            boolean granted = isGranted(wanted);
            table.row("import", wanted, granted ? "yes" : "no", granted ? by(grant -> reaches(grant, wanted)) : NOTHING,
                    gap == null ? "" : gap.reason());
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
            table.row("offer", name, granted ? "yes" : "no", granted ? by(grant -> offers(grant, name)) : NOTHING,
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
            table.row(name, asked < 0 ? NOTHING : asked, granted == null ? "no limit" : granted,
                    by.equals(NOTHING) ? asked >= 0 ? "itself" : DEFAULT : by, "");
        }
    }

    private void properties(PluginManifest asks, Map<String, Object> rights) {
        if (asks.ranking() != 0) {
            table.row("ranking", asks.ranking(), rights.getOrDefault("ranking", 0), by(grant -> grant.ranking() > 0), "");
        }
        for (String name : new TreeSet<>(asks.properties().keySet())) {
            boolean granted = rights.get("properties") instanceof Map<?, ?> given && given.containsKey(name);
            table.row("property", name + "=" + asks.properties().get(name), granted ? "yes" : "no",
                    by(grant -> grant.properties().contains(name)),
                    granted ? "" : "properties=" + name + " in a grant would");
        }
    }

    private String by(Predicate<Grant> says) {
        List<String> sources = new ArrayList<>(grants.stream().filter(says).map(Grant::source).toList());
        return sources.isEmpty() ? NOTHING : sources.stream().sorted().collect(Collectors.joining(", "));
    }
}
