package org.sallyport.engine;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.sallyport.engine.service.Rehearsal;


/**
 * Deadlines of some tenants while others do all at once what {@link Attackers} can, one of them filling the Java heap,
 * getting its OutOfMemoryError, letting go and filling it again. In a JVM of its own, with a small heap and a given
 * collector.
 *
 * <p>By hand, on a machine that does nothing else, after the tests are compiled, with {@code CP} as the class path of the
 * tests ({@code mvn -pl runtime.engine dependency:build-classpath} and the two directories of classes):
 *
 * <pre>{@code java --enable-native-access=ALL-UNNAMED -cp $CP org.sallyport.engine.UnderAttack 10000}</pre>
 *
 * It prints for several collectors and heaps how late guests were stopped (they run no instruction more), how late they
 * left machine code (they may have waited for a processor), how late their callers saw it, how late a thread was that only
 * sleeps, and how long the JVM's safepoints took; then the same without the time of safepoints. No thread can run Java during
 * one, neither the watchdog nor who waits for the guest; the sentry can.
 */
final class UnderAttack {
    private static final List<String> COLLECTORS = List.of("Serial", "Parallel", "G1", "Z");
    private static final List<String> HEAPS = List.of("64m", "256m");
    private static final int VICTIMS = 4;
    private static final int LONGEST = 10_000_000;
    /** The heap is filled, let go and filled again, and all other attacks go on. */
    static final String AGAIN_AND_AGAIN = "again and again";
    /** The heap is full from before the first deadline until after the last one. */
    static final String KEPT_FULL = "kept full";
    private static final int A_MINUTE = 60;
    private static final int LONG_CALLS = 10;
    private static final Pattern SAFEPOINT = Pattern.compile("\\[(\\d+)ns].*Total: +(\\d+) ns");

    /** Times since the JVM began, in nanoseconds. */
    private record Safepoint(long begin, long end) {
        long within(long from, long to) {
            return Math.max(0, Math.min(end, to) - Math.max(begin, from));
        }
    }

    private UnderAttack() {}

    /** @param args how many deadlines; in the JVM that this one starts also where to write their times, and the attack */
    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[0]);
        if (args.length > 1) {
            if (args[2].equals(AGAIN_AND_AGAIN)) {
                attack(count, Path.of(args[1]));
            } else {
                keepFull(count, Path.of(args[1]));
            }
            return;
        }
        for (String collector : COLLECTORS) {
            for (String heap : HEAPS) {
                System.out.println(run(count, collector, heap, AGAIN_AND_AGAIN));
                System.out.println(run(A_MINUTE, collector, heap, KEPT_FULL));
            }
        }
    }

    /**
     * One run in a JVM of its own.
     *
     * @param count of deadlines, or seconds if the heap is {@link #KEPT_FULL}
     * @return what is to be said of it, some lines
     * @throws AssertionError if not all deadlines were kept in the end
     */
    static String run(int count, String collector, String heap, String attack) throws IOException, InterruptedException {
        Path times = Files.createTempFile("deadlines", ".txt");
        Path log = Files.createTempFile("safepoints", ".txt");
        try {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-Xmx" + heap,
                            "-XX:+Use" + collector + "GC",
                            "-Xlog:safepoint:file=" + log + ":uptimenanos:filecount=0",
                            "-cp",
                            System.getProperty("java.class.path"),
                            UnderAttack.class.getName(),
                            String.valueOf(count),
                            times.toString(),
                            attack)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(output);
            }
            String said = output.lines().filter(l -> l.startsWith("guests")).findFirst().orElseThrow();
            return collector + "GC, " + heap + ", " + attack + ": " + said + report(times, log);
        } finally {
            Files.delete(times);
            Files.delete(log);
        }
    }

    private static String report(Path times, Path log) throws IOException {
        List<Safepoint> safepoints = new ArrayList<>();
        long[] lengths = Files.lines(log)
                .map(SAFEPOINT::matcher)
                .filter(Matcher::find)
                .mapToLong(m -> {
                    long end = Long.parseLong(m.group(1));
                    long length = Long.parseLong(m.group(2));
                    safepoints.add(new Safepoint(end - length, end));
                    return length;
                })
                .toArray();
        List<long[]> calls = Files.lines(times)
                .map(line -> {
                    String[] words = line.split(" ");
                    return new long[] {Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2])};
                })
                .toList();
        return "\n  " + Victims.summary("safepoints", lengths).replace("late by", "long") + "; without their time "
                + Victims.summary("guests stopped", without(calls, 1, safepoints)) + "; "
                + Victims.summary("callers saw it", without(calls, 2, safepoints));
    }

    private static long[] without(List<long[]> calls, int what, List<Safepoint> safepoints) {
        return calls.stream()
                .filter(call -> call[what] >= 0)
                .mapToLong(call -> {
                    long late = Math.max(0, call[what] - call[0]);
                    for (Safepoint safepoint : safepoints) {
                        late -= safepoint.within(call[0], call[what]);
                    }
                    return late;
                })
                .toArray();
    }

    private static void attack(int count, Path times) throws Exception {
        long zero = System.nanoTime() - ManagementFactory.getRuntimeMXBean().getUptime() * 1_000_000;
        try (Fixture f = new Fixture()) {
            Rehearsal.once(f.engine);
            Victims victims = new Victims(f, count, VICTIMS, LONGEST);
            Thread notEnded;
            try (Attackers attackers = new Attackers(f.engine, f::compile)) {
                attackers.throwingInterrupt();
                attackers.blockingInterrupt();
                attackers.transfer();
                attackers.attachments();
                attackers.heldSegment();
                victims.start();
                attackers.fillHeap();
                notEnded = victims.await(60 + count / 10);
            }
            if (notEnded != null) {
                System.out.println(notEnded + " has not ended");
                System.exit(1);
            }
            if (victims.failure() != null) {
                victims.failure().printStackTrace(System.out);
                System.exit(1);
            }
            System.out.println(victims.summary() + "; " + victims.latest());
            victims.calls.write(times, zero);
        }
        System.exit(0);
    }

    /** Calls of others, begun before, end by deadlines while the heap is full, for seconds. */
    private static void keepFull(int seconds, Path times) throws Exception {
        long zero = System.nanoTime() - ManagementFactory.getRuntimeMXBean().getUptime() * 1_000_000;
        try (Fixture f = new Fixture()) {
            Rehearsal.once(f.engine);
            Victims victims = new Victims(f, LONG_CALLS, 0, LONGEST);
            long length = TimeUnit.SECONDS.toNanos(seconds);
            victims.beginInTurn(LONG_CALLS, length / LONG_CALLS);
            long end = System.nanoTime() + length;
            List<Object> all = new ArrayList<>();
            while (System.nanoTime() - end < 0) {
                try {
                    all.add(new byte[1 << 10]);
                } catch (OutOfMemoryError e) {
                    Thread.onSpinWait(); // and tries again
                }
            }
            all = new ArrayList<>();
            Thread notEnded = victims.await(60);
            if (notEnded != null || victims.failure() != null) {
                System.out.println(notEnded + " has not ended, " + victims.failure());
                System.exit(1);
            }
            System.out.println(victims.summary() + "; " + victims.latest());
            victims.calls.write(times, zero);
        }
        System.exit(0);
    }
}
