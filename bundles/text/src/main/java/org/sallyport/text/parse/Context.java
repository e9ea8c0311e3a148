package org.sallyport.text.parse;

import org.jspecify.annotations.Nullable;
import org.sallyport.text.WatOptions;
import org.sallyport.text.WatPlaces;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.Feature;

/**
 * What the parts of a module parser share: the cursor, the index spaces, the types, and what goes into custom sections.
 */
final class Context {
    final Cursor in;
    final Types types;
    final Names names;
    final BranchHints hints = new BranchHints();

    final Space funcs = new Space("func");
    final Space tables = new Space("table");
    final Space memories = new Space("memory");
    final Space globals = new Space("global");
    final Space tags = new Space("tag");
    final Space elems = new Space("elem");
    final Space datas = new Space("data");

    /** The locals of the function being read, parameters first; empty outside of functions. */
    final Space locals = new Space("local");

    final Labels labels = new Labels();

    /** Whether an instruction names a data segment, so that the data count section is needed. */
    boolean usesData;

    private final boolean largeSizes;
    private final @Nullable WatPlaces places;

    /** @param places told of instructions, if anybody wants to know */
    Context(Cursor in, WatOptions options, @Nullable WatPlaces places) {
        this.in = in;
        this.places = places;
        types = new Types(in);
        largeSizes = options.features().contains(Feature.MEMORY64);
        names = new Names(options.names());
    }

    /** An instruction of a function's body begins there, for who wants to know. @param token where it begins in the text */
    void place(int function, int offset, int token) {
        if (places != null && function >= 0) {
            places.add(function, offset, in.tokens().start(token));
        }
    }

    /** Size of the numbers in limits, in bits. */
    int limitBits() {
        return largeSizes ? 64 : 32;
    }

    /** {@code i32} or {@code i64} before the limits of a memory or table; {@code i32} where neither stands. */
    AddressType addressType() {
        if (in.accept(Word.I64)) {
            return AddressType.I64;
        }
        in.accept(Word.I32);
        return AddressType.I32;
    }
}
