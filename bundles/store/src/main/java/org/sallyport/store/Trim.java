package org.sallyport.store;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * How to give many things back so that one that fails does not keep the others. Whoever says how implements {@link
 * Release} by a class that is there before: a lambda that is linked when the Java heap is full may fail for good, and a
 * class of its own cannot be loaded any more when the class loader is closed.
 */
final class Trim {
    /** Gives one thing back. */
    interface Release<T> {
        void release(T thing);
    }

    private Trim() {}

    /** Takes everything out of a list that {@code lock} guards, the last first. */
    static <T> void each(Object lock, List<T> list, Release<T> release) {
        @Nullable Throwable failure = null;
        for (T next = removeLast(lock, list); next != null; next = removeLast(lock, list)) {
            failure = after(failure, next, release);
        }
        rethrow(failure);
    }

    private static <T> @Nullable T removeLast(Object lock, List<T> list) {
        synchronized (lock) {
            return list.isEmpty() ? null : list.removeLast();
        }
    }

    /** Releases the next one. @return what failed first, or null */
    private static <T> @Nullable Throwable after(@Nullable Throwable failure, T next, Release<T> release) {
        try {
            release.release(next);
        } catch (Throwable t) {
            return failure == null ? t : failure;
        }
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
