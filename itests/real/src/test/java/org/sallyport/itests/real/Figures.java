package org.sallyport.itests.real;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.sallyport.spi.ProcessPage;
import org.sallyport.store.LinuxMemory;

/** What the process has of what may run out. */
record Figures(
        long bytes,
        long mappings,
        long threads,
        long descriptors,
        String signals,
        Map<ProcessPage.Counter, Long> counted) {
    private static final long MOST_MAPPINGS = 100;
    private static final long MOST_BYTES = 1L << 30;

    static Figures now() throws IOException {
        long bytes = 0;
        long threads = 0;
        String signals = "";
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            String[] words = line.split("\\s+");
            switch (words[0]) {
                case "VmSize:" -> bytes = Long.parseLong(words[1]) << 10;
                case "Threads:" -> threads = Long.parseLong(words[1]);
                case "SigCgt:" -> signals = words[1];
                default -> {}
            }
        }
        long mappings = Files.readAllLines(Path.of("/proc/self/maps")).size();
        long descriptors = Objects.requireNonNull(new File("/proc/self/fd").list()).length;
        ProcessPage page = new LinuxMemory().processPage();
        Map<ProcessPage.Counter, Long> counted = new EnumMap<>(ProcessPage.Counter.class);
        for (ProcessPage.Counter counter : ProcessPage.Counter.values()) {
            counted.put(counter, page.get(counter));
        }
        return new Figures(bytes, mappings, threads, descriptors, signals, counted);
    }

    /**
     * Checks that nothing has grown until now, when these were taken.
     *
     * @param before anything was done
     * @param first after some rounds of it
     * @param blocks so many more blocks of signal handlers may there be: as many stay as engines were open at a time
     */
    void compare(Figures before, Figures first, int blocks) {
        check(signals.equals(before.signals), "signals " + signals + ", before " + before.signals);
        check(othersMappings() - first.othersMappings() <= MOST_MAPPINGS, "mappings: " + first + " to " + this);
        check(bytes - first.bytes <= MOST_BYTES, "address space: " + first + " to " + this);
        check(threads <= first.threads + 2, "threads: " + first + " to " + this);
        check(descriptors <= first.descriptors + 2, "descriptors: " + first + " to " + this);
        counted.forEach((counter, count) -> check(
                count - first.counted.get(counter) <= blocks * (counter == ProcessPage.Counter.ADDRESS_SPACE ? 8192 : 4),
                "what engines count: " + counter + ", " + first + " to " + this));
    }

    /** Without those of blocks of signal handlers, which are looked at apart. */
    private long othersMappings() {
        return mappings - counted.get(ProcessPage.Counter.MAPPINGS);
    }

    private static void check(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }
}
