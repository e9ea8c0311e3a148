package org.sallyport.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs {@link Kernels} and prints one table: time per run, ratio to the peer and, where the output of {@code
 * kernels/native.sh} is given as
 * the property {@code native}, ratio to native code. Checksums of all engines are compared first.
 */
public final class Report {
    private Report() {}

    public static void main(String[] args) throws Exception {
        Map<String, String[]> natives = natives();
        checkSums(natives);
        print(measure(args), natives);
    }

    private static void checkSums(Map<String, String[]> natives) throws Exception {
        for (Map.Entry<String, Integer> kernel : Kernels.rounds().entrySet()) {
            String name = kernel.getKey();
            long ours = sum("sallyport", name, kernel.getValue());
            long peers = sum("chicory", name, kernel.getValue());
            String[] wanted = natives.get(name);
            if (ours != peers || wanted != null && ours != Long.parseLong(wanted[3])) {
                throw new IllegalStateException("checksums of " + name + " differ: Sallyport " + ours + ", Chicory " + peers
                        + (wanted == null ? "" : ", native " + wanted[3]));
            }
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

    /** Median nanoseconds per run by {@code engine kernel}. */
    static Map<String, Double> measure(String[] args) throws CommandLineOptionException, RunnerException {
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

    static Map<String, String[]> natives() throws IOException {
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

    /** Calls across the border have no native counterpart and would drown the rest: they are in no mean. */
    private static final Set<String> BORDER = Set.of("hostcall", "callin");

    private static void print(Map<String, Double> times, Map<String, String[]> natives) throws IOException {
        System.out.printf(
                "%n%-10s %14s %14s %14s %10s %10s%n",
                "kernel", "native ns", "sallyport ns", "chicory ns", "x native", "x chicory");
        double logNative = 0;
        double logPeer = 0;
        int count = 0;
        for (String kernel : Kernels.rounds().keySet()) {
            Double ours = times.get("sallyport " + kernel);
            Double peer = times.get("chicory " + kernel);
            if (ours == null || peer == null) {
                continue;
            }
            String[] words = natives.get(kernel);
            double bound = words == null ? Double.NaN : Double.parseDouble(words[2]);
            if (!BORDER.contains(kernel)) {
                logNative += Math.log(ours / bound);
                logPeer += Math.log(peer / ours);
                count++;
            }
            System.out.printf(
                    "%-10s %14.0f %14.0f %14.0f %10.2f %10.2f%n",
                    kernel, bound, ours, peer, ours / bound, peer / ours);
        }
        System.out.printf(
                "%-10s %14s %14s %14s %10.2f %10.2f%n%n",
                "geo. mean", "", "", "", Math.exp(logNative / count), Math.exp(logPeer / count));
        System.out.println("x native: Sallyport's time over clang -O2's; x chicory: Chicory's time over Sallyport's.");
        System.out.println("hostcall and callin, " + Kernels.rounds().get("hostcall")
                + " calls across the border each, are not in the means.");
    }
}
