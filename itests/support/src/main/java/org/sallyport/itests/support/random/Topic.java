package org.sallyport.itests.support.random;

/** What a random module may have beyond the scalar instructions of WebAssembly 2.0. */
public enum Topic {
    VECTORS,
    /** Only with operands for which all implementations agree. */
    RELAXED_VECTORS,
    ATOMICS,
    TAIL_CALLS,
    TYPED_REFERENCES,
    /** {@code try_table} and {@code exnref}. */
    EXCEPTIONS,
    /** {@code try}, {@code catch}, {@code delegate}, {@code rethrow}: not beside {@link #EXCEPTIONS}, which V8 refuses. */
    OLD_EXCEPTIONS,
    /** Structures, arrays, i31, casts. */
    OBJECTS,
    /** Memories and tables with addresses of 64 bits. */
    MEMORY64,
    MULTI_MEMORY,
    /** A library whose functions, tables, globals, tags and perhaps memories the main module imports. */
    LINKED,
    /** Functions of the host that compute, throw, hold references and call back. */
    HOST
}
