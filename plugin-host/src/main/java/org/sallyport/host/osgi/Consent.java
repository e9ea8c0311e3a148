package org.sallyport.host.osgi;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.sallyport.host.Grant;
import org.sallyport.host.HostModule;
import org.sallyport.host.ModuleFilter;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUpdate;
import org.sallyport.host.UnsatisfiedImport;
import org.sallyport.host.UnsatisfiedOffer;

/**
 * What plugins ask for against what they are granted, and an operator's consent as configurations of {@value
 * Grant#FACTORY_PID}; for the shell, the console and others that operators use. Thread-safe.
 */
public final class Consent {
    private static final String FILE = "felix.fileinstall.filename";
    /** What Configuration Admin does, it does in its own time. */
    private static final long PATIENCE_MILLIS = 3_000;

    private final BundleContext context;
    private final BundlePluginHost host;
    private final ConfigurationAdmin configurations;

    /** @param context that sees services of {@link Grant} and host modules */
    public Consent(BundleContext context, BundlePluginHost host, ConfigurationAdmin configurations) {
        this.context = context;
        this.host = host;
        this.configurations = configurations;
    }

    /** All that there are, also those that grant nothing because of a {@linkplain Grant#problem problem}. */
    public List<Grant> grants() {
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

    public List<String> ids() {
        return host.plugins().stream().map(Plugin::id).toList();
    }

    /** @throws IllegalArgumentException if none holds the id; says which there are */
    public Plugin find(String id) {
        return host.plugin(id).orElseThrow(
                () -> new IllegalArgumentException("there is no plugin " + id + "; there are " + ids()));
    }

    /** What the plugin asks for: imports, offers, limits, properties; and the attributes of its grants. */
    public List<Ask> asks(Plugin plugin) {
        return new Asks(context, plugin, grants()).all();
    }

    /**
     * A grant for the plugin, from where it is now; of an update that waits, from where that is.
     *
     * @param modules names of host modules that it may use
     * @param more other keys of grants
     * @throws IllegalArgumentException if there is neither, and it lacks no grant
     */
    public Map<String, String> terms(Plugin plugin, List<String> modules, Map<String, String> more) {
        TreeMap<String, String> terms = new TreeMap<>(more);
        List<String> names = new ArrayList<>(modules);
        if (modules.isEmpty() && more.isEmpty()) {
            names.addAll(lacking(plugin));
            String offers = plugin.unsatisfiedOffers().stream().filter(each -> each.kind() == UnsatisfiedOffer.Kind.NOT_GRANTED)
                    .map(UnsatisfiedOffer::service).collect(Collectors.joining(","));
            if (names.isEmpty() && offers.isEmpty()) {
                throw new IllegalArgumentException("plugin " + plugin.id() + " lacks no grant; name host modules, or keys of"
                        + " grants such as timeout=50");
            }
            if (!offers.isEmpty()) {
                terms.put("offer", offers);
            }
        }
        if (!names.isEmpty()) {
            terms.put("allow", names.stream()
                    .map(module -> "(" + HostModule.MODULE + "=" + ModuleFilter.escape(module) + ")")
                    .collect(Collectors.joining("", names.size() == 1 ? "" : "(|", names.size() == 1 ? "" : ")")));
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

    /**
     * Makes a configuration of these terms, and waits a while until it is in force and the plugin has made up its mind.
     *
     * @return its pid
     * @throws IllegalArgumentException if they make no sense; then there is no configuration
     */
    public String grant(Plugin plugin, Map<String, String> terms) throws IOException, InterruptedException {
        Configuration configuration = configurations.createFactoryConfiguration(Grant.FACTORY_PID, "?");
        String pid = configuration.getPid();
        configuration.update(new Hashtable<>(terms));
        await(() -> known(pid).isPresent());
        String problem = known(pid).map(Grant::problem).orElse(null);
        if (problem != null) {
            configuration.delete();
            throw new IllegalArgumentException("nothing is granted: " + problem);
        }
        await(() -> !isBetween(plugin)); // rights are looked at anew in threads of their own
        return pid;
    }

    private Optional<Grant> known(String pid) {
        return grants().stream().filter(grant -> grant.source().equals(pid)).findFirst();
    }

    private static boolean isBetween(Plugin plugin) {
        PluginUpdate update = plugin.update();
        return plugin.state() == PluginState.UNSATISFIED
                || plugin.state() == PluginState.STARTING
                || update != null && update.state() == PluginState.WAITING;
    }

    /**
     * Deletes configurations that name the plugin, and waits a while until they are not in force any more.
     *
     * @param only the pid of the one that is meant; null: all
     * @return what became of each, for people
     * @throws IllegalArgumentException if there is none
     */
    public List<String> revoke(String id, @Nullable String only)
            throws IOException, InvalidSyntaxException, InterruptedException {
        Configuration[] all = configurations.listConfigurations("(service.factoryPid=" + Grant.FACTORY_PID + ")");
        List<String> lines = new ArrayList<>();
        TreeSet<String> pids = new TreeSet<>();
        for (Configuration configuration : all == null ? new Configuration[0] : all) {
            Dictionary<String, Object> terms = configuration.getProperties();
            String pid = configuration.getPid();
            if (id.equals(terms.get("plugin")) && (only == null || only.equals(pid))) {
                Object file = terms.get(FILE);
                lines.add("configuration " + pid + " is deleted"
                        + (file == null ? "" : "; its file " + file + " makes it again when the framework starts: delete it,"
                                + " too"));
                pids.add(pid);
                configuration.delete();
            }
        }
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("no configuration of " + Grant.FACTORY_PID + " has plugin=" + id
                    + (only == null ? "" : " and the pid " + only) + "; sallyport:grants lists all");
        }
        await(() -> grants().stream().noneMatch(grant -> pids.contains(grant.source())));
        return lines;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            Thread.sleep(10);
        }
    }
}
