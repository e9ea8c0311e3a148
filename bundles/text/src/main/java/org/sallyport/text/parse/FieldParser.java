package org.sallyport.text.parse;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.text.parse.Tokens.Kind;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.ExternKind;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.ValType;

/**
 * The second walk over the fields of a module, with all identifiers bound: every field becomes an entry of its section.
 */
final class FieldParser {
    private static final int PAGE_SIZE = 1 << MemoryType.PAGE_SIZE_LOG2;

    private final Context c;
    private final Cursor in;
    private final Section[] sections;
    private final InstructionParser instructions;
    private final SegmentParser segments;

    // The next index of each kind
    private int func;
    private int table;
    private int memory;
    private int global;
    private int tag;

    FieldParser(Context context, Section[] sections) {
        c = context;
        in = context.in;
        this.sections = sections;
        instructions = new InstructionParser(context);
        segments = new SegmentParser(context, section(Section.Id.ELEM), section(Section.Id.DATA), instructions);
    }

    private Section section(Section.Id id) {
        return sections[id.ordinal()];
    }

    /** Reads one field; the first walk has seen that it is one. */
    void field() {
        int field = in.pos();
        int end = in.match();
        Word word = in.openWord();
        in.advance();
        in.advance();
        switch (word) {
            case TYPE, REC -> in.seek(end);
            case IMPORT -> importField();
            case FUNC -> funcField();
            case TABLE -> tableField();
            case MEMORY -> memoryField();
            case GLOBAL -> globalField();
            case TAG -> tagField();
            case EXPORT -> exportField();
            case START -> startField(field);
            case ELEM -> segments.elemField();
            case DATA -> segments.dataField();
            case null, default -> throw new AssertionError("BUG: a field of no kind at " + field);
        }
        in.close();
    }

    // Imports and exports

    private void importField() {
        BinaryWriter out = section(Section.Id.IMPORT).entry().name(in.name()).name(in.name());
        in.open();
        Word word = in.word();
        in.advance();
        String id = in.optionalId();
        switch (word) {
            case FUNC -> importFunc(id, out);
            case TABLE -> importTable(id, out);
            case MEMORY -> importMemory(id, out);
            case GLOBAL -> importGlobal(id, out);
            case TAG -> importTag(id, out);
            case null, default -> throw new AssertionError("BUG: an import of no kind");
        }
        in.close();
    }

    private void importFunc(@Nullable String id, BinaryWriter out) {
        c.names.declare(Names.FUNC, func, id, in);
        out.u8(0).u32(signature(func++));
    }

    private void importTable(@Nullable String id, BinaryWriter out) {
        c.names.declare(Names.TABLE, table++, id, in);
        TypeWriter.table(out.u8(1), tableType(c.addressType()));
    }

    private void importMemory(@Nullable String id, BinaryWriter out) {
        c.names.declare(Names.MEMORY, memory++, id, in);
        TypeWriter.memory(out.u8(2), memoryType(c.addressType()));
    }

    private void importGlobal(@Nullable String id, BinaryWriter out) {
        c.names.declare(Names.GLOBAL, global++, id, in);
        TypeWriter.global(out.u8(3), globalType());
    }

    private void importTag(@Nullable String id, BinaryWriter out) {
        c.names.declare(Names.TAG, tag++, id, in);
        out.u8(4).u8(0).u32(c.types.index(c.types.use()));
    }

    /** The type of an imported function; names of its parameters are names of locals. */
    private int signature(int function) {
        Types.Use use = c.types.use();
        parameters(function, use);
        return c.types.index(use);
    }

    /** Binds the parameters as the first locals. */
    private void parameters(int function, Types.Use use) {
        c.locals.clear();
        for (int token : use.params()) {
            boolean named = token >= 0;
            String id = named ? in.tokens().id(token) : null;
            int local = c.locals.bind(in, named ? token : ~token, id);
            c.names.inner(Names.LOCAL, function, local, id, in, named ? token + 1 : ~token);
        }
        FuncType type = use.named() && use.params().isEmpty() ? c.types.funcType(use.index()) : null;
        c.locals.skip(type == null ? 0 : type.params().size());
    }

    /** Any number of {@code (export "name")}. */
    private void inlineExports(ExternKind kind, int index) {
        while (in.acceptOpen(Word.EXPORT)) {
            section(Section.Id.EXPORT).entry().name(in.name()).u8(kind.ordinal()).u32(index);
            in.close();
        }
    }

    /** The import section's writer behind both names, or null if there is no {@code (import ...)}. */
    private @Nullable BinaryWriter inlineImport() {
        if (!in.acceptOpen(Word.IMPORT)) {
            return null;
        }
        BinaryWriter out = section(Section.Id.IMPORT).entry().name(in.name()).name(in.name());
        in.close();
        return out;
    }

    private void exportField() {
        BinaryWriter out = section(Section.Id.EXPORT).entry().name(in.name());
        in.open();
        Word word = in.word();
        in.advance();
        switch (word) {
            case FUNC -> out.u8(0).u32(c.funcs.index(in));
            case TABLE -> out.u8(1).u32(c.tables.index(in));
            case MEMORY -> out.u8(2).u32(c.memories.index(in));
            case GLOBAL -> out.u8(3).u32(c.globals.index(in));
            case TAG -> out.u8(4).u32(c.tags.index(in));
            case null, default -> {
                in.seek(in.pos() - 1);
                throw in.unexpected("func, table, memory, global or tag");
            }
        }
        in.close();
    }

    private void startField(int field) {
        BinaryWriter out = section(Section.Id.START).entries;
        if (out.size() > 0) {
            throw in.errorAt(field, "multiple start sections", "a module has one start function");
        }
        out.u32(c.funcs.index(in));
    }

    // Functions

    private void funcField() {
        String id = in.optionalId();
        c.names.declare(Names.FUNC, func, id, in);
        inlineExports(ExternKind.FUNC, func);
        BinaryWriter imported = inlineImport();
        if (imported != null) {
            imported.u8(0).u32(signature(func++));
            return;
        }
        section(Section.Id.FUNC).entry().u32(signature(func));
        BinaryWriter body = new BinaryWriter(256);
        locals(body);
        instructions.body(body, func++);
        section(Section.Id.CODE).entry().sized(body);
        c.locals.clear();
        c.labels.clear();
    }

    /** The local declarations, equal neighbours joined. */
    private void locals(BinaryWriter out) {
        BinaryWriter runs = new BinaryWriter();
        ValType last = null;
        int length = 0;
        int count = 0;
        while (in.acceptOpen(Word.LOCAL)) {
            boolean named = in.at(Kind.ID);
            while (!in.at(Kind.CLOSE)) {
                String id = in.at(Kind.ID) && named ? in.tokens().id(in.pos()) : null;
                int local = c.locals.bind(in, in.pos(), named ? in.optionalId() : null);
                c.names.inner(Names.LOCAL, func, local, id, in, in.pos());
                ValType type = c.types.valType();
                if (!type.equals(last)) {
                    count += flush(runs, length, last);
                    length = 0;
                }
                last = type;
                length++;
                if (named) {
                    break;
                }
            }
            in.close();
        }
        count += flush(runs, length, last);
        out.u32(count).append(runs);
    }

    private static int flush(BinaryWriter runs, int length, @Nullable ValType type) {
        if (type == null) {
            return 0;
        }
        TypeWriter.valType(runs.u32(length), type);
        return 1;
    }

    // Tables and memories

    private void tableField() {
        c.names.declare(Names.TABLE, table, in.optionalId(), in);
        inlineExports(ExternKind.TABLE, table);
        BinaryWriter imported = inlineImport();
        AddressType address = c.addressType();
        if (imported != null) {
            TypeWriter.table(imported.u8(1), tableType(address));
        } else if (c.types.atRefType()) {
            RefType element = c.types.refType();
            long size = segments.inlineElements(table, address, element);
            TableType type = new TableType(address, Limits.between(size, size), element);
            TypeWriter.table(section(Section.Id.TABLE).entry(), type);
        } else {
            definedTable(tableType(address));
        }
        table++;
    }

    private void definedTable(TableType type) {
        BinaryWriter out = section(Section.Id.TABLE).entry();
        if (in.at(Kind.CLOSE)) {
            TypeWriter.table(out, type);
        } else {
            TypeWriter.table(out.u8(0x40).u8(0), type);
            instructions.expression(out);
        }
    }

    private TableType tableType(AddressType address) {
        Limits limits = limits();
        return new TableType(address, limits, c.types.refType());
    }

    private void memoryField() {
        c.names.declare(Names.MEMORY, memory, in.optionalId(), in);
        inlineExports(ExternKind.MEMORY, memory);
        BinaryWriter imported = inlineImport();
        AddressType address = c.addressType();
        if (imported != null) {
            TypeWriter.memory(imported.u8(2), memoryType(address));
        } else if (in.at(Kind.NAT)) {
            TypeWriter.memory(section(Section.Id.MEMORY).entry(), memoryType(address));
        } else {
            int pageSize = pageSize();
            long bytes = segments.inlineData(memory, address);
            long pages = (bytes + (1L << pageSize) - 1) >>> pageSize;
            MemoryType type = new MemoryType(address, Limits.between(pages, pages), false, pageSize);
            TypeWriter.memory(section(Section.Id.MEMORY).entry(), type);
        }
        memory++;
    }

    private MemoryType memoryType(AddressType address) {
        Limits limits = limits();
        boolean shared = in.accept(Word.SHARED);
        return new MemoryType(address, limits, shared, pageSize());
    }

    /** Logarithm of {@code (pagesize n)}, or of the standard size. */
    private int pageSize() {
        if (!in.acceptOpen(Word.PAGESIZE)) {
            return MemoryType.PAGE_SIZE_LOG2;
        }
        int token = in.pos();
        long bytes = in.nat(64, "a page size");
        if (Long.bitCount(bytes) != 1) {
            throw in.errorAt(token, "invalid custom page size", "expected a power of two, such as 1 or " + PAGE_SIZE);
        }
        in.close();
        return Long.numberOfTrailingZeros(bytes);
    }

    private Limits limits() {
        int bits = c.limitBits();
        long min = in.nat(bits, "a size");
        return in.at(Kind.NAT) ? Limits.between(min, in.nat(bits, "a size")) : Limits.atLeast(min);
    }

    // Globals and tags

    private void globalField() {
        c.names.declare(Names.GLOBAL, global, in.optionalId(), in);
        inlineExports(ExternKind.GLOBAL, global);
        global++;
        BinaryWriter imported = inlineImport();
        if (imported != null) {
            TypeWriter.global(imported.u8(3), globalType());
            return;
        }
        BinaryWriter out = section(Section.Id.GLOBAL).entry();
        TypeWriter.global(out, globalType());
        instructions.expression(out);
    }

    private GlobalType globalType() {
        boolean mutable = in.acceptOpen(Word.MUT);
        GlobalType type = new GlobalType(c.types.valType(), mutable);
        if (mutable) {
            in.close();
        }
        return type;
    }

    private void tagField() {
        c.names.declare(Names.TAG, tag, in.optionalId(), in);
        inlineExports(ExternKind.TAG, tag);
        tag++;
        BinaryWriter imported = inlineImport();
        int type = c.types.index(c.types.use());
        if (imported != null) {
            imported.u8(4).u8(0).u32(type);
        } else {
            section(Section.Id.TAG).entry().u8(0).u32(type);
        }
    }

    /** A constant expression of one instruction, for offsets that the text leaves out. */
    static void zero(AddressType address, BinaryWriter out) {
        out.u8((address == AddressType.I32 ? Opcode.I32_CONST : Opcode.I64_CONST).code()).u8(0).u8(Opcode.END.code());
    }

    /** Writes function indices as the elements of a segment. */
    static void vector(BinaryWriter out, List<Integer> indices) {
        out.u32(indices.size());
        indices.forEach(out::u32);
    }
}
