package org.sallyport.text;

import java.nio.charset.StandardCharsets;
import org.sallyport.text.parse.Literals;
import org.sallyport.text.parse.Tokens.Kind;
import org.sallyport.text.print.Literal;
import org.sallyport.wasm.NumType;

/**
 * Numbers as the text format writes them (WebAssembly 3.0, 6.3.1 and 6.3.2), outside of a text: decimal or {@code 0x},
 * single {@code _} between digits, integers signed or unsigned, fractions and exponents also in hexadecimal, {@code inf},
 * {@code nan} and {@code nan:0x…} with a payload.
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
        byte[] b = text.getBytes(StandardCharsets.UTF_8);
        boolean integer = type == NumType.I32 || type == NumType.I64;
        Kind kind = Literals.classify(b, 0, b.length);
        if (kind == Kind.RESERVED) {
            throw new NumberFormatException("is no number");
        }
        if (integer && kind == Kind.FLOAT) {
            throw new NumberFormatException("is no integer");
        }
        try {
            return switch (type) {
                case I32 -> Literals.integer(b, 0, b.length, 32);
                case I64 -> Literals.integer(b, 0, b.length, 64);
                case F32 -> Literals.f32(b, 0, b.length);
                case F64 -> Literals.f64(b, 0, b.length);
            };
        } catch (ArithmeticException e) {
            String reason = integer ? "is out of range" : String.valueOf(e.getMessage());
            throw (NumberFormatException) new NumberFormatException(reason).initCause(e);
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
