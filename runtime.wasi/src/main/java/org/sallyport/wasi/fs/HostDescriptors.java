package org.sallyport.wasi.fs;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Descriptors of the operating system that guests hold, all together: at most half of what the process may have, so
 * that the JVM and the application have the rest. Counts those of this copy of Sallyport; what others hold shows in the
 * numbers of new descriptors, see {@link LinuxDescriptor}.
 */
final class HostDescriptors {
    /** Where the system does not say how many a process may have. */
    private static final long USUAL = 4096;

    private static final AtomicLong HELD = new AtomicLong();
    private static final long LIMIT = limit();

    private HostDescriptors() {}

    private static long limit() {
        try {
            return Linux.AVAILABLE ? Linux.descriptorLimit() / 2 : USUAL;
        } catch (ErrnoException e) {
            return USUAL;
        }
    }

    /** @throws ErrnoException {@code NFILE}; nothing is taken then */
    static void take(int count) throws ErrnoException {
        if (HELD.addAndGet(count) > LIMIT) {
            HELD.addAndGet(-count);
            throw Errno.NFILE.exception();
        }
    }

    static void giveBack(int count) {
        HELD.addAndGet(-count);
    }
}
