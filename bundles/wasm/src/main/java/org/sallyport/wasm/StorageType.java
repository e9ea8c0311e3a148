package org.sallyport.wasm;

/** What a structure field or an array element holds: a value type or a packed integer (WebAssembly 3.0, 2.3.9). */
public sealed interface StorageType permits ValType, PackedType {

    /** The type of the value that {@code get} yields and {@code set} takes. */
    default ValType unpacked() {
        return this instanceof ValType type ? type : NumType.I32;
    }
}
