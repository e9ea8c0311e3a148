package org.sallyport.validator;

/** The faults of a well-formed module that is not valid, in the wording of the official tests. */
enum Problem {
    // @formatter:off
    TYPE_MISMATCH       ("type mismatch"),
    UNKNOWN_TYPE        ("unknown type"),
    UNKNOWN_FUNCTION    ("unknown function"),
    UNKNOWN_TABLE       ("unknown table"),
    UNKNOWN_MEMORY      ("unknown memory"),
    UNKNOWN_GLOBAL      ("unknown global"),
    UNKNOWN_TAG         ("unknown tag"),
    UNKNOWN_LOCAL       ("unknown local"),
    UNKNOWN_LABEL       ("unknown label"),
    RETHROW_LABEL       ("invalid rethrow label"),
    UNKNOWN_FIELD       ("unknown field"),
    UNKNOWN_ELEMENT     ("unknown elem segment"),
    UNKNOWN_DATA        ("unknown data segment"),
    NOT_A_FUNCTION      ("non-function type"),
    NOT_A_STRUCTURE     ("non-structure type"),
    NOT_AN_ARRAY        ("non-array type"),
    UNINITIALIZED_LOCAL ("uninitialized local",            "Assign the local on every path before it is read."),
    UNDECLARED_REFERENCE("undeclared function reference",  "Declare the function: (elem declare func …)."),
    IMMUTABLE_GLOBAL    ("immutable global",               "Declare the global mutable."),
    IMMUTABLE_FIELD     ("immutable field",                "Declare the field mutable."),
    IMMUTABLE_ARRAY     ("immutable array",                "Declare the element mutable."),
    FIELD_PACKED        ("field is packed",                "Use the form with _s or _u."),
    FIELD_UNPACKED      ("field is unpacked",              "Use the form without _s and _u."),
    NOT_DEFAULTABLE     ("field type is not defaultable in type",  "Give an initial value."),
    ARRAYS_DIFFER       ("array types do not match"),
    ARRAY_NOT_NUMERIC   ("array type is not numeric or vector"),
    SELECT_ARITY        ("invalid result arity"),
    LANE                ("invalid lane index"),
    ALIGNMENT           ("alignment must not be larger than natural"),
    ATOMIC_ALIGNMENT    ("alignment must be equal to natural"),
    OFFSET              ("offset out of range"),
    NOT_CONSTANT        ("constant expression required"),
    SUB_TYPE            ("sub type"),
    TAG_RESULT          ("non-empty tag result type"),
    START_FUNCTION      ("start function must not have parameters or results"),
    DUPLICATE_EXPORT    ("duplicate export name"),
    LIMITS              ("size minimum must not be greater than maximum"),
    MEMORY_SIZE         ("memory size must be at most"),
    TABLE_SIZE          ("table size must be at most"),
    PAGE_SIZE           ("invalid custom page size",       "A page is 1 or 65536 bytes."),
    SHARED_NEEDS_MAX    ("shared memory must have maximum", "Give the memory a maximum."),
    MULTIPLE_MEMORIES   ("multiple memories"),
    MULTIPLE_TABLES     ("multiple tables"),
    FEATURE_DISABLED    ("feature not enabled");
    // @formatter:on

    /** The wording of the specification's tests. */
    final String specText;

    /** The next step. */
    final String advice;

    Problem(String specText) {
        this(specText, "The producer emitted an invalid module; rebuild it or report it.");
    }

    Problem(String specText, String advice) {
        this.specText = specText;
        this.advice = advice;
    }
}
