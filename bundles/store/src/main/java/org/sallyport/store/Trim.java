package org.sallyport.store;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * How to give many things back so that one that fails does not keep the others, and none is forgotten or given back
 * twice. Whoever says how implements {@link Release} by a class that is there before: a lambda that is linked when the Java
 * heap is full may fail for good, and a class of its own cannot be loaded any more when the class loader is closed.
 */
final class Trim {
    /** Gives one thing back. */
    interface Release<T> {
        /**
         * @throws VirtualMachineError if there is no heap or no stack for it: it has not been given back, and can be
         *     tried again. After any other error it must not be touched again
         */
        void release(T thing);
    }

    private Trim() {}

    /**
     * Takes out of a list that {@code lock} guards all that can be given back, the last first. Those that could not, for want
     * of heap or stack, are still there.
     */
    static <T> void each(Object lock, List<T> list, Release<T> release) {
        @Nullable Throwable failure = null;
        for (int i = Integer.MAX_VALUE; i > 0; ) {
            synchronized (lock) {
                i = Math.min(i, list.size()) - 1;
                if (i >= 0) {
                    failure = after(failure, list, i, release);
                }
            }
        }
        rethrow(failure);
    }

    /** Releases one. @return what failed first, or null */
    private static <T> @Nullable Throwable after(
            @Nullable Throwable before, List<T> list, int index, Release<T> release) {
        Throwable failure = before;
        try {
            release.release(list.get(index));
        } catch (VirtualMachineError e) {
            return failure == null ? e : failure;
        } catch (Throwable t) {
            failure = failure == null ? t : failure;
        }
        list.remove(index);
        return failure;
    }

    private static void rethrow(@Nullable Throwable failure) {
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        if (failure != null) {
            throw new AssertionError("BUG: " + failure, failure);
        }
    }
}
