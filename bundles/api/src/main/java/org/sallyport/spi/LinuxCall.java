package org.sallyport.spi;

import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;

/**
 * The system calls that are made by number, one row each: the number differs by machine, arguments do not (those that
 * one machine lacks, as {@code open}, are not here). From the kernel's {@code unistd_64.h} and {@code
 * asm-generic/unistd.h}.
 */
public enum LinuxCall {
    // @formatter:off
    //             x86-64  AArch64
    CLOSE          (3,     57),
    MMAP           (9,     222),
    MPROTECT       (10,    226),
    MUNMAP         (11,    215),
    RT_SIGACTION   (13,    134),
    PREAD64        (17,    67),
    PWRITE64       (18,    68),
    MREMAP         (25,    216),
    MADVISE        (28,    233),
    FTRUNCATE      (77,    46),
    SETPRIORITY    (141,   140),
    GETTID         (186,   178),
    FUTEX          (202,   98),
    CLOCK_GETTIME  (228,   113),
    CLOCK_NANOSLEEP(230,   115),
    TGKILL         (234,   131),
    OPENAT         (257,   56),
    MEMFD_CREATE   (319,   279),
    MEMBARRIER     (324,   283);
    // @formatter:on

    private final int x64;
    private final int aarch64;

    LinuxCall(int x64, int aarch64) {
        this.x64 = x64;
        this.aarch64 = aarch64;
    }

    /** Where {@code errno} is in {@link Linker.Option#captureStateLayout}. Paths of layouts cost a fresh JVM ten milliseconds. */
    public static long errnoOffset() {
        long offset = 0;
        for (MemoryLayout member : Linker.Option.captureStateLayout().memberLayouts()) {
            if (member.name().filter("errno"::equals).isPresent()) {
                return offset;
            }
            offset += member.byteSize();
        }
        throw new AssertionError("BUG: this Java captures no errno");
    }

    /** The number on the machine that this runs on; -1, which no system knows, if the table does not have it. */
    public long number() {
        return number(System.getProperty("os.arch"));
    }

    /** The number for machine code of x86-64. */
    public int x64() {
        return x64;
    }

    /** The number for machine code of AArch64. */
    public int aarch64() {
        return aarch64;
    }

    long number(String arch) {
        return switch (arch) {
            case "amd64" -> x64;
            case "aarch64" -> aarch64;
            default -> -1;
        };
    }
}
