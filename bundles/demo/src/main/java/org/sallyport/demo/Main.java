package org.sallyport.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.util.tracker.ServiceTracker;

/**
 * {@code demo}: plays the scenes and leaves. {@code host}: starts the same application and stays, with the Gogo
 * shell.
 */
public final class Main {
    private static final long PATIENCE_MILLIS = 30_000;
    private static final int FAILURE = 1;
    private static final int USAGE = 2;
    private static final Path INPUT = Path.of("/dev/stdin");
    /** No exit status. */
    static final int START = -1;

    private static final String HELP =
            """
            Usage: sallyport demo
                   sallyport host [--console[=PORT]]

            demo  starts Apache Felix with Sallyport and four plugins of different manners, shows in five scenes what
                  becomes of them, and ends.
            host  starts Apache Felix with Sallyport and stays, with the Gogo shell. It makes the folder plugins here, and
                  takes up what is put into it: NAME.wasm, NAME.properties (what the plugin asks for), and
                  org.sallyport.grant-NAME.cfg (what it is granted). In the shell, sallyport:plugins, sallyport:plugin ID,
                  sallyport:hosts and sallyport:grants show what there is, and sallyport:call ID EXPORT NUMBERS... calls
                  a plugin; exit 0 ends it. With its input from /dev/null there is no shell, and a signal ends it.
                  With --console there is Apache Felix Web Console besides, for this machine only: its page Sallyport shows
                  plugins, what they ask for and are granted, and what befalls them. The address, with a password for
                  this once, is printed. Without a PORT it is 8080; 0 takes a free one.
            """;

    private Main() {}

    public static void main(String[] args) throws Exception {
        List<String> words = List.of(args);
        int answered = answer(words, System.out, System.err);
        if (answered != START) {
            System.exit(written(answered, System.out));
        }
        boolean stay = words.contains("host");
        @Nullable Console console = Console.of(words);
        quiet(stay);
        Path app = Path.of(System.getProperty("sallyport.app", "target/app"));
        Path folder = stay ? folder(Path.of("plugins"), System.err) : null;
        if (stay && folder == null) {
            System.exit(FAILURE);
        }
        Path cache = Files.createTempDirectory("sallyport-felix");
        Framework framework = framework(cache, folder, !isNothing(INPUT), console);
        AtomicBoolean closed = new AtomicBoolean();
        // A signal ends it as exit 0 does: plugins are taken out, and nothing stays on the disk.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(framework, cache, closed, true), "sallyport-exit"));
        int status;
        try {
            framework.init();
            startBundles(framework.getBundleContext(), bundles(app, console != null), stay);
            framework.start();
            if (stay) {
                System.out.println("Sallyport on Felix. Put .wasm files (with a .properties file beside) and grants\n"
                        + "(org.sallyport.grant-NAME.cfg) into " + folder.toAbsolutePath() + ".\n"
                        + "Try sallyport:plugins, sallyport:plugin ID, sallyport:hosts, sallyport:grants; exit 0 ends"
                        + " it.");
                if (console != null) {
                    console.announce(framework.getBundleContext(), System.out);
                }
                framework.waitForStop(0);
                status = 0;
            } else {
                status = scenes(framework.getBundleContext());
            }
        } finally {
            close(framework, cache, closed, false);
        }
        System.exit(written(status, System.out));
    }

    /** The status, or if all is well but for the output, that of a failure. */
    static int written(int status, PrintStream out) {
        return out.checkError() && status == 0 ? FAILURE : status;
    }

    /** The folder, made if it is not there; null if it cannot be, which is said. */
    static @Nullable Path folder(Path folder, PrintStream err) {
        try {
            return Files.createDirectories(folder);
        } catch (FileAlreadyExistsException e) {
            err.println("sallyport: " + folder.toAbsolutePath() + ": is no folder; the host keeps its plugins there");
        } catch (IOException e) {
            err.println("sallyport: " + folder.toAbsolutePath() + ": the folder for plugins cannot be made: " + e);
        }
        return null;
    }

    /** Whether it is the file that nothing comes from. The shell would take its end for the wish to stop. */
    static boolean isNothing(Path input) {
        try {
            return Files.isSameFile(input, Path.of("/dev/null"));
        } catch (IOException e) {
            return false;
        }
    }

    /** Once, whoever comes first; the other one waits. */
    private static void close(Framework framework, Path cache, AtomicBoolean closed, boolean exits) {
        synchronized (closed) {
            if (closed.getAndSet(true)) {
                return;
            }
            try {
                if (exits) {
                    stopAllButTheShell(framework);
                } else {
                    framework.stop();
                    framework.waitForStop(PATIENCE_MILLIS);
                }
                delete(cache);
            } catch (BundleException | IOException e) {
                System.err.println("sallyport: " + cache + " stays behind: " + e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The shell runs the very command that ends the process; stopped, it would tell that it was interrupted. */
    private static void stopAllButTheShell(Framework framework) throws BundleException {
        BundleContext context = framework.getBundleContext();
        List<Bundle> bundles = context == null ? List.of() : List.of(context.getBundles()).reversed();
        for (Bundle bundle : bundles) {
            boolean isShell = String.valueOf(bundle.getSymbolicName()).startsWith("org.apache.felix.gogo.");
            if (bundle.getBundleId() != Constants.SYSTEM_BUNDLE_ID && !isShell && bundle.getState() == Bundle.ACTIVE) {
                bundle.stop(Bundle.STOP_TRANSIENT);
            }
        }
    }

    /** @return an exit status, or {@link #START} */
    static int answer(List<String> words, PrintStream out, PrintStream err) {
        if (words.contains("--help") || words.contains("-h")) {
            out.print(HELP);
            return 0;
        }
        boolean console = words.size() == 2 && words.getFirst().equals("host") && Console.isOption(words.getLast());
        if (words.equals(List.of("demo")) || words.equals(List.of("host")) || words.isEmpty() || console) {
            return START;
        }
        err.println("sallyport: demo and host take nothing but --help, and host --console or --console=PORT; found: "
                + String.join(" ", words));
        return USAGE;
    }

    /** The scenes tell what happens themselves; beside the shell, events are lines of a log. */
    private static void quiet(boolean stay) {
        System.setProperty("java.util.logging.SimpleFormatter.format", "%4$s %5$s%6$s%n");
        Logger.getLogger("").setLevel(stay ? Level.INFO : Level.SEVERE);
    }

    /** @param shell whether the shell reads what is typed; without it the host stays until it is ended from outside */
    private static Framework framework(Path cache, @Nullable Path folder, boolean shell, @Nullable Console console) {
        Map<String, String> settings = new HashMap<>();
        settings.put(Constants.FRAMEWORK_STORAGE, cache.toString());
        settings.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        settings.put("felix.log.level", "1");
        settings.put("gosh.args", "--nointeractive");
        if (folder != null) {
            if (shell) {
                settings.remove("gosh.args");
            }
            settings.put("felix.fileinstall.dir", folder.toString());
            settings.put("felix.fileinstall.tmpdir", cache.resolve("fileinstall").toString());
            settings.put("felix.fileinstall.noInitialDelay", "true");
            settings.put("felix.fileinstall.enableConfigSave", "false"); // an operator's file is not ours to write
        }
        if (console != null) {
            settings.putAll(console.settings());
        }
        return ServiceLoader.load(FrameworkFactory.class, Main.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no OSGi framework on the class path"))
                .newFramework(settings);
    }

    /** The platform's bundles, ours, and this jar itself. */
    private static List<Path> bundles(Path app, boolean console) throws IOException {
        List<Path> jars = new ArrayList<>();
        try (Stream<Path> files = Files.walk(app.resolve("bundles"))) {
            files.filter(file -> file.toString().endsWith(".jar"))
                    .filter(file -> console || !file.getFileName().toString().startsWith("org.sallyport.console-"))
                    .sorted()
                    .forEach(jars::add);
        }
        if (console) {
            try (Stream<Path> files = Files.walk(app.resolve("console"))) { // what logs comes before those who want to
                files.filter(file -> file.toString().endsWith(".jar"))
                        .sorted(Comparator.comparing((Path file) -> file.getFileName().toString().contains("felix"))
                                .thenComparing(file -> file))
                        .forEach(jars::add);
            }
        }
        try {
            jars.add(Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI()));
        } catch (java.net.URISyntaxException e) {
            throw new IOException(e);
        }
        return jars;
    }

    private static void startBundles(BundleContext context, List<Path> jars, boolean stay) throws BundleException {
        List<Bundle> bundles = new ArrayList<>();
        for (Path jar : jars) {
            String name = jar.getFileName().toString();
            boolean shell = name.contains("gogo") || name.contains("fileinstall");
            if (stay || !shell) {
                bundles.add(context.installBundle(jar.toUri().toString()));
            }
        }
        for (Bundle bundle : bundles) {
            if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null) {
                bundle.start();
            }
        }
    }

    /** The scenes live in the framework; the launcher knows them by a type of the JDK only. */
    private static int scenes(BundleContext context) throws InvalidSyntaxException, InterruptedException {
        Filter filter = FrameworkUtil.createFilter("(sallyport.demo=scenes)");
        ServiceTracker<Object, Object> tracker = new ServiceTracker<>(context, filter, null);
        tracker.open();
        try {
            if (!(tracker.waitForService(PATIENCE_MILLIS) instanceof Callable<?> scenes)) {
                System.err.println("The demo's component did not start within 30 s; ./sallyport host, scr:list say why.");
                return 1;
            }
            return (Integer) scenes.call();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            e.printStackTrace();
            return 1;
        } finally {
            tracker.close();
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }
}
