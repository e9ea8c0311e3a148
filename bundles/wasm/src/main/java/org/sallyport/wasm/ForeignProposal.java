package org.sallyport.wasm;

import org.jspecify.annotations.Nullable;

/**
 * Proposals that are not supported here, one row each, and the codes by which a module that needs them is recognized.
 * Only for messages: whatever is met here is refused. When one is implemented, its row becomes one of {@link Feature},
 * and its instructions rows of {@link Opcode}.
 */
public enum ForeignProposal implements Proposal {
    // @formatter:off
    STACK_SWITCHING   ("stack switching",                ForeignProposal.WITHOUT),
    SHARED_EVERYTHING ("shared-everything threads",      ForeignProposal.WITHOUT),
    STRINGS           ("reference-typed strings",        ForeignProposal.WITHOUT),
    CUSTOM_DESCRIPTORS("custom descriptors",             ForeignProposal.WITHOUT),
    HALF_PRECISION    ("half precision",                 "Build the module without it (clang: -mno-fp16)."),
    MEMORY_CONTROL    ("memory control",                 ForeignProposal.WITHOUT),
    COMPACT_IMPORTS   ("compact import section",         ForeignProposal.WITHOUT),
    COMPONENT_MODEL   ("component model",                "Only core modules can be used, such as those inside of the component.");
    // @formatter:on

    private static final String WITHOUT = "Build the module without it.";

    /**
     * Codes of instructions in their tables (prefix 0: single bytes), from first to last, by what they are called.
     *
     * @param name of a single instruction, or of the family
     */
    private record Codes(ForeignProposal proposal, int prefix, int first, int last, String name) {}

    // @formatter:off
    private static final Codes[] INSTRUCTIONS = {
        new Codes(STACK_SWITCHING,    0x00, 0xE0,  0xE0,  "cont.new"),
        new Codes(STACK_SWITCHING,    0x00, 0xE1,  0xE1,  "cont.bind"),
        new Codes(STACK_SWITCHING,    0x00, 0xE2,  0xE2,  "suspend"),
        new Codes(STACK_SWITCHING,    0x00, 0xE3,  0xE3,  "resume"),
        new Codes(STACK_SWITCHING,    0x00, 0xE4,  0xE5,  "resume_throw"),
        new Codes(STACK_SWITCHING,    0x00, 0xE6,  0xE6,  "switch"),
        new Codes(CUSTOM_DESCRIPTORS, 0xFB, 0x20,  0x26,  "an instruction with a descriptor"),
        new Codes(STRINGS,            0xFB, 0x80,  0xB7,  "an instruction on strings"),
        new Codes(MEMORY_CONTROL,     0xFC, 0x12,  0x12,  "memory.discard"),
        new Codes(HALF_PRECISION,     0xFC, 0x30,  0x30,  "f32.load_f16"),
        new Codes(HALF_PRECISION,     0xFC, 0x31,  0x31,  "f32.store_f16"),
        new Codes(HALF_PRECISION,     0xFD, 0x120, 0x14F, "an instruction on f16x8"),
        new Codes(SHARED_EVERYTHING,  0xFE, 0x04,  0x04,  "pause"),
        new Codes(SHARED_EVERYTHING,  0xFE, 0x4F,  0x7F,  "an atomic access to globals, tables or objects"),
    };
    // @formatter:on

    private final String text;
    private final String remedy;

    ForeignProposal(String text, String remedy) {
        this.text = text;
        this.remedy = remedy;
    }

    @Override
    public String text() {
        return text;
    }

    @Override
    public String remedy() {
        return remedy;
    }

    /** The proposal in which the code is an instruction, or null. @param prefix 0 for single bytes */
    static @Nullable ForeignProposal ofInstruction(int prefix, int number) {
        Codes codes = instruction(prefix, number);
        return codes == null ? null : codes.proposal;
    }

    /** What {@link #ofInstruction} calls it, or the empty string. */
    static String nameOfInstruction(int prefix, int number) {
        Codes codes = instruction(prefix, number);
        return codes == null ? "" : codes.name;
    }

    private static @Nullable Codes instruction(int prefix, int number) {
        for (Codes codes : INSTRUCTIONS) {
            if (codes.prefix == prefix && number >= codes.first && number <= codes.last) {
                return codes;
            }
        }
        return null;
    }

    /** The proposal of a byte where a type, a heap type or a definition begins, or null. */
    public static @Nullable ForeignProposal ofType(int code) {
        return switch (code) {
            case 0x5D, 0x68, 0x75 -> STACK_SWITCHING;
            case 0x67, 0x66, 0x61 -> STRINGS;
            case 0x4C, 0x4D, 0x62 -> CUSTOM_DESCRIPTORS;
            case 0x65 -> SHARED_EVERYTHING;
            default -> null;
        };
    }

    /** The proposal of a section's id, or null. */
    public static @Nullable ForeignProposal ofSection(int id) {
        return id == 0x0E ? STRINGS : null;
    }

    /** The proposal of the byte that says what is imported, or null. */
    public static @Nullable ForeignProposal ofImportKind(int kind) {
        return kind == 0x7E || kind == 0x7F ? COMPACT_IMPORTS : null;
    }

    /** The proposal of the version and layer of a binary, as one number, or null. */
    public static @Nullable ForeignProposal ofVersion(int version) {
        return version >>> 16 == 1 ? COMPONENT_MODEL : null;
    }
}
