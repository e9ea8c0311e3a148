package org.sallyport.text.parse;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.text.parse.Tokens.Kind;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;

/**
 * Reads what follows the keyword of an instruction without body and writes the instruction in the binary format. The
 * grammar follows from the {@link org.sallyport.wasm.Immediates} of its row; where text and binary order differ, the
 * binary one is that of the row.
 */
final class ImmediateParser {
    private static final int MEMORY_INDEX_FLAG = 0x40;
    private static final int LANES = 16;

    private final Context c;
    private final Cursor in;

    ImmediateParser(Context context) {
        c = context;
        in = context.in;
    }

    static void opcode(BinaryWriter out, Opcode op) {
        if (op.code() >>> 16 == 0) {
            out.u8(op.code());
        } else {
            out.u8(op.code() >>> 16).u32(op.code() & 0xFFFF);
        }
    }

    /** Reads the immediates; the cursor stands behind the keyword. */
    void instruction(Opcode op, BinaryWriter out) {
        switch (op) {
            case SELECT -> select(out);
            case REF_TEST -> typeTest(Opcode.REF_TEST, Opcode.REF_TEST_NULL, out);
            case REF_CAST -> typeTest(Opcode.REF_CAST, Opcode.REF_CAST_NULL, out);
            default -> {
                opcode(out, op);
                immediates(op, out);
            }
        }
    }

    private void immediates(Opcode op, BinaryWriter out) {
        switch (op.immediates()) {
            case NONE -> {}
            case BLOCK_TYPE, CATCHES, SELECT_TYPES -> throw new AssertionError("BUG: " + op + " has a rule of its own");
            case LABEL -> out.u32(c.labels.index(in));
            case LABELS -> labels(out);
            case FUNC -> out.u32(c.funcs.index(in));
            case TYPE -> out.u32(c.types.space.index(in));
            case TYPE_TABLE -> callIndirect(out);
            case LOCAL -> out.u32(c.locals.index(in));
            case GLOBAL -> out.u32(c.globals.index(in));
            case TABLE -> out.u32(optional(c.tables));
            case TAG -> out.u32(c.tags.index(in));
            case DATA -> out.u32(data());
            case ELEM -> out.u32(c.elems.index(in));
            case MEMORY -> out.u32(optional(c.memories));
            case DATA_MEMORY -> dataMemory(out);
            case MEMORY_MEMORY -> pair(c.memories, out);
            case ELEM_TABLE -> elemTable(out);
            case TABLE_TABLE -> pair(c.tables, out);
            case TYPE_FIELD -> field(out);
            case TYPE_COUNT -> out.u32(c.types.space.index(in)).u32(in.u32());
            case TYPE_DATA -> out.u32(c.types.space.index(in)).u32(data());
            case TYPE_ELEM -> out.u32(c.types.space.index(in)).u32(c.elems.index(in));
            case TYPE_TYPE -> out.u32(c.types.space.index(in)).u32(c.types.space.index(in));
            case MEMARG -> memArg(op, in.atIndex() ? c.memories.index(in) : 0, out);
            case MEMARG_LANE -> {
                memArg(op, memoryBeforeLane(), out);
                out.u8(lane());
            }
            case LANE -> out.u8(lane());
            case SHUFFLE -> shuffle(out);
            case CONST_I32 -> out.s64((int) in.constant(32));
            case CONST_I64 -> out.s64(in.constant(64));
            case CONST_F32 -> out.i32((int) in.real(false));
            case CONST_F64 -> out.i64(in.real(true));
            case CONST_V128 -> vector(out);
            case HEAP_TYPE -> TypeWriter.heapType(out, c.types.heapType());
            case BR_CAST -> castBranch(out);
            case ZERO -> out.u8(0);
        }
    }

    // Control and types

    private void labels(BinaryWriter out) {
        List<Integer> labels = new ArrayList<>();
        do {
            labels.add(c.labels.index(in));
        } while (in.atIndex());
        out.u32(labels.size() - 1);
        labels.forEach(out::u32);
    }

    private void callIndirect(BinaryWriter out) {
        int table = optional(c.tables);
        out.u32(c.types.index(c.types.useWithoutNames())).u32(table);
    }

    private void select(BinaryWriter out) {
        if (!in.atOpen(Word.RESULT)) {
            opcode(out, Opcode.SELECT);
            return;
        }
        List<ValType> types = c.types.results();
        opcode(out, Opcode.SELECT_TYPED);
        TypeWriter.vector(out, types);
    }

    private void typeTest(Opcode nonNull, Opcode nullable, BinaryWriter out) {
        RefType type = c.types.refType();
        opcode(out, type.nullable() ? nullable : nonNull);
        TypeWriter.heapType(out, type.heap());
    }

    private void castBranch(BinaryWriter out) {
        int label = c.labels.index(in);
        RefType from = c.types.refType();
        RefType to = c.types.refType();
        out.u8((from.nullable() ? 1 : 0) | (to.nullable() ? 2 : 0)).u32(label);
        TypeWriter.heapType(out, from.heap());
        TypeWriter.heapType(out, to.heap());
    }

    // Indices

    private int optional(Space space) {
        return in.atIndex() ? space.index(in) : 0;
    }

    private int data() {
        c.usesData = true;
        return c.datas.index(in);
    }

    /** Two indices or none. */
    private void pair(Space space, BinaryWriter out) {
        if (in.atIndex()) {
            out.u32(space.index(in)).u32(space.index(in));
        } else {
            out.u32(0).u32(0);
        }
    }

    private void dataMemory(BinaryWriter out) {
        int memory = anotherIndexFollows() ? c.memories.index(in) : 0;
        out.u32(data()).u32(memory);
    }

    private void elemTable(BinaryWriter out) {
        int table = anotherIndexFollows() ? c.tables.index(in) : 0;
        out.u32(c.elems.index(in)).u32(table);
    }

    private boolean anotherIndexFollows() {
        Kind next = in.atIndex() ? in.tokens().kind(in.pos() + 1) : Kind.END;
        return next == Kind.NAT || next == Kind.ID;
    }

    private void field(BinaryWriter out) {
        int type = c.types.space.index(in);
        out.u32(type).u32(c.types.fields(type).index(in));
    }

    // Memory arguments

    private void memArg(Opcode op, int memory, BinaryWriter out) {
        long offset = in.at(Word.OFFSET_EQ) ? in.assigned(Word.OFFSET_EQ) : 0;
        int align = in.at(Word.ALIGN_EQ) ? alignment() : Integer.numberOfTrailingZeros(op.accessBytes());
        out.u32(memory == 0 ? align : align | MEMORY_INDEX_FLAG);
        if (memory != 0) {
            out.u32(memory);
        }
        out.u64(offset);
    }

    private int alignment() {
        int token = in.pos();
        long bytes = in.assigned(Word.ALIGN_EQ);
        if (Long.bitCount(bytes) != 1) {
            throw in.errorAt(token, "alignment must be a power of two", in.tokens().text(token));
        }
        return Long.numberOfTrailingZeros(bytes);
    }

    /** Of {@code memory? memarg lane}: a single number is the lane. */
    private int memoryBeforeLane() {
        if (!in.atIndex()) {
            return 0;
        }
        int next = in.pos() + 1;
        Word word = in.tokens().word(next);
        boolean more = in.tokens().kind(next) == Kind.NAT || word == Word.OFFSET_EQ || word == Word.ALIGN_EQ;
        return in.at(Kind.ID) || more ? c.memories.index(in) : 0;
    }

    // Vectors

    private int lane() {
        return (int) in.nat(8, "a lane index");
    }

    private void shuffle(BinaryWriter out) {
        for (int i = 0; i < LANES; i++) {
            if (!in.at(Kind.NAT) && !in.at(Kind.INT) && !in.at(Kind.FLOAT)) {
                throw in.error("invalid lane length", "found " + i + " lane indices, expected " + LANES);
            }
            if (!in.at(Kind.NAT)) {
                throw in.error("i8 constant out of range", in.text() + " is no lane index");
            }
            out.u8(lane());
        }
        if (in.at(Kind.NAT)) {
            throw in.error("invalid lane length", "found more than " + LANES + " lane indices");
        }
    }

    private void vector(BinaryWriter out) {
        VectorLiteral.read(in, out);
    }
}
