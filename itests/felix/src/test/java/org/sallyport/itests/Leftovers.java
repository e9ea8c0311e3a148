package org.sallyport.itests;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What this process has of what plugins and our bundles take, after a collection.
 *
 * @param mappings with Java's for its classes, unless it says which they are
 * @param kilobytes of address space
 * @param loaders class loaders of bundles
 * @param ours threads of ours by name, without their numbers
 */
record Leftovers(
        long kilobytes, long mappings, long descriptors, long threads, long loaders, long classes, Map<String, Long> ours) {
    private static final Map<String, String> LOADERS = Map.of(
            "felix", "org.apache.felix.framework.BundleWiringImpl$BundleClassLoader",
            "equinox", "org.eclipse.osgi.internal.loader.EquinoxClassLoader");
    /** Such as one of the framework's own that has just begun; fewer than there are cycles. */
    private static final int MOST_THREADS = 4;
    private static final int MOST_MAPPINGS = 100;
    private static final int MOST_KILOBYTES = 512 << 10;

    static Leftovers now(String framework) throws IOException, JMException {
        long loaders = objects(LOADERS.get(framework));
        long kilobytes = 0;
        long threads = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            String[] words = line.split("\\s+");
            switch (words[0]) {
                case "VmSize:" -> kilobytes = Long.parseLong(words[1]);
                case "Threads:" -> threads = Long.parseLong(words[1]);
                default -> {}
            }
        }
        return new Leftovers(
                kilobytes,
                countMappings(),
                Objects.requireNonNull(new File("/proc/self/fd").list()).length,
                threads,
                loaders,
                ManagementFactory.getClassLoadingMXBean().getLoadedClassCount(),
                Thread.getAllStackTraces().keySet().stream()
                        .map(thread -> thread.getName().replaceAll("[0-9]+", "N"))
                        .filter(name -> name.startsWith("sallyport"))
                        .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting())));
    }

    /** Reachable ones: the histogram collects first. */
    private static long objects(String className) throws JMException {
        return diagnose("gcClassHistogram").lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length >= 4 && words[3].equals(className))
                .mapToLong(words -> Long.parseLong(words[1]))
                .sum();
    }

    /** Without Java's for classes, where it says which they are: with {@code -XX:NativeMemoryTracking=summary}. */
    private static long countMappings() throws JMException {
        return diagnose("systemMap").lines()
                .filter(line -> line.startsWith("0x") && !line.contains(" META") && !line.contains(" CLASS"))
                .count();
    }

    /** What a command of {@code jcmd} answers. */
    static String diagnose(String command) throws JMException {
        return (String) ManagementFactory.getPlatformMBeanServer().invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                command,
                new Object[] {new String[0]},
                new String[] {String[].class.getName()});
    }

    /**
     * Whether there is no more than before. Java's own mappings (heap, classes, stacks) come and go by tens; a memory or a
     * module of ours that stays is gigabytes of address space.
     */
    boolean isNoMoreThan(Leftovers before, int moreLoaders) {
        return loaders <= before.loaders + moreLoaders
                && threads <= before.threads + MOST_THREADS
                && descriptors <= before.descriptors + 2
                && mappings <= before.mappings + MOST_MAPPINGS
                && kilobytes <= before.kilobytes + MOST_KILOBYTES;
    }
}
