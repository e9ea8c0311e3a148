package org.sallyport.wasm;

import java.util.List;

/** A structure type (WebAssembly 3.0, 2.3.9). */
public record StructType(List<FieldType> fields) implements CompositeType {
    public StructType {
        fields = List.copyOf(fields);
    }
}
