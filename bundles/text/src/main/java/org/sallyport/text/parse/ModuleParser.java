package org.sallyport.text.parse;

import org.jspecify.annotations.Nullable;
import org.sallyport.TextFormatException;
import org.sallyport.text.WatOptions;
import org.sallyport.text.WatPlaces;
import org.sallyport.text.parse.Tokens.Kind;
import org.sallyport.wasm.ExternKind;

/**
 * Reads the fields of one module (WebAssembly 3.0, 6.6) and writes its binary form. The first walk over the fields
 * binds all identifiers and reads the type definitions, jumping over bodies; the second one reads everything else.
 * Nothing is validated that the grammar does not ask for: the loader and the validator judge the binary.
 */
public final class ModuleParser {
    private static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};

    private final Cursor in;
    private final Context c;
    private final Section[] sections = new Section[Section.Id.values().length];
    private final CustomSections customs = new CustomSections();
    private final FieldParser fields;

    private ModuleParser(Cursor in, WatOptions options, @Nullable WatPlaces places) {
        this.in = in;
        c = new Context(in, options, places);
        for (int i = 0; i < sections.length; i++) {
            sections[i] = new Section();
        }
        fields = new FieldParser(c, sections);
    }

    /**
     * A whole text that is one module, with or without {@code (module ...)} around it; also its {@code binary} and
     * {@code quote} forms.
     *
     * @throws TextFormatException if it is none
     */
    public static byte[] compile(Source source, WatOptions options) {
        return compile(source, options, null);
    }

    /** @param places see {@link WatPlaces} */
    public static byte[] compile(Source source, WatOptions options, @Nullable WatPlaces places) {
        Cursor in = new Cursor(Lexer.lex(source));
        if (!in.atOpen(Word.MODULE)) {
            return new ModuleParser(in, options, places).fields(null);
        }
        byte[] binary = module(in, options, places);
        if (!in.at(Kind.END)) {
            throw in.unexpected("the end of the text");
        }
        return binary;
    }

    /** {@code (module ...)} at the cursor, in any of its forms. */
    public static byte[] module(Cursor in, WatOptions options) {
        return module(in, options, null);
    }

    private static byte[] module(Cursor in, WatOptions options, @Nullable WatPlaces places) {
        int start = in.pos();
        in.expectOpen(Word.MODULE);
        in.accept(Word.DEFINITION);
        String id = in.optionalId();
        byte[] binary;
        if (in.accept(Word.BINARY)) {
            binary = in.strings().toByteArray();
        } else if (in.accept(Word.QUOTE)) {
            String name = in.tokens().source.name() + ": quoted module";
            binary = compile(new Source(name, in.strings().toByteArray()), options, null);
        } else {
            binary = new ModuleParser(in, options, places).fields(id);
        }
        in.checkAnnotations(start + 1, in.pos());
        in.close();
        return binary;
    }

    private byte[] fields(@Nullable String id) {
        int start = in.pos();
        c.names.declare(Names.MODULE, 0, id, in);
        bind();
        in.seek(start);
        while (in.at(Kind.OPEN)) {
            customs.read(in);
            fields.field();
        }
        customs.read(in);
        if (!in.at(Kind.CLOSE)) {
            in.checkAnnotations(start, in.pos());
        }
        return write();
    }

    // The first walk

    private void bind() {
        int start = in.pos();
        while (in.at(Kind.OPEN)) {
            bindField();
        }
        boolean whole = start == 0;
        if (whole ? !in.at(Kind.END) : !in.at(Kind.CLOSE)) {
            throw in.unexpected(whole ? "a module field" : "a module field or )");
        }
        in.seek(start);
        while (in.at(Kind.OPEN)) {
            int next = in.afterMatch();
            Word word = in.openWord();
            if (word == Word.TYPE || word == Word.REC) {
                c.types.define(c.names);
            }
            in.seek(next);
        }
    }

    private void bindField() {
        int next = in.afterMatch();
        Word word = in.openWord();
        switch (word) {
            case TYPE, REC -> c.types.bind();
            case IMPORT -> bindImport();
            case FUNC -> bindDefinition(c.funcs, ExternKind.FUNC);
            case TABLE -> bindDefinition(c.tables, ExternKind.TABLE);
            case MEMORY -> bindDefinition(c.memories, ExternKind.MEMORY);
            case GLOBAL -> bindDefinition(c.globals, ExternKind.GLOBAL);
            case TAG -> bindDefinition(c.tags, ExternKind.TAG);
            case ELEM -> bindSegment(c.elems);
            case DATA -> bindSegment(c.datas);
            case EXPORT, START -> {}
            case null, default -> {
                in.advance();
                throw in.unexpected("a module field");
            }
        }
        in.seek(next);
    }

    /** The kind of the first definition that no import may follow; null before it. */
    private @Nullable ExternKind defined;

    private void bindImport() {
        checkImportOrder();
        in.expectOpen(Word.IMPORT);
        in.bytes();
        in.bytes();
        in.open();
        Word word = in.word();
        in.advance();
        switch (word) {
            case FUNC -> c.funcs.bind(in);
            case TABLE -> c.tables.bind(in);
            case MEMORY -> c.memories.bind(in);
            case GLOBAL -> c.globals.bind(in);
            case TAG -> c.tags.bind(in);
            case null, default -> {
                in.seek(in.pos() - 1);
                throw in.unexpected("func, table, memory, global or tag");
            }
        }
    }

    private void checkImportOrder() {
        if (defined != null) {
            String kind = defined == ExternKind.FUNC ? "function" : defined.toString();
            throw in.error("import after " + kind, "imports come before all definitions");
        }
    }

    private void bindDefinition(Space space, ExternKind kind) {
        int field = in.pos();
        in.advance();
        in.advance();
        space.bind(in);
        while (in.atOpen(Word.EXPORT)) {
            in.seek(in.afterMatch());
        }
        boolean isImport = in.atOpen(Word.IMPORT);
        if (isImport) {
            in.seek(field);
            checkImportOrder();
        } else if (defined == null) {
            defined = kind;
        }
        if (kind == ExternKind.TABLE && !isImport) {
            bindInlineSegment(c.elems, Word.ELEM);
        } else if (kind == ExternKind.MEMORY && !isImport) {
            bindInlineSegment(c.datas, Word.DATA);
        }
    }

    /** A segment written inside its table or memory has an index too. */
    private void bindInlineSegment(Space space, Word word) {
        while (!in.at(Kind.CLOSE) && !in.at(Kind.END)) {
            if (in.atOpen(word)) {
                space.skip(1);
                return;
            }
            in.seek(in.at(Kind.OPEN) ? in.afterMatch() : in.pos() + 1);
        }
    }

    private void bindSegment(Space space) {
        in.advance();
        in.advance();
        space.bind(in);
    }

    // The binary

    private byte[] write() {
        BinaryWriter types = sections[Section.Id.TYPE.ordinal()].entries;
        if (!c.types.isEmpty()) {
            c.types.write(types);
        }
        BinaryWriter out = new BinaryWriter(1024);
        out.raw(HEADER);
        for (Section.Id id : Section.Id.values()) {
            customs.write(out, id.ordinal());
            if (id == Section.Id.CODE && !c.hints.isEmpty()) {
                BinaryWriter hints = new BinaryWriter();
                c.hints.write(hints);
                CustomSections.section(out, BranchHints.SECTION, hints);
            }
            writeSection(out, id);
        }
        if (!c.names.isEmpty()) {
            BinaryWriter names = new BinaryWriter();
            c.names.write(names);
            CustomSections.section(out, "name", names);
        }
        customs.write(out, sections.length);
        return out.toByteArray();
    }

    private void writeSection(BinaryWriter out, Section.Id id) {
        Section section = sections[id.ordinal()];
        BinaryWriter contents = new BinaryWriter(section.entries.size() + 5);
        switch (id) {
            case TYPE, START -> {
                if (section.entries.size() == 0) {
                    return;
                }
            }
            case DATACOUNT -> {
                if (!c.usesData) {
                    return;
                }
                contents.u32(c.datas.count());
            }
            default -> {
                if (section.count() == 0) {
                    return;
                }
                contents.u32(section.count());
            }
        }
        out.u8(id.code).sized(contents.append(section.entries));
    }
}
