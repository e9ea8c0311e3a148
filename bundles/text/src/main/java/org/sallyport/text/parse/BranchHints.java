package org.sallyport.text.parse;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sallyport.text.parse.Tokens.Annotation;
import org.sallyport.text.parse.Tokens.Kind;
import org.sallyport.wasm.Opcode;

/**
 * The section {@code metadata.code.branch_hint} (WebAssembly 3.0, 7.6): which way an {@code if} or {@code br_if}
 * usually goes.
 */
final class BranchHints {
    static final String SECTION = "metadata.code.branch_hint";

    /** No hint at an instruction. */
    static final int NONE = -1;

    private static final String FAULT = "@" + SECTION + " annotation: ";

    /** By function, then by offset from the first byte of the body, its local declarations. */
    private final Map<Integer, Map<Integer, Integer>> hints = new TreeMap<>();

    /** The hint before the token {@code at} for the instruction there: 0, 1 or {@link #NONE}. */
    static int read(Cursor in, int at, Opcode op) {
        List<Annotation> annotations = in.annotations(SECTION, at);
        if (annotations.isEmpty()) {
            return NONE;
        }
        if (annotations.size() > 1) {
            throw in.errorAt(at, FAULT + "duplicate annotation", "");
        }
        Cursor contents = new Cursor(annotations.getFirst().contents());
        byte[] value = contents.strings().toByteArray();
        if (!contents.at(Kind.END)) {
            throw contents.error(FAULT + "unexpected token", "expected a string");
        }
        if (value.length != 1 || value[0] < 0 || value[0] > 1) {
            throw in.errorAt(at, FAULT + "invalid value", "expected \"\\00\" or \"\\01\"");
        }
        if (op != Opcode.IF && op != Opcode.BR_IF) {
            throw in.errorAt(at, FAULT + "invalid target", op.text() + " does not branch on a condition");
        }
        return value[0];
    }

    void add(int function, int offset, int hint) {
        hints.computeIfAbsent(function, _ -> new TreeMap<>()).put(offset, hint);
    }

    boolean isEmpty() {
        return hints.isEmpty();
    }

    /** The contents of the section, behind its name. */
    void write(BinaryWriter out) {
        out.u32(hints.size());
        hints.forEach((function, places) -> {
            out.u32(function).u32(places.size());
            places.forEach((offset, hint) -> out.u32(offset).u32(1).u8(hint));
        });
    }
}
