package org.sallyport.console;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.felix.webconsole.servlet.ServletConstants;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.sallyport.SallyportException;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.UpdateRefusedException;
import org.sallyport.host.osgi.BundlePluginHost;
import org.sallyport.host.osgi.Consent;
import org.sallyport.wasm.Printable;

/**
 * The page {@code sallyport} of Felix Web Console, behind the console's own login. What changes something is a POST with one of
 * our {@link Tokens}, and a line of the log with the operator's name.
 */
@Component(
        service = Servlet.class,
        property = {
            ServletConstants.PLUGIN_LABEL + "=" + ConsolePage.LABEL,
            ServletConstants.PLUGIN_TITLE + "=Sallyport plugins",
            ServletConstants.PLUGIN_CATEGORY + "=Sallyport"
        })
public final class ConsolePage extends HttpServlet {
    static final String LABEL = "sallyport";
    private static final long serialVersionUID = 1;
    private static final System.Logger LOG = System.getLogger("org.sallyport.console");
    private static final String RESOURCES = "/" + LABEL + "/res/";
    private static final String USER = "org.apache.felix.webconsole.user";
    private static final int ANSWERS = 100;

    private final transient BundlePluginHost host;
    private final transient Consent consent;
    private final transient Pages pages;
    private final transient Tokens tokens = new Tokens(System::currentTimeMillis);
    /** What was done, until it is shown. */
    private final transient Map<String, String> answers = new ConcurrentHashMap<>();
    private final transient AtomicLong lastAnswer = new AtomicLong();

    @Activate
    public ConsolePage(
            BundleContext context,
            @Reference BundlePluginHost host,
            @Reference ConfigurationAdmin configurations,
            @Reference EventLog log) {
        this.host = host;
        this.consent = new Consent(context, host, configurations);
        this.pages = new Pages(context, host, consent, log);
    }

    /** The console puts its frame around what has no dot in its name. */
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = String.valueOf(request.getPathInfo());
        if (path.startsWith(RESOURCES)) {
            resource(path.substring(RESOURCES.length()), response);
        } else {
            page(path, request, response);
        }
    }

    private static void resource(String name, HttpServletResponse response) throws IOException {
        if (!name.equals("console.css") && !name.equals("console.js")) {
            response.sendError(HttpServletResponse.SC_NOT_FOUND);
            return;
        }
        try (InputStream in = ConsolePage.class.getResourceAsStream("/res/" + name)) {
            response.setContentType(name.endsWith(".css") ? "text/css" : "text/javascript");
            response.setCharacterEncoding("UTF-8");
            response.getWriter().print(new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private void page(String path, HttpServletRequest request, HttpServletResponse response) throws IOException {
        Html page = new Html();
        String root = root(request);
        Optional<Plugin> plugin = plugin(request);
        response.setCharacterEncoding("UTF-8");
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("X-Frame-Options", "DENY"); // else others' pages have the operator click on what he does not see
        response.setHeader("Content-Security-Policy", "frame-ancestors 'none'");
        if (path.endsWith(".fragment")) {
            response.setContentType("text/html");
            fragment(page, path.substring(path.lastIndexOf('/') + 1), root, plugin, request);
        } else {
            page.raw("<link rel=\"stylesheet\" href=\"" + Html.escape(root) + "/res/console.css\"><div id=\"sallyport\">");
            String said = request.getParameter("said");
            String answer = said == null ? null : answers.remove(said);
            if (answer != null) {
                page.raw("<pre id=\"sallyport-answer\">").text(answer).raw("</pre>");
            }
            if (plugin.isPresent()) {
                pages.plugin(page, root, plugin.get(), tokens.of(user(request)));
            } else {
                pages.overview(page, root);
            }
            page.raw("</div><script src=\"" + Html.escape(root) + "/res/console.js\"></script>");
        }
        response.getWriter().print(page);
    }

    private void fragment(Html page, String name, String root, Optional<Plugin> plugin, HttpServletRequest request) {
        switch (name) {
            case "overview.fragment" -> pages.plugins(page, root);
            case "figures.fragment" -> plugin.ifPresent(found -> pages.figures(page, found));
            case "log.fragment" -> pages.entries(page, request.getParameter("plugin"), number(request.getParameter("after")));
            default -> page.element("p", "there is nothing of that name");
        }
    }

    private static long number(@Nullable String text) {
        try {
            return text == null ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private Optional<Plugin> plugin(HttpServletRequest request) {
        String id = request.getParameter("plugin");
        return id == null ? Optional.empty() : host.plugin(id);
    }

    private static String root(HttpServletRequest request) {
        return String.valueOf(request.getAttribute(ServletConstants.ATTR_PLUGIN_ROOT));
    }

    private static String user(HttpServletRequest request) {
        Object user = request.getRemoteUser() != null ? request.getRemoteUser() : request.getAttribute(USER);
        return user == null ? "an operator" : String.valueOf(user);
    }

    // ---- what changes something

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String site = request.getHeader("Sec-Fetch-Site");
        boolean elsewhere = site != null && !site.equals("same-origin") && !site.equals("none");
        if (elsewhere || !tokens.isGood(user(request), request.getParameter("token"))) {
            LOG.log(System.Logger.Level.WARNING, () -> "a form that is not of the console's page was refused, from "
                    + request.getRemoteAddr());
            response.sendError(HttpServletResponse.SC_FORBIDDEN,
                    "This form is too old, or not of this page: load the page anew and try again.");
            return;
        }
        String answer = answer(request);
        LOG.log(System.Logger.Level.INFO, () -> Printable.message("console, " + user(request) + ": "
                + request.getParameter("action") + " " + request.getParameter("plugin") + ": " + answer));
        String number = Long.toString(lastAnswer.incrementAndGet());
        if (answers.size() >= ANSWERS) {
            answers.clear(); // nobody has come for them
        }
        answers.put(number, answer);
        String id = request.getParameter("plugin");
        String root = root(request);
        response.sendRedirect((id == null ? root + "?" : Pages.address(root, id) + "&") + "said=" + number);
    }

    private String answer(HttpServletRequest request) {
        try {
            return act(request, String.valueOf(request.getParameter("action")));
        } catch (SallyportException | PluginUnavailableException | UpdateRefusedException | IllegalArgumentException
                | IllegalStateException | IOException | InvalidSyntaxException e) {
            return String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private String act(HttpServletRequest request, String action)
            throws IOException, InvalidSyntaxException, InterruptedException {
        Plugin plugin = consent.find(String.valueOf(request.getParameter("plugin")));
        if (!Pages.state(plugin).equals(request.getParameter("seen"))) {
            throw new IllegalStateException("plugin " + plugin.id() + " has changed since the page was made; look again");
        }
        return switch (action) {
            case "grant" -> grant(plugin, request.getParameter("module"), request.getParameter("offer"));
            case "revoke" -> String.join("\n", consent.revoke(plugin.id(), request.getParameter("pid")));
            case "restart" -> {
                plugin.restart();
                yield "plugin " + plugin.id() + " is " + plugin.state();
            }
            case "rollback" -> host.rollback(plugin).toString();
            default -> throw new IllegalArgumentException("there is no action " + Printable.name(action));
        };
    }

    private String grant(Plugin plugin, @Nullable String module, @Nullable String offer)
            throws IOException, InterruptedException {
        Map<String, String> terms = consent.terms(
                plugin, module == null ? List.of() : List.of(module), offer == null ? Map.of() : Map.of("offer", offer));
        String pid = consent.grant(plugin, terms);
        StringBuilder text = new StringBuilder("configuration ").append(pid);
        terms.forEach((key, value) -> text.append("\n  ").append(key).append('=').append(value));
        return text.append("\nplugin ").append(plugin.id()).append(" is ").append(plugin.state()).toString();
    }
}
