package org.sallyport.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Kernels as class files, beside the same as machine code and in Chicory, in a JVM for each: the shortest of many samples behind
 * a warm-up, when HotSpot's best compiler has done its work. Arguments: kernels, or files with their rounds ({@code
 * keccak.wasm:200}); none for all.
 */
public final class Portable {
    private static final List<String> ENGINES = List.of("sallyport", "portable", "chicory");
    private static final long MILLI = 1_000_000;
    private static final long WARM_UP = Long.getLong("bench.warm", 1500) * MILLI;
    private static final long MEASURED = Long.getLong("bench.measured", 400) * MILLI;

    private Portable() {}

    /** Nanoseconds of a run and the checksum. */
    private record Result(long nanos, String sum) {}

    public static void main(String[] args) throws Throwable {
        if (args.length > 1 && args[0].equals("one")) {
            one(args[1], args[2], Integer.parseInt(args[3]));
            return;
        }
        System.out.printf("%-12s %12s %9s %9s%n", "kernel", "native, us", "portable", "Chicory");
        double[] logs = new double[ENGINES.size()];
        int[] counts = new int[ENGINES.size()];
        for (Map.Entry<String, Integer> kernel : kernels(args).entrySet()) {
            List<@Nullable Result> results = new ArrayList<>();
            for (String engine : ENGINES) {
                results.add(run(engine, kernel.getKey(), kernel.getValue()));
            }
            Result base = results.getFirst();
            if (base == null) {
                continue;
            }
            String name = kernel.getKey().replaceAll(".*/|\\.wasm$", "");
            StringBuilder line = new StringBuilder(String.format("%-12s %12.1f", name, base.nanos / 1e3));
            for (int i = 1; i < ENGINES.size(); i++) {
                Result result = results.get(i);
                if (result == null) {
                    line.append(String.format(" %9s", "-"));
                    continue;
                }
                double ratio = (double) result.nanos / base.nanos;
                logs[i] += Math.log(ratio);
                counts[i]++;
                line.append(String.format(" %9.2f", ratio)).append(result.sum.equals(base.sum) ? "" : " (another result!)");
            }
            System.out.println(line);
        }
        System.out.printf("%-12s %12s %9.2f %9.2f%n", "geo. mean", "", mean(logs, counts, 1), mean(logs, counts, 2));
    }

    private static double mean(double[] logs, int[] counts, int engine) {
        return Math.exp(logs[engine] / Math.max(1, counts[engine]));
    }

    private static Map<String, Integer> kernels(String[] names) throws IOException {
        Map<String, Integer> known = Kernels.rounds();
        Map<String, Integer> kernels = new LinkedHashMap<>();
        if (names.length == 0) {
            known.forEach((name, rounds) -> {
                if (!name.equals("callin") && !name.equals("hostcall")) {
                    kernels.put(name, rounds);
                }
            });
        }
        for (String name : names) {
            int colon = name.indexOf(':');
            kernels.put(colon < 0 ? name : name.substring(0, colon),
                    colon < 0 ? known.get(name) : Integer.valueOf(name.substring(colon + 1)));
        }
        return kernels;
    }

    private static @Nullable Result run(String engine, String kernel, int rounds) throws InterruptedException {
        if (engine.equals("chicory") && kernel.contains("_simd")) {
            return null; // its compiler has no vectors
        }
        String[] words = new Processes(new File("."))
                .java(Portable.class.getName(), "one", engine, kernel, rounds)
                .orElse("")
                .split(" ");
        return words.length < 2 ? null : new Result(Long.parseLong(words[0]), words[1]);
    }

    private static void one(String engine, String kernel, int rounds) throws Throwable {
        byte[] wasm = kernel.endsWith(".wasm") ? Files.readAllBytes(Path.of(kernel)) : Guest.bytes(kernel);
        try (Guest guest = Guest.of(engine, wasm)) {
            long sum = 0;
            long begin = System.nanoTime();
            while (System.nanoTime() - begin < WARM_UP) {
                sum = guest.run(rounds);
            }
            long best = Long.MAX_VALUE;
            begin = System.nanoTime();
            while (System.nanoTime() - begin < MEASURED) {
                long start = System.nanoTime();
                sum = guest.run(rounds);
                best = Math.min(best, System.nanoTime() - start);
            }
            System.out.println(best + " " + sum);
        }
    }
}
