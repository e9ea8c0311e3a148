package org.sallyport.bench;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.consumer.RecordingStream;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.text.Wat;

/**
 * Programs with structures and arrays, beside V8 if the path of a {@code node} is given ({@code -Dnode=…}), by the shortest
 * of many runs; then how fast a guest allocates and how long it pauses with 64 MB of live objects.
 *
 * <p>{@code java -cp … org.sallyport.bench.Objects [PROGRAM …]}
 */
final class Objects {
    private static final Map<String, Integer> PROGRAMS = new LinkedHashMap<>();
    private static final long WARM_UP = 2_000_000_000L;
    private static final int RUNS = 15;
    /** 2^21 nodes of 32 bytes. */
    private static final int LIVE_DEPTH = 21;
    /** Of the subtrees that are replaced. */
    private static final int CHANGED_DEPTH = 9;

    static {
        PROGRAMS.put("trees", 16);
        PROGRAMS.put("listsort", 50_000);
        PROGRAMS.put("hashtable", 200_000);
        PROGRAMS.put("strings", 200_000);
    }

    private Objects() {}

    public static void main(String[] args) throws Throwable {
        System.out.printf("%-12s %12s %12s %8s%n", "program", "Sallyport ms", "V8 ms", "ratio");
        double product = 1;
        int count = 0;
        for (Map.Entry<String, Integer> program : PROGRAMS.entrySet()) {
            if (args.length == 0 || java.util.Arrays.asList(args).contains(program.getKey())) {
                product *= compare(program.getKey(), program.getValue());
                count++;
            }
        }
        System.out.printf("geometric mean of the ratios: %.2f%n", Math.pow(product, 1.0 / Math.max(1, count)));
        if (args.length == 0 || java.util.Arrays.asList(args).contains("pauses")) {
            pauses();
        }
    }

    private static byte[] binary(String program) throws IOException {
        try (InputStream in = Objects.class.getResourceAsStream("/objects/" + program + ".wat")) {
            if (in == null) {
                throw new IOException("no program " + program);
            }
            return Wat.compile(new String(in.readAllBytes(), StandardCharsets.UTF_8), program + ".wat");
        }
    }

    private static double compare(String program, int size) throws Throwable {
        byte[] wasm = binary(program);
        long best = Long.MAX_VALUE;
        int result = 0;
        try (Engine engine = Engine.create();
                Module module = engine.compile(wasm);
                Store store = engine.newStore()) {
            MethodHandle run = engine.newLinker().link(module).instantiate(store).func("run").handle();
            for (long start = System.nanoTime(); System.nanoTime() - start < WARM_UP; ) {
                result = (int) run.invokeExact(size);
            }
            for (int i = 0; i < RUNS; i++) {
                long start = System.nanoTime();
                result = (int) run.invokeExact(size);
                best = Math.min(best, System.nanoTime() - start);
            }
        }
        long[] other = node(wasm, size);
        if (other.length > 0 && other[1] != result) {
            throw new AssertionError(program + ": " + result + " here, " + other[1] + " in V8");
        }
        double ratio = other.length == 0 ? Double.NaN : (double) best / other[0];
        System.out.printf("%-12s %12.2f %12s %8.2f%n", program, best / 1e6,
                other.length == 0 ? "" : String.format("%.2f", other[0] / 1e6), ratio);
        return ratio;
    }

    /** The shortest ns and the result; nothing if there is no node. */
    private static long[] node(byte[] wasm, int size) throws IOException {
        String node = System.getProperty("node");
        if (node == null) {
            return new long[0];
        }
        Path file = Files.createTempFile("objects", ".wasm");
        try {
            Files.write(file, wasm);
            Process process = new ProcessBuilder(node, "itests/bench/node/objects.mjs", file.toString(), "" + size)
                    .redirectErrorStream(true)
                    .start();
            String[] words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim().split(" ");
            return new long[] {Long.parseLong(words[0]), Long.parseLong(words[1])};
        } finally {
            Files.delete(file);
        }
    }

    private static void pauses() throws Throwable {
        AtomicLong longest = new AtomicLong();
        AtomicLong whole = new AtomicLong();
        AtomicLong steps = new AtomicLong();
        AtomicLong collections = new AtomicLong();
        AtomicLong sum = new AtomicLong();
        try (RecordingStream events = new RecordingStream();
                Engine engine = Engine.create();
                Module module = engine.compile(binary("pauses"));
                Store store = engine.newStore()) {
            Instance instance = engine.newLinker().link(module).instantiate(store);
            events.enable("org.sallyport.GarbageCollection").withoutThreshold();
            events.onEvent("org.sallyport.GarbageCollection", event -> {
                long nanos = event.getDuration().toNanos();
                collections.incrementAndGet();
                sum.addAndGet(nanos);
                longest.accumulateAndGet(nanos, Math::max);
                steps.addAndGet(event.getBoolean("step") ? 1 : 0);
                if (event.getBoolean("whole")) {
                    whole.incrementAndGet();
                    System.out.printf("  whole heap: last step %.1f ms, %d KB live%n", nanos / 1e6, event.getLong("live") >> 10);
                }
            });
            events.startAsync();
            long start = System.nanoTime();
            for (int i = 0; i < 3; i++) {
                instance.func("keep").call(LIVE_DEPTH);
            }
            double made = 3.0 * (32 << LIVE_DEPTH);
            System.out.printf("building: %.0f MB/s%n", made / 1e6 / ((System.nanoTime() - start) / 1e9));
            start = System.nanoTime();
            int times = 30_000;
            for (int i = 0; i < 10; i++) {
                instance.func("change").call(times, CHANGED_DEPTH, i);
            }
            made = 10.0 * times * (32 << CHANGED_DEPTH);
            System.out.printf("changing: %.0f MB/s beside %d live nodes%n",
                    made / 1e6 / ((System.nanoTime() - start) / 1e9), (int) instance.func("size").call()[0]);
            events.stop();
            events.awaitTermination(Duration.ofSeconds(10));
        }
        System.out.printf("%d collections, %d of the whole heap, in %d steps; longest pause %.1f ms, all %.0f ms%n",
                collections.get(), whole.get(), steps.get(), longest.get() / 1e6, sum.get() / 1e6);
    }
}
