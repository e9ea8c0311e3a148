package org.sallyport.text.parse;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.sallyport.text.parse.Tokens.Annotation;
import org.sallyport.text.parse.Tokens.Kind;

/**
 * The name section of a module (WebAssembly 3.0, 7.4, with the subsections of the extended-name-section proposal):
 * names from {@code @name} annotations, and from identifiers when asked for.
 */
final class Names {
    // Numbers of the subsections
    static final int MODULE = 0;
    static final int FUNC = 1;
    static final int LOCAL = 2;
    static final int LABEL = 3;
    static final int TYPE = 4;
    static final int TABLE = 5;
    static final int MEMORY = 6;
    static final int GLOBAL = 7;
    static final int ELEM = 8;
    static final int DATA = 9;
    static final int FIELD = 10;
    static final int TAG = 11;

    private static final List<String> KINDS = List.of(
            "module", "func", "local", "label", "type", "table", "memory", "global", "elem", "data", "field", "tag");

    private final boolean identifiers;
    /** By subsection, then by index; the module's name has index 0. */
    private final Map<Integer, Map<Integer, String>> direct = new TreeMap<>();
    /** By subsection, then by index of the outer thing, then by that of the inner one. */
    private final Map<Integer, Map<Integer, Map<Integer, String>>> indirect = new TreeMap<>();

    /** @param identifiers whether {@code $id} is a name, too */
    Names(boolean identifiers) {
        this.identifiers = identifiers;
    }

    /** Names a thing by the annotation at the cursor, else by its identifier. */
    void declare(int kind, int index, @Nullable String id, Cursor in) {
        String name = name(kind, id, in, in.pos());
        if (name != null) {
            direct.computeIfAbsent(kind, _ -> new TreeMap<>()).put(index, name);
        }
    }

    /**
     * Names a part of a thing: a local of a function, a field of a type. The annotation stands before {@code token}.
     */
    void inner(int kind, int outer, int index, @Nullable String id, Cursor in, int token) {
        String name = name(kind, id, in, token);
        if (name != null) {
            indirect.computeIfAbsent(kind, _ -> new TreeMap<>())
                    .computeIfAbsent(outer, _ -> new TreeMap<>())
                    .put(index, name);
        }
    }

    private @Nullable String name(int kind, @Nullable String id, Cursor in, int token) {
        List<Annotation> annotations = in.annotations("name", token);
        if (annotations.isEmpty()) {
            return identifiers ? id : null;
        }
        if (annotations.size() > 1) {
            throw in.errorAt(token, "@name annotation: multiple " + KINDS.get(kind), "");
        }
        Cursor contents = new Cursor(annotations.getFirst().contents());
        if (!contents.at(Kind.STRING)) {
            throw contents.error("@name annotation: unexpected token", "expected a string");
        }
        String name = contents.name();
        if (!contents.at(Kind.END)) {
            throw contents.error("@name annotation: unexpected token", "expected ) after the name");
        }
        return name;
    }

    boolean isEmpty() {
        return direct.isEmpty() && indirect.isEmpty();
    }

    /** The contents of the section, behind its name. */
    void write(BinaryWriter out) {
        for (int kind = 0; kind < KINDS.size(); kind++) {
            BinaryWriter contents = new BinaryWriter();
            if (kind == MODULE && direct.containsKey(MODULE)) {
                contents.name(direct.get(MODULE).get(0));
            } else if (direct.containsKey(kind)) {
                map(contents, direct.get(kind));
            } else if (indirect.containsKey(kind)) {
                indirectMap(contents, indirect.get(kind));
            } else {
                continue;
            }
            out.u8(kind).sized(contents);
        }
    }

    private static void map(BinaryWriter out, Map<Integer, String> names) {
        out.u32(names.size());
        names.forEach((index, name) -> out.u32(index).name(name));
    }

    private static void indirectMap(BinaryWriter out, Map<Integer, Map<Integer, String>> names) {
        out.u32(names.size());
        names.forEach((index, inner) -> map(out.u32(index), inner));
    }
}
