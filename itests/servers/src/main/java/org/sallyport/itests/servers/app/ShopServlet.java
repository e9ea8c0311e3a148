package org.sallyport.itests.servers.app;

import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.inject.Inject;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import org.sallyport.cdi.Plugin;
import org.sallyport.cdi.Plugins;

/**
 * {@code price?cents=N}; {@code later?cents=N}: the same in a thread of Jakarta Concurrency; {@code state}: the plugin's, what
 * the till counted, and the build; {@code update?to=MODULE}.
 */
@WebServlet(urlPatterns = {"/price", "/later", "/state", "/update"}, loadOnStartup = 1)
public class ShopServlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Inject
    private transient Shop shop;

    @Resource
    private transient ManagedExecutorService executor;

    @Inject
    private transient Notes notes;

    @Inject
    private transient Plugins plugins;

    @Inject
    @Plugin("discount")
    private transient org.sallyport.host.Plugin plugin;

    /** Of the archive that was deployed: its place may hold the next one already. */
    private String build = "";

    @Override
    public void init() {
        try (InputStream in = getClass().getResourceAsStream("/META-INF/build")) {
            build = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        response.getWriter().print(switch (request.getServletPath()) {
            case "/price" -> String.valueOf(shop.price(cents(request)));
            case "/later" -> String.valueOf(later(cents(request)));
            case "/state" -> plugin.state() + " " + notes.count() + " " + build;
            default -> update(request.getParameter("to"));
        });
    }

    private static int cents(HttpServletRequest request) {
        return Integer.parseInt(request.getParameter("cents"));
    }

    private int later(int cents) throws IOException {
        try {
            return executor.submit(() -> shop.price(cents)).get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IOException(e);
        }
    }

    private String update(String to) throws IOException {
        try (InputStream in = getClass().getResourceAsStream("/plugins/" + to)) {
            return plugins.replace("discount", in.readAllBytes(), "war:" + to).state().toString();
        }
    }
}
