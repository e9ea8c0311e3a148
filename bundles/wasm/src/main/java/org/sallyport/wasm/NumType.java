package org.sallyport.wasm;

/** A number type (WebAssembly 3.0, 2.3.1). */
public enum NumType implements ValType {
    I32,
    I64,
    F32,
    F64;

    /** The name in the text format. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
