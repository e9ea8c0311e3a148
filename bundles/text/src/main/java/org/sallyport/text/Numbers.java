package org.sallyport.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.sallyport.text.parse.Literals;
import org.sallyport.text.parse.Tokens.Kind;
import org.sallyport.text.parse.VectorLiteral;
import org.sallyport.text.print.Literal;
import org.sallyport.wasm.NumType;

/**
 * Numbers as the text format writes them (WebAssembly 3.0, 6.3.1 and 6.3.2), outside of a text: decimal or {@code 0x},
 * single {@code _} between digits, integers signed or unsigned, fractions and exponents also in hexadecimal, {@code inf},
 * {@code nan} and {@code nan:0x…} with a payload. Vectors as after {@code v128.const} (6.5.9).
 */
public final class Numbers {
    private Numbers() {}

    /**
     * The bits of a number.
     *
     * @return an i32 or f32 in the low half
     * @throws NumberFormatException if it is no number of that type; says what is wrong
     */
    public static long parse(NumType type, String text) {
        boolean integer = type == NumType.I32 || type == NumType.I64;
        return parse(integer, type == NumType.I32 || type == NumType.F32 ? 32 : 64, text);
    }

    private static long parse(boolean integer, int width, String text) {
        byte[] b = text.getBytes(StandardCharsets.UTF_8);
        Kind kind = Literals.classify(b, 0, b.length);
        if (kind == Kind.RESERVED) {
            throw new NumberFormatException("is no number");
        }
        if (integer && kind == Kind.FLOAT) {
            throw new NumberFormatException("is no integer");
        }
        try {
            if (integer) {
                return Literals.integer(b, 0, b.length, width);
            }
            return width == 32 ? Literals.f32(b, 0, b.length) : Literals.f64(b, 0, b.length);
        } catch (ArithmeticException e) {
            String reason = integer ? "is out of range" : String.valueOf(e.getMessage());
            throw (NumberFormatException) new NumberFormatException(reason).initCause(e);
        }
    }

    /**
     * The bits of a vector: a shape and as many numbers as it has lanes, {@code i32x4 1 -2 0x3 4}.
     *
     * @return the low half, then the high one
     * @throws NumberFormatException if it is no vector; says what is wrong
     */
    public static long[] parseVector(String text) {
        List<String> words = Arrays.asList(text.strip().split("\\s+"));
        VectorLiteral shape = shape(words.getFirst());
        List<String> lanes = words.subList(1, words.size());
        if (lanes.size() != shape.lanes()) {
            throw new NumberFormatException("has " + lanes.size() + " lanes where the shape has " + shape.lanes());
        }
        long[] halves = new long[2];
        for (int i = 0; i < lanes.size(); i++) {
            int at = i * shape.bits();
            halves[at / 64] |= lane(shape, i, lanes.get(i)) << at % 64;
        }
        return halves;
    }

    private static VectorLiteral shape(String text) {
        for (VectorLiteral shape : VectorLiteral.values()) {
            if (shape.name().toLowerCase(Locale.ROOT).equals(text)) {
                return shape;
            }
        }
        throw new NumberFormatException("does not begin with a shape, as in \"i32x4 1 2 3 4\"");
    }

    private static long lane(VectorLiteral shape, int index, String text) {
        try {
            return parse(!shape.isReal(), shape.bits(), text) & -1L >>> 64 - shape.bits();
        } catch (NumberFormatException e) {
            throw (NumberFormatException) new NumberFormatException("lane " + index + " " + e.getMessage()).initCause(e);
        }
    }

    /**
     * The text of a number; it reads back to the same bits. Integers are signed.
     *
     * @param bits an i32 or f32 in the low half
     */
    public static String print(NumType type, long bits) {
        return switch (type) {
            case I32 -> Integer.toString((int) bits);
            case I64 -> Long.toString(bits);
            case F32 -> Literal.f32((int) bits);
            case F64 -> Literal.f64(bits);
        };
    }
}
