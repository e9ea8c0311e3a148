package org.sallyport.wasm;

/** The five kinds of things a module imports and exports; the ordinal is the byte of the binary format. */
public enum ExternKind {
    FUNC,
    TABLE,
    MEMORY,
    GLOBAL,
    TAG;

    /** The name in the text format. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
