package org.sallyport.wasm;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** A proposal that can be switched on and off. The first group is WebAssembly 3.0; the rest is off by default. */
public enum Feature {
    MUTABLE_GLOBALS,
    SIGN_EXTENSION,
    SATURATING_CONVERSION,
    MULTI_VALUE,
    BULK_MEMORY,
    REFERENCE_TYPES,
    EXTENDED_CONST,
    SIMD,
    RELAXED_SIMD,
    TAIL_CALLS,
    FUNCTION_REFERENCES,
    GC,
    EXCEPTIONS,
    MULTI_MEMORY,
    MEMORY64,
    THREADS,
    CUSTOM_PAGE_SIZES,
    WIDE_ARITHMETIC,
    /** The exception handling that {@link #EXCEPTIONS} replaced, on the same tags: what compilers emitted for years. */
    LEGACY_EXCEPTIONS;

    /** The proposals that WebAssembly 3.0 consists of. */
    public static Set<Feature> standard() {
        return Collections.unmodifiableSet(EnumSet.range(MUTABLE_GLOBALS, MEMORY64));
    }

    /** Whether the feature is part of WebAssembly 3.0. */
    public boolean isStandard() {
        return ordinal() < THREADS.ordinal();
    }
}
