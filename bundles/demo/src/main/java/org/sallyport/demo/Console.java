package org.sallyport.demo;

import java.io.PrintStream;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** Felix Web Console beside the host: on this machine only, behind a password that is made for this once. */
record Console(int port, String password) {
    private static final Pattern OPTION = Pattern.compile("--console(=(\\d{1,5}))?");
    private static final int PORT = 8080;
    private static final int MOST = 65_535;
    private static final long PATIENCE_MILLIS = 30_000;
    private static final String PAGE = "/system/console/sallyport";

    static boolean isOption(String word) {
        var match = OPTION.matcher(word);
        return match.matches() && (match.group(2) == null || Integer.parseInt(match.group(2)) <= MOST);
    }

    /** What the words ask for, or null. */
    static @Nullable Console of(List<String> words) {
        if (words.isEmpty() || !isOption(words.getLast())) {
            return null;
        }
        byte[] random = new byte[12];
        new SecureRandom().nextBytes(random);
        var match = OPTION.matcher(words.getLast());
        return new Console(
                match.matches() && match.group(2) != null ? Integer.parseInt(match.group(2)) : PORT,
                HexFormat.of().formatHex(random));
    }

    /** Of the framework. */
    Map<String, String> settings() {
        return Map.of(
                "org.apache.felix.http.host", "127.0.0.1",
                "org.osgi.service.http.port", Integer.toString(port),
                "felix.webconsole.username", "admin",
                "felix.webconsole.password", password);
    }

    /** Says where it is, when it is there. */
    void announce(BundleContext context, PrintStream out) throws InterruptedException, InvalidSyntaxException {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        String address = address(context);
        while (address == null && System.nanoTime() < end) {
            Thread.sleep(20);
            address = address(context);
        }
        out.println(address == null
                ? "The web console did not start; is the port " + port + " free?"
                : "The console is at " + address + PAGE + " (admin, password " + password + ").");
    }

    /** What the HTTP service says of itself. */
    private static @Nullable String address(BundleContext context) throws InvalidSyntaxException {
        ServiceReference<?>[] found =
                context.getAllServiceReferences("org.osgi.service.servlet.runtime.HttpServiceRuntime", null);
        Object endpoints = found == null ? null : found[0].getProperty("osgi.http.endpoint");
        if (!(endpoints instanceof String[] addresses)) {
            return null;
        }
        for (String address : addresses) {
            if (address.startsWith("http://")) {
                return address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
            }
        }
        return null;
    }
}
