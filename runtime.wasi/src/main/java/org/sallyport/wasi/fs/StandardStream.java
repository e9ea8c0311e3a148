package org.sallyport.wasi.fs;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One of the standard streams of this process, on Linux, by its descriptor. No transfer waits in the system: pipes and
 * terminals are opened once more, non-blocking, which leaves those alone who share the first opening; where nothing can
 * be transferred we wait in short steps and look at {@link Waiting} between them. So a guest's call can always be ended,
 * and nothing is ever closed by that.
 */
public final class StandardStream {
    private static final int STEP_MILLIS = 10;

    private final int fd;
    private final boolean waits;
    /** The second opening, if there is one: keeps it open. */
    private final @Nullable LinuxDescriptor again;

    private StandardStream(int fd, boolean waits, @Nullable LinuxDescriptor again) {
        this.fd = fd;
        this.waits = waits;
        this.again = again;
    }

    /** What there is once in a process: opened once more for all who use it, and never closed. */
    private static final class Opened {
        private static final @Nullable StandardStream[] STREAMS = {open(0), open(1), open(2)};

        private Opened() {}
    }

    /**
     * A standard stream, if it can be used in this way: not if it is a socket or anything else that can be opened only
     * once, and not where there is no Linux.
     *
     * @param number 0, 1 or 2
     */
    public static @Nullable StandardStream of(int number) {
        return Linux.AVAILABLE ? Opened.STREAMS[number] : null;
    }

    private static @Nullable StandardStream open(int number) {
        try {
            FileStat stat = Linux.stat(number, new byte[0], Linux.AT_EMPTY_PATH);
            if (stat.type() == FileType.REGULAR_FILE) {
                return new StandardStream(number, false, null);
            }
            int flags = Linux.O_NONBLOCK | (number == 0 ? Linux.O_RDONLY : Linux.O_WRONLY);
            LinuxDescriptor again =
                    LinuxDescriptor.open(Linux.AT_FDCWD, Linux.bytes("/proc/self/fd/" + number), flags);
            return new StandardStream(again.fd(), true, again);
        } catch (ErrnoException e) {
            return null;
        }
    }

    /**
     * Whether this process was started without that standard stream, or with one that cannot be read or written. The
     * number of one that was missing may have been taken since by a file of the JVM: such a one is not to be inherited,
     * or cannot be written, or lies where Java is.
     */
    public static boolean isClosed(int number) {
        if (!Linux.AVAILABLE) {
            return false;
        }
        try {
            int access = Linux.accessMode(number);
            return access != Linux.O_RDWR && access != (number == 0 ? Linux.O_RDONLY : Linux.O_WRONLY)
                    || Linux.isPrivate(number)
                    || Files.readSymbolicLink(Path.of("/proc/self/fd/" + number))
                            .startsWith(Path.of(System.getProperty("java.home")).toRealPath());
        } catch (ErrnoException e) {
            return e.errno() == Errno.BADF;
        } catch (IOException e) {
            return false;
        }
    }

    /** Waits for bytes. @return number of bytes, 0 at the end */
    public int read(ByteBuffer target) throws IOException {
        return transfer(target, Linux.POLLIN, (pieces, at) -> Linux.read(fd, pieces, at));
    }

    /** Waits until some bytes are taken. @return number of bytes */
    public int write(ByteBuffer source) throws IOException {
        return transfer(source, Linux.POLLOUT, (pieces, at) -> Linux.write(fd, pieces, at));
    }

    private interface Transfer {
        long once(IoArray pieces, long at) throws ErrnoException;
    }

    private int transfer(ByteBuffer bytes, int event, Transfer transfer) throws IOException {
        ByteBuffer[] all = {bytes};
        try (Arena arena = Arena.ofConfined()) {
            IoArray pieces = IoArray.of(arena, all, 0);
            while (true) {
                Waiting.check();
                try {
                    int n = (int) transfer.once(pieces, -1);
                    bytes.position(bytes.position() + n);
                    return n;
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.AGAIN) {
                        throw e;
                    }
                }
                awaitReady(event, TimeUnit.MILLISECONDS.toNanos(STEP_MILLIS));
            }
        } finally {
            Reference.reachabilityFence(bytes);
        }
    }

    /** Waits until there are bytes or the end, at most {@code nanos}; whether it is so. */
    public boolean awaitReadable(long nanos) throws IOException {
        return !waits || awaitReady(Linux.POLLIN, nanos);
    }

    private boolean awaitReady(int event, long nanos) throws IOException {
        long deadline = System.nanoTime() + nanos;
        while (true) {
            Waiting.check();
            long left = nanos == Long.MAX_VALUE ? nanos : deadline - System.nanoTime();
            long step = Math.min(TimeUnit.MILLISECONDS.toNanos(STEP_MILLIS), Waiting.cap(left));
            int millis = (int) Math.min(STEP_MILLIS, TimeUnit.NANOSECONDS.toMillis(step + 999_999));
            if (Linux.poll(fd, event, millis)) {
                return true;
            }
            if (left <= 0) {
                return false;
            }
        }
    }

    @Override
    public String toString() {
        return "descriptor " + fd + (again == null ? "" : " (opened once more)");
    }
}
