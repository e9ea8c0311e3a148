package org.sallyport.wasm;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A proposal that can be switched on and off. The first group is WebAssembly 3.0. */
public enum Feature implements Proposal {
    // @formatter:off
    //                    how clang builds without it
    MUTABLE_GLOBALS      ("-mno-mutable-globals"),
    SIGN_EXTENSION       ("-mno-sign-ext"),
    SATURATING_CONVERSION("-mno-nontrapping-fptoint"),
    MULTI_VALUE          ("-mno-multivalue"),
    BULK_MEMORY          ("-mno-bulk-memory"),
    REFERENCE_TYPES      ("-mno-reference-types"),
    EXTENDED_CONST       ("-mno-extended-const"),
    SIMD                 ("-mno-simd128"),
    RELAXED_SIMD         ("-mno-relaxed-simd"),
    TAIL_CALLS           ("-mno-tail-call"),
    FUNCTION_REFERENCES  (""),
    GC                   (""),
    EXCEPTIONS           ("no -fwasm-exceptions"),
    MULTI_MEMORY         ("-mno-multimemory"),
    MEMORY64             ("--target=wasm32-…"),
    THREADS              ("no -pthread, -mno-atomics"),
    CUSTOM_PAGE_SIZES    ("no --page-size of the linker's"),
    WIDE_ARITHMETIC      ("-mno-wide-arithmetic"),
    /** The exception handling that {@link #EXCEPTIONS} replaced, on the same tags: what compilers emitted for years. */
    LEGACY_EXCEPTIONS    ("no -fwasm-exceptions");
    // @formatter:on

    private final String without;

    Feature(String without) {
        this.without = without;
    }

    /** {@code wide-arithmetic}. */
    @Override
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String remedy() {
        return "Build the module without it" + (without.isEmpty() ? "." : " (clang: " + without + ").");
    }

    /** What must be switched on for the type to exist; null for those of WebAssembly 1.0. */
    public static @Nullable Feature of(StorageType type) {
        return switch (type) {
            case NumType _ -> null;
            case VecType _ -> SIMD;
            case PackedType _ -> GC;
            case RefType(boolean _, HeapType.Concrete _) -> FUNCTION_REFERENCES;
            case RefType(boolean nullable, HeapType.Abstract heap) -> switch (heap) {
                case EXN, NOEXN -> EXCEPTIONS;
                case FUNC, EXTERN -> nullable ? REFERENCE_TYPES : FUNCTION_REFERENCES;
                default -> GC;
            };
        };
    }

    /** The proposals that WebAssembly 3.0 consists of. */
    public static Set<Feature> standard() {
        return Collections.unmodifiableSet(EnumSet.range(MUTABLE_GLOBALS, MEMORY64));
    }

    /** Whether the feature is part of WebAssembly 3.0. */
    public boolean isStandard() {
        return ordinal() < THREADS.ordinal();
    }
}
