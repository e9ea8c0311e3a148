package org.sallyport.text.print;

import java.util.HashMap;
import java.util.Map;

/**
 * How the things of one index space are called in the text. A name that is empty or taken already cannot be an
 * identifier; it becomes an annotation, and the thing is referred to by its number.
 */
final class Identifiers {
    private final Map<Integer, String> names;
    private final Map<Integer, String> ids = new HashMap<>();

    Identifiers(Map<Integer, String> names) {
        this.names = names;
        Map<String, Integer> taken = new HashMap<>();
        names.forEach((index, name) -> {
            if (!name.isEmpty() && taken.putIfAbsent(name, index) == null) {
                ids.put(index, Literal.id(name));
            }
        });
    }

    /** A use: {@code $name} or the number. */
    String use(int index) {
        String id = ids.get(index);
        return id == null ? Integer.toUnsignedString(index) : id;
    }

    boolean hasId(int index) {
        return ids.containsKey(index);
    }

    /** A definition, with a space before it: the identifier, or an annotation, or nothing. */
    String definition(int index) {
        String id = ids.get(index);
        String name = names.get(index);
        if (id != null) {
            return " " + id;
        }
        return name == null ? "" : " (@name " + Literal.name(name) + ")";
    }

    boolean isNamed(int index) {
        return names.containsKey(index);
    }
}
