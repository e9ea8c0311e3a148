package org.sallyport.wasm;

/** A field of a structure or the element of an array (WebAssembly 3.0, 2.3.9). */
public record FieldType(StorageType storage, boolean mutable) {}
