package org.sallyport.store;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;

/** The descriptors that a {@link LinuxMemory} has open, as its last will wants them. Thread-safe. */
final class OpenFiles {
    private static final int NONE = -1;

    /** With {@link #NONE} in free places. Changed under its monitor. */
    private final AtomicReference<int[]> descriptors = new AtomicReference<>(new int[0]);

    AtomicReference<int[]> descriptors() {
        return descriptors;
    }

    void add(int file) {
        synchronized (descriptors) {
            int[] known = descriptors.get();
            if (!replace(known, NONE, file)) {
                int[] more = Arrays.copyOf(known, 2 * known.length + 4);
                Arrays.fill(more, known.length, more.length, NONE);
                more[known.length] = file;
                descriptors.set(more);
            }
        }
    }

    /** Allocates nothing: a heap that is full keeps no file open. */
    void remove(int file) {
        synchronized (descriptors) {
            replace(descriptors.get(), file, NONE);
        }
    }

    private static boolean replace(int[] known, int file, int by) {
        for (int i = 0; i < known.length; i++) {
            if (known[i] == file) {
                known[i] = by;
                return true;
            }
        }
        return false;
    }
}
