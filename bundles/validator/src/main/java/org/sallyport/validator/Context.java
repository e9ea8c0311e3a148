package org.sallyport.validator;

import static org.sallyport.validator.Problem.UNKNOWN_ELEMENT;
import static org.sallyport.validator.Problem.UNKNOWN_FUNCTION;
import static org.sallyport.validator.Problem.UNKNOWN_GLOBAL;
import static org.sallyport.validator.Problem.UNKNOWN_MEMORY;
import static org.sallyport.validator.Problem.UNKNOWN_TABLE;
import static org.sallyport.validator.Problem.UNKNOWN_TAG;

import java.util.BitSet;
import org.sallyport.LoadLimits;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.WasmModule;

/**
 * What instructions may refer to (WebAssembly 3.0, 3.1): the index spaces with types as codes. Complete and read-only
 * when the bodies are checked, which may happen on several threads.
 */
final class Context {
    final WasmModule module;
    final IndexSpaces spaces;
    final Types types;
    final LoadLimits limits;

    /** Functions that a reference may exist to; {@code ref.func} in bodies may name no others. */
    final BitSet declared = new BitSet();

    final int[] globals;
    final boolean[] mutable;
    final int[] tables;
    final boolean[] tables64;
    final boolean[] memories64;
    final int[] elements;

    /** For {@link #globals} and so on the module's types must have been checked. */
    Context(IndexSpaces spaces, Types types, LoadLimits limits) {
        this.module = spaces.module();
        this.spaces = spaces;
        this.types = types;
        this.limits = limits;
        globals = new int[spaces.globalCount()];
        mutable = new boolean[globals.length];
        tables = new int[spaces.tableCount()];
        tables64 = new boolean[tables.length];
        memories64 = new boolean[spaces.memoryCount()];
        elements = new int[module.elements().size()];
    }

    int function(int index) {
        if (index >= spaces.funcCount()) {
            throw Violation.index(UNKNOWN_FUNCTION, index, spaces.funcCount());
        }
        return spaces.funcTypeIndex(index);
    }

    int tag(int index) {
        if (index >= spaces.tagCount()) {
            throw Violation.index(UNKNOWN_TAG, index, spaces.tagCount());
        }
        return spaces.tagTypeIndex(index);
    }

    int global(int index) {
        if (index >= globals.length) {
            throw Violation.index(UNKNOWN_GLOBAL, index, globals.length);
        }
        return globals[index];
    }

    /** The element type of a table. */
    int table(int index) {
        if (index >= tables.length) {
            throw Violation.index(UNKNOWN_TABLE, index, tables.length);
        }
        return tables[index];
    }

    /** The address type of a table that exists. */
    int tableAddress(int index) {
        return tables64[index] ? Types.I64 : Types.I32;
    }

    /** The address type of a memory. */
    int memory(int index) {
        if (index >= memories64.length) {
            throw Violation.index(UNKNOWN_MEMORY, index, memories64.length);
        }
        return memories64[index] ? Types.I64 : Types.I32;
    }

    /** The type of an element segment. */
    int element(int index) {
        if (index >= elements.length) {
            throw Violation.index(UNKNOWN_ELEMENT, index, elements.length);
        }
        return elements[index];
    }

    static int code(AddressType type) {
        return type == AddressType.I64 ? Types.I64 : Types.I32;
    }
}
