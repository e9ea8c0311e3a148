package org.sallyport.wasm;

import java.util.List;

/**
 * A decoded module (WebAssembly 3.0, 2.5), not validated: indices may point nowhere and bodies may be ill-typed. Index
 * spaces put imports first. Instruction sequences stay in {@link #binary}; {@link Expr} and {@link Body} are ranges of
 * it. Immutable; nobody writes to {@link #binary}.
 *
 * @param types the flat list of definitions; {@code recGroups} partitions it
 * @param functions type index of each function defined in the module (imports not included)
 * @param dataCount number of the data count section, or -1 when there is none
 * @param codeSection range of the code section's contents in {@link #binary}; empty when absent
 */
public record WasmModule(
        byte[] binary,
        List<SubType> types,
        List<RecGroup> recGroups,
        List<Import> imports,
        int[] functions,
        List<Table> tables,
        List<MemoryType> memories,
        List<Integer> tags,
        List<Global> globals,
        List<Export> exports,
        int start,
        List<ElementSegment> elements,
        List<DataSegment> data,
        int dataCount,
        List<Body> bodies,
        List<CustomSection> customSections,
        Range codeSection,
        Names names) {

    /** {@link #start} where the module has no start function. */
    public static final int NO_START = -1;

    /** The bytes from {@code start} (inclusive) to {@code end} (exclusive) of {@link WasmModule#binary}. */
    public record Range(int start, int end) {
        public static final Range EMPTY = new Range(0, 0);

        public int length() {
            return end - start;
        }
    }

    /** A constant expression with its {@code end}, as a range of {@link WasmModule#binary}. */
    public record Expr(int start, int end) {}

    /**
     * A function body.
     *
     * @param start offset of the body's first byte (its local declarations)
     * @param locals run-length list of the declared locals (parameters not included)
     * @param code offset of the first instruction
     * @param end offset behind the final {@code end}
     */
    public record Body(int start, List<LocalRun> locals, int code, int end) {}

    /** {@code count} (unsigned, at most the loader's limit) locals of one type. */
    public record LocalRun(int count, ValType type) {}

    /** @param offset of the entry in {@link WasmModule#binary}, for messages */
    public record Import(String module, String name, ExternType type, int offset) {}

    public record Export(String name, ExternKind kind, int index, int offset) {}

    /** @param init null where the table has the default initializer {@code ref.null} */
    public record Table(TableType type, @org.jspecify.annotations.Nullable Expr init) {}

    public record Global(GlobalType type, Expr init) {}

    /**
     * What becomes of a segment: it is copied at instantiation, kept for {@code init} instructions, or only declares.
     */
    public sealed interface Mode {
        record Passive() implements Mode {}

        record Declarative() implements Mode {}

        /** @param index of the table or memory */
        record Active(int index, Expr offset) implements Mode {}
    }

    /**
     * An element segment: one list or the other is empty. {@code funcs} is the short form with bare function indices.
     */
    public record ElementSegment(RefType type, Mode mode, int[] funcs, List<Expr> exprs, int offset) {
        public int size() {
            return exprs.isEmpty() ? funcs.length : exprs.size();
        }
    }

    /** @param bytes range of {@link WasmModule#binary} */
    public record DataSegment(Mode mode, Range bytes, int offset) {}

    /** @param place id of the last known section before it (0 at the very start) */
    public record CustomSection(String name, Range contents, int place) {}

    public int importCount(ExternKind kind) {
        int n = 0;
        for (Import i : imports) {
            if (i.type().kind() == kind) {
                n++;
            }
        }
        return n;
    }
}
