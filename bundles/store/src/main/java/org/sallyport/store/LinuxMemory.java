package org.sallyport.store;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Collections;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ProcessPage;
import org.sallyport.spi.VirtualMemory;

/**
 * Address space of a Linux process on x86-64, by {@code mmap(2)}, {@code mprotect(2)}, {@code madvise(2)} and {@code
 * munmap(2)}.
 *
 * <p>All go through the one C function {@code syscall}: method handles of {@link java.lang.foreign} cost milliseconds
 * each in a cold process, and one shape serves all four.
 */
public final class LinuxMemory implements VirtualMemory {
    // Numbers and constants of the x86-64 system call interface.
    private static final long SYS_OPEN = 2;
    private static final long SYS_CLOSE = 3;
    private static final long SYS_MMAP = 9;
    private static final long SYS_MPROTECT = 10;
    private static final long SYS_MUNMAP = 11;
    private static final long SYS_PREAD64 = 17;
    private static final long SYS_MADVISE = 28;
    private static final long SYS_FTRUNCATE = 77;
    private static final long SYS_MEMFD_CREATE = 319;
    private static final long MFD_CLOEXEC = 1;
    private static final long O_CLOEXEC = 0x80000;
    private static final long PROT_READ_WRITE = 3;
    private static final long MAP_SHARED = 0x01;
    private static final long MAP_PRIVATE = 0x02;
    private static final long MAP_FIXED = 0x10;
    private static final long MAP_ANONYMOUS = 0x20;
    private static final long MAP_NORESERVE = 0x4000;
    private static final long MADV_DONTNEED = 4;
    private static final int ENOMEM = 12;
    private static final int PAGE_SIZE = 4096;

    // Words of /proc/self/pagemap, one for each page (Linux, admin-guide/mm/pagemap)
    private static final long IN_MEMORY_OR_SWAPPED = 3L << 62;
    /** Not a copy of the page of its own: nobody has written it. */
    private static final long OF_FILE = 1L << 61;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO = STATE.byteOffset(PathElement.groupElement("errno"));

    private final MethodHandle syscall = syscall();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong reservations = new AtomicLong();

    private static MethodHandle syscall() {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor sevenLongs =
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, Collections.nCopies(7, ValueLayout.JAVA_LONG)
                        .toArray(ValueLayout.OfLong[]::new));
        try {
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("syscall"),
                    sevenLongs,
                    Linker.Option.captureCallState("errno"));
        } catch (IllegalCallerException e) {
            throw new IllegalStateException(
                    "this Java forbids native access; start it with --enable-native-access=ALL-UNNAMED", e);
        }
    }

    @Override
    public int pageSize() {
        return PAGE_SIZE;
    }

    @Override
    public long reserve(long size) {
        checkPages(0, size);
        long address = map(0, size, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
        if (address < 0) {
            throw new LimitExceededException(
                    "address space", size, 0, "the operating system: mmap failed with errno " + -address);
        }
        reservations.incrementAndGet();
        bytes.addAndGet(size);
        return address;
    }

    @Override
    public boolean protect(long address, long size, Access access) {
        checkPages(address, size);
        if (size == 0) {
            return true;
        }
        long bits = switch (access) {
            case NONE -> 0;
            case READ -> 1;
            case READ_WRITE -> 3;
            case READ_EXECUTE -> 5;
        };
        long result = call(SYS_MPROTECT, address, size, bits, 0, 0, 0);
        if (result == -ENOMEM) {
            return false;
        }
        check("mprotect", result, address, size);
        return true;
    }

    @Override
    public void discard(long address, long size) {
        checkPages(address, size);
        if (size != 0) {
            check("madvise", call(SYS_MADVISE, address, size, MADV_DONTNEED, 0, 0, 0), address, size);
        }
    }

    @Override
    public void decommit(long address, long size) {
        checkPages(address, size);
        if (size != 0) {
            // A fresh mapping in place: unlike mprotect, it also takes the pages out of the commit charge.
            long result = map(address, size, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED);
            check("mmap", Math.min(result, 0), address, size);
        }
    }

    @Override
    public void release(long address, long size) {
        checkPages(address, size);
        check("munmap", call(SYS_MUNMAP, address, size, 0, 0, 0, 0), address, size);
        reservations.decrementAndGet();
        bytes.addAndGet(-size);
    }

    @Override
    public int newFile(byte[] content) {
        long size = pages(content.length);
        long file = newFile("sallyport", size);
        long address = file < 0 ? -1 : mapShared(file, size);
        if (address > 0) {
            NativeMemory.write(address, content, 0, content.length);
            check("munmap", call(SYS_MUNMAP, address, size, 0, 0, 0, 0), address, size);
            return (int) file;
        }
        if (file >= 0) {
            closeFile((int) file);
        }
        return -1;
    }

    /** @return the descriptor of a file in memory, all zero, or a negative number */
    private long newFile(String name, long size) {
        try (Arena arena = Arena.ofConfined()) {
            long file = call(SYS_MEMFD_CREATE, arena.allocateFrom(name).address(), MFD_CLOEXEC, 0, 0, 0, 0);
            if (file >= 0 && call(SYS_FTRUNCATE, file, size, 0, 0, 0, 0) != 0) {
                closeFile((int) file);
                return -1;
            }
            return file;
        }
    }

    /** @return the address, or a negative number */
    private long mapShared(long file, long size) {
        return call(SYS_MMAP, 0, size, PROT_READ_WRITE, MAP_SHARED, file, 0);
    }

    /**
     * Memory, all zero, that {@code /proc/self/maps} shows under a name, and that is never given back.
     *
     * @return its address, or a negative number if the operating system refuses
     */
    long mapForEver(String name, long size) {
        long file = newFile(name, size);
        if (file < 0) {
            return file;
        }
        long address = mapShared(file, size);
        closeFile((int) file);
        return address;
    }

    /** The same without a name. */
    long mapForEver(long size) {
        return call(SYS_MMAP, 0, size, PROT_READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }

    @Override
    public boolean mapFile(int file, long address, long size) {
        checkPages(address, size);
        return call(SYS_MMAP, address, size, PROT_READ_WRITE, MAP_PRIVATE | MAP_FIXED, file, 0) == address;
    }

    @Override
    public boolean readFile(int file, long offset, long address, long size) {
        return call(SYS_PREAD64, file, address, size, offset, 0, 0) == size;
    }

    @Override
    public int openPageFlags() {
        try (Arena arena = Arena.ofConfined()) {
            long path = arena.allocateFrom("/proc/self/pagemap").address();
            return (int) Math.max(call(SYS_OPEN, path, O_CLOEXEC, 0, 0, 0, 0), -1);
        }
    }

    @Override
    public int @Nullable [] writtenPages(int pageFlags, long address, long size, int most) {
        checkPages(address, size);
        int pages = Math.toIntExact(size / PAGE_SIZE);
        int[] written = new int[most];
        int count = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment words = arena.allocate(8L * pages, 8);
            if (!readFile(pageFlags, address / PAGE_SIZE * 8, words.address(), words.byteSize())) {
                return null;
            }
            for (int i = 0; i < pages; i++) {
                long word = words.get(ValueLayout.JAVA_LONG, 8L * i);
                if ((word & IN_MEMORY_OR_SWAPPED) != 0 && (word & OF_FILE) == 0) {
                    if (count == most) {
                        return null;
                    }
                    written[count++] = i;
                }
            }
        }
        return Arrays.copyOf(written, count);
    }

    @Override
    public void closeFile(int file) {
        call(SYS_CLOSE, file, 0, 0, 0, 0, 0);
    }

    @Override
    public Usage usage() {
        return new Usage((int) reservations.get(), bytes.get());
    }

    @Override
    public ProcessPage processPage() {
        return SharedPage.of(this);
    }

    private long map(long address, long size, long flags) {
        return call(SYS_MMAP, address, size, 0, flags, -1, 0);
    }

    private static void checkPages(long address, long size) {
        if (((address | size) & (PAGE_SIZE - 1)) != 0 || size < 0) {
            throw new AssertionError("BUG: not whole pages: " + size + " bytes at 0x" + Long.toHexString(address));
        }
    }

    private static void check(String what, long result, long address, long size) {
        if (result < 0) {
            throw new AssertionError("BUG: " + what + " of " + size + " bytes at 0x" + Long.toHexString(address)
                    + " failed with errno " + -result);
        }
    }

    /** The result, or the negated error number. */
    private long call(long number, long a, long b, long c, long d, long e, long f) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long result = (long) syscall.invokeExact(state, number, a, b, c, d, e, f);
            return result == -1 ? -state.get(ValueLayout.JAVA_INT, ERRNO) : result;
        } catch (Throwable t) {
            throw new AssertionError("BUG: system call " + number, t);
        }
    }
}
