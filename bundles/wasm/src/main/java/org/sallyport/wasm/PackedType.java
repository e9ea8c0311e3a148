package org.sallyport.wasm;

/** A packed integer of a field (WebAssembly 3.0, 2.3.9). */
public enum PackedType implements StorageType {
    I8,
    I16;

    /** The name in the text format. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
