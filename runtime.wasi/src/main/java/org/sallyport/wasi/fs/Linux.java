package org.sallyport.wasi.fs;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The system calls of Linux on descriptors, through the C library. A failure is an {@link ErrnoException} made from
 * {@code errno}; {@code EINTR} is tried again. Names are bytes, so that no locale changes them. None of these calls
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
    private static final int SYS_GETDENTS64 = AARCH64 ? 61 : 217;
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

    /** The functions; {@code errno} is kept with each call. */
    private static final class C {
        static final StructOfErrno ERRNO = new StructOfErrno();
        static final MethodHandle OPENAT = variadic("openat", 3, ValueLayout.JAVA_INT, "ipii");
        static final MethodHandle CLOSE = function("close", ValueLayout.JAVA_INT, "i");
        static final MethodHandle STATX = function("statx", ValueLayout.JAVA_INT, "ipiip");
        static final MethodHandle PREADV = function("preadv", ValueLayout.JAVA_LONG, "ipil");
        static final MethodHandle PWRITEV = function("pwritev", ValueLayout.JAVA_LONG, "ipil");
        static final MethodHandle READV = function("readv", ValueLayout.JAVA_LONG, "ipi");
        static final MethodHandle WRITEV = function("writev", ValueLayout.JAVA_LONG, "ipi");
        static final MethodHandle READLINKAT = function("readlinkat", ValueLayout.JAVA_LONG, "ippl");
        static final MethodHandle MKDIRAT = function("mkdirat", ValueLayout.JAVA_INT, "ipi");
        static final MethodHandle SYMLINKAT = function("symlinkat", ValueLayout.JAVA_INT, "pip");
        static final MethodHandle LINKAT = function("linkat", ValueLayout.JAVA_INT, "ipipi");
        static final MethodHandle RENAMEAT = function("renameat", ValueLayout.JAVA_INT, "ipip");
        static final MethodHandle UNLINKAT = function("unlinkat", ValueLayout.JAVA_INT, "ipi");
        static final MethodHandle UTIMENSAT = function("utimensat", ValueLayout.JAVA_INT, "ippi");
        static final MethodHandle FUTIMENS = function("futimens", ValueLayout.JAVA_INT, "ip");
        static final MethodHandle FTRUNCATE = function("ftruncate", ValueLayout.JAVA_INT, "il");
        static final MethodHandle FSYNC = function("fsync", ValueLayout.JAVA_INT, "i");
        static final MethodHandle FDATASYNC = function("fdatasync", ValueLayout.JAVA_INT, "i");
        static final MethodHandle LSEEK = function("lseek", ValueLayout.JAVA_LONG, "ili");
        static final MethodHandle FCNTL = variadic("fcntl", 2, ValueLayout.JAVA_INT, "iii");
        static final MethodHandle POLL = function("poll", ValueLayout.JAVA_INT, "pli");
        static final MethodHandle GETRLIMIT = function("getrlimit", ValueLayout.JAVA_INT, "ip");
        static final MethodHandle SYSCALL = variadic("syscall", 1, ValueLayout.JAVA_LONG, "llpl");

        private C() {}

        private static MethodHandle function(String name, MemoryLayout result, String parameters) {
            return handle(name, result, parameters, Linker.Option.captureCallState("errno"));
        }

        private static MethodHandle variadic(String name, int fixed, MemoryLayout result, String parameters) {
            return handle(
                    name,
                    result,
                    parameters,
                    Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(fixed));
        }

        /** @param parameters a letter each: {@code i} int, {@code l} long, {@code p} pointer */
        private static MethodHandle handle(
                String name, MemoryLayout result, String parameters, Linker.Option... options) {
            List<MemoryLayout> layouts = new ArrayList<>();
            for (char c : parameters.toCharArray()) {
                layouts.add(
                        switch (c) {
                            case 'i' -> ValueLayout.JAVA_INT;
                            case 'l' -> ValueLayout.JAVA_LONG;
                            case 'p' -> ValueLayout.ADDRESS;
                            default -> throw new AssertionError("BUG: parameter " + c);
                        });
            }
            Linker linker = Linker.nativeLinker();
            SymbolLookup lookup = linker.defaultLookup();
            return linker.downcallHandle(
                    lookup.find(name).orElseThrow(() -> new UnsatisfiedLinkError(name)),
                    FunctionDescriptor.of(result, layouts.toArray(MemoryLayout[]::new)),
                    options);
        }
    }

    private static final class StructOfErrno {
        private final MemoryLayout layout = Linker.Option.captureStateLayout();
        private final VarHandle number = layout.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    }

    /** What one call needs of native memory. */
    private record Frame(Arena arena, MemorySegment errno) {
        MemorySegment string(byte[] bytes) {
            MemorySegment copy = arena.allocate(bytes.length + 1L);
            copy.copyFrom(MemorySegment.ofArray(bytes));
            return copy;
        }
    }

    private interface Body {
        long run(Frame frame) throws Throwable;
    }

    private static long call(Body body) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return call(arena, body);
        }
    }

    private static long call(Arena arena, Body body) throws ErrnoException {
        Frame frame = new Frame(arena, arena.allocate(C.ERRNO.layout));
        while (true) {
            long result;
            try {
                result = body.run(frame);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError("BUG: system call", e);
            }
            if (result >= 0) {
                return result;
            }
            int number = (int) C.ERRNO.number.get(frame.errno, 0L);
            if (number != LinuxErrno.INTR) {
                throw LinuxErrno.of(number).exception();
            }
        }
    }

    // ---- files

    /** @return the descriptor; of nobody's account yet, see {@link LinuxDescriptor} */
    static int open(int directory, byte[] name, int flags) throws ErrnoException {
        return (int) call(f -> (int) C.OPENAT.invokeExact(
                f.errno, directory, f.string(name), flags | O_CLOEXEC | O_NOCTTY, 0666));
    }

    /** Gives the number back whatever the system says: Linux has always freed it. */
    static void close(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            int ignored = (int) C.CLOSE.invokeExact(arena.allocate(C.ERRNO.layout), fd);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("BUG: close", e);
        }
    }

    static FileStat stat(int directory, byte[] name, int flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(STATX_BYTES, 8);
            call(arena, f -> (int) C.STATX.invokeExact(
                    f.errno, directory, f.string(name), flags | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, statx));
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
        return position < 0
                ? call(f -> (long) C.READV.invokeExact(f.errno, fd, pieces.array(), pieces.count()))
                : call(f -> (long) C.PREADV.invokeExact(f.errno, fd, pieces.array(), pieces.count(), position));
    }

    /** {@code pwritev}, or {@code writev} for a position below 0. @return bytes written */
    static long write(int fd, IoArray pieces, long position) throws ErrnoException {
        return position < 0
                ? call(f -> (long) C.WRITEV.invokeExact(f.errno, fd, pieces.array(), pieces.count()))
                : call(f -> (long) C.PWRITEV.invokeExact(f.errno, fd, pieces.array(), pieces.count(), position));
    }

    static long seek(int fd, long offset, int whence) throws ErrnoException {
        return call(f -> (long) C.LSEEK.invokeExact(f.errno, fd, offset, whence));
    }

    static void truncate(int fd, long size) throws ErrnoException {
        call(f -> (int) C.FTRUNCATE.invokeExact(f.errno, fd, size));
    }

    static void sync(int fd, boolean metadata) throws ErrnoException {
        call(f -> metadata ? (int) C.FSYNC.invokeExact(f.errno, fd) : (int) C.FDATASYNC.invokeExact(f.errno, fd));
    }

    /** @param flags of those that can be changed: {@code O_APPEND}, {@code O_NONBLOCK} */
    static void setFlags(int fd, int flags) throws ErrnoException {
        call(f -> (int) C.FCNTL.invokeExact(f.errno, fd, F_SETFL, flags));
    }

    /** @return {@link #O_RDONLY}, {@link #O_WRONLY} or {@link #O_RDWR} */
    static int accessMode(int fd) throws ErrnoException {
        return (int) call(f -> (int) C.FCNTL.invokeExact(f.errno, fd, F_GETFL, 0)) & 3;
    }

    /** Whether a program that is started next does not inherit it; so it was not inherited by this one either. */
    static boolean isPrivate(int fd) throws ErrnoException {
        return (call(f -> (int) C.FCNTL.invokeExact(f.errno, fd, F_GETFD, 0)) & FD_CLOEXEC) != 0;
    }

    /** Waits until a transfer would not wait. @return whether it is so; also after an error of the descriptor */
    static boolean poll(int fd, int events, int millis) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(8, 4);
            entry.set(INT, 0, fd);
            entry.set(ValueLayout.JAVA_SHORT, 4, (short) events);
            return call(arena, f -> (int) C.POLL.invokeExact(f.errno, entry, 1L, millis)) > 0;
        }
    }

    /** Descriptors that this process may have ({@code RLIMIT_NOFILE}). */
    static long descriptorLimit() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limits = arena.allocate(16, 8);
            call(arena, f -> (int) C.GETRLIMIT.invokeExact(f.errno, RLIMIT_NOFILE, limits));
            long soft = limits.get(LONG, 0);
            return soft < 0 ? Long.MAX_VALUE : soft;
        }
    }

    // ---- names

    static byte[] readLink(int directory, byte[] name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(PATH_MAX);
            long n = call(arena, f ->
                    (long) C.READLINKAT.invokeExact(f.errno, directory, f.string(name), text, (long) PATH_MAX));
            return text.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    static void makeDirectory(int directory, byte[] name) throws ErrnoException {
        call(f -> (int) C.MKDIRAT.invokeExact(f.errno, directory, f.string(name), 0777));
    }

    static void symlink(byte[] text, int directory, byte[] name) throws ErrnoException {
        call(f -> (int) C.SYMLINKAT.invokeExact(f.errno, f.string(text), directory, f.string(name)));
    }

    static void link(int from, byte[] name, int to, byte[] newName) throws ErrnoException {
        call(f -> (int) C.LINKAT.invokeExact(f.errno, from, f.string(name), to, f.string(newName), 0));
    }

    static void rename(int from, byte[] name, int to, byte[] newName) throws ErrnoException {
        call(f -> (int) C.RENAMEAT.invokeExact(f.errno, from, f.string(name), to, f.string(newName)));
    }

    static void unlink(int directory, byte[] name, int flags) throws ErrnoException {
        call(f -> (int) C.UNLINKAT.invokeExact(f.errno, directory, f.string(name), flags));
    }

    /** The times of a name, of a link itself if it is one. */
    static void setTimes(int directory, byte[] name, @Nullable SetTime access, @Nullable SetTime modified)
            throws ErrnoException {
        call(f -> (int) C.UTIMENSAT.invokeExact(
                f.errno, directory, f.string(name), times(f, access, modified), AT_SYMLINK_NOFOLLOW));
    }

    /** The times of what is open. */
    static void setTimes(int fd, @Nullable SetTime access, @Nullable SetTime modified) throws ErrnoException {
        call(f -> (int) C.FUTIMENS.invokeExact(f.errno, fd, times(f, access, modified)));
    }

    private static MemorySegment times(Frame frame, @Nullable SetTime access, @Nullable SetTime modified) {
        MemorySegment times = frame.arena.allocate(32, 8);
        putTime(times, 0, access);
        putTime(times, 16, modified);
        return times;
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
        return call(f -> (long) C.SYSCALL.invokeExact(
                f.errno, (long) SYS_GETDENTS64, (long) fd, buffer, buffer.byteSize()));
    }
}
