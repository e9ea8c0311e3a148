package org.sallyport.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs {@link Kernels} and prints one table: time per run, ratio to the peer and, where the output of {@code
 * kernels/native.sh} is given as the property {@code native}, ratio to native code. Checksums of all engines are
 * compared first.
 */
public final class Report {
    private Report() {}

    static final String OURS = "Sallyport";
    static final String PEER = "Chicory";
    static final String NATIVE = "native";
    /** Loops over calls across the border: they have no native counterpart, would drown the rest, and are in no mean. */
    static final Set<String> BORDER = Set.of("hostcall", "callin");

    public static void main(String[] args) throws Exception {
        print(kernels(args, checksums()));
    }

    /** The checksum of each kernel, on which all engines here agree. */
    static Map<String, Long> checksums() throws Exception {
        Map<String, String[]> natives = natives();
        Map<String, Long> sums = new LinkedHashMap<>();
        for (Map.Entry<String, Integer> kernel : Kernels.rounds().entrySet()) {
            String name = kernel.getKey();
            long ours = sum("sallyport", name, kernel.getValue());
            sums.put(name, ours);
            check(name, PEER, ours, sum("chicory", name, kernel.getValue()));
            String[] words = natives.get(name);
            if (words != null) {
                check(name, NATIVE, ours, Long.parseLong(words[3]));
            }
        }
        return sums;
    }

    static void check(String kernel, String engine, long ours, long theirs) {
        if (ours != theirs) {
            throw new IllegalStateException(
                    "checksums of " + kernel + " differ: Sallyport " + ours + ", " + engine + " " + theirs);
        }
    }

    private static long sum(String engine, String kernel, int rounds) throws Exception {
        try (Guest guest = Guest.of(engine, kernel)) {
            return kernel.equals("callin") ? guest.callIn(rounds) : guest.run(rounds);
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException(engine + " " + kernel, t);
        }
    }

    /**
     * Median nanoseconds per run.
     *
     * @param sums the kernels, in the order of the rows
     */
    static Table kernels(String[] args, Map<String, Long> sums) throws Exception {
        Map<String, String[]> natives = natives();
        Map<String, Double> times = measure(args);
        Table table = new Table();
        for (String kernel : sums.keySet()) {
            String[] words = natives.get(kernel);
            if (words != null) {
                table.put(kernel, NATIVE, Double.parseDouble(words[2]));
            }
            put(table, kernel, OURS, times.get("sallyport " + kernel));
            put(table, kernel, PEER, times.get("chicory " + kernel));
        }
        return table;
    }

    private static void put(Table table, String kernel, String engine, @Nullable Double nanos) {
        if (nanos != null) {
            table.put(kernel, engine, nanos);
        }
    }

    /** Median nanoseconds per run by {@code engine kernel}. */
    private static Map<String, Double> measure(String[] args) throws CommandLineOptionException, RunnerException {
        Map<String, Double> times = new HashMap<>();
        OptionsBuilder options = new OptionsBuilder();
        options.parent(new CommandLineOptions(args));
        options.include(Kernels.class.getName());
        options.jvmArgs("--enable-native-access=ALL-UNNAMED");
        for (RunResult result : new Runner(options.build()).run()) {
            String key = result.getParams().getParam("engine") + " " + result.getParams().getParam("kernel");
            times.put(key, result.getPrimaryResult().getStatistics().getPercentile(50));
        }
        return times;
    }

    private static Map<String, String[]> natives() throws IOException {
        Map<String, String[]> map = new LinkedHashMap<>();
        String file = System.getProperty("native");
        if (file != null) {
            for (String line : Files.readAllLines(Path.of(file))) {
                String[] words = line.split(" ");
                map.put(words[0], words);
            }
        }
        return map;
    }

    private static void print(Table table) throws IOException {
        System.out.printf(
                "%n%-10s %14s %14s %14s %10s %10s%n",
                "kernel", "native ns", "sallyport ns", "chicory ns", "x native", "x chicory");
        for (String kernel : table.rows()) {
            System.out.printf("%-10s %14s %14s %14s %10s %10s%n", kernel,
                    show("%.0f", table.get(kernel, NATIVE)), show("%.0f", table.get(kernel, OURS)),
                    show("%.0f", table.get(kernel, PEER)), show("%.2f", table.ratio(kernel, OURS, NATIVE)),
                    show("%.2f", table.ratio(kernel, PEER, OURS)));
        }
        System.out.printf(
                "%-10s %14s %14s %14s %10.2f %10.2f%n%n",
                "geo. mean", "", "", "", table.mean(OURS, NATIVE, BORDER), table.mean(PEER, OURS, BORDER));
        System.out.println("x native: Sallyport's time over clang -O2's; x chicory: Chicory's time over Sallyport's.");
        System.out.println("hostcall and callin, " + Kernels.rounds().get("hostcall")
                + " calls across the border each, are not in the means.");
    }

    private static String show(String format, @Nullable Double figure) {
        return figure == null ? "–" : String.format(Locale.ROOT, format, figure);
    }
}
