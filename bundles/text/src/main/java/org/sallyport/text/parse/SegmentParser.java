package org.sallyport.text.parse;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.text.parse.Tokens.Kind;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.RefType;

/**
 * Element and data segments (WebAssembly 3.0, 6.6.9 and 6.6.10), with the abbreviations inside of tables and memories.
 * A bare number for the table or memory, as in WebAssembly 1.0, is read too.
 */
final class SegmentParser {
    /** The type of an element list of bare function indices. */
    private static final RefType REF_FUNC = new RefType(false, HeapType.Abstract.FUNC);

    // Bits of the flags of an element segment (5.5.12)
    private static final int PASSIVE_OR_DECLARATIVE = 1;
    private static final int EXPLICIT_OR_DECLARATIVE = 2;
    private static final int EXPRESSIONS = 4;

    private final Context c;
    private final Cursor in;
    private final Section elem;
    private final Section data;
    private final InstructionParser instructions;
    private int nextElem;
    private int nextData;

    SegmentParser(Context context, Section elem, Section data, InstructionParser instructions) {
        c = context;
        in = context.in;
        this.elem = elem;
        this.data = data;
        this.instructions = instructions;
    }

    /**
     * The elements of a segment, ready to write.
     *
     * @param functions the short form, or null
     * @param expressions each with its {@code end}; counts only if {@code functions} is null
     */
    private record Elements(RefType type, @Nullable List<Integer> functions, int count, BinaryWriter expressions) {

        /** The flags for the form, and whether the type must be told. */
        int form() {
            return functions == null ? EXPRESSIONS : 0;
        }

        void writeType(BinaryWriter out) {
            if (functions == null) {
                TypeWriter.refType(out, type);
            } else {
                out.u8(0);
            }
        }

        void write(BinaryWriter out) {
            if (functions == null) {
                out.u32(count).append(expressions);
            } else {
                FieldParser.vector(out, functions);
            }
        }
    }

    // Element segments

    void elemField() {
        c.names.declare(Names.ELEM, nextElem++, in.optionalId(), in);
        BinaryWriter out = elem.entry();
        if (in.accept(Word.DECLARE)) {
            notActive(PASSIVE_OR_DECLARATIVE | EXPLICIT_OR_DECLARATIVE, elements(false), out);
            return;
        }
        boolean tableNamed = in.acceptOpen(Word.TABLE);
        int table = 0;
        if (tableNamed) {
            table = c.tables.index(in);
            in.close();
        } else if (in.at(Kind.NAT)) {
            table = c.tables.index(in);
        }
        if (!tableNamed && !atOffset()) {
            notActive(PASSIVE_OR_DECLARATIVE, elements(false), out);
            return;
        }
        BinaryWriter offset = new BinaryWriter();
        offset(offset);
        active(table, offset, elements(!tableNamed), out);
    }

    private static void notActive(int flags, Elements elements, BinaryWriter out) {
        out.u8(flags | elements.form());
        elements.writeType(out);
        elements.write(out);
    }

    private static void active(int table, BinaryWriter offset, Elements elements, BinaryWriter out) {
        boolean isFuncref = elements.functions != null || elements.type.equals(RefType.FUNCREF);
        boolean explicit = table != 0 || !isFuncref;
        out.u8(elements.form() | (explicit ? EXPLICIT_OR_DECLARATIVE : 0));
        if (explicit) {
            out.u32(table);
        }
        out.append(offset);
        if (explicit) {
            elements.writeType(out);
        }
        elements.write(out);
    }

    /** Whether {@code (offset} or a folded instruction follows, and no type. */
    private boolean atOffset() {
        return in.at(Kind.OPEN) && !c.types.atRefType();
    }

    private void offset(BinaryWriter out) {
        if (in.acceptOpen(Word.OFFSET)) {
            instructions.expression(out);
            in.close();
        } else {
            instructions.foldedExpression(out);
        }
    }

    /** @param bareIndices whether {@code func} may be left out before function indices */
    private Elements elements(boolean bareIndices) {
        if (in.accept(Word.FUNC)) {
            return functions();
        }
        if (c.types.atRefType()) {
            RefType type = c.types.refType();
            return expressions(type);
        }
        if (!bareIndices) {
            throw in.unexpected("func or a reference type");
        }
        return functions();
    }

    private Elements functions() {
        List<Integer> indices = new ArrayList<>();
        while (in.atIndex()) {
            indices.add(c.funcs.index(in));
        }
        return new Elements(REF_FUNC, indices, indices.size(), new BinaryWriter(0));
    }

    private Elements expressions(RefType type) {
        BinaryWriter out = new BinaryWriter();
        int count = 0;
        for (; in.at(Kind.OPEN); count++) {
            if (in.acceptOpen(Word.ITEM)) {
                instructions.expression(out);
                in.close();
            } else {
                instructions.foldedExpression(out);
            }
        }
        return new Elements(type, null, count, out);
    }

    /** {@code (elem ...)} of a table; returns the number of elements. */
    long inlineElements(int table, AddressType address, RefType type) {
        in.expectOpen(Word.ELEM);
        nextElem++;
        boolean plain = type.equals(RefType.FUNCREF) || type.equals(REF_FUNC);
        Elements elements = in.at(Kind.OPEN) ? expressions(type) : plain ? functions() : references(type);
        in.close();
        BinaryWriter offset = new BinaryWriter();
        FieldParser.zero(address, offset);
        active(table, offset, elements, elem.entry());
        return elements.count;
    }

    /** Function indices in a table of another type: each one becomes a {@code ref.func}. */
    private Elements references(RefType type) {
        List<Integer> functions = functions().functions;
        BinaryWriter out = new BinaryWriter();
        int count = 0;
        if (functions != null) {
            for (int function : functions) {
                out.u8(Opcode.REF_FUNC.code()).u32(function).u8(Opcode.END.code());
                count++;
            }
        }
        return new Elements(type, null, count, out);
    }

    // Data segments

    void dataField() {
        c.names.declare(Names.DATA, nextData++, in.optionalId(), in);
        BinaryWriter out = data.entry();
        boolean memoryNamed = in.acceptOpen(Word.MEMORY);
        int memory = 0;
        if (memoryNamed) {
            memory = c.memories.index(in);
            in.close();
        } else if (in.at(Kind.NAT)) {
            memory = c.memories.index(in);
        }
        if (!memoryNamed && !in.at(Kind.OPEN)) {
            out.u8(1).sized(in.strings());
            return;
        }
        if (memory == 0) {
            out.u8(0);
        } else {
            out.u8(2).u32(memory);
        }
        offset(out);
        out.sized(in.strings());
    }

    /** {@code (data ...)} of a memory; returns the number of bytes. */
    long inlineData(int memory, AddressType address) {
        in.expectOpen(Word.DATA);
        nextData++;
        BinaryWriter out = data.entry();
        if (memory == 0) {
            out.u8(0);
        } else {
            out.u8(2).u32(memory);
        }
        FieldParser.zero(address, out);
        BinaryWriter bytes = in.strings();
        in.close();
        out.sized(bytes);
        return bytes.size();
    }
}
