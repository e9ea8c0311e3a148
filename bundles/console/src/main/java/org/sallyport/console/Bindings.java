package org.sallyport.console;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.sallyport.ImportType;
import org.sallyport.host.Grant;
import org.sallyport.host.HostModule;
import org.sallyport.host.ModuleFilter;
import org.sallyport.host.Plugin;
import org.sallyport.host.osgi.Consent;

/** Plugins, what they ask for, the grants that allow it and who provides it, as a graph. */
final class Bindings {
    private static final int PLUGIN = 0;
    private static final int ASK = 1;
    private static final int GRANT = 2;
    private static final int PROVIDER = 3;
    private static final String GOOD = "good";
    private static final String BAD = "bad";

    private final BundleContext context;
    private final List<Grant> grants;
    private final Graph graph = new Graph("plugins", "ask for", "granted by", "provided by");

    Bindings(BundleContext context, Consent consent) {
        this.context = context;
        this.grants = consent.grants();
    }

    String of(List<Plugin> plugins) {
        plugins.forEach(this::add);
        return graph.toString();
    }

    private void add(Plugin plugin) {
        String style = switch (plugin.state()) {
            case ACTIVE -> GOOD;
            case STARTING, COMPILING -> "none";
            default -> BAD;
        };
        graph.node(PLUGIN, key(plugin), plugin.id() + " " + plugin.state(), style);
        List<Grant> own = grants.stream()
                .filter(grant -> grant.problem() == null && grant.appliesTo(plugin.id(), plugin.origin()))
                .toList();
        Set<String> missing = plugin.unsatisfied().stream().map(each -> each.wanted().module()).collect(Collectors.toSet());
        plugin.module().imports().stream().map(ImportType::module).distinct()
                .forEach(module -> imports(plugin, module, own, missing.contains(module)));
        Set<String> refused = plugin.unsatisfiedOffers().stream().map(each -> each.service()).collect(Collectors.toSet());
        plugin.manifest().services().forEach(name -> offers(plugin, name, own, refused.contains(name)));
    }

    private static String key(Plugin plugin) {
        return plugin.id() + "@" + System.identityHashCode(plugin);
    }

    private void imports(Plugin plugin, String module, List<Grant> own, boolean missing) {
        String ask = ask(plugin, "import " + module, missing);
        for (ServiceReference<?> provider : providers(module)) {
            Map<String, Object> properties = properties(provider);
            String service = "service " + provider.getProperty("service.id");
            String owner = provider.getBundle() == null ? "" : String.valueOf(provider.getBundle().getSymbolicName());
            graph.node(PROVIDER, service, module + " of " + owner, GOOD);
            boolean reached = false;
            for (Grant grant : own) {
                ModuleFilter allow = grant.allow();
                if (allow != null && allow.matches(properties)) {
                    reached = true;
                    graph.node(GRANT, grant.source(), label(grant), GOOD)
                            .edge(ASK, ask, GRANT, grant.source(), GOOD)
                            .edge(GRANT, grant.source(), PROVIDER, service, GOOD);
                }
            }
            if (!reached) {
                graph.edge(ASK, ask, PROVIDER, service, BAD);
            }
        }
    }

    private void offers(Plugin plugin, String name, List<Grant> own, boolean missing) {
        String ask = ask(plugin, "offer " + name.substring(name.lastIndexOf('.') + 1), missing);
        for (Grant grant : own) {
            if (grant.offers().stream().anyMatch(pattern -> pattern.endsWith("*")
                    ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                    : pattern.equals(name))) {
                graph.node(GRANT, grant.source(), label(grant), GOOD).edge(ASK, ask, GRANT, grant.source(), GOOD);
            }
        }
    }

    private String ask(Plugin plugin, String label, boolean missing) {
        String key = key(plugin) + " " + label;
        graph.node(ASK, key, label, missing ? BAD : GOOD).edge(PLUGIN, key(plugin), ASK, key, missing ? BAD : GOOD);
        return key;
    }

    /** Without the part that all have in common. */
    private static String label(Grant grant) {
        String source = grant.source();
        return source.length() > Grant.FACTORY_PID.length() + 1 && source.startsWith(Grant.FACTORY_PID)
                ? source.substring(Grant.FACTORY_PID.length() + 1)
                : source;
    }

    private ServiceReference<?>[] providers(String module) {
        try {
            ServiceReference<?>[] found = context.getAllServiceReferences(
                    null, "(" + HostModule.MODULE + "=" + ModuleFilter.escape(module) + ")");
            return found == null ? new ServiceReference<?>[0] : found;
        } catch (InvalidSyntaxException e) {
            return new ServiceReference<?>[0]; // a name that no filter can have
        }
    }

    private static Map<String, Object> properties(ServiceReference<?> reference) {
        Map<String, Object> properties = new HashMap<>();
        for (String key : reference.getPropertyKeys()) {
            properties.put(key, reference.getProperty(key));
        }
        return properties;
    }
}
