package org.sallyport.shell;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.felix.service.command.Descriptor;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Filter;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.sallyport.ExportType;
import org.sallyport.ImportType;
import org.sallyport.host.Grant;
import org.sallyport.host.HostModule;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginHost;
import org.sallyport.host.PluginState;
import org.sallyport.wasm.Printable;

/** {@code sallyport:plugins} and its like. Each command returns the text that the shell prints. */
@Component(
        service = PluginCommands.class,
        property = {
            "osgi.command.scope=sallyport",
            "osgi.command.function=plugins",
            "osgi.command.function=plugin",
            "osgi.command.function=grants",
            "osgi.command.function=hosts",
            "osgi.command.function=install",
            "osgi.command.function=restart"
        })
public final class PluginCommands {
    /** Of what is installed by {@code install}. */
    private static final int MOST_BYTES = 256 << 20;

    private final PluginHost host;
    private final BundleContext context;

    @Activate
    public PluginCommands(@Reference PluginHost host, BundleContext context) {
        this.host = host;
        this.context = context;
    }

    @Descriptor("lists all plugins with their state and counters")
    public String plugins() {
        Table table = new Table("plugin", "state", "calls", "traps", "stops", "denials", "instances", "KiB", "why");
        for (Plugin plugin : host.plugins()) {
            Plugin.Counters c = plugin.counters();
            table.row(
                    plugin.id(), plugin.state(), c.calls(), c.traps(), c.stops(), c.denials(), c.instances(),
                    c.memoryBytes() / 1024, why(plugin));
        }
        List<PluginCandidate> candidates = host.candidates();
        for (PluginCandidate candidate : candidates) {
            String why = candidate.state() == PluginState.COMPILING
                    ? candidate.source()
                    : candidate.reason() + " (" + candidate.source() + ")";
            table.row(candidate.id(), candidate.state(), "", "", "", "", "", "", why);
        }
        return host.plugins().isEmpty() && candidates.isEmpty() ? "no plugins" : table.toString();
    }

    private static String why(Plugin plugin) {
        String why = plugin.state() == PluginState.CONFLICT ? plugin.conflict() : plugin.quarantinedBecause();
        if (why != null) {
            return why.lines().findFirst().orElse("");
        }
        return Stream.of(
                        count(plugin.unsatisfied().size(), " import is not bound", " imports are not bound"),
                        count(plugin.unsatisfiedOffers().size(), " offer is not granted", " offers are not granted"))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", "));
    }

    private static String count(int number, String one, String more) {
        return number == 0 ? "" : number + (number == 1 ? one : more);
    }

    @Descriptor("shows one plugin: state, why it is not active, rights, imports, exports, counters")
    public String plugin(@Descriptor("the plugin's id") String id) {
        List<String> found = Stream.concat(
                        host.plugins().stream()
                                .filter(plugin -> plugin.id().equals(id))
                                .map(PluginCommands::describe),
                        host.candidates().stream()
                                .filter(candidate -> candidate.id().equals(id))
                                .map(PluginCommands::describe))
                .toList();
        return found.isEmpty() ? describe(find(id)) : String.join("\n\n", found);
    }

    private static String describe(PluginCandidate candidate) {
        return candidate.id() + " is " + candidate.state() + ", from " + candidate.source()
                + (candidate.reason().isEmpty() ? "" : "\n  because " + candidate.reason());
    }

    private static String describe(Plugin plugin) {
        StringBuilder text = new StringBuilder("plugin ").append(plugin.id()).append(" is ").append(plugin.state());
        if (plugin.state() == PluginState.CONFLICT) {
            text.append("\n  because ").append(plugin.conflict());
        }
        if (plugin.quarantinedBecause() != null) {
            text.append("\n  because ").append(Printable.message(plugin.quarantinedBecause()));
        }
        plugin.unsatisfied().forEach(missing -> text.append("\n  because ").append(missing));
        plugin.unsatisfiedOffers().forEach(missing -> text.append("\n  because ").append(missing));
        section(text, "origin", List.of(
                "location " + plugin.origin().location(),
                "digest " + plugin.origin().digest(),
                "signers " + plugin.origin().signers()));
        section(text, "manifest", List.of(
                "services " + plugin.manifest().services(),
                "policy " + plugin.manifest().policy() + ", pool " + plugin.manifest().pool() + ", max-traps "
                        + plugin.manifest().maxTraps()));
        section(text, "rights", plugin.rights().entrySet().stream()
                .map(right -> right.getKey() + " = " + right.getValue())
                .toList());
        section(text, "imports", plugin.module().imports().stream().map(ImportType::toString).toList());
        section(text, "exports", plugin.module().exports().stream().map(ExportType::toString).toList());
        section(text, "counters", List.of(plugin.counters().toString().replaceAll("Counters\\[|\\]", "")));
        return text.toString();
    }

    private static void section(StringBuilder text, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            text.append('\n').append(title);
            lines.forEach(line -> text.append("\n  ").append(Printable.text(line, Printable.MESSAGE)));
        }
    }

    private Plugin find(String id) {
        Optional<Plugin> found = host.plugin(id);
        return found.orElseThrow(() -> new IllegalArgumentException("there is no plugin " + id + "; there are "
                + host.plugins().stream().map(Plugin::id).toList()));
    }

    @Descriptor("lists all grants, and the plugins they are for")
    public String grants() {
        Table table = new Table("grant", "plugins", "allow", "offer", "timeout", "memory", "attributes", "why");
        int count = 0;
        for (ServiceReference<Grant> reference : references(Grant.class, null)) {
            Grant grant = context.getService(reference);
            if (grant != null) {
                table.row(
                        grant.source(),
                        reference.getProperty("plugin") + " -> " + (grant.problem() == null ? those(grant) : "REFUSED"),
                        allow(grant),
                        grant.offers().isEmpty() ? "-" : new TreeSet<>(grant.offers()),
                        grant.timeout() == null ? "-" : grant.timeout().toMillis() + " ms",
                        grant.memoryBytes() < 0 ? "-" : grant.memoryBytes(),
                        grant.attributes(),
                        grant.problem() == null ? "" : grant.problem());
                context.ungetService(reference);
                count++;
            }
        }
        return count == 0 ? "no grants: make a configuration of " + Grant.FACTORY_PID : table.toString();
    }

    private List<String> those(Grant grant) {
        return host.plugins().stream()
                .filter(plugin -> grant.appliesTo(plugin.id(), plugin.origin()))
                .map(Plugin::id)
                .toList();
    }

    private static String allow(Grant grant) {
        Filter allow = grant.allow();
        return allow == null
                ? "-"
                : grant.functions().isEmpty() ? allow.toString() : allow + " only " + new TreeSet<>(grant.functions());
    }

    @Descriptor("lists the host modules, and the plugin bundles that are bound to them")
    public String hosts() {
        Table table = new Table("module", "bundle", "interfaces", "used by", "properties");
        List<ServiceReference<Object>> found = references(null, "(" + HostModule.MODULE + "=*)");
        for (ServiceReference<?> reference : found) {
            Bundle[] users = reference.getUsingBundles();
            table.row(
                    reference.getProperty(HostModule.MODULE),
                    reference.getBundle() == null ? "-" : reference.getBundle().getSymbolicName(),
                    List.of((String[]) reference.getProperty(Constants.OBJECTCLASS)),
                    users == null
                            ? List.of()
                            : List.of(users).stream().map(Bundle::getSymbolicName).sorted().toList(),
                    properties(reference));
        }
        return found.isEmpty() ? "no services with the property " + HostModule.MODULE : table.toString();
    }

    private static Map<String, Object> properties(ServiceReference<?> reference) {
        Map<String, Object> shown = new TreeMap<>();
        for (String key : reference.getPropertyKeys()) {
            boolean framework = key.startsWith("service.")
                    || key.startsWith("component.")
                    || key.startsWith("osgi.ds.")
                    || key.equals(Constants.OBJECTCLASS);
            if (!framework && !key.equals(HostModule.MODULE)) {
                shown.put(key, reference.getProperty(key));
            }
        }
        return shown;
    }

    private <S> List<ServiceReference<S>> references(@Nullable Class<S> type, @Nullable String filter) {
        try {
            @SuppressWarnings("unchecked")
            ServiceReference<S>[] found = (ServiceReference<S>[])
                    context.getAllServiceReferences(type == null ? null : type.getName(), filter);
            return found == null
                    ? List.of()
                    : List.of(found).stream().sorted(Comparator.reverseOrder()).toList();
        } catch (InvalidSyntaxException e) {
            throw new AssertionError("BUG: own filter", e);
        }
    }

    @Descriptor("installs a plugin: a bundle, or a bare .wasm whose manifest is in its custom section")
    public String install(@Descriptor("where it is, such as file:shout.wasm") String url)
            throws IOException, BundleException {
        byte[] bytes;
        try (InputStream in = URI.create(url).toURL().openStream()) {
            bytes = in.readNBytes(MOST_BYTES);
            if (in.read() >= 0) {
                throw new IOException(url + " is longer than " + MOST_BYTES + " bytes");
            }
        }
        if (bytes.length > 4 && bytes[0] == 0 && bytes[1] == 'a' && bytes[2] == 's' && bytes[3] == 'm') {
            String name = url.substring(Math.max(url.lastIndexOf('/'), url.lastIndexOf(':')) + 1);
            bytes = host.bundle(bytes, null, name.endsWith(".wasm") ? name.substring(0, name.length() - 5) : name);
        }
        Bundle bundle = context.installBundle("sallyport:" + url, new ByteArrayInputStream(bytes));
        bundle.start();
        return "bundle " + bundle.getBundleId() + " is " + bundle.getSymbolicName() + "\n" + plugins();
    }

    @Descriptor("takes a plugin out of quarantine, with fresh instances")
    public String restart(@Descriptor("the plugin's id") String id) {
        Plugin plugin = find(id);
        plugin.restart();
        String why = plugin.state() == PluginState.ACTIVE ? "" : ": " + why(plugin);
        return "plugin " + id + " is " + plugin.state() + why;
    }
}
