package org.sallyport.wasm;

/** A function, structure or array type (WebAssembly 3.0, 2.3.10). */
public sealed interface CompositeType permits FuncType, StructType, ArrayType {}
