package org.sallyport.codegen.x64;

import org.sallyport.codegen.ir.Type;

/** Operand size of an integer instruction. */
enum Width {
    BYTE,
    WORD,
    DWORD,
    QWORD;

    int bytes() {
        return 1 << ordinal();
    }

    /** That of a value in a general register. */
    static Width of(Type type) {
        return switch (type) {
            case I32 -> DWORD;
            case I64, REF -> QWORD;
            case F32, F64, V128, VOID -> throw new AssertionError("BUG: " + type + " in a general register");
        };
    }

    /** {@code QWORD} or {@code DWORD}. */
    static Width of64(boolean wide) {
        return wide ? QWORD : DWORD;
    }
}
