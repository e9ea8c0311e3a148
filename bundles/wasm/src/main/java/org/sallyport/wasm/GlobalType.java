package org.sallyport.wasm;

/** A global type (WebAssembly 3.0, 2.3.16). */
public record GlobalType(ValType type, boolean mutable) {}
