package org.sallyport.wasm;

/** A vector type (WebAssembly 3.0, 2.3.2). */
public enum VecType implements ValType {
    V128;

    /** The name in the text format. */
    @Override
    public String toString() {
        return "v128";
    }
}
