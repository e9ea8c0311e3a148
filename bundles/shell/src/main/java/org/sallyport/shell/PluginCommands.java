package org.sallyport.shell;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.felix.service.command.Descriptor;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.sallyport.ExportType;
import org.sallyport.ImportType;
import org.sallyport.host.Grant;
import org.sallyport.host.HostModule;
import org.sallyport.host.ModuleFilter;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUpdate;
import org.sallyport.host.osgi.BundlePluginHost;
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
            "osgi.command.function=update",
            "osgi.command.function=rollback",
            "osgi.command.function=restart",
            "osgi.command.function=call"
        })
public final class PluginCommands {
    /** Of what is installed by {@code install}. */
    private static final int MOST_BYTES = 256 << 20;

    private final BundleContext context;

    /** The commands are there without it, too: to say why there is none. */
    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile @Nullable BundlePluginHost known;

    @Activate
    public PluginCommands(BundleContext context) {
        this.context = context;
    }

    private BundlePluginHost host() {
        BundlePluginHost host = known;
        if (host == null) {
            throw new IllegalStateException("there is no plugin host" + Components.thatAreDown(context));
        }
        return host;
    }

    /** @param words of the command line; commands take any number, so that a wrong one is told in our words */
    private static void none(String command, String[] words) {
        if (words.length != 0) {
            throw new IllegalArgumentException("sallyport:" + command + " takes no arguments, found " + List.of(words));
        }
    }

    private String one(String command, String what, String[] words) {
        if (words.length != 1) {
            throw new IllegalArgumentException("sallyport:" + command + " takes " + what + ", found "
                    + (words.length == 0 ? "nothing" : List.of(words))
                    + (command.equals("install") ? "" : "; plugins are " + ids()));
        }
        return words[0];
    }

    private List<String> ids() {
        return host().plugins().stream().map(Plugin::id).toList();
    }

    @Descriptor("lists all plugins with their state and counters")
    public String plugins(String... words) {
        return Answer.of(() -> {
            none("plugins", words);
            BundlePluginHost host = host();
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
        });
    }

    private static String why(Plugin plugin) {
        String why = plugin.state() == PluginState.CONFLICT ? plugin.conflict() : plugin.quarantinedBecause();
        if (why != null) {
            return why;
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
    public String plugin(@Descriptor("the plugin's id") String... words) {
        return Answer.of(() -> {
            String id = one("plugin", "the id of a plugin", words);
            BundlePluginHost host = host();
            List<String> found = Stream.concat(
                            host.plugins().stream()
                                    .filter(plugin -> plugin.id().equals(id))
                                    .map(PluginCommands::describe),
                            host.candidates().stream()
                                    .filter(candidate -> candidate.id().equals(id))
                                    .map(PluginCommands::describe))
                    .toList();
            return found.isEmpty() ? describe(find(id)) : String.join("\n\n", found);
        });
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
        section(text, "manifest", asked(plugin.manifest()));
        section(text, "rights", plugin.rights().entrySet().stream()
                .map(right -> right.getKey() + " = " + right.getValue())
                .toList());
        section(text, "imports", plugin.module().imports().stream().map(ImportType::toString).toList());
        section(text, "exports", plugin.module().exports().stream().map(ExportType::toString).toList());
        section(text, "counters", List.of(plugin.counters().toString().replaceAll("Counters\\[|\\]", "")));
        return text.toString();
    }

    /** What it asks for; a bare module has no manifest and asks for nothing. */
    private static List<String> asked(PluginManifest manifest) {
        List<String> lines = new ArrayList<>();
        if (!manifest.services().isEmpty()) {
            lines.add("services " + manifest.services());
        }
        PluginManifest none = PluginManifest.of(manifest.id());
        if (manifest.policy() != none.policy() || manifest.pool() != none.pool()) {
            lines.add("policy " + manifest.policy() + ", pool " + manifest.pool());
        }
        if (manifest.maxTraps() != none.maxTraps()) {
            lines.add("max-traps " + manifest.maxTraps());
        }
        if (manifest.timeout() != null) {
            lines.add("timeout " + manifest.timeout().toMillis());
        }
        if (manifest.memoryBytes() >= 0) {
            lines.add("memory " + manifest.memoryBytes());
        }
        return lines;
    }

    private static void section(StringBuilder text, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            text.append('\n').append(title);
            lines.forEach(line -> text.append("\n  ").append(Printable.text(line, Printable.MESSAGE)));
        }
    }

    private Plugin find(String id) {
        return host().plugin(id).orElseThrow(
                () -> new IllegalArgumentException("there is no plugin " + id + "; there are " + ids()));
    }

    @Descriptor("lists all grants, and the plugins they are for")
    public String grants(String... words) {
        return Answer.of(() -> {
            none("grants", words);
            Table table = new Table("grant", "plugins", "allow", "offer", "timeout", "memory", "attributes", "why");
            int count = 0;
            for (ServiceReference<Grant> reference : references(Grant.class, null)) {
                Grant grant = context.getService(reference);
                if (grant != null) {
                    table.row(
                            grant.source(),
                            (reference.getProperty("plugin") instanceof String id ? id : "?") + " -> "
                                    + (grant.problem() == null ? those(grant) : "REFUSED"),
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
        });
    }

    private List<String> those(Grant grant) {
        BundlePluginHost host = known;
        return host == null ? List.of() : host.plugins().stream()
                .filter(plugin -> grant.appliesTo(plugin.id(), plugin.origin()))
                .map(Plugin::id)
                .toList();
    }

    private static String allow(Grant grant) {
        ModuleFilter allow = grant.allow();
        return allow == null
                ? "-"
                : grant.functions().isEmpty() ? allow.toString() : allow + " only " + new TreeSet<>(grant.functions());
    }

    @Descriptor("lists the host modules, and the plugin bundles that are bound to them")
    public String hosts(String... words) {
        return Answer.of(() -> {
            none("hosts", words);
            Table table = new Table("module", "bundle", "interfaces", "used by", "properties");
            List<ServiceReference<Object>> found = references(null, "(" + HostModule.MODULE + "=*)");
            for (ServiceReference<?> reference : found) {
                Bundle[] users = reference.getUsingBundles();
                table.row(
                        reference.getProperty(HostModule.MODULE),
                        reference.getBundle() == null ? "-" : name(reference.getBundle()),
                        List.of((String[]) reference.getProperty(Constants.OBJECTCLASS)),
                        users == null
                                ? List.of()
                                : List.of(users).stream().map(PluginCommands::name).sorted().toList(),
                        properties(reference));
            }
            return found.isEmpty() ? "no services with the property " + HostModule.MODULE : table.toString();
        });
    }

    /** A bundle of the framework's older versions may have none. */
    private static String name(Bundle bundle) {
        return bundle.getSymbolicName() == null ? "bundle " + bundle.getBundleId() : bundle.getSymbolicName();
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
    public String install(@Descriptor("where it is, such as file:shout.wasm") String... words) {
        return Answer.of(() -> {
            String url = one("install", "the address of a bundle or a .wasm, such as file:shout.wasm", words);
            byte[] bytes = read("install", url);
            boolean isJar = bytes.length > 4 && bytes[0] == 'P' && bytes[1] == 'K';
            if (!isJar) { // whatever else it is, the host says so
                String name = url.substring(Math.max(url.lastIndexOf('/'), url.lastIndexOf(':')) + 1);
                bytes = host().bundle(bytes, null, name.endsWith(".wasm") ? name.substring(0, name.length() - 5) : name);
            }
            Bundle bundle = context.installBundle("sallyport:" + url, new ByteArrayInputStream(bytes));
            bundle.start();
            return "bundle " + bundle.getBundleId() + " is " + bundle.getSymbolicName() + "\n" + plugins();
        });
    }

    private static byte[] read(String command, String url) throws IOException {
        try (InputStream in = URI.create(url).toURL().openStream()) {
            byte[] bytes = in.readNBytes(MOST_BYTES);
            if (in.read() >= 0) {
                throw new IOException(url + " is longer than " + MOST_BYTES + " bytes");
            }
            return bytes;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("sallyport:" + command + " takes an address such as file:shout.wasm (a blank is"
                    + " %20 in it): " + e.getMessage(), e);
        }
    }

    @Descriptor("takes another module for a plugin, without an outage; what is refused changes nothing")
    public String update(@Descriptor("the plugin's id, and where the .wasm is, such as file:shout.wasm") String... words) {
        return Answer.of(() -> {
            if (words.length != 2) {
                throw new IllegalArgumentException("sallyport:update takes the id of a plugin and the address of a .wasm, such"
                        + " as file:shout.wasm, found "
                        + (words.length == 0 ? "nothing" : List.of(words)) + "; plugins are " + ids());
            }
            Plugin plugin = find(words[0]);
            return text(host().update(plugin, plugin.manifest(), read("update", words[1]), "sallyport:" + words[1]));
        });
    }

    @Descriptor("takes the version of a plugin that was in service before the last update, without an outage")
    public String rollback(@Descriptor("the plugin's id") String... words) {
        return Answer.of(() -> text(host().rollback(find(one("rollback", "the id of a plugin", words)))));
    }

    private static String text(PluginUpdate update) {
        return Printable.message(update.toString());
    }

    @Descriptor("takes a plugin out of quarantine, with fresh instances")
    public String restart(@Descriptor("the plugin's id") String... words) {
        return Answer.of(() -> {
            String id = one("restart", "the id of a plugin", words);
            Plugin plugin = find(id);
            plugin.restart();
            String why = plugin.state() == PluginState.ACTIVE ? "" : ": " + why(plugin);
            return "plugin " + id + " is " + plugin.state() + why;
        });
    }

    @Descriptor("calls an export of a plugin with numbers, under its grants and limits")
    public String call(@Descriptor("the plugin's id, the export's name, and its arguments") String... words) {
        return Answer.of(() -> {
            if (words.length < 2) {
                throw new IllegalArgumentException("sallyport:call takes the id of a plugin, the name of an export and its"
                        + " arguments, found " + (words.length == 0 ? "nothing" : List.of(words)) + "; plugins are " + ids());
            }
            List<String> arguments = List.of(words).subList(2, words.length);
            Plugin plugin = find(words[0]);
            ExportCall call = ExportCall.of(plugin.module(), words[1], arguments);
            return plugin.use(call::in);
        });
    }
}
