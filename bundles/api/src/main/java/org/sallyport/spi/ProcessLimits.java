package org.sallyport.spi;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

import org.sallyport.EngineLimits;
import org.sallyport.spi.ResourceAccount.Kind;

/**
 * What all engines of this process may take, and why: about half of what the operating system gives the process, so
 * that the JVM always finds room for its collector, its threads and its libraries. Numbers come from {@code /proc};
 * where there is none, from what Linux does unless told otherwise. System properties {@code sallyport.process.NAME},
 * with the names of {@link EngineLimits}, set others.
 */
final class ProcessLimits {
    static final String PROPERTIES = "sallyport.process.";

    private static final Path MAX_MAPPINGS = Path.of("/proc/sys/vm/max_map_count");
    private static final Path MAPPINGS = Path.of("/proc/self/maps");
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Path MACHINE_MEMORY = Path.of("/proc/meminfo");
    /** Where Linux shows the memory that the process's container may use; version 2 and 1. */
    private static final Path[] CONTAINER_MEMORY = {
        Path.of("/sys/fs/cgroup/memory.max"), Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes")
    };

    private static final long DEFAULT_MAPPINGS = 65_530;
    private static final long DEFAULT_DESCRIPTORS = 1024;
    private static final long DEFAULT_PROCESSES = 4096;
    /** User space has 47 bits of address. */
    private static final long ALL_ADDRESSES = 1L << 47;

    /** So many mappings are charged between two looks at what the process really has. */
    private static final long LOOK_EVERY = 1024;
    /** Looks take their time, because they count lines: at least so many nanoseconds between them. */
    private static final long LOOK_NANOS = 100_000_000;

    private final EngineLimits limits;
    private final boolean looks;
    private final AtomicLong nextLook = new AtomicLong();
    private volatile long chargedAtLook;
    private volatile long mappingsNow = Long.MAX_VALUE;

    private ProcessLimits(EngineLimits limits, boolean looks) {
        this.limits = limits;
        this.looks = looks;
    }

    static ProcessLimits fixed(EngineLimits limits) {
        return new ProcessLimits(limits, false);
    }

    static ProcessLimits ofThisProcess() {
        String rlimits = text(LIMITS);
        long heap = Runtime.getRuntime().maxMemory();
        long addresses = Math.min(ALL_ADDRESSES, rlimit(rlimits, "Max address space", ALL_ADDRESSES));
        return new ProcessLimits(
                new EngineLimits(
                        set(Kind.MAPPINGS, number(text(MAX_MAPPINGS), DEFAULT_MAPPINGS) / 2),
                        set(Kind.ADDRESS_SPACE, addresses - addresses / 4),
                        set(Kind.COMMITTED, besides(heap, memory())),
                        set(Kind.DESCRIPTORS, rlimit(rlimits, "Max open files", DEFAULT_DESCRIPTORS) / 2),
                        set(Kind.THREADS, rlimit(rlimits, "Max processes", DEFAULT_PROCESSES) / 2),
                        set(Kind.HEAP, heap / 2)),
                true);
    }

    EngineLimits limits() {
        return limits;
    }

    String setBy(Kind kind) {
        String where = switch (kind) {
            case MAPPINGS -> "half of the operating system's vm.max_map_count";
            case ADDRESS_SPACE -> "three quarters of the process's address space";
            case COMMITTED -> "the memory of this machine or container that the Java heap leaves";
            case DESCRIPTORS -> "half of the process's limit of open files";
            case THREADS -> "half of the user's limit of processes";
            case HEAP -> "half of the largest Java heap";
        };
        return where + ", or the system property " + PROPERTIES + kind.limitName();
    }

    /**
     * What may be held.
     *
     * @param held what is held now
     * @param more how much somebody wants
     */
    long limit(Kind kind, long held, long more) {
        if (kind != Kind.MAPPINGS || !looks) {
            return kind.in(limits);
        }
        if (held - chargedAtLook >= LOOK_EVERY || more > mappingsNow - held) {
            look(held);
        } else if (held < chargedAtLook) {
            chargedAtLook = held;
        }
        return Math.min(limits.mappings(), mappingsNow);
    }

    /**
     * Others have mappings, too: those of all together stay below three quarters of what the process may have. What we
     * have charged may still become as many mappings, so that what others have is the rest at least.
     */
    private void look(long held) {
        long due = nextLook.get();
        long now = System.nanoTime();
        if (due != 0 && now - due < 0 || !nextLook.compareAndSet(due, now + LOOK_NANOS | 1)) {
            return;
        }
        long all = number(text(MAX_MAPPINGS), DEFAULT_MAPPINGS);
        long most = all - all / 4;
        long there = lines();
        mappingsNow = there > most ? held : most - Math.max(0, there - held);
        chargedAtLook = held;
    }

    private static long lines() {
        byte[] buffer = new byte[1 << 16];
        long lines = 0;
        try (InputStream maps = new FileInputStream(MAPPINGS.toFile())) {
            for (int length = maps.read(buffer); length >= 0; length = maps.read(buffer)) {
                for (int i = 0; i < length; i++) {
                    lines += buffer[i] == '\n' ? 1 : 0;
                }
            }
            return lines;
        } catch (IOException e) {
            return 0;
        }
    }

    // ---- numbers of the operating system

    private static long set(Kind kind, long otherwise) {
        return Math.max(1, Long.getLong(PROPERTIES + kind.limitName(), otherwise));
    }

    /** The heap may take what it may; an eighth is for the rest of the JVM. But a quarter is never too much. */
    private static long besides(long heap, long memory) {
        return Math.max(memory / 4, memory - memory / 8 - heap);
    }

    private static long memory() {
        long all = 1L << 40;
        for (String line : text(MACHINE_MEMORY).lines().toList()) {
            if (line.startsWith("MemTotal:")) {
                all = number(line.replaceAll("[^0-9]", ""), all >> 10) << 10;
            }
        }
        for (Path path : CONTAINER_MEMORY) {
            all = Math.min(all, number(text(path), all));
        }
        return all;
    }

    /** Of lines such as {@code Max open files   1024   4096   files}, the first number. */
    private static long rlimit(String limits, String name, long unlimited) {
        for (String line : limits.lines().toList()) {
            if (line.startsWith(name)) {
                return number(line.substring(name.length()).strip().split(" +")[0], unlimited);
            }
        }
        return unlimited;
    }

    private static long number(String text, long otherwise) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    /**
     * Empty if there is no such file, or it may not be read. In large pieces: files below {@code /proc/sys} can be read in
     * one only.
     */
    private static String text(Path path) {
        byte[] buffer = new byte[1 << 16];
        StringBuilder text = new StringBuilder();
        try (InputStream file = new FileInputStream(path.toFile())) {
            for (int length = file.read(buffer); length > 0; length = file.read(buffer)) {
                text.append(new String(buffer, 0, length, StandardCharsets.ISO_8859_1));
            }
            return text.toString();
        } catch (IOException e) {
            return "";
        }
    }
}
