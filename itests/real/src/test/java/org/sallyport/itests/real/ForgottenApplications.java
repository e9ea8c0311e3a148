package org.sallyport.itests.real;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntBinaryOperator;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.sallyport.spi.ProcessPage;
import org.sallyport.steward.Steward;

/**
 * A process with applications of which each has a class loader of its own with Sallyport in it, keeps an engine there in a
 * static field, and is forgotten together with it. Every fourth closes its engine; every third has another version of
 * Sallyport, with another steward. Of some the server keeps a segment, a handle or a bound interface for a while. It
 * checks that these work as long as they are kept, that all class loaders are collected, that each forgotten engine is
 * told of, and that signals, mappings, address space, descriptors and threads are those of the first rounds.
 */
final class ForgottenApplications {
    private static final int WARM_UP = 6;
    /** Engines that wait for their threads to end and for the garbage collector. */
    private static final int MOST_AT_A_TIME = 24;

    /** Bytes of blocks of signal handlers, which stay. */
    private static final long MOST_OF_BLOCKS = 1 << 20;

    private static final String OTHER_VERSION = "sallyport-steward-9";

    /** Held: the log manager holds loggers weakly. */
    private static final Logger LOG = Logger.getLogger("org.sallyport.Engine");

    private final byte[] wasm;
    private final URL[] classPath;
    private final URL[] otherClassPath;
    /** Of a loader that neither knows the applications' nor is known to them. */
    private final Class<?> shared;

    private final List<WeakReference<ClassLoader>> retired = new ArrayList<>();
    private final AtomicInteger warnings = new AtomicInteger();
    private int forgotten;
    /** What the server keeps of applications that are gone. */
    private final Deque<Kept> kept = new ArrayDeque<>();

    /** One thing of an application, which must keep all that it needs. */
    private record Kept(int round, Object part) {
        static final List<String> PARTS = List.of("segment", "handle", "interface");

        void check() throws Throwable {
            switch (part) {
                case MemorySegment segment -> {
                    require(segment.get(ValueLayout.JAVA_BYTE, 0) == (byte) round, "segment");
                    segment.set(ValueLayout.JAVA_BYTE, segment.byteSize() - 1, (byte) round);
                }
                case MethodHandle handle -> require((int) handle.invoke(round, 1) == round + 1, "handle");
                case IntBinaryOperator bound -> require(bound.applyAsInt(round, 2) == round + 2, "interface");
                default -> throw new AssertionError(part);
            }
        }
    }

    private ForgottenApplications(byte[] wasm) throws IOException, ClassNotFoundException {
        this.wasm = wasm;
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        classPath = urls.toArray(URL[]::new);
        shared = new URLClassLoader("shared", classPath, ClassLoader.getPlatformClassLoader())
                .loadClass(RedeployedApplication.Exports.class.getName());
        urls.addFirst(otherVersion().toUri().toURL());
        otherClassPath = urls.toArray(URL[]::new);
        LOG.addHandler(new Handler() {
            @Override
            public void publish(LogRecord event) {
                if (event.getMessage().contains("was never closed")) {
                    warnings.incrementAndGet();
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
        LOG.setUseParentHandlers(false);
    }

    /** A folder with the classes that name the steward, and name another in it. */
    private static Path otherVersion() throws IOException {
        Path folder = Files.createTempDirectory("sallyport-other");
        for (String name : List.of("org/sallyport/steward/Steward.class", "org/sallyport/spi/Stewards.class")) {
            byte[] bytes;
            try (var in = ForgottenApplications.class.getResourceAsStream("/" + name)) {
                bytes = in.readAllBytes();
            }
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            require(text.contains(Steward.NAME), name);
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.write(file, text.replace(Steward.NAME, OTHER_VERSION).getBytes(StandardCharsets.ISO_8859_1));
        }
        return folder;
    }

    /** @param args rounds, the module in hexadecimal */
    public static void main(String[] args) throws Throwable {
        int rounds = Integer.parseInt(args[0]);
        ForgottenApplications all = new ForgottenApplications(HexFormat.of().parseHex(args[1]));
        Figures before = Figures.now();
        all.rounds(0, WARM_UP);
        Figures first = all.settled(before);
        all.rounds(WARM_UP, WARM_UP + rounds);
        Figures last = all.settled(before);
        last.compare(before, first, MOST_AT_A_TIME);
        require(all.warnings.get() == all.forgotten, all.warnings + " warnings of " + all.forgotten);
        require(last.counted().get(ProcessPage.Counter.COMMITTED) == 0, "memory of engines: " + last);
        System.out.println(rounds + " rounds, " + all.forgotten + " engines forgotten, from " + first + " to " + last);
    }

    private void rounds(int from, int to) throws Throwable {
        for (int i = from; i < to; i++) {
            run(i);
            if (i % 4 == 3) {
                System.gc();
            }
            awaitFewerThan(MOST_AT_A_TIME);
            for (Kept one : kept) {
                one.check();
            }
            if (kept.size() > 2) {
                kept.removeFirst();
            }
        }
    }

    private void run(int round) throws Exception {
        URL[] urls = round % 3 == 2 ? otherClassPath : classPath;
        try (URLClassLoader loader =
                new URLClassLoader("application " + round, urls, ClassLoader.getPlatformClassLoader())) {
            retired.add(new WeakReference<>(loader));
            Object application = loader.loadClass(ForgottenApplication.class.getName())
                    .getConstructor(int.class, byte[].class, Class.class)
                    .newInstance(round, wasm, shared);
            @SuppressWarnings("unchecked")
            Map<String, Object> parts = ((Supplier<Map<String, Object>>) application).get();
            if (round % 4 == 3) {
                ((AutoCloseable) application).close();
                return;
            }
            forgotten++;
            if (round % 5 == 1) {
                kept.add(new Kept(round, parts.get(Kept.PARTS.get(round / 5 % Kept.PARTS.size()))));
            }
        }
    }

    /** Waits until everything is collected and given back, and looks. */
    private Figures settled(Figures before) throws Exception {
        kept.clear();
        awaitFewerThan(1);
        Figures now = Figures.now();
        for (int i = 0; i < 500 && !isSettled(now, before); i++) {
            System.gc();
            Thread.sleep(20);
            now = Figures.now();
        }
        return now;
    }

    private void awaitFewerThan(int loaders) throws InterruptedException {
        retired.removeIf(reference -> reference.get() == null);
        for (int i = 0; i < 600 && retired.size() >= loaders; i++) {
            Thread.sleep(50);
            System.gc();
            retired.removeIf(reference -> reference.get() == null);
        }
        require(retired.size() < loaders, retired.size() + " class loaders not collected, threads " + Redeployments.threads());
    }

    private boolean isSettled(Figures now, Figures before) {
        return Redeployments.threads().isEmpty()
                && warnings.get() == forgotten
                && now.counted().get(ProcessPage.Counter.ADDRESS_SPACE) < MOST_OF_BLOCKS
                && now.signals().equals(before.signals());
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }
}
