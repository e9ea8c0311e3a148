package org.sallyport.wasi.fs;

import java.io.Closeable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.sallyport.spi.LastWill;

/**
 * A descriptor of the operating system that belongs to a guest. Given back when it is closed, also from another thread
 * or twice, and when it is forgotten.
 *
 * <p>Linux gives the lowest number that is free. So the number of a new descriptor tells how many the whole process
 * has, whoever opened them, in whatever copies of Sallyport: a number above {@link #HIGHEST} is closed at once and
 * refused with {@code NFILE}, so that the JVM always has some left. What a guest keeps open is besides charged to the
 * account of its store.
 */
final class LinuxDescriptor implements Closeable {
    /** Left to others: a quarter of what the process may have, at most this many. */
    private static final long MOST_LEFT = 1024;

    private static final long HIGHEST = highest();

    private final int fd;
    /** Does not keep this class: a forgotten descriptor is closed also when its class loader is forgotten with it. */
    private final BooleanSupplier will;

    private LinuxDescriptor(int fd) {
        this.fd = fd;
        will = new LastWill(Linux.syscall()).withFiles(new AtomicReference<>(new int[] {fd})).of(this);
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
        int fd = Linux.open(directory, name, flags);
        if (fd >= HIGHEST) {
            Linux.close(fd);
            throw Errno.NFILE.exception();
        }
        try {
            return new LinuxDescriptor(fd);
        } catch (Throwable e) {
            Linux.close(fd);
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
        if (will.getAsBoolean()) {
            Linux.close(fd);
        }
    }
}
