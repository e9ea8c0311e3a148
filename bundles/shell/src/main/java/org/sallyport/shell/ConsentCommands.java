package org.sallyport.shell;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.felix.service.command.Descriptor;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.sallyport.host.Grant;
import org.sallyport.host.HostModule;
import org.sallyport.host.ModuleFilter;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUpdate;
import org.sallyport.host.UnsatisfiedImport;
import org.sallyport.host.UnsatisfiedOffer;
import org.sallyport.host.osgi.BundlePluginHost;
import org.sallyport.wasm.Printable;

/** {@code sallyport:explain} and its like: an operator's consent, as configurations of {@value Grant#FACTORY_PID}. */
@Component(
        service = ConsentCommands.class,
        property = {
            "osgi.command.scope=sallyport",
            "osgi.command.function=explain",
            "osgi.command.function=grant",
            "osgi.command.function=revoke"
        })
public final class ConsentCommands {
    private static final String FILE = "felix.fileinstall.filename";
    private static final long PATIENCE_MILLIS = 3_000;

    private final BundleContext context;
    private final BundlePluginHost host;
    private final ConfigurationAdmin configurations;

    @Activate
    public ConsentCommands(
            BundleContext context, @Reference BundlePluginHost host, @Reference ConfigurationAdmin configurations) {
        this.context = context;
        this.host = host;
        this.configurations = configurations;
    }

    @Descriptor("shows what a plugin asks for against what it is granted, and by which configuration")
    public String explain(@Descriptor("the plugin's id") String... words) {
        if (words.length != 1) {
            throw new IllegalArgumentException("sallyport:explain takes the id of a plugin, found " + List.of(words)
                    + "; plugins are " + ids());
        }
        Plugin plugin = find(words[0]);
        PluginUpdate update = plugin.update();
        return "plugin " + plugin.id() + " is " + plugin.state() + ", from " + Printable.message(plugin.origin().toString())
                + "\n" + new Explanation(context, plugin, grants())
                + (update == null || update.state() == PluginState.ACTIVE ? "" : "\n" + update);
    }

    private List<Grant> grants() {
        List<Grant> grants = new ArrayList<>();
        try {
            for (ServiceReference<Grant> reference : context.getServiceReferences(Grant.class, null)) {
                Grant grant = context.getService(reference);
                if (grant != null) {
                    grants.add(grant);
                    context.ungetService(reference);
                }
            }
        } catch (InvalidSyntaxException e) {
            throw new AssertionError("BUG: no filter", e);
        }
        return grants;
    }

    private List<String> ids() {
        return host.plugins().stream().map(Plugin::id).toList();
    }

    private Plugin find(String id) {
        return host.plugin(id).orElseThrow(
                () -> new IllegalArgumentException("there is no plugin " + id + "; there are " + ids()));
    }

    @Descriptor("makes a grant for a plugin, from where it is now; without more words, of all that it lacks")
    public String grant(
            @Descriptor("the plugin's id, names of host modules, and keys of grants such as timeout=50") String... words)
            throws IOException, InterruptedException {
        if (words.length == 0) {
            throw new IllegalArgumentException("sallyport:grant takes the id of a plugin, names of host modules and keys of"
                    + " grants such as timeout=50, found nothing; plugins are " + ids());
        }
        Plugin plugin = find(words[0]);
        TreeMap<String, String> terms = terms(plugin, List.of(words).subList(1, words.length));
        Configuration configuration = configurations.createFactoryConfiguration(Grant.FACTORY_PID, "?");
        configuration.update(new Hashtable<>(terms));
        Optional<Grant> made = await(configuration.getPid());
        String problem = made.map(Grant::problem).orElse(null);
        if (problem != null) {
            configuration.delete();
            throw new IllegalArgumentException("nothing is granted: " + problem);
        }
        return "configuration " + configuration.getPid()
                + terms.entrySet().stream().map(term -> "\n  " + term).collect(Collectors.joining())
                + "\n" + outcome(plugin);
    }

    private TreeMap<String, String> terms(Plugin plugin, List<String> words) {
        TreeMap<String, String> terms = new TreeMap<>();
        List<String> modules = new ArrayList<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                modules.add(word);
            } else {
                terms.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        if (words.isEmpty()) {
            modules.addAll(lacking(plugin));
            String offers = plugin.unsatisfiedOffers().stream().filter(each -> each.kind() == UnsatisfiedOffer.Kind.NOT_GRANTED)
                    .map(UnsatisfiedOffer::service).collect(Collectors.joining(","));
            if (modules.isEmpty() && offers.isEmpty()) {
                throw new IllegalArgumentException("plugin " + plugin.id() + " lacks no grant; name host modules, or keys of"
                        + " grants such as timeout=50");
            }
            if (!offers.isEmpty()) {
                terms.put("offer", offers);
            }
        }
        if (!modules.isEmpty()) {
            terms.put("allow", modules.stream()
                    .map(module -> "(" + HostModule.MODULE + "=" + ModuleFilter.escape(module) + ")")
                    .collect(Collectors.joining("", modules.size() == 1 ? "" : "(|", modules.size() == 1 ? "" : ")")));
        }
        terms.put("plugin", plugin.id());
        if (!terms.containsKey("location") && !terms.containsKey("digest") && !terms.containsKey("signer")) {
            PluginUpdate update = plugin.update();
            boolean waits = update != null && update.state() == PluginState.WAITING;
            terms.put("location", waits ? update.origin().location() : plugin.origin().location());
        }
        return terms;
    }

    private static TreeSet<String> lacking(Plugin plugin) {
        return plugin.unsatisfied().stream()
                .filter(each -> each.kind() == UnsatisfiedImport.Kind.NOT_GRANTED)
                .map(each -> each.wanted().module())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Optional<Grant> await(String pid) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        Optional<Grant> found;
        do {
            found = grants().stream().filter(grant -> grant.source().equals(pid)).findFirst();
            if (found.isEmpty()) {
                Thread.sleep(10);
            }
        } while (found.isEmpty() && System.nanoTime() < end);
        return found;
    }

    /** Rights are looked at anew in threads of their own; a while later it can be told what has become of it. */
    private static String outcome(Plugin plugin) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (isBetween(plugin) && System.nanoTime() < end) {
            Thread.sleep(10);
        }
        PluginUpdate update = plugin.update();
        boolean waits = update != null && update.state() == PluginState.WAITING;
        return "plugin " + plugin.id() + " is " + plugin.state() + (waits ? "\n" + update : "");
    }

    private static boolean isBetween(Plugin plugin) {
        PluginUpdate update = plugin.update();
        return plugin.state() == PluginState.UNSATISFIED
                || plugin.state() == PluginState.STARTING
                || update != null && update.state() == PluginState.WAITING;
    }

    @Descriptor("takes grants of a plugin back; guests are refused at their next host call")
    public String revoke(@Descriptor("the plugin's id, and the configuration's pid if it is to be one only") String... words)
            throws IOException, InvalidSyntaxException, InterruptedException {
        if (words.length < 1 || words.length > 2) {
            throw new IllegalArgumentException("sallyport:revoke takes the id of a plugin, and perhaps the pid of a"
                    + " configuration, found " + List.of(words) + "; plugins are " + ids());
        }
        Configuration[] all = configurations.listConfigurations("(service.factoryPid=" + Grant.FACTORY_PID + ")");
        List<String> lines = new ArrayList<>();
        TreeSet<String> pids = new TreeSet<>();
        for (Configuration configuration : all == null ? new Configuration[0] : all) {
            Dictionary<String, Object> terms = configuration.getProperties();
            if (words[0].equals(terms.get("plugin")) && (words.length == 1 || words[1].equals(configuration.getPid()))) {
                Object file = terms.get(FILE);
                lines.add("configuration " + configuration.getPid() + " is deleted"
                        + (file == null ? "" : "; its file " + file + " makes it again when the framework starts: delete it,"
                                + " too"));
                pids.add(configuration.getPid());
                configuration.delete();
            }
        }
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("no configuration of " + Grant.FACTORY_PID + " has plugin=" + words[0]
                    + (words.length == 1 ? "" : " and the pid " + words[1]) + "; sallyport:grants lists all");
        }
        awaitNone(pids);
        return String.join("\n", lines);
    }

    /** Configuration Admin tells in its own time. */
    private void awaitNone(TreeSet<String> pids) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (grants().stream().anyMatch(grant -> pids.contains(grant.source())) && System.nanoTime() < end) {
            Thread.sleep(10);
        }
    }
}
