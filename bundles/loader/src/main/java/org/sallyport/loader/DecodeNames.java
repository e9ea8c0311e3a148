package org.sallyport.loader;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.ByteReader;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.Names;
import org.sallyport.wasm.WasmModule.Range;

/** The name section (WebAssembly 3.0, appendix 7.4): names of the module and of functions; the rest is skipped. */
final class DecodeNames {
    static final String SECTION = "name";

    private static final int MODULE = 0;
    private static final int FUNCTIONS = 1;
    /** Longer names are cut for messages: a hostile module must not fill logs. */
    private static final int MAX_CHARS = 1000;

    private final Context context;
    private final ByteReader in;
    private final int functions;
    private @Nullable String module;
    private final Map<Integer, String> names = new HashMap<>();

    private DecodeNames(Context context, Range range, int functions) {
        this.context = context;
        in = new ByteReader(context.binary, range.start(), range.end());
        this.functions = functions;
    }

    /**
     * {@link Names#NONE} if the section is malformed.
     *
     * @param range contents of the section, behind its name
     * @param functions size of the index space; names of others are dropped
     */
    static Names decode(Context context, Range range, int functions) {
        DecodeNames decoder = new DecodeNames(context, range, functions);
        try {
            decoder.subsections();
        } catch (MalformedCodeException e) {
            return Names.NONE;
        }
        // not Map.copyOf, whose linear probing takes quadratic time for indices that a module can choose
        return new Names(decoder.module, Collections.unmodifiableMap(decoder.names));
    }

    private void subsections() {
        while (in.hasNext()) {
            int id = in.u8();
            Range contents = in.bytes();
            int sectionEnd = in.end();
            in.reset(contents.start(), contents.end());
            if (id == MODULE) {
                module = cut(in.name());
            } else if (id == FUNCTIONS) {
                functionNames();
            }
            in.reset(contents.end(), sectionEnd);
        }
    }

    private void functionNames() {
        int count = in.count();
        for (int i = 0; i < count; i++) {
            int index = in.index();
            context.step(16);
            String name = cut(in.name());
            if (index < functions) {
                names.put(index, name);
            }
        }
    }

    private static String cut(String name) {
        return name.length() <= MAX_CHARS ? name : name.substring(0, MAX_CHARS) + "…";
    }
}
