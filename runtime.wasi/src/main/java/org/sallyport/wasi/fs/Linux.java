package org.sallyport.wasi.fs;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.spi.LinuxCall;

/**
 * The system calls of Linux on descriptors, through the C library's {@code syscall}: one handle for all of them, because
 * each new shape of a handle costs the start of a program some milliseconds. A failure is an {@link ErrnoException} made
 * from {@code errno}; {@code EINTR} is tried again. Names are bytes, so that no locale changes them. None of these calls
 * knows of {@link Thread#interrupt}: an interruption sets the thread's mark and returns at once, and no descriptor is
 * closed by it. Whoever calls in a loop looks at {@link Waiting} in between.
 */
final class Linux {
    // @formatter:off
    static final int O_RDONLY   = 0;
    static final int O_WRONLY   = 1;
    static final int O_RDWR     = 2;
    static final int O_CREAT    = 0x40;
    static final int O_EXCL     = 0x80;
    static final int O_NOCTTY   = 0x100;
    static final int O_TRUNC    = 0x200;
    static final int O_APPEND   = 0x400;
    static final int O_NONBLOCK = 0x800;
    static final int O_DSYNC    = 0x1000;
    static final int O_SYNC     = 0x101000;
    static final int O_CLOEXEC  = 0x80000;
    static final int O_PATH     = 0x200000;

    private static final boolean AARCH64 = System.getProperty("os.arch", "").equals("aarch64");
    static final int O_DIRECTORY = AARCH64 ? 0x4000 : 0x10000;
    static final int O_NOFOLLOW  = AARCH64 ? 0x8000 : 0x20000;

    static final int AT_FDCWD            = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_REMOVEDIR        = 0x200;
    static final int AT_NO_AUTOMOUNT     = 0x800;
    static final int AT_EMPTY_PATH       = 0x1000;

    static final int SEEK_SET = 0;
    static final int SEEK_CUR = 1;

    static final int POLLIN  = 1;
    static final int POLLOUT = 4;

    private static final int F_GETFD = 1;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int FD_CLOEXEC = 1;
    private static final int RLIMIT_NOFILE = 7;
    private static final int STATX_BASIC_STATS = 0x7FF;
    private static final int STATX_BYTES = 256;
    private static final int UTIME_NOW  = 0x3FFF_FFFF;
    private static final int UTIME_OMIT = 0x3FFF_FFFE;
    // @formatter:on

    /** {@code PATH_MAX}: a link's text is shorter. */
    private static final int PATH_MAX = 4096;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    /** Whether this system has all that is needed here: Linux with /proc, and leave to call the C library. */
    static final boolean AVAILABLE = isAvailable();

    private Linux() {}

    private static boolean isAvailable() {
        boolean linux = System.getProperty("os.name", "").equals("Linux")
                && List.of("amd64", "aarch64").contains(System.getProperty("os.arch", ""))
                && Files.isDirectory(Path.of("/proc/self/fd"), LinkOption.NOFOLLOW_LINKS)
                && Linux.class.getModule().isNativeAccessEnabled();
        if (!linux) {
            return false;
        }
        try {
            stat(AT_FDCWD, bytes("/"), 0);
            return true;
        } catch (IOException | LinkageError e) {
            return false; // a C library or a sandbox around us that does not have statx
        }
    }

    static byte[] bytes(String ascii) {
        return ascii.getBytes(StandardCharsets.UTF_8);
    }

    // ---- making calls

    /** Numbers of the system calls. Names are those of the kernel's tables. */
    enum Call {
        // @formatter:off
        //          x86-64  AArch64
        OPENAT     (257,    56),
        CLOSE      (3,      57),
        STATX      (332,    291),
        PREADV     (295,    69),
        PWRITEV    (296,    70),
        READV      (19,     65),
        WRITEV     (20,     66),
        READLINKAT (267,    78),
        MKDIRAT    (258,    34),
        SYMLINKAT  (266,    36),
        LINKAT     (265,    37),
        RENAMEAT2  (316,    276),
        UNLINKAT   (263,    35),
        UTIMENSAT  (280,    88),
        FTRUNCATE  (77,     46),
        FSYNC      (74,     82),
        FDATASYNC  (75,     83),
        LSEEK      (8,      62),
        FCNTL      (72,     25),
        PPOLL      (271,    73),
        PRLIMIT64  (302,    261),
        GETDENTS64 (217,    61);
        // @formatter:on

        final int x64;
        final int aarch64;
        private final long number;

        Call(int x64, int aarch64) {
            this.x64 = x64;
            this.aarch64 = aarch64;
            number = AARCH64 ? aarch64 : x64;
        }
    }

    private static final class C {
        static final MemoryLayout STATE = Linker.Option.captureStateLayout();
        static final long ERRNO = LinuxCall.errnoOffset();
        static final MethodHandle SYSCALL = syscall();

        private C() {}

        private static MethodHandle syscall() {
            Linker linker = Linker.nativeLinker();
            ValueLayout word = ValueLayout.JAVA_LONG;
            return linker.downcallHandle(
                    linker.defaultLookup().find("syscall").orElseThrow(() -> new UnsatisfiedLinkError("syscall")),
                    // the shape that memory has it in: each one costs a fresh JVM ten milliseconds
                    FunctionDescriptor.of(word, word, word, word, word, word, word, word),
                    Linker.Option.captureCallState("errno"));
        }
    }

    /** The C function, for a {@link org.sallyport.spi.LastWill}. */
    static MethodHandle syscall() {
        return C.SYSCALL;
    }

    private static long call(Arena arena, Call call, long a, long b, long c, long d, long e) throws ErrnoException {
        MemorySegment state = arena.allocate(C.STATE);
        while (true) {
            long result;
            try {
                result = (long) C.SYSCALL.invokeExact(state, call.number, a, b, c, d, e, 0L);
            } catch (RuntimeException | Error t) {
                throw t;
            } catch (Throwable t) {
                throw new AssertionError("BUG: " + call, t);
            }
            if (result >= 0) {
                return result;
            }
            int number = state.get(INT, C.ERRNO);
            if (number != LinuxErrno.INTR || call == Call.CLOSE) {
                throw LinuxErrno.of(number).exception();
            }
        }
    }

    private static long call(Call call, long a, long b, long c, long d) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return call(arena, call, a, b, c, d, 0);
        }
    }

    /** Address of a copy with a 0 at the end. */
    private static long string(Arena arena, byte[] bytes) {
        MemorySegment copy = arena.allocate(bytes.length + 1L);
        copy.copyFrom(MemorySegment.ofArray(bytes));
        return copy.address();
    }

    // ---- files

    /** @return the descriptor; of nobody's account yet, see {@link LinuxDescriptor} */
    static int open(int directory, byte[] name, int flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int all = flags | O_CLOEXEC | O_NOCTTY;
            return (int) call(arena, Call.OPENAT, directory, string(arena, name), all, 0666, 0);
        }
    }

    /** Gives the number back whatever the system says: Linux has always freed it. */
    static void close(int fd) {
        try {
            call(Call.CLOSE, fd, 0, 0, 0);
        } catch (ErrnoException e) {
            // what could not be written has been told by the transfer, or by nobody
        }
    }

    static FileStat stat(int directory, byte[] name, int flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(STATX_BYTES, 8);
            int all = flags | AT_NO_AUTOMOUNT;
            call(arena, Call.STATX, directory, string(arena, name), all, STATX_BASIC_STATS, statx.address());
            return stat(statx);
        }
    }

    private static FileStat stat(MemorySegment statx) {
        long major = Integer.toUnsignedLong(statx.get(INT, 136));
        long minor = Integer.toUnsignedLong(statx.get(INT, 140));
        long dev = (major & ~0xFFFL) << 32 | (major & 0xFFF) << 8 | (minor & ~0xFFL) << 12 | minor & 0xFF;
        int mode = statx.get(ValueLayout.JAVA_SHORT_UNALIGNED, 28);
        return new FileStat(
                new FileKey(dev, statx.get(LONG, 32), true),
                FileType.ofMode(mode),
                Integer.toUnsignedLong(statx.get(INT, 16)),
                statx.get(LONG, 40),
                nanos(statx, 64),
                nanos(statx, 112),
                nanos(statx, 96));
    }

    private static long nanos(MemorySegment statx, long at) {
        return statx.get(LONG, at) * 1_000_000_000L + statx.get(INT, at + 8);
    }

    /** {@code preadv}, or {@code readv} for a position below 0. @return bytes read, 0 at the end */
    static long read(int fd, IoArray pieces, long position) throws ErrnoException {
        long n = call(position < 0 ? Call.READV : Call.PREADV, fd, pieces.array().address(), pieces.count(), position);
        pieces.afterRead(n);
        return n;
    }

    /** {@code pwritev}, or {@code writev} for a position below 0. @return bytes written */
    static long write(int fd, IoArray pieces, long position) throws ErrnoException {
        pieces.beforeWrite();
        return call(position < 0 ? Call.WRITEV : Call.PWRITEV, fd, pieces.array().address(), pieces.count(), position);
    }

    static long seek(int fd, long offset, int whence) throws ErrnoException {
        return call(Call.LSEEK, fd, offset, whence, 0);
    }

    static void truncate(int fd, long size) throws ErrnoException {
        call(Call.FTRUNCATE, fd, size, 0, 0);
    }

    static void sync(int fd, boolean metadata) throws ErrnoException {
        call(metadata ? Call.FSYNC : Call.FDATASYNC, fd, 0, 0, 0);
    }

    /** @param flags of those that can be changed: {@code O_APPEND}, {@code O_NONBLOCK} */
    static void setFlags(int fd, int flags) throws ErrnoException {
        call(Call.FCNTL, fd, F_SETFL, flags, 0);
    }

    /** @return {@link #O_RDONLY}, {@link #O_WRONLY} or {@link #O_RDWR} */
    static int accessMode(int fd) throws ErrnoException {
        return (int) call(Call.FCNTL, fd, F_GETFL, 0, 0) & 3;
    }

    /** Whether a program that is started next does not inherit it; so it was not inherited by this one either. */
    static boolean isPrivate(int fd) throws ErrnoException {
        return (call(Call.FCNTL, fd, F_GETFD, 0, 0) & FD_CLOEXEC) != 0;
    }

    /** Waits until a transfer would not wait. @return whether it is so; also after an error of the descriptor */
    static boolean poll(int fd, int events, int millis) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(8, 4);
            entry.set(INT, 0, fd);
            entry.set(ValueLayout.JAVA_SHORT, 4, (short) events);
            MemorySegment timeout = arena.allocate(16, 8);
            timeout.set(LONG, 0, millis / 1000);
            timeout.set(LONG, 8, millis % 1000 * 1_000_000L);
            return call(arena, Call.PPOLL, entry.address(), 1, timeout.address(), 0, 0) > 0;
        }
    }

    /** Descriptors that this process may have ({@code RLIMIT_NOFILE}). */
    static long descriptorLimit() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limits = arena.allocate(16, 8);
            call(arena, Call.PRLIMIT64, 0, RLIMIT_NOFILE, 0, limits.address(), 0);
            long soft = limits.get(LONG, 0);
            return soft < 0 ? Long.MAX_VALUE : soft;
        }
    }

    // ---- names

    static byte[] readLink(int directory, byte[] name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(PATH_MAX);
            long n = call(arena, Call.READLINKAT, directory, string(arena, name), text.address(), PATH_MAX, 0);
            return text.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    static void makeDirectory(int directory, byte[] name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, Call.MKDIRAT, directory, string(arena, name), 0777, 0, 0);
        }
    }

    static void symlink(byte[] text, int directory, byte[] name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, Call.SYMLINKAT, string(arena, text), directory, string(arena, name), 0, 0);
        }
    }

    static void link(int from, byte[] name, int to, byte[] newName) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, Call.LINKAT, from, string(arena, name), to, string(arena, newName), 0);
        }
    }

    static void rename(int from, byte[] name, int to, byte[] newName) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, Call.RENAMEAT2, from, string(arena, name), to, string(arena, newName), 0);
        }
    }

    static void unlink(int directory, byte[] name, int flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, Call.UNLINKAT, directory, string(arena, name), flags, 0, 0);
        }
    }

    /** The times of a name, of a link itself if it is one. */
    static void setTimes(int directory, byte[] name, @Nullable SetTime access, @Nullable SetTime modified)
            throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long times = times(arena, access, modified);
            call(arena, Call.UTIMENSAT, directory, string(arena, name), times, AT_SYMLINK_NOFOLLOW, 0);
        }
    }

    /** The times of what is open. */
    static void setTimes(int fd, @Nullable SetTime access, @Nullable SetTime modified) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, Call.UTIMENSAT, fd, 0, times(arena, access, modified), 0, 0);
        }
    }

    private static long times(Arena arena, @Nullable SetTime access, @Nullable SetTime modified) {
        MemorySegment times = arena.allocate(32, 8);
        putTime(times, 0, access);
        putTime(times, 16, modified);
        return times.address();
    }

    private static void putTime(MemorySegment times, long at, @Nullable SetTime time) {
        if (time == null || time.now()) {
            times.set(LONG, at + 8, time == null ? UTIME_OMIT : UTIME_NOW);
        } else {
            times.set(LONG, at, Math.floorDiv(time.nanos(), 1_000_000_000L));
            times.set(LONG, at + 8, Math.floorMod(time.nanos(), 1_000_000_000L));
        }
    }

    /**
     * {@code getdents64}: reads entries from the descriptor's position on.
     *
     * @param buffer native
     * @return bytes used, 0 at the end
     */
    static long readDirectory(int fd, MemorySegment buffer) throws ErrnoException {
        return call(Call.GETDENTS64, fd, buffer.address(), buffer.byteSize(), 0);
    }
}
