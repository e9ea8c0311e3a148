package org.sallyport.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.felix.service.command.Descriptor;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUpdate;
import org.sallyport.host.osgi.BundlePluginHost;
import org.sallyport.host.osgi.Consent;
import org.sallyport.wasm.Printable;

/** {@code sallyport:explain} and its like: an operator's {@link Consent}, typed. */
@Component(
        service = ConsentCommands.class,
        property = {
            "osgi.command.scope=sallyport",
            "osgi.command.function=explain",
            "osgi.command.function=grant",
            "osgi.command.function=revoke"
        })
public final class ConsentCommands {
    private final Consent consent;

    @Activate
    public ConsentCommands(
            BundleContext context, @Reference BundlePluginHost host, @Reference ConfigurationAdmin configurations) {
        consent = new Consent(context, host, configurations);
    }

    @Descriptor("shows what a plugin asks for against what it is granted, and by which configuration")
    public String explain(@Descriptor("the plugin's id") String... words) {
        return Answer.of(() -> {
            if (words.length != 1) {
                throw new IllegalArgumentException("sallyport:explain takes the id of a plugin, found " + List.of(words)
                        + "; plugins are " + consent.ids());
            }
            Plugin plugin = consent.find(words[0]);
            Table table = new Table("what", "asks for", "granted", "by", "why not, and what would do");
            consent.asks(plugin).forEach(ask -> table.row(ask.what(), ask.asks(), ask.granted(), ask.by(), ask.why()));
            PluginUpdate update = plugin.update();
            return "plugin " + plugin.id() + " is " + plugin.state() + ", from " + Printable.message(plugin.origin().toString())
                    + "\n" + table + (update == null || update.state() == PluginState.ACTIVE ? "" : "\n" + update);
        });
    }

    @Descriptor("makes a grant for a plugin, from where it is now; without more words, of all that it lacks")
    public String grant(
            @Descriptor("the plugin's id, names of host modules, and keys of grants such as timeout=50") String... words) {
        return Answer.of(() -> {
            if (words.length == 0) {
                throw new IllegalArgumentException("sallyport:grant takes the id of a plugin, names of host modules and keys of"
                        + " grants such as timeout=50, found nothing; plugins are " + consent.ids());
            }
            Plugin plugin = consent.find(words[0]);
            Map<String, String> terms = terms(plugin, List.of(words).subList(1, words.length));
            return "configuration " + consent.grant(plugin, terms)
                    + terms.entrySet().stream().map(term -> "\n  " + term).collect(Collectors.joining())
                    + "\n" + outcome(plugin);
        });
    }

    private Map<String, String> terms(Plugin plugin, List<String> words) {
        TreeMap<String, String> more = new TreeMap<>();
        List<String> modules = new ArrayList<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                modules.add(word);
            } else {
                more.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return consent.terms(plugin, modules, more);
    }

    private static String outcome(Plugin plugin) {
        PluginUpdate update = plugin.update();
        boolean waits = update != null && update.state() == PluginState.WAITING;
        return "plugin " + plugin.id() + " is " + plugin.state() + (waits ? "\n" + update : "");
    }

    @Descriptor("takes grants of a plugin back; guests are refused at their next host call")
    public String revoke(@Descriptor("the plugin's id, and the configuration's pid if it is to be one only") String... words) {
        return Answer.of(() -> {
            if (words.length < 1 || words.length > 2) {
                throw new IllegalArgumentException("sallyport:revoke takes the id of a plugin, and perhaps the pid of a"
                        + " configuration, found " + List.of(words) + "; plugins are " + consent.ids());
            }
            return String.join("\n", consent.revoke(words[0], words.length == 1 ? null : words[1]));
        });
    }
}
