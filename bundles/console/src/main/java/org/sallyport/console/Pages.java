package org.sallyport.console;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.sallyport.host.Grant;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginState;
import org.sallyport.host.PluginUpdate;
import org.sallyport.host.osgi.Ask;
import org.sallyport.host.osgi.BundlePluginHost;
import org.sallyport.host.osgi.Consent;

/** What the console shows: all plugins, or one of them. */
final class Pages {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());
    private static final int DIGEST = 12;

    private final BundleContext context;
    private final BundlePluginHost host;
    private final Consent consent;
    private final EventLog log;

    Pages(BundleContext context, BundlePluginHost host, Consent consent, EventLog log) {
        this.context = context;
        this.host = host;
        this.consent = consent;
        this.log = log;
    }

    // ---- all plugins

    /**
     * All of them.
     *
     * @param root address of the console's page
     */
    void overview(Html page, String root) {
        page.raw("<div data-live=\"" + Html.escape(root) + "/overview.fragment\">");
        plugins(page, root);
        page.raw("</div>");
        log(page, root, null);
    }

    /** What of it changes by itself. */
    void plugins(Html page, String root) {
        List<Plugin> plugins = host.plugins();
        List<PluginCandidate> candidates = host.candidates();
        page.element("h2", "What plugins ask for, who allows it, who provides it");
        page.raw(new Bindings(context, consent).of(plugins));
        page.element("h2", "Plugins");
        head(page, "sallyport-plugins",
                "plugin", "state", "version", "calls", "traps", "stops", "denials", "instances", "KiB", "99 % below", "why");
        plugins.forEach(plugin -> row(page, root, plugin));
        candidates.forEach(candidate -> row(page, candidate));
        page.raw("</tbody></table>");
        if (plugins.isEmpty() && candidates.isEmpty()) {
            page.element("p", "sallyport-none", "no plugins");
        }
    }

    private static void head(Html page, String id, String... titles) {
        page.raw("<table class=\"sallyport-table\" id=\"" + id + "\"><thead><tr>");
        for (String title : titles) {
            page.element("th", title);
        }
        page.raw("</tr></thead><tbody>");
    }

    private static void row(Html page, String root, Plugin plugin) {
        Plugin.Counters counters = plugin.counters();
        page.raw("<tr data-plugin=\"" + Html.escape(plugin.id()) + "\"><td><a href=\"" + Html.escape(address(root, plugin.id()))
                + "\">").text(plugin.id()).raw("</a></td>");
        page.element("td", style(plugin.state()), plugin.state());
        page.element("td", plugin.origin().digest().substring(0, DIGEST) + (plugin.hasPrevious() ? " (updated)" : ""));
        page.element("td", "number", counters.calls()).element("td", "number", counters.traps());
        page.element("td", "number", counters.stops()).element("td", "number", counters.denials());
        page.element("td", "number", counters.instances()).element("td", "number", counters.memoryBytes() / 1024);
        page.element("td", "number", plugin.latency().calls() == 0 ? "-" : LatencyChart.text(plugin.latency().below(0.99)));
        page.element("td", why(plugin)).raw("</tr>");
    }

    private static void row(Html page, PluginCandidate candidate) {
        page.raw("<tr>").element("td", candidate.id()).element("td", style(candidate.state()), candidate.state());
        page.raw("<td></td>".repeat(8));
        page.element("td", (candidate.reason() + " (" + candidate.source() + ")").strip()).raw("</tr>");
    }

    static String address(String root, String id) {
        return root + "?plugin=" + URLEncoder.encode(id, StandardCharsets.UTF_8);
    }

    private static String style(PluginState state) {
        return switch (state) {
            case ACTIVE -> "good";
            case STARTING, COMPILING -> "";
            default -> "bad";
        };
    }

    private static String why(Plugin plugin) {
        String why = plugin.state() == PluginState.CONFLICT ? plugin.conflict() : plugin.quarantinedBecause();
        if (why != null) {
            return why;
        }
        return plugin.unsatisfied().stream().map(Object::toString).collect(Collectors.joining("\n"))
                + plugin.unsatisfiedOffers().stream().map(each -> "\n" + each).collect(Collectors.joining());
    }

    // ---- one plugin

    /**
     * One of them, with what an operator can do about it.
     *
     * @param root address of the console's page
     * @param token of forms
     */
    void plugin(Html page, String root, Plugin plugin, String token) {
        page.raw("<p><a href=\"" + Html.escape(root) + "\">all plugins</a></p><h2>").text(plugin.id()).raw(" is ")
                .element("span", style(plugin.state()), plugin.state()).raw("</h2>");
        page.element("pre", why(plugin).strip());
        page.raw("<table class=\"sallyport-table\"><tbody><tr><th>location</th>").element("td", plugin.origin().location());
        page.raw("</tr><tr><th>SHA-256</th>").element("td", plugin.origin().digest());
        page.raw("</tr><tr><th>signers</th>").element("td", plugin.origin().signers()).raw("</tr></tbody></table>");
        update(page, root, plugin, token);
        form(page, root, plugin, token, "restart", "restart", "", "");
        page.element("h2", "What it asks for, and what it is granted");
        asks(page, root, plugin, token);
        page.element("h2", "Its grants");
        grants(page, root, plugin, token);
        page.raw("<div data-live=\"" + Html.escape(root + "/figures.fragment?" + address("", plugin.id()).substring(1)) + "\">");
        figures(page, plugin);
        page.raw("</div>");
        log(page, root, plugin.id());
    }

    private static void update(Html page, String root, Plugin plugin, String token) {
        PluginUpdate update = plugin.update();
        if (update != null && update.state() != PluginState.ACTIVE) {
            page.element("pre", "bad", update);
        }
        if (plugin.hasPrevious()) {
            form(page, root, plugin, token, "rollback", "roll back to the version before", "", "");
        }
    }

    /** Which modules the page speaks of: whoever clicks means what he saw. */
    static String state(Plugin plugin) {
        PluginUpdate update = plugin.update();
        return plugin.origin().digest() + (update == null ? "" : " " + update.origin().digest());
    }

    /** A button. @param name and value: what else it sends; empty for nothing */
    private static void form(
            Html page, String root, Plugin plugin, String token, String action, String label, String name, String value) {
        page.raw("<form class=\"sallyport-form\" method=\"post\" action=\"" + Html.escape(root) + "\">");
        page.hidden("token", token).hidden("action", action).hidden("plugin", plugin.id()).hidden("seen", state(plugin));
        if (!name.isEmpty()) {
            page.hidden(name, value);
        }
        page.raw("<button type=\"submit\">").text(label).raw("</button></form>");
    }

    private void asks(Html page, String root, Plugin plugin, String token) {
        head(page, "sallyport-asks", "what", "asks for", "granted", "by", "why not, and what would do", "");
        for (Ask ask : consent.asks(plugin)) {
            boolean no = ask.granted().equals("no");
            page.raw("<tr>").element("td", ask.what()).element("td", ask.asks());
            page.element("td", no ? "bad" : ask.granted().equals("yes") ? "good" : "", ask.granted());
            page.element("td", ask.by()).element("td", ask.why()).raw("<td>");
            if (no && (ask.what().equals("import") || ask.what().equals("offer"))) {
                form(page, root, plugin, token, "grant", "grant", ask.what().equals("import") ? "module" : "offer", ask.name());
            }
            page.raw("</td></tr>");
        }
        page.raw("</tbody></table>");
        PluginUpdate update = plugin.update();
        boolean waits = update != null && update.state() == PluginState.WAITING;
        if (waits || !plugin.unsatisfied().isEmpty() || !plugin.unsatisfiedOffers().isEmpty()) {
            form(page, root, plugin, token, "grant", "grant all that it lacks", "", "");
        }
    }

    private void grants(Html page, String root, Plugin plugin, String token) {
        head(page, "sallyport-grants", "configuration", "allows", "offers", "timeout", "memory", "budget", "attributes", "");
        int count = 0;
        for (Grant grant : consent.grants()) {
            if (grant.problem() == null && grant.appliesTo(plugin.id(), plugin.origin())) {
                page.raw("<tr>").element("td", grant.source()).element("td", grant.allow() == null ? "-" : grant.allow());
                page.element("td", grant.offers().isEmpty() ? "-" : grant.offers());
                page.element("td", grant.timeout() == null ? "-" : grant.timeout().toMillis() + " ms");
                page.element("td", grant.memoryBytes() < 0 ? "-" : grant.memoryBytes());
                page.element("td", grant.budget().describe().isEmpty() ? "-" : grant.budget().describe());
                page.element("td", grant.attributes().isEmpty() ? "-" : grant.attributes()).raw("<td>");
                form(page, root, plugin, token, "revoke", "revoke", "pid", grant.source());
                page.raw("</td></tr>");
                count++;
            }
        }
        page.raw("</tbody></table>");
        if (count == 0) {
            page.element("p", "sallyport-none", "no grant is for it");
        }
    }

    /** What of it changes by itself. */
    void figures(Html page, Plugin plugin) {
        Plugin.Counters counters = plugin.counters();
        Plugin.Usage usage = plugin.usage();
        page.element("h2", "Figures");
        head(page, "sallyport-figures", "calls", "traps", "stops", "denials", "instances", "KiB", "host calls", "log lines",
                "processor time", "over budget");
        page.raw("<tr>");
        for (Object figure : List.of(
                counters.calls(), counters.traps(), counters.stops(), counters.denials(), counters.instances(),
                counters.memoryBytes() / 1024, usage.hostCalls(), usage.logLines(), usage.processorNanos() / 1_000_000 + " ms",
                usage.overBudget())) {
            page.element("td", "number", figure);
        }
        page.raw("</tr></tbody></table>");
        page.element("p", "Host calls, log lines and processor time are counted while a budget names them.");
        page.element("h2", "How long calls took").raw(LatencyChart.of(plugin.latency()));
        page.element("h2", "Last traps and stops");
        List<EventLog.Entry> failures = log.failures(plugin.id());
        for (EventLog.Entry failure : failures) {
            page.raw("<pre class=\"bad\">").text(TIME.format(failure.time()) + " " + failure.kind() + "\n"
                    + failure.message().replace("; ", "\n    ")).raw("</pre>");
        }
        if (failures.isEmpty()) {
            page.element("p", "sallyport-none", "none");
        }
    }

    // ---- the log

    private void log(Html page, String root, @Nullable String plugin) {
        page.element("h2", "Log");
        String query = plugin == null ? "" : address("", plugin).substring(1) + "&";
        page.raw("<table class=\"sallyport-table\"><tbody id=\"sallyport-log\" data-log=\""
                + Html.escape(root + "/log.fragment?" + query + "after=") + "\">");
        entries(page, plugin, 0);
        page.raw("</tbody></table>");
    }

    /** @param after number of the last one that is known */
    void entries(Html page, @Nullable String plugin, long after) {
        Predicate<EventLog.Entry> wanted = entry -> plugin == null || plugin.equals(entry.plugin());
        for (EventLog.Entry entry : log.after(after, wanted)) {
            page.raw("<tr data-number=\"" + entry.number() + "\">").element("td", TIME.format(entry.time()));
            page.element("td", entry.isBad() ? "bad" : "", entry.kind()).element("td", entry.plugin());
            page.element("td", entry.message()).raw("</tr>");
        }
    }
}
