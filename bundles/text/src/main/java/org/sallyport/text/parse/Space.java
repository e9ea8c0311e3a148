package org.sallyport.text.parse;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An index space and the identifiers bound in it (WebAssembly 3.0, 6.1.3). */
final class Space {
    private final String kind;
    private final Map<String, Integer> ids = new HashMap<>();
    private int count;

    /** @param kind as errors call it */
    Space(String kind) {
        this.kind = kind;
    }

    int count() {
        return count;
    }

    Map<String, Integer> ids() {
        return ids;
    }

    /** Takes the next index for the identifier at the cursor, or for nothing if there is none. */
    int bind(Cursor in) {
        int token = in.pos();
        return bind(in, token, in.optionalId());
    }

    int bind(Cursor in, int token, @Nullable String id) {
        if (id != null && ids.putIfAbsent(id, count) != null) {
            throw in.errorAt(token, "duplicate " + kind, "$" + id + " is " + kind + " " + ids.get(id) + " already");
        }
        return count++;
    }

    /** Takes indices for things without names. */
    void skip(int n) {
        count += n;
    }

    void clear() {
        ids.clear();
        count = 0;
    }

    /** The index at the cursor: a number, or an identifier bound here. */
    int index(Cursor in) {
        int token = in.pos();
        String id = in.optionalId();
        if (id == null) {
            return (int) in.nat(32, "a " + kind + " index");
        }
        Integer index = ids.get(id);
        if (index == null) {
            String hint = Nearest.hint(id, "$", ids.keySet());
            throw in.errorAt(token, "unknown " + kind, "$" + id + " is not defined" + hint);
        }
        return index;
    }
}
