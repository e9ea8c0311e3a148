package org.sallyport.store;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Collections;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.LastWill;
import org.sallyport.spi.LinuxCall;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ProcessPage;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.VirtualMemory;

/**
 * Address space of a Linux process, by {@code mmap(2)}, {@code mprotect(2)}, {@code madvise(2)} and {@code
 * munmap(2)}.
 *
 * <p>All go through the one C function {@code syscall}: method handles of {@link java.lang.foreign} cost milliseconds
 * each in a cold process, and one shape serves all four.
 */
public final class LinuxMemory implements VirtualMemory {
    // Constants of the system call interface, the same on all machines of LinuxCall.
    private static final long SYS_OPENAT = LinuxCall.OPENAT.number();
    private static final long SYS_CLOSE = LinuxCall.CLOSE.number();
    private static final long SYS_MMAP = LinuxCall.MMAP.number();
    private static final long SYS_MPROTECT = LinuxCall.MPROTECT.number();
    private static final long SYS_MUNMAP = LinuxCall.MUNMAP.number();
    private static final long SYS_PREAD64 = LinuxCall.PREAD64.number();
    private static final long SYS_PWRITE64 = LinuxCall.PWRITE64.number();
    private static final long SYS_MREMAP = LinuxCall.MREMAP.number();
    private static final long SYS_MADVISE = LinuxCall.MADVISE.number();
    private static final long SYS_FTRUNCATE = LinuxCall.FTRUNCATE.number();
    private static final long SYS_MEMFD_CREATE = LinuxCall.MEMFD_CREATE.number();
    private static final long AT_FDCWD = -100;
    private static final long MFD_CLOEXEC = 1;
    private static final long O_CLOEXEC = 0x80000;
    private static final long PROT_READ_WRITE = 3;
    private static final long MAP_SHARED = 0x01;
    private static final long MAP_PRIVATE = 0x02;
    private static final long MAP_FIXED = 0x10;
    private static final long MAP_ANONYMOUS = 0x20;
    private static final long MAP_NORESERVE = 0x4000;
    private static final long MAP_FIXED_NOREPLACE = 0x10_0000;
    private static final long ANYWHERE = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    /** MREMAP_MAYMOVE and MREMAP_FIXED. */
    private static final long MREMAP_TO = 3;
    private static final long MADV_DONTNEED = 4;
    private static final int EAGAIN = 11;
    private static final int ENOMEM = 12;
    private static final int EEXIST = 17;
    private static final int EINVAL = 22;
    private static final int BUFFER = 64 << 10;
    private static final int FILL_ATTEMPTS = 100;

    // Words of /proc/self/pagemap, one for each page (Linux, admin-guide/mm/pagemap)
    private static final long IN_MEMORY_OR_SWAPPED = 3L << 62;
    /** Not a copy of the page of its own: nobody has written it. */
    private static final long OF_FILE = 1L << 61;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO = LinuxCall.errnoOffset();

    /** Sees ranges of addresses that are held. */
    interface Ranges {
        void add(String what, long address, long size);
    }

    /** The operating system; tests put one in between that refuses. */
    interface SystemCalls {
        /** The result, or the negated error number. */
        long call(long number, long a, long b, long c, long d, long e, long f);

        /** The same for calls that give something back, without allocating. */
        default long giveBack(long number, long a, long b, long c) {
            return call(number, a, b, c, 0, 0, 0);
        }
    }

    private final SystemCalls system;
    private final int pageSize = Machine.pageSize();
    private final @Nullable ResourceAccount given;
    /** Charged for reservations, since there are any. */
    private volatile @Nullable ResourceAccount charged;
    /** Its monitor is held while the system is asked to unmap: nobody else gets the place before it is forgotten. */
    private final Reservations reserved = new Reservations();
    private final OpenFiles files = new OpenFiles();

    private final AtomicBoolean bequeathed = new AtomicBoolean();

    /** Charges this process. */
    public LinuxMemory() {
        this(null, new Libc());
    }

    /** @param account that stands for the process */
    public LinuxMemory(ResourceAccount account) {
        this(account, new Libc());
    }

    LinuxMemory(@Nullable ResourceAccount account, SystemCalls system) {
        given = account;
        this.system = system;
    }

    /** The C library's function {@code syscall}. */
    static final class Libc implements SystemCalls {
        private final MethodHandle syscall = syscall();
        /** For {@link #giveBack}. */
        private final MemorySegment state = Arena.ofAuto().allocate(STATE);

        private static MethodHandle syscall() {
            Linker linker = Linker.nativeLinker();
            FunctionDescriptor sevenLongs =
                    FunctionDescriptor.of(ValueLayout.JAVA_LONG, Collections.nCopies(7, ValueLayout.JAVA_LONG)
                            .toArray(new ValueLayout.OfLong[0]));
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
        public long call(long number, long a, long b, long c, long d, long e, long f) {
            try (Arena arena = Arena.ofConfined()) {
                return call(arena.allocate(STATE), number, a, b, c, d, e, f);
            }
        }

        @Override
        public synchronized long giveBack(long number, long a, long b, long c) {
            return call(state, number, a, b, c, 0, 0, 0);
        }

        private long call(
                MemorySegment errno, long number, long a, long b, long c, long d, long e, long f) {
            try {
                long result = (long) syscall.invokeExact(errno, number, a, b, c, d, e, f);
                return result == -1 ? -errno.get(ValueLayout.JAVA_INT, ERRNO) : result;
            } catch (Error | RuntimeException t) {
                throw t;
            } catch (Throwable t) {
                throw new AssertionError("BUG: system call " + number, t);
            }
        }
    }

    @Override
    public int pageSize() {
        return pageSize;
    }

    @Override
    public long reserve(long size, int mappings) {
        checkPages(0, size);
        retryReleases();
        ResourceAccount account = account();
        charged = account;
        account.charge(Kind.ADDRESS_SPACE, size);
        boolean isReserved = false;
        try {
            account.charge(Kind.MAPPINGS, mappings);
            try {
                long address = map(0, size, ANYWHERE);
                if (address < 0) {
                    throw new LimitExceededException(
                            "address space", size, 0, "the operating system: mmap failed with errno " + -address);
                }
                register(address, size, mappings);
                isReserved = true;
                return address;
            } finally {
                if (!isReserved) {
                    account.giveBack(Kind.MAPPINGS, mappings);
                }
            }
        } finally {
            if (!isReserved) {
                account.giveBack(Kind.ADDRESS_SPACE, size);
            }
        }
    }

    private void register(long address, long size, int mappings) {
        try {
            synchronized (reserved) {
                reserved.makeRoom();
                reserved.add(address, size, mappings);
            }
        } catch (Throwable t) { // no Java heap
            system.call(SYS_MUNMAP, address, size, 0, 0, 0, 0);
            throw t;
        }
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
        boolean isDone = done("mprotect", system.call(SYS_MPROTECT, address, size, bits, 0, 0, 0), address, size);
        if (isDone && access == Access.READ_EXECUTE) {
            Machine.synchronizeCaches(address, size);
        }
        return isDone;
    }

    @Override
    public boolean moveOver(long from, long size, long to, Access access) {
        checkPages(from | to, size);
        long mappings;
        synchronized (reserved) { // or the system gives the place to others before it is forgotten
            int at = place(from, size);
            mappings = reserved.mappings(at);
            if (!done("mremap", remap(from, size, to), to, size) && !fillAfterRemap(from, size, to, access)) {
                return false;
            }
            reserved.remove(at);
        }
        if (access == Access.READ_EXECUTE) {
            Machine.synchronizeCaches(to, size);
        }
        account().giveBack(Kind.MAPPINGS, mappings);
        account().giveBack(Kind.ADDRESS_SPACE, size);
        return true;
    }

    private int place(long address, long size) {
        int at = reserved.find(address);
        if (at < 0 || reserved.bytes(at) != size) {
            throw new AssertionError("BUG: 0x" + Long.toHexString(address) + " + " + size + " is no reservation"
                    + (at < 0 ? "" : " but has " + reserved.bytes(at) + " bytes"));
        }
        return at;
    }

    private long remap(long from, long size, long to) {
        return system.call(SYS_MREMAP, from, size, size, MREMAP_TO, to, 0);
    }

    /**
     * The kernel unmaps what lies in the way before it moves, and may fail after that. Then others could get the place
     * where threads may be running: it is taken at once, and gets what was to be moved there.
     *
     * @return whether the pages are there; else nothing has changed
     * @throws AssertionError if there is a hole that cannot be filled; nobody else gets it
     */
    private boolean fillAfterRemap(long from, long size, long to, Access access) {
        long hole = map(to, size, ANYWHERE | MAP_FIXED_NOREPLACE);
        if (hole == -EEXIST) {
            return false;
        }
        for (int i = 0; i < FILL_ATTEMPTS; i++) {
            if (remap(from, size, to) >= 0) {
                return true;
            }
            hole = map(to, size, ANYWHERE | MAP_FIXED_NOREPLACE); // the same may have happened again
            if ((hole == to || hole == -EEXIST) && protect(to, size, Access.READ_WRITE)) {
                NativeMemory.copy(from, to, size);
                if (protect(to, size, access)) {
                    system.call(SYS_MUNMAP, from, size, 0, 0, 0, 0);
                    return true;
                }
            }
        }
        throw new AssertionError("BUG: the operating system took " + size + " bytes at 0x" + Long.toHexString(to)
                + " away and does not give them back");
    }

    @Override
    public boolean discard(long address, long size) {
        checkPages(address, size);
        if (size == 0) {
            return true;
        }
        long result = system.call(SYS_MADVISE, address, size, MADV_DONTNEED, 0, 0, 0);
        // no memory means here that something is not mapped
        return done("madvise", result == -ENOMEM ? -EINVAL : result, address, size);
    }

    @Override
    public boolean decommit(long address, long size) {
        checkPages(address, size);
        // A fresh mapping in place: unlike mprotect, it also takes the pages out of the commit charge.
        return size == 0
                || done("mmap", map(address, size, ANYWHERE | MAP_FIXED), address, size)
                || fillHole(address, size);
    }

    /**
     * Older kernels unmap what lies in the way before they find that they cannot map: somebody else could get the place.
     *
     * @return whether there was nothing, and is an inaccessible mapping now
     */
    private boolean fillHole(long address, long size) {
        return map(address, size, ANYWHERE | MAP_FIXED_NOREPLACE) == address;
    }

    @Override
    public void release(long address, long size) {
        boolean isUnmapped;
        synchronized (reserved) {
            int at = place(address, size);
            retryRefused();
            isUnmapped = unmap(reserved.find(address));
        }
        if (!isUnmapped) {
            system.giveBack(SYS_MADVISE, address, size, MADV_DONTNEED); // it need not be done
        }
    }

    private void retryReleases() {
        synchronized (reserved) {
            retryRefused();
        }
    }

    private void retryRefused() {
        int at = reserved.anyRefused();
        while (at >= 0 && unmap(at)) {
            at = reserved.anyRefused();
        }
    }

    /**
     * Either nothing happens and an error is thrown, or all does: what could fail for want of stack or heap, or because it
     * is the first of its kind, fails in a call that unmaps nothing (munmap(2): a length of 0 is refused).
     */
    private boolean unmap(int at) {
        system.giveBack(SYS_MUNMAP, 0, 0, 0);
        long size = reserved.bytes(at);
        long mappings = reserved.mappings(at);
        if (!done("munmap", system.giveBack(SYS_MUNMAP, reserved.address(at), size, 0), reserved.address(at), size)) {
            reserved.refuse(at);
            return false;
        }
        reserved.remove(at);
        ResourceAccount account = Objects.requireNonNull(charged);
        account.giveBack(Kind.MAPPINGS, mappings);
        account.giveBack(Kind.ADDRESS_SPACE, size);
        return true;
    }

    @Override
    public void keepForEver(long address) {
        synchronized (reserved) {
            reserved.keepForEver(reserved.find(address));
        }
    }

    @Override
    public void bequeath() {
        if (given == null && system instanceof Libc libc && bequeathed.compareAndSet(false, true)) {
            boolean isMade = false;
            try {
                BooleanSupplier ignored = new LastWill(libc.syscall)
                        .withReservations(reserved.table(), processPage())
                        .withFiles(files.descriptors())
                        .of(this);
                isMade = true;
            } finally {
                bequeathed.set(isMade);
            }
        }
    }

    @Override
    public int newFile(byte[] content) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.clamp(content.length, 16, BUFFER));
            buffer.setString(0, "sallyport");
            long file = system.call(SYS_MEMFD_CREATE, buffer.address(), MFD_CLOEXEC, 0, 0, 0, 0);
            if (file < 0) {
                return -1;
            }
            boolean isWritten = false;
            try {
                files.add((int) file);
                isWritten = write((int) file, content, buffer);
            } finally {
                if (!isWritten) {
                    closeFile((int) file);
                }
            }
            return isWritten ? (int) file : -1;
        }
    }

    /** By way of a buffer: a mapping could be refused when it is to be undone. */
    private boolean write(int file, byte[] content, MemorySegment buffer) {
        if (system.call(SYS_FTRUNCATE, file, pages(content.length), 0, 0, 0, 0) != 0) {
            return false;
        }
        for (int at = 0; at < content.length; at += BUFFER) {
            int length = Math.min(BUFFER, content.length - at);
            MemorySegment.copy(content, at, buffer, ValueLayout.JAVA_BYTE, 0, length);
            if (system.call(SYS_PWRITE64, file, buffer.address(), length, at, 0, 0) != length) {
                return false;
            }
        }
        return true;
    }

    /** @return the descriptor of a file in memory, all zero, or a negative number */
    private long newFile(String name, long size) {
        try (Arena arena = Arena.ofConfined()) {
            long file = system.call(SYS_MEMFD_CREATE, arena.allocateFrom(name).address(), MFD_CLOEXEC, 0, 0, 0, 0);
            if (file >= 0 && system.call(SYS_FTRUNCATE, file, size, 0, 0, 0, 0) != 0) {
                closeFile((int) file);
                return -1;
            }
            return file;
        }
    }

    /** @return the address, or a negative number */
    private long mapShared(long file, long size) {
        return system.call(SYS_MMAP, 0, size, PROT_READ_WRITE, MAP_SHARED, file, 0);
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
        return system.call(SYS_MMAP, 0, size, PROT_READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }

    @Override
    public boolean mapFile(int file, long address, long size) {
        checkPages(address, size);
        if (system.call(SYS_MMAP, address, size, PROT_READ_WRITE, MAP_PRIVATE | MAP_FIXED, file, 0) == address) {
            return true;
        }
        if (fillHole(address, size) && !protect(address, size, Access.READ_WRITE)) {
            throw new LimitExceededException("memory bytes", size, 0, "the operating system: out of memory");
        }
        return false;
    }

    @Override
    public boolean readFile(int file, long offset, long address, long size) {
        return system.call(SYS_PREAD64, file, address, size, offset, 0, 0) == size;
    }

    @Override
    public int openPageFlags() {
        try (Arena arena = Arena.ofConfined()) {
            long path = arena.allocateFrom("/proc/self/pagemap").address();
            int file = (int) Math.max(system.call(SYS_OPENAT, AT_FDCWD, path, O_CLOEXEC, 0, 0, 0), -1);
            boolean isKnown = false;
            try {
                if (file >= 0) {
                    files.add(file);
                }
                isKnown = true;
            } finally {
                if (!isKnown) {
                    closeFile(file);
                }
            }
            return file;
        }
    }

    @Override
    public int @Nullable [] writtenPages(int pageFlags, long address, long size, int most) {
        checkPages(address, size);
        int pages = Math.toIntExact(size / pageSize);
        int[] written = new int[most];
        int count = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment words = arena.allocate(8L * pages, 8);
            if (!readFile(pageFlags, address / pageSize * 8, words.address(), words.byteSize())) {
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
        system.giveBack(SYS_CLOSE, -1, 0, 0); // what could fail for want of stack or heap fails here
        files.remove(file); // before: the number may be somebody else's a moment later
        system.giveBack(SYS_CLOSE, file, 0, 0);
    }

    @Override
    public Usage usage() {
        synchronized (reserved) {
            return new Usage(reserved.count(), reserved.bytes());
        }
    }

    /** All reservations, for tests. */
    void eachRange(Ranges ranges) {
        synchronized (reserved) {
            reserved.eachRange(ranges);
        }
    }

    @Override
    public ResourceAccount account() {
        return given == null ? ResourceAccount.process(processPage()) : given;
    }

    @Override
    public ProcessPage processPage() {
        return SharedPage.of(this);
    }

    private long map(long address, long size, long flags) {
        return system.call(SYS_MMAP, address, size, 0, flags, -1, 0);
    }

    private void checkPages(long address, long size) {
        if (((address | size) & (pageSize - 1)) != 0 || size < 0) {
            throw new AssertionError("BUG: not whole pages: " + size + " bytes at 0x" + Long.toHexString(address));
        }
    }

    /**
     * @return false if the system has no memory for it, or no more mappings
     * @throws AssertionError if it refuses for any other reason
     */
    private static boolean done(String what, long result, long address, long size) {
        if (result >= 0) {
            return true;
        }
        if (result != -ENOMEM && result != -EAGAIN) {
            throw new AssertionError("BUG: " + what + " of " + size + " bytes at 0x" + Long.toHexString(address)
                    + " failed with errno " + -result);
        }
        return false;
    }
}
