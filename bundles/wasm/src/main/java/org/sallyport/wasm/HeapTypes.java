package org.sallyport.wasm;

import static org.sallyport.wasm.HeapType.Abstract.*;

import org.sallyport.wasm.HeapType.Abstract;

/** The order of the abstract heap types (WebAssembly 3.0, 3.3.3). */
public final class HeapTypes {
    private HeapTypes() {}

    public static boolean isSubtype(Abstract sub, Abstract sup) {
        return sub == sup || switch (sup) {
            case ANY -> sub == EQ || isBelowEq(sub);
            case EQ -> isBelowEq(sub);
            case I31, STRUCT, ARRAY -> sub == NONE;
            case FUNC -> sub == NOFUNC;
            case EXTERN -> sub == NOEXTERN;
            case EXN -> sub == NOEXN;
            case NONE, NOFUNC, NOEXTERN, NOEXN -> false;
        };
    }

    private static boolean isBelowEq(Abstract sub) {
        return sub == I31 || sub == STRUCT || sub == ARRAY || sub == NONE;
    }

    /** The greatest type of the hierarchy: what a cast may start from. */
    public static Abstract top(Abstract type) {
        return switch (type) {
            case ANY, EQ, I31, STRUCT, ARRAY, NONE -> ANY;
            case FUNC, NOFUNC -> FUNC;
            case EXTERN, NOEXTERN -> EXTERN;
            case EXN, NOEXN -> EXN;
        };
    }

    /** The least type of the hierarchy: what only null belongs to. */
    public static Abstract bottom(Abstract type) {
        return switch (top(type)) {
            case FUNC -> NOFUNC;
            case EXTERN -> NOEXTERN;
            case EXN -> NOEXN;
            default -> NONE;
        };
    }

    /** The abstract type just above a definition. */
    public static Abstract kind(CompositeType type) {
        return switch (type) {
            case FuncType _ -> FUNC;
            case StructType _ -> STRUCT;
            case ArrayType _ -> ARRAY;
        };
    }
}
