package org.sallyport.wasm;

/**
 * The faults of a binary that does not follow the grammar (WebAssembly 3.0, 5), in the wording of the official tests.
 */
public enum Malformed {
    // @formatter:off
    MAGIC                ("magic header not detected",               "This is not a WebAssembly binary; of text, Wat.compile (org.sallyport:org.sallyport.text) makes one."),
    VERSION              ("unknown binary version",                  "Only version 1 core modules are supported; a component must be unwrapped."),
    UNEXPECTED_END       ("unexpected end of section or function",   Malformed.CUT),
    LENGTH               ("length out of bounds",                    Malformed.CUT),
    LEB_TOO_LONG         ("integer representation too long",         Malformed.PRODUCER),
    LEB_TOO_LARGE        ("integer too large",                       Malformed.PRODUCER),
    UTF8                 ("malformed UTF-8 encoding",                Malformed.PRODUCER),
    SECTION_ID           ("malformed section id",                    "The module uses a proposal that is not supported, or is damaged."),
    SECTION_ORDER        ("unexpected content after last section",   Malformed.PRODUCER),
    SECTION_SIZE         ("section size mismatch",                   Malformed.PRODUCER),
    CODE_COUNT           ("function and code section have inconsistent lengths", Malformed.PRODUCER),
    DATA_COUNT           ("data count and data section have inconsistent lengths", Malformed.PRODUCER),
    DATA_COUNT_REQUIRED  ("data count section required",             Malformed.PRODUCER),
    DEFINITION_TYPE      ("malformed definition type",               Malformed.PRODUCER),
    VALUE_TYPE           ("malformed value type",                    Malformed.NEWER),
    REFERENCE_TYPE       ("malformed reference type",                Malformed.NEWER),
    HEAP_TYPE            ("malformed heap type",                     Malformed.NEWER),
    STORAGE_TYPE         ("malformed storage type",                  Malformed.NEWER),
    MUTABILITY           ("malformed mutability",                    Malformed.PRODUCER),
    LIMITS_FLAGS         ("malformed limits flags",                  Malformed.NEWER),
    PAGE_SIZE            ("invalid custom page size",                "A page is 1 or 65536 bytes (custom-page-sizes proposal)."),
    IMPORT_KIND          ("malformed import kind",                   Malformed.NEWER),
    EXPORT_KIND          ("malformed export kind",                   Malformed.NEWER),
    TAG_ATTRIBUTE        ("malformed tag attribute",                 Malformed.NEWER),
    ELEMENT_FLAGS        ("malformed elements segment kind",         Malformed.NEWER),
    ELEMENT_KIND         ("malformed element kind",                  Malformed.NEWER),
    DATA_FLAGS           ("malformed data segment kind",             Malformed.NEWER),
    TOO_MANY_LOCALS      ("too many locals",                         Malformed.PRODUCER),
    END_EXPECTED         ("END opcode expected",                     Malformed.PRODUCER),
    ILLEGAL_OPCODE       ("illegal opcode",                          Malformed.NEWER),
    ZERO_BYTE            ("zero byte expected",                      Malformed.PRODUCER),
    MEMOP_FLAGS          ("malformed memop flags",                   Malformed.NEWER),
    CAST_FLAGS           ("malformed br_on_cast flags",              Malformed.PRODUCER),
    CATCH_KIND           ("malformed catch clause",                  Malformed.PRODUCER);
    // @formatter:on

    private static final String CUT = "The binary is cut off or a length in it is wrong; fetch or build it again.";
    private static final String PRODUCER = "The producer emitted a damaged binary; rebuild it or report it.";
    private static final String NEWER =
            "The module uses a proposal that is not supported or switched off, or is damaged.";

    private final String specText;
    private final String advice;

    Malformed(String specText, String advice) {
        this.specText = specText;
        this.advice = advice;
    }

    /** The wording that the specification's tests expect. */
    public String specText() {
        return specText;
    }

    /** The next step for whoever meets the fault. */
    public String advice() {
        return advice;
    }
}
