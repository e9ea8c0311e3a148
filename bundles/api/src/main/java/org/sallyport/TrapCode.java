package org.sallyport;

/** Why a guest was stopped by its own fault. The texts are those of the specification's tests. */
public enum TrapCode {
    // @formatter:off
    UNREACHABLE             ("unreachable"),
    MEMORY_OUT_OF_BOUNDS    ("out of bounds memory access"),
    TABLE_OUT_OF_BOUNDS     ("out of bounds table access"),
    UNDEFINED_ELEMENT       ("undefined element"),
    UNINITIALIZED_ELEMENT   ("uninitialized element"),
    INDIRECT_CALL_TYPE_MISMATCH("indirect call type mismatch"),
    INTEGER_DIVIDE_BY_ZERO  ("integer divide by zero"),
    INTEGER_OVERFLOW        ("integer overflow"),
    INVALID_CONVERSION      ("invalid conversion to integer"),
    STACK_OVERFLOW          ("call stack exhausted"),
    NULL_REFERENCE          ("null reference"),
    NULL_FUNCTION_REFERENCE ("null function reference"),
    CAST_FAILURE            ("cast failure"),
    ARRAY_OUT_OF_BOUNDS     ("out of bounds array access"),
    UNALIGNED_ATOMIC        ("unaligned atomic"),
    EXPECTED_SHARED_MEMORY  ("expected shared memory"),
    /** In code only: what the embedder sees is an {@link OutOfFuelException}. */
    OUT_OF_FUEL             ("out of fuel");
    // @formatter:on

    private final String text;

    TrapCode(String text) {
        this.text = text;
    }

    /** The wording of the specification's tests. */
    public String text() {
        return text;
    }
}
