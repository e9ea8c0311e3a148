package org.sallyport.engine;

import java.lang.foreign.MemorySegment;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArrayRef;
import org.sallyport.ReferenceScope;
import org.sallyport.StructRef;
import org.sallyport.wasm.HeapType;

/** Makes structures and arrays of one store for Java; methods as those of {@link org.sallyport.Store}. */
public interface ObjectMaker {
    StructRef newStruct(HeapType.Concrete type, @Nullable Object[] fields);

    ArrayRef newArray(HeapType.Concrete type, long length, @Nullable Object initial);

    ArrayRef newArray(HeapType.Concrete type, MemorySegment elements);

    ReferenceScope openScope();
}
