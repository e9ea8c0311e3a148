package org.sallyport.text.print;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.ByteReader;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.WasmModule;

/** Branch hints by offset in the binary (WebAssembly 3.0, 7.6). */
final class HintSection {
    static final String NAME = "metadata.code.branch_hint";

    private final Map<Integer, Integer> hints = new HashMap<>();

    private HintSection() {}

    static HintSection none() {
        return new HintSection();
    }

    /**
     * The hints of a section's contents, or null if it is malformed or hints at anything that does not branch on a
     * condition.
     */
    static @Nullable HintSection read(IndexSpaces spaces, WasmModule.Range contents) {
        HintSection section = new HintSection();
        byte[] binary = spaces.module().binary();
        try {
            ByteReader in = new ByteReader(binary, contents.start(), contents.end());
            for (int functions = in.count(); functions > 0; functions--) {
                int function = in.index();
                if (function < spaces.importedFuncs() || function >= spaces.funcCount()) {
                    return null;
                }
                WasmModule.Body body = spaces.body(function);
                for (int n = in.count(); n > 0; n--) {
                    section.hints.put(body.start() + in.index(), in.u8() == 1 ? in.u8() : -1);
                }
                if (!section.fits(binary, body)) {
                    return null;
                }
            }
            return in.hasNext() ? null : section;
        } catch (MalformedCodeException e) {
            return null;
        }
    }

    private boolean fits(byte[] binary, WasmModule.Body body) {
        CodeReader code = new CodeReader(binary, body.code(), body.end());
        int found = 0;
        while (code.hasNext()) {
            Opcode op = code.next();
            Integer hint = hints.get(code.offset());
            if (hint != null) {
                found++;
                if (hint < 0 || hint > 1 || op != Opcode.IF && op != Opcode.BR_IF) {
                    return false;
                }
            }
        }
        return found == hints.keySet().stream().filter(o -> o >= body.start() && o < body.end()).count();
    }

    /** The annotation before the instruction at an offset, or nothing. */
    String before(int offset) {
        Integer hint = hints.get(offset);
        return hint == null ? "" : "(@" + NAME + " \"\\0" + hint + "\") ";
    }
}
