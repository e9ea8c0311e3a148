package org.sallyport.text.parse;

import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Opcode;

/** How a block begins: opcode, block type, and catch clauses, which are outside of the block's own label. */
final class BlockHeader {
    private final Context c;
    private final Cursor in;

    BlockHeader(Context context) {
        c = context;
        in = context.in;
    }

    /** Reads what stands behind the opcode, and the label if there is one, and writes all of it. */
    void write(Opcode op, BinaryWriter out) {
        ImmediateParser.opcode(out, op);
        Types.Use use = c.types.useWithoutNames();
        boolean isShort = !use.named() && use.inline().params().isEmpty() && use.inline().results().size() <= 1;
        if (isShort) {
            TypeWriter.blockType(out, use.inline().results());
        } else {
            out.s64(Integer.toUnsignedLong(c.types.index(use)));
        }
        if (op == Opcode.TRY_TABLE) {
            catches(out);
        }
    }

    private void catches(BinaryWriter out) {
        BinaryWriter clauses = new BinaryWriter();
        int count = 0;
        for (int kind = catchKind(); kind >= 0; kind = catchKind()) {
            in.advance();
            in.advance();
            clauses.u8(kind);
            if (kind == CodeReader.CATCH || kind == CodeReader.CATCH_REF) {
                clauses.u32(c.tags.index(in));
            }
            clauses.u32(c.labels.index(in));
            in.close();
            count++;
        }
        out.u32(count).append(clauses);
    }

    /** As {@link CodeReader#catchKind}, or -1. Two of the keywords are instructions of the older exception handling, too. */
    private int catchKind() {
        Opcode op = in.openOpcode();
        if (op != null) {
            return switch (op) {
                case CATCH -> CodeReader.CATCH;
                case CATCH_ALL -> CodeReader.CATCH_ALL;
                default -> -1;
            };
        }
        Word word = in.openWord();
        return switch (word) {
            case CATCH_REF -> CodeReader.CATCH_REF;
            case CATCH_ALL_REF -> CodeReader.CATCH_ALL_REF;
            case null, default -> -1;
        };
    }
}
