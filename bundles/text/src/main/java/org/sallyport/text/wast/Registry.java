package org.sallyport.text.wast;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sallyport.UnsupportedFeatureException;

/** What a script refers to by name or as the latest one. Remembers what could not be made, and why. */
final class Registry<T> {

    /**
     * @param thing null if it could not be made
     * @param missing what its making lacked support for, or null
     */
    private record Entry<T>(@Nullable T thing, String reason, @Nullable String missing) {}

    /** There is nothing of that name, or its making failed. */
    static final class MissingException extends IllegalStateException {
        private static final long serialVersionUID = 1;

        MissingException(String message) {
            super(message);
        }
    }

    private final String what;
    private final Map<String, Entry<T>> named = new HashMap<>();
    private @Nullable Entry<T> latest;

    /** @param what for messages */
    Registry(String what) {
        this.what = what;
    }

    /** Makes a thing and keeps it under its name and as the latest one; a failure is kept likewise. */
    T define(@Nullable String id, int line, Supplier<T> maker) {
        try {
            T thing = maker.get();
            put(id, new Entry<>(thing, "", null));
            return thing;
        } catch (UnsupportedFeatureException | UnsupportedOperationException e) {
            put(id, new Entry<>(null, reason(line, e), NotTriedException.missing(e)));
            throw e;
        } catch (RuntimeException | AssertionError e) {
            put(id, new Entry<>(null, reason(line, e), null));
            throw e;
        }
    }

    private String reason(int line, Throwable e) {
        String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return "no " + what + " since line " + line + ": " + first;
    }

    private void put(@Nullable String id, Entry<T> entry) {
        latest = entry;
        if (id != null) {
            named.put(id, entry);
        }
    }

    void put(String id, T thing) {
        put(id, new Entry<>(thing, "", null));
    }

    /**
     * @param id null for the latest one
     * @throws UnsupportedOperationException if it could not be made for want of support
     * @throws MissingException if there is none
     */
    T get(@Nullable String id) {
        Entry<T> entry = id == null ? latest : named.get(id);
        if (entry == null) {
            throw new MissingException("no " + what + (id == null ? "" : " $" + id));
        }
        if (entry.missing != null) {
            throw new NotTriedException(entry.reason, entry.missing);
        }
        if (!entry.reason.isEmpty() || entry.thing == null) {
            throw new MissingException(entry.reason.isEmpty() ? "no " + what : entry.reason);
        }
        return entry.thing;
    }
}
