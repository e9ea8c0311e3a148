package org.sallyport.codegen.ir;

import org.sallyport.wasm.Opcode;

/** Builds instructions of structures, arrays, i31 and casts, as references are in the back end. */
interface ObjectInstructions {
    /** Appends the instruction; false if it is none of these. */
    boolean add(Opcode opcode);

    /** See {@link BuildInstructions#castTest}. */
    int castTest();
}
