package org.sallyport.text.print;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.ByteReader;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.WasmModule;

/** All names of a name section (WebAssembly 3.0, 7.4), by subsection. Malformed sections name nothing. */
final class NameSection {
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

    private @Nullable String module;
    private final Map<Integer, Map<Integer, String>> direct = new TreeMap<>();
    private final Map<Integer, Map<Integer, Map<Integer, String>>> indirect = new TreeMap<>();
    private final Map<Integer, Identifiers> spaces = new HashMap<>();
    private boolean wellFormed = true;

    /** Reads the contents of a section. */
    static NameSection read(byte[] binary, WasmModule.Range contents) {
        NameSection names = new NameSection();
        try {
            names.read(new ByteReader(binary, contents.start(), contents.end()));
        } catch (MalformedCodeException e) {
            names = new NameSection();
            names.wellFormed = false;
        }
        return names;
    }

    static NameSection none() {
        return new NameSection();
    }

    private void read(ByteReader in) {
        while (in.hasNext()) {
            int kind = in.u8();
            WasmModule.Range range = in.sized();
            int end = in.end();
            int next = in.position();
            in.reset(range.start(), range.end());
            switch (kind) {
                case MODULE -> module = in.name();
                case LOCAL, LABEL, FIELD -> indirect(kind, in);
                case FUNC, TYPE, TABLE, MEMORY, GLOBAL, ELEM, DATA, TAG ->
                    map(in, direct.computeIfAbsent(kind, _ -> new TreeMap<>()));
                default -> in.skip(in.remaining());
            }
            in.reset(next, end);
        }
    }

    private void indirect(int kind, ByteReader in) {
        Map<Integer, Map<Integer, String>> maps = indirect.computeIfAbsent(kind, _ -> new TreeMap<>());
        for (int n = in.count(); n > 0; n--) {
            map(in, maps.computeIfAbsent(in.index(), _ -> new TreeMap<>()));
        }
    }

    private static void map(ByteReader in, Map<Integer, String> names) {
        for (int n = in.count(); n > 0; n--) {
            names.put(in.index(), in.name());
        }
    }

    boolean isWellFormed() {
        return wellFormed;
    }

    /** The module's own name as an index space of one. */
    Identifiers module() {
        return new Identifiers(module == null ? Map.of() : Map.of(0, module));
    }

    /** The names of an index space. */
    Identifiers of(int kind) {
        return spaces.computeIfAbsent(kind, k -> new Identifiers(direct.getOrDefault(k, Map.of())));
    }

    /** Names of the parts of a thing. */
    Identifiers of(int kind, int outer) {
        return new Identifiers(indirect.getOrDefault(kind, Map.of()).getOrDefault(outer, Map.of()));
    }
}
