package org.sallyport.wasm;

/** An array type (WebAssembly 3.0, 2.3.9). */
public record ArrayType(FieldType element) implements CompositeType {}
