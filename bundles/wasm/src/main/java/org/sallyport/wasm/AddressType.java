package org.sallyport.wasm;

/** The type of addresses of a memory or table (WebAssembly 3.0, 2.3.12). */
public enum AddressType {
    I32,
    I64;

    public NumType asNumType() {
        return this == I32 ? NumType.I32 : NumType.I64;
    }
}
