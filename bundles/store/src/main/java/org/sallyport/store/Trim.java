package org.sallyport.store;

import java.util.List;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/** How to give many things back so that one that fails does not keep the others. */
final class Trim {
    private Trim() {}

    /** Takes everything out of a list that {@code lock} guards, the last first. */
    static <T> void each(Object lock, List<T> list, Consumer<T> release) {
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
    private static <T> @Nullable Throwable after(@Nullable Throwable failure, T next, Consumer<T> release) {
        try {
            release.accept(next);
        } catch (Throwable t) {
            return failure == null ? t : failure;
        }
        return failure;
    }

    private static void rethrow(@Nullable Throwable failure) {
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError("BUG: " + failure, failure);
        }
    }
}
