package org.sallyport.codegen.ir;

/**
 * Type of a value in the graph: what register class and width it needs. An {@link #I32} is always held zero-extended to
 * 64 bits (docs/abi.md). Who asks for a type that may be any switches over all of them.
 */
public enum Type {
    /** The instruction defines no value. */
    VOID(0),
    I32(4),
    I64(8),
    /**
     * A reference that a collector must find; null is 0. Function references live as long as the store and are {@link
     * #I64}, addresses of their records. Where references are objects of Java, all others are these.
     */
    REF(8),
    F32(4),
    F64(8),
    V128(16);

    private static final Type[] VALUES = values();

    private final int bytes;

    Type(int bytes) {
        this.bytes = bytes;
    }

    static Type of(int ordinal) {
        return VALUES[ordinal];
    }

    /** Size of the value, 0 for {@link #VOID}. */
    public int bytes() {
        return bytes;
    }

    /** A number that integer operations work on. */
    public boolean isInt() {
        return this == I32 || this == I64;
    }

    public boolean isFloat() {
        return this == F32 || this == F64;
    }

    /** The name in the text form: {@code i32}. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
