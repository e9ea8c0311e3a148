package org.sallyport.codegen.x64;

/** Operand size of an integer instruction. */
enum Width {
    BYTE,
    WORD,
    DWORD,
    QWORD;

    int bytes() {
        return 1 << ordinal();
    }

    /** {@code QWORD} or {@code DWORD}. */
    static Width of64(boolean wide) {
        return wide ? QWORD : DWORD;
    }
}
