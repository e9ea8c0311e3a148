package org.sallyport.itests.real;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A process in which two applications are redeployed in turn, each time in a new class loader, in three versions side
 * by side: the new one before or after the old one goes, and every fifth without closing its engine. It checks that
 * class loaders are collected and that signals, handlers, mappings, address space, descriptors and threads are those of
 * the first rounds. The last line on standard output has the figures.
 */
final class Redeployments {
    private static final int VERSIONS = 3;
    private static final int WARM_UP = 6;

    private final byte[] wasm;
    private final URL[] classPath;
    /** As a server's threads, which outlive applications. */
    private final ExecutorService server = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("server").factory());

    private final List<WeakReference<ClassLoader>> retired = new ArrayList<>();
    private final RunningApplication[] slots = new RunningApplication[2];
    private int forgotten;

    private record RunningApplication(URLClassLoader loader, AutoCloseable application) {}

    private Redeployments(byte[] wasm) throws MalformedURLException {
        this.wasm = wasm;
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        classPath = urls.toArray(URL[]::new);
    }

    /** @param args rounds, the module in hexadecimal */
    public static void main(String[] args) throws Exception {
        int rounds = Integer.parseInt(args[0]);
        Redeployments all = new Redeployments(HexFormat.of().parseHex(args[1]));
        Figures before = Figures.now();
        all.rounds(0, WARM_UP);
        Figures first = all.settled();
        all.rounds(WARM_UP, WARM_UP + rounds);
        Figures last = all.settled();
        all.server.shutdown();
        last.compare(before, first, 8);
        check(threads().isEmpty(), "threads left: " + threads());
        System.out.println(rounds + " rounds, " + all.forgotten + " engines forgotten, from " + first + " to " + last);
    }

    private void rounds(int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            int slot = i % slots.length;
            RunningApplication old = slots[slot];
            slots[slot] = null;
            boolean first = i % 3 == 0;
            if (first) {
                deploy(slot, i);
            }
            if (old != null) {
                undeploy(old, i % 5 == 4);
            }
            if (!first) {
                deploy(slot, i);
            }
            for (RunningApplication running : slots) {
                if (running != null) {
                    use(running);
                }
            }
            if (i % 4 == 3) {
                System.gc();
            }
        }
    }

    private void deploy(int slot, int round) throws Exception {
        URLClassLoader loader =
                new URLClassLoader("application " + round, classPath, ClassLoader.getPlatformClassLoader());
        retired.removeIf(reference -> reference.get() == null);
        retired.add(new WeakReference<>(loader));
        // Versions change all the time, and not in step with anything else.
        int version = round / 2 * 7 % 11 % VERSIONS;
        slots[slot] = server.submit(() -> {
                    Thread.currentThread().setContextClassLoader(loader);
                    try {
                        Class<?> type = loader.loadClass(RedeployedApplication.class.getName());
                        Object made = type.getConstructor(int.class, byte[].class).newInstance(version, wasm);
                        return new RunningApplication(loader, (AutoCloseable) made);
                    } finally {
                        Thread.currentThread().setContextClassLoader(null);
                    }
                })
                .get();
    }

    private void use(RunningApplication running) throws Exception {
        server.submit((Runnable) running.application).get();
    }

    private void undeploy(RunningApplication old, boolean forget) throws Exception {
        if (forget) {
            forgotten++;
        } else {
            server.submit(() -> {
                        old.application.close();
                        return null;
                    })
                    .get();
        }
        old.loader.close();
    }

    /** Closes what runs, waits until everything is collected, and looks. */
    private Figures settled() throws Exception {
        for (int i = 0; i < slots.length; i++) {
            undeploy(slots[i], false);
            slots[i] = null;
        }
        server.submit(() -> {}).get(); // the last task is forgotten when the next one is there
        for (int i = 0; i < 500 && !(retired.isEmpty() && threads().isEmpty()); i++) {
            System.gc();
            Thread.sleep(20);
            retired.removeIf(reference -> reference.get() == null);
        }
        check(retired.isEmpty(), retired.size() + " class loaders not collected, threads " + threads());
        return Figures.now();
    }

    /** Those of engines; the steward belongs to the process. */
    static List<String> threads() {
        Thread[] all = new Thread[Thread.activeCount() + 100];
        int count = Thread.enumerate(all);
        return Arrays.stream(all, 0, count)
                .map(Thread::getName)
                .filter(name -> name.startsWith("sallyport-") && !name.startsWith("sallyport-steward-"))
                .toList();
    }

    private static void check(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }
}
