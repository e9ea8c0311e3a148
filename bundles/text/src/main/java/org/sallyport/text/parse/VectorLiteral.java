package org.sallyport.text.parse;

import org.jspecify.annotations.Nullable;
import org.sallyport.text.parse.Tokens.Kind;

/** The six shapes of {@code v128.const} (WebAssembly 3.0, 6.5.9). */
public enum VectorLiteral {
    I8X16(Word.I8X16, 16, 8, false),
    I16X8(Word.I16X8, 8, 16, false),
    I32X4(Word.I32X4, 4, 32, false),
    I64X2(Word.I64X2, 2, 64, false),
    F32X4(Word.F32X4, 4, 32, true),
    F64X2(Word.F64X2, 2, 64, true);

    private final Word word;
    private final int lanes;
    private final int bits;
    private final boolean real;

    VectorLiteral(Word word, int lanes, int bits, boolean real) {
        this.word = word;
        this.lanes = lanes;
        this.bits = bits;
        this.real = real;
    }

    public int lanes() {
        return lanes;
    }

    /** Of one lane. */
    public int bits() {
        return bits;
    }

    /** Whether the lanes are floating-point numbers. */
    public boolean isReal() {
        return real;
    }

    /** Reads the name of a shape. */
    public static VectorLiteral shape(Cursor in) {
        Word word = in.word();
        VectorLiteral shape = word == null ? null : of(word);
        if (shape == null) {
            throw in.unexpected("a vector shape");
        }
        in.advance();
        return shape;
    }

    private static @Nullable VectorLiteral of(Word word) {
        for (VectorLiteral shape : values()) {
            if (shape.word == word) {
                return shape;
            }
        }
        return null;
    }

    /** Reads shape and lanes and writes the 16 bytes. */
    static void read(Cursor in, BinaryWriter out) {
        VectorLiteral shape = shape(in);
        shape.checkCount(in);
        for (int i = 0; i < shape.lanes; i++) {
            shape.write(shape.lane(in), out);
        }
    }

    /** Refuses another number of literals than there are lanes; leaves the cursor at the first. */
    private void checkCount(Cursor in) {
        int start = in.pos();
        while (in.at(Kind.NAT) || in.at(Kind.INT) || in.at(Kind.FLOAT)) {
            in.advance();
        }
        int found = in.pos() - start;
        boolean ended = in.at(Kind.CLOSE) || in.at(Kind.OPEN) || in.opcode() != null;
        if (found > lanes || found < lanes && ended) {
            throw in.error("wrong number of lane literals", "found " + found + ", " + word.text() + " has " + lanes);
        }
        in.seek(start);
    }

    /** The bits of the lane at the cursor. */
    public long lane(Cursor in) {
        return real ? in.real(bits == 64) : in.constant(bits);
    }

    private void write(long lane, BinaryWriter out) {
        for (int i = 0; i < bits; i += 8) {
            out.u8((int) (lane >> i));
        }
    }
}
