package org.sallyport.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Map;
import org.sallyport.Config;

/**
 * What counting fuel costs: runs of each kernel in an engine that does not count and in one that does, in turn, by
 * processor time. The ratio of a kernel is the median of its pairs' ratios.
 */
final class Fuel {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int PAIRS = 31;
    /** Nanoseconds that one measurement takes at least. */
    private static final long SPAN = 20_000_000;

    private Fuel() {}

    public static void main(String[] args) throws Throwable {
        int pairs = args.length > 0 ? Integer.parseInt(args[0]) : PAIRS;
        double logs = 0;
        int kernels = 0;
        System.out.printf("%-10s %8s %14s%n", "kernel", "ratio", "fuel a run");
        for (Map.Entry<String, Integer> entry : Kernels.rounds().entrySet()) {
            String kernel = entry.getKey();
            byte[] wasm = Guest.bytes(kernel);
            try (var plain = new Guest.Sallyport(wasm);
                    var counting = new Guest.Sallyport(wasm, Config.defaults().withFuel(true))) {
                boolean in = kernel.equals("callin");
                long before = counting.fuel();
                run(counting, entry.getValue(), in);
                long used = before - counting.fuel();
                double ratio = ratio(plain, counting, entry.getValue(), in, pairs);
                System.out.printf("%-10s %8.3f %14d%n", kernel, ratio, used);
                logs += Math.log(ratio);
                kernels++;
            }
        }
        System.out.printf("%-10s %8.3f%n", "mean", Math.exp(logs / kernels));
    }

    private static long run(Guest guest, int rounds, boolean in) throws Throwable {
        return in ? guest.callIn(rounds) : guest.run(rounds);
    }

    private static double ratio(Guest plain, Guest counting, int rounds, boolean in, int pairs) throws Throwable {
        time(plain, rounds, in, 10);
        int repeats = (int) Math.max(1, SPAN / Math.max(1, time(plain, rounds, in, 10) / 10));
        time(counting, rounds, in, repeats);
        double[] ratios = new double[pairs];
        for (int i = 0; i < pairs; i++) {
            boolean first = i % 2 == 0;
            long a = time(first ? plain : counting, rounds, in, repeats);
            long b = time(first ? counting : plain, rounds, in, repeats);
            ratios[i] = first ? (double) b / a : (double) a / b;
        }
        Arrays.sort(ratios);
        return ratios[pairs / 2];
    }

    private static long time(Guest guest, int rounds, boolean in, int repeats) throws Throwable {
        long start = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < repeats; i++) {
            run(guest, rounds, in);
        }
        return THREADS.getCurrentThreadCpuTime() - start;
    }
}
