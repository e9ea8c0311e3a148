package org.sallyport.contract;

import org.jspecify.annotations.Nullable;
import org.sallyport.AnyRef;
import org.sallyport.ArrayRef;
import org.sallyport.ExternRef;
import org.sallyport.Func;
import org.sallyport.I31Ref;
import org.sallyport.StructRef;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.RefType;

/** The Java classes that references are of in methods, each with the most general type of wasm that it stands for. */
public final class ReferenceType {
    private ReferenceType() {}

    /** What the class stands for: a nullable reference; null if it is no class of references. {@code Object} is an externref. */
    public static @Nullable RefType of(Class<?> java) {
        HeapType.Abstract heap = heap(java);
        return heap == null ? null : new RefType(true, heap);
    }

    private static HeapType.@Nullable Abstract heap(Class<?> java) {
        if (java == Func.class) {
            return HeapType.Abstract.FUNC;
        } else if (java == Object.class || java == ExternRef.class) {
            return HeapType.Abstract.EXTERN;
        } else if (java == AnyRef.class) {
            return HeapType.Abstract.ANY;
        } else if (java == StructRef.class) {
            return HeapType.Abstract.STRUCT;
        } else if (java == ArrayRef.class) {
            return HeapType.Abstract.ARRAY;
        }
        return java == I31Ref.class ? HeapType.Abstract.I31 : null;
    }
}
