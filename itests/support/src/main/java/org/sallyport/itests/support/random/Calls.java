package org.sallyport.itests.support.random;

import static org.sallyport.itests.support.random.Draft.i32;

import org.jspecify.annotations.Nullable;

/** Calls of the module's functions, directly, through the table, by reference; as statements, as values, instead of a return. */
final class Calls implements Piece {
    private final Draft draft;
    private final Values values;
    private final Tables tables;
    private final @Nullable TypedReferences references;

    Calls(Draft draft, Values values, Tables tables, @Nullable TypedReferences references) {
        this.draft = draft;
        this.values = values;
        this.tables = tables;
        this.references = references;
    }

    String call() {
        int index = draft.oneIn(10) ? draft.anyFunction()
                : draft.next + draft.random.nextInt(draft.functions - draft.next); // most often a later one: less recursion
        Signature type = draft.signatures.get(index);
        return values.all(type.params(), 2) + call(index, "(") + values.take(type.results());
    }

    @Override
    public @Nullable String value(String type, int depth) {
        int index = draft.next + draft.random.nextInt(draft.functions - draft.next);
        Signature called = draft.signatures.get(index);
        if (called.results().size() != 1 || !called.results().getFirst().equals(type)) {
            return null;
        }
        return "(block (result " + type + ") " + values.all(called.params(), Math.min(depth, 1)) + call(index, "(") + ")";
    }

    /** @param begin the parenthesis, and the prefix that makes it a tail call */
    private String call(int index, String begin) {
        if (references != null && draft.oneIn(3)) {
            return begin + "call_ref $t" + index + " " + references.callee(index) + ")";
        }
        return draft.oneIn(3) ? slot(index, begin) : begin + "call $f" + index + ")";
    }

    /** A tail call of a function with the same results; null if none is found, or if there are no tail calls. */
    @Nullable String tail() {
        if (!draft.has(Topic.TAIL_CALLS)) {
            return null;
        }
        for (int tries = 0; tries < 4; tries++) {
            int index = draft.anyFunction();
            Signature type = draft.signatures.get(index);
            if (type.results().equals(draft.current.results())) {
                return values.all(type.params(), 2) + call(index, "(return_");
            }
        }
        for (Piece piece : draft.pieces) {
            if (piece instanceof Host host) {
                return host.tail();
            }
        }
        return null;
    }

    /** Calls through a slot that, most often, holds a function of the right type. */
    private String slot(int index, String begin) {
        int at = -1;
        for (int i = 0; i < tables.elements.length; i++) {
            if (tables.elements[i] == index) {
                at = i + 1;
            }
        }
        if (at < 0 && !draft.oneIn(40)) {
            return begin + "call $f" + index + ")";
        }
        String any = values.value("i32", 2);
        String slot = at < 0 || draft.oneIn(100) ? draft.pick(i32(draft.random.nextInt(Tables.SLOTS + 1)), any)
                : draft.random.nextBoolean() ? i32(at)
                : "(i32.or (i32.and " + any + " (i32.const 0)) " + i32(at) + ")";
        return begin + "call_indirect " + (draft.oneIn(100) ? "$u (type $t" + index + ") " + slot
                : "$t (type $t" + index + ") " + tables.at(slot)) + ")";
    }
}
