package org.sallyport.wasi.fs;

import java.io.Closeable;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A descriptor of the operating system that belongs to a guest. Given back when it is closed, also from another thread
 * or twice, and when it is forgotten.
 *
 * <p>Linux gives the lowest number that is free. So the number of a new descriptor tells how many the whole process
 * has, whoever opened them: a number above {@link #HIGHEST} is closed at once and refused with {@code NFILE}, and the
 * JVM, which ends in odd ways without descriptors, always has some left.
 */
final class LinuxDescriptor implements Closeable {
    /** Left to others: a quarter of what the process may have, at most this many. */
    private static final long MOST_LEFT = 1024;

    private static final long HIGHEST = highest();
    private static final Cleaner CLEANER = Cleaner.create();

    private final int fd;
    private final Cleaner.Cleanable closing;

    private LinuxDescriptor(int fd) {
        this.fd = fd;
        closing = CLEANER.register(this, new Closing(fd, new AtomicBoolean()));
    }

    private record Closing(int fd, AtomicBoolean done) implements Runnable {
        @Override
        public void run() {
            if (done.compareAndSet(false, true)) {
                Linux.close(fd);
                HostDescriptors.giveBack(1);
            }
        }
    }

    private static long highest() {
        try {
            long limit = Linux.descriptorLimit();
            return limit - Math.min(limit / 4, MOST_LEFT);
        } catch (ErrnoException e) {
            return Long.MAX_VALUE;
        }
    }

    /** @throws ErrnoException also {@code NFILE} if the process has few descriptors left */
    static LinuxDescriptor open(int directory, byte[] name, int flags) throws ErrnoException {
        HostDescriptors.take(1);
        int fd = -1;
        try {
            fd = Linux.open(directory, name, flags);
            if (fd >= HIGHEST) {
                throw Errno.NFILE.exception();
            }
            return new LinuxDescriptor(fd);
        } catch (Throwable e) {
            if (fd >= 0) {
                Linux.close(fd);
            }
            HostDescriptors.giveBack(1);
            throw e;
        }
    }

    /** Opens what this one stands for once more, in another way. */
    LinuxDescriptor reopen(int flags) throws ErrnoException {
        return open(Linux.AT_FDCWD, Linux.bytes("/proc/self/fd/" + fd), flags);
    }

    int fd() {
        return fd;
    }

    FileStat stat() throws ErrnoException {
        return Linux.stat(fd, new byte[0], Linux.AT_EMPTY_PATH);
    }

    @Override
    public void close() {
        closing.clean();
    }
}
