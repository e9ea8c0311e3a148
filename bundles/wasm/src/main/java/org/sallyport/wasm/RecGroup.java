package org.sallyport.wasm;

/**
 * A recursion group: {@code size} consecutive definitions of the module's flat type list, which may refer to each other
 * (WebAssembly 3.0, 2.3.11). A definition outside of {@code rec} is a group of one.
 */
public record RecGroup(int firstType, int size) {}
