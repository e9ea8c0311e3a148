package org.sallyport.text.print;

import java.util.Map;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Immediates;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.ValType;

/** Single instructions in the text format, flat (WebAssembly 3.0, 6.5). */
final class InstructionText {
    private static final String[] CATCHES = {"catch", "catch_ref", "catch_all", "catch_all_ref"};
    private static final int LANES = 16;

    private final TypeText types;
    private final Identifiers funcs;
    private final Identifiers tables;
    private final Identifiers memories;
    private final Identifiers globals;
    private final Identifiers tags;
    private final Identifiers elems;
    private final Identifiers datas;

    private Identifiers locals = new Identifiers(Map.of());
    private Identifiers labels = new Identifiers(Map.of());
    /** The numbers of the open blocks, in order of appearance; the innermost last. */
    private int[] open = new int[16];

    private int depth;
    private int labelCount;

    InstructionText(TypeText types, NameSection names) {
        this.types = types;
        funcs = names.of(NameSection.FUNC);
        tables = names.of(NameSection.TABLE);
        memories = names.of(NameSection.MEMORY);
        globals = names.of(NameSection.GLOBAL);
        tags = names.of(NameSection.TAG);
        elems = names.of(NameSection.ELEM);
        datas = names.of(NameSection.DATA);
    }

    /** Starts another function or constant expression. */
    void begin(Identifiers locals, Identifiers labels) {
        this.locals = locals;
        this.labels = labels;
        depth = 0;
        labelCount = 0;
    }

    /** How many blocks are open. */
    int depth() {
        return depth;
    }

    /** The instruction that the reader has just read. Keeps count of the open blocks. */
    void append(CodeReader code, StringBuilder out) {
        Opcode op = code.opcode();
        out.append(op.text());
        switch (op) {
            case BLOCK, LOOP, IF, TRY_TABLE, TRY -> block(op, code, out);
            case END -> close();
            case DELEGATE -> {
                close();
                out.append(label(code.index()));
            }
            default -> immediates(op.immediates(), op, code, out);
        }
    }

    private void immediates(Immediates kind, Opcode op, CodeReader code, StringBuilder out) {
        switch (kind) {
            case NONE, ZERO -> {}
            case BLOCK_TYPE, CATCHES -> throw new AssertionError("BUG: " + op + " is a block");
            case LABEL -> out.append(label(code.index()));
            case LABELS -> {
                for (int i = 0; i <= code.labelCount(); i++) {
                    out.append(label(code.label(i)));
                }
            }
            case FUNC -> use(funcs, code.index(), out);
            case TYPE -> type(code.index(), out);
            case TYPE_TABLE -> {
                optional(tables, code.index2(), out);
                out.append(types.typeUse(code.index(), new Identifiers(Map.of())));
            }
            case LOCAL -> use(locals, code.index(), out);
            case GLOBAL -> use(globals, code.index(), out);
            case TABLE -> optional(tables, code.index(), out);
            case TAG -> use(tags, code.index(), out);
            case DATA -> use(datas, code.index(), out);
            case ELEM -> use(elems, code.index(), out);
            case MEMORY -> optional(memories, code.index(), out);
            case DATA_MEMORY -> {
                optional(memories, code.index2(), out);
                use(datas, code.index(), out);
            }
            case MEMORY_MEMORY -> pair(memories, code, out);
            case ELEM_TABLE -> {
                optional(tables, code.index2(), out);
                use(elems, code.index(), out);
            }
            case TABLE_TABLE -> pair(tables, code, out);
            case TYPE_FIELD -> {
                type(code.index(), out);
                out.append(' ').append(types.field(code.index(), code.index2()));
            }
            case TYPE_COUNT -> {
                type(code.index(), out);
                out.append(' ').append(Integer.toUnsignedString(code.index2()));
            }
            case TYPE_DATA -> {
                type(code.index(), out);
                use(datas, code.index2(), out);
            }
            case TYPE_ELEM -> {
                type(code.index(), out);
                use(elems, code.index2(), out);
            }
            case TYPE_TYPE -> {
                type(code.index(), out);
                type(code.index2(), out);
            }
            case MEMARG -> memArg(op, code, out);
            case MEMARG_LANE -> {
                memArg(op, code, out);
                out.append(' ').append(code.lane());
            }
            case LANE -> out.append(' ').append(code.lane());
            case SHUFFLE -> {
                for (int i = 0; i < LANES; i++) {
                    out.append(' ').append(code.lane(i));
                }
            }
            case CONST_I32, CONST_I64 -> out.append(' ').append(code.bits());
            case CONST_F32 -> out.append(' ').append(Literal.f32((int) code.bits()));
            case CONST_F64 -> out.append(' ').append(Literal.f64(code.bits()));
            case CONST_V128 -> out.append(' ').append(Literal.v128(code.bits(), code.bitsHigh()));
            case SELECT_TYPES -> select(code, out);
            case HEAP_TYPE -> heapType(op, code, out);
            case BR_CAST -> out.append(label(code.index())).append(' ').append(types.ref(code.refType())).append(' ')
                    .append(types.ref(code.refType2()));
        }
    }

    private static void use(Identifiers space, int index, StringBuilder out) {
        out.append(' ').append(space.use(index));
    }

    private static void optional(Identifiers space, int index, StringBuilder out) {
        if (index != 0) {
            use(space, index, out);
        }
    }

    private static void pair(Identifiers space, CodeReader code, StringBuilder out) {
        if (code.index() != 0 || code.index2() != 0) {
            use(space, code.index(), out);
            use(space, code.index2(), out);
        }
    }

    private void type(int index, StringBuilder out) {
        out.append(' ').append(types.use(index));
    }

    private void memArg(Opcode op, CodeReader code, StringBuilder out) {
        optional(memories, code.memory(), out);
        if (code.memOffset() != 0) {
            out.append(" offset=").append(Long.toUnsignedString(code.memOffset()));
        }
        if (1L << code.alignLog2() != op.accessBytes()) {
            out.append(" align=").append(Long.toUnsignedString(1L << code.alignLog2()));
        }
    }

    private void select(CodeReader code, StringBuilder out) {
        out.append(" (result");
        for (int i = 0; i < code.typeCount(); i++) {
            out.append(' ').append(types.val(code.type(i)));
        }
        out.append(')');
    }

    private void heapType(Opcode op, CodeReader code, StringBuilder out) {
        out.append(' ').append(op == Opcode.REF_NULL ? types.heap(code.heapType()) : types.ref(code.refType()));
    }

    // Blocks and labels

    private void block(Opcode op, CodeReader code, StringBuilder out) {
        out.append(labels.definition(labelCount));
        ValType result = code.blockValType();
        if (code.blockTypeIndex() >= 0) {
            out.append(types.typeUse(code.blockTypeIndex(), new Identifiers(Map.of())));
        } else if (result != null) {
            out.append(" (result ").append(types.val(result)).append(')');
        }
        if (op == Opcode.TRY_TABLE) {
            catches(code, out);
        }
        if (depth == open.length) {
            open = java.util.Arrays.copyOf(open, depth * 2);
        }
        open[depth++] = labelCount++;
    }

    private void close() {
        depth = Math.max(0, depth - 1);
    }

    private void catches(CodeReader code, StringBuilder out) {
        for (int i = 0; i < code.catchCount(); i++) {
            int kind = code.catchKind(i);
            out.append(" (").append(CATCHES[kind]);
            if (kind == CodeReader.CATCH || kind == CodeReader.CATCH_REF) {
                use(tags, code.catchTag(i), out);
            }
            out.append(label(code.catchLabel(i))).append(')');
        }
    }

    /** With a space before it: the name of the block, or how many blocks out it is. */
    private String label(int index) {
        int block = index < depth ? open[depth - 1 - index] : -1;
        return " " + (labels.hasId(block) ? labels.use(block) : Integer.toUnsignedString(index));
    }
}
