package org.sallyport.text.parse;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The labels of the blocks around an instruction. Inner ones hide outer ones of the same name; look-up takes constant
 * time.
 */
final class Labels {
    private final List<@Nullable String> names = new ArrayList<>();
    /** Beside each name, the position that it hides, or null. */
    private final List<@Nullable Integer> hidden = new ArrayList<>();

    private final Map<String, Integer> innermost = new HashMap<>();

    int depth() {
        return names.size();
    }

    void push(@Nullable String name) {
        hidden.add(name == null ? null : innermost.put(name, names.size()));
        names.add(name);
    }

    void pop() {
        String name = names.removeLast();
        Integer outer = hidden.removeLast();
        if (name != null && outer != null) {
            innermost.put(name, outer);
        } else if (name != null) {
            innermost.remove(name);
        }
    }

    /** The name of the innermost block. */
    @Nullable String top() {
        return names.getLast();
    }

    /** How many blocks out the label is; a number stands for itself. */
    int index(Cursor in) {
        int token = in.pos();
        String id = in.optionalId();
        if (id == null) {
            return (int) in.nat(32, "a label");
        }
        Integer position = innermost.get(id);
        if (position == null) {
            throw in.errorAt(token, "unknown label", "$" + id + " is no block around this instruction" + near(id));
        }
        return names.size() - 1 - position;
    }

    private String near(String id) {
        return Nearest.hint(id, "$", innermost.keySet());
    }

    void clear() {
        names.clear();
        hidden.clear();
        innermost.clear();
    }
}
