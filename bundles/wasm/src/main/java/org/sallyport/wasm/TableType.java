package org.sallyport.wasm;

/** A table type (WebAssembly 3.0, 2.3.15). */
public record TableType(AddressType address, Limits limits, RefType element) {}
