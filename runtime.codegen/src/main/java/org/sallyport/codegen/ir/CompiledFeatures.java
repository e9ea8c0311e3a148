package org.sallyport.codegen.ir;

import static org.sallyport.wasm.Feature.*;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.sallyport.wasm.Feature;

/**
 * The proposals whose instructions and types this compiler has, all of them. Whoever adds the last one adds the proposal
 * here; a test compiles an example of each. Of the others single instructions may be there; those that are not are
 * refused by name when they are met.
 */
public final class CompiledFeatures {
    public static final Set<Feature> ALL = Collections.unmodifiableSet(EnumSet.of(
            MUTABLE_GLOBALS,
            SIGN_EXTENSION,
            SATURATING_CONVERSION,
            MULTI_VALUE,
            BULK_MEMORY,
            REFERENCE_TYPES,
            EXTENDED_CONST,
            TAIL_CALLS,
            FUNCTION_REFERENCES,
            MULTI_MEMORY,
            MEMORY64,
            THREADS,
            CUSTOM_PAGE_SIZES,
            GC,
            EXCEPTIONS,
            LEGACY_EXCEPTIONS,
            WIDE_ARITHMETIC,
            SIMD,
            RELAXED_SIMD));

    private CompiledFeatures() {}
}
