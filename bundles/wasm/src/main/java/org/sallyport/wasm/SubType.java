package org.sallyport.wasm;

import java.util.List;

/**
 * A type definition with its place in the subtype order (WebAssembly 3.0, 2.3.11).
 *
 * @param supertypes type indices; at most one in WebAssembly 3.0
 */
public record SubType(boolean isFinal, List<Integer> supertypes, CompositeType composite) {
    public SubType {
        supertypes = List.copyOf(supertypes);
    }

    /** A final type without supertypes: what a plain {@code (type (func ...))} declares. */
    public static SubType of(CompositeType composite) {
        return new SubType(true, List.of(), composite);
    }
}
