package org.sallyport.text.wast;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.text.parse.Cursor;
import org.sallyport.text.parse.Tokens.Kind;
import org.sallyport.text.parse.VectorLiteral;
import org.sallyport.text.parse.Word;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.Opcode;

/** Reads arguments and expected results of a script. */
final class ValueParser {
    private static final String WHAT = "a constant such as (i32.const 1)";

    private final Cursor in;

    ValueParser(Cursor in) {
        this.in = in;
    }

    List<Value> arguments() {
        List<Value> values = new ArrayList<>();
        while (!in.at(Kind.CLOSE)) {
            values.add(argument());
        }
        return values;
    }

    private Value argument() {
        Expected expected = expected();
        return switch (expected) {
            case Expected.Exactly(Value value) -> value;
            default -> {
                in.seek(in.pos() - 1);
                throw in.error("unexpected token", expected + " is a pattern, expected " + WHAT);
            }
        };
    }

    /** A constant or a pattern. */
    Expected expected() {
        in.open();
        Opcode op = in.opcode();
        Word word = in.word();
        in.advance();
        Expected expected = op != null ? constant(op) : pattern(word);
        in.close();
        return expected;
    }

    private Expected constant(Opcode op) {
        return switch (op) {
            case I32_CONST -> new Expected.Exactly(new Value.I32((int) in.constant(32)));
            case I64_CONST -> new Expected.Exactly(new Value.I64(in.constant(64)));
            case F32_CONST -> real(false);
            case F64_CONST -> real(true);
            case V128_CONST -> vector();
            case REF_NULL -> nullReference();
            case REF_FUNC -> {
                if (!in.at(Kind.CLOSE)) {
                    in.advance();
                }
                yield new Expected.Ref(HeapType.Abstract.FUNC);
            }
            case REF_EQ -> new Expected.Ref(HeapType.Abstract.EQ);
            case REF_I31 -> new Expected.Ref(HeapType.Abstract.I31);
            default -> throw unexpected();
        };
    }

    private Expected pattern(@Nullable Word word) {
        return switch (word) {
            case REF_EXTERN -> hostReference(true);
            case REF_HOST -> hostReference(false);
            case REF_STRUCT -> new Expected.Ref(HeapType.Abstract.STRUCT);
            case REF_ARRAY -> new Expected.Ref(HeapType.Abstract.ARRAY);
            case REF_ANY -> new Expected.Ref(HeapType.Abstract.ANY);
            case REF_EXN -> new Expected.Ref(HeapType.Abstract.EXN);
            case EITHER -> either();
            case null, default -> throw unexpected();
        };
    }

    private RuntimeException unexpected() {
        in.seek(in.pos() - 1);
        return in.unexpected(WHAT);
    }

    private Expected either() {
        List<Expected> choices = new ArrayList<>();
        while (!in.at(Kind.CLOSE)) {
            if (in.atOpen(Word.EITHER)) {
                throw in.unexpected("a result");
            }
            choices.add(expected());
        }
        return new Expected.Either(choices);
    }

    // References

    private Expected hostReference(boolean external) {
        if (in.at(Kind.CLOSE)) {
            return new Expected.Ref(external ? HeapType.Abstract.EXTERN : HeapType.Abstract.ANY);
        }
        return new Expected.Exactly(new Value.Host(in.u32(), external));
    }

    /** With a type it is also an argument. */
    private Expected nullReference() {
        if (in.at(Kind.CLOSE)) {
            return new Expected.Null();
        }
        Word word = in.word();
        HeapType.Abstract heap = word == null ? null : word.heapType();
        if (heap == null && !in.at(Kind.ID) && !in.at(Kind.NAT)) {
            throw in.unexpected("a heap type");
        }
        in.advance();
        return heap == null ? new Expected.Null() : new Expected.Exactly(new Value.Null(heap));
    }

    // Numbers

    private @Nullable Boolean canonicalNan() {
        boolean canonical = in.accept(Word.NAN_CANONICAL);
        return canonical || in.accept(Word.NAN_ARITHMETIC) ? (Boolean) canonical : null;
    }

    private Expected real(boolean wide) {
        Boolean canonical = canonicalNan();
        if (canonical != null) {
            return new Expected.Nan(wide, canonical);
        }
        long bits = in.real(wide);
        return new Expected.Exactly(wide ? new Value.F64(bits) : new Value.F32((int) bits));
    }

    private Expected vector() {
        VectorLiteral shape = VectorLiteral.shape(in);
        List<Expected.Lane> lanes = new ArrayList<>();
        long[] words = new long[2];
        boolean exact = true;
        for (int i = 0; i < shape.lanes(); i++) {
            Boolean canonical = shape.isReal() ? canonicalNan() : null;
            if (canonical != null) {
                exact = false;
                lanes.add(new Expected.Lane.NanLane(canonical));
                continue;
            }
            long mask = -1L >>> 64 - shape.bits();
            long lane = shape.lane(in) & mask;
            int shift = i * shape.bits();
            words[shift / 64] |= lane << shift % 64;
            lanes.add(new Expected.Lane.Bits(lane));
        }
        return exact
                ? new Expected.Exactly(new Value.V128(words[0], words[1]))
                : new Expected.Lanes(shape.bits(), lanes);
    }
}
