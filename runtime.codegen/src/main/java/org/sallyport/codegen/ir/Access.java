package org.sallyport.codegen.ir;

/**
 * How a load or store touches memory: how many bytes, and how a load of fewer bytes than its type is extended. A
 * full-width access
 * is the unsigned one ({@link #U32} for i32 and f32, {@link #W64} for i64 and f64). Stores use the unsigned rows.
 */
public enum Access {
    U8(1, false),
    S8(1, true),
    U16(2, false),
    S16(2, true),
    U32(4, false),
    S32(4, true),
    W64(8, false),
    W128(16, false);

    private static final Access[] VALUES = values();

    private final int bytes;
    private final boolean signed;

    Access(int bytes, boolean signed) {
        this.bytes = bytes;
        this.signed = signed;
    }

    static Access of(int ordinal) {
        return VALUES[ordinal];
    }

    /** The access that reads or writes the whole of {@code type}. */
    public static Access full(Type type) {
        return switch (type) {
            case I32, F32 -> U32;
            case I64, F64, REF -> W64;
            case V128 -> W128;
            case VOID -> throw new IllegalArgumentException("void");
        };
    }

    public int bytes() {
        return bytes;
    }

    public boolean isSigned() {
        return signed;
    }

    /** The name in the text form: {@code s8}. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
