package org.sallyport.codegen.ir;

/** Native routines that the back end emits into a module that uses them ({@link Op#CALL_HELPER}). They check bounds and trap. */
public enum Helper {
    /** {@code memory.copy}: (destination, source, length), all i64 (i32 operands zero-extended). */
    MEMORY_COPY,
    /** {@code memory.fill}: (destination i64, value i32, length i64). */
    MEMORY_FILL;

    private static final Helper[] VALUES = values();

    public static Helper of(int ordinal) {
        return VALUES[ordinal];
    }

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
