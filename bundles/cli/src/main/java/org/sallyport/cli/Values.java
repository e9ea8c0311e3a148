package org.sallyport.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;

/**
 * Arguments and results of a function as text. Numbers as in the text format: decimal or {@code 0x}, {@code _} between
 * digits, signed or unsigned.
 */
final class Values {
    private Values() {}

    /** @throws UsageException if there are too few or too many, or one is not of its type */
    static Object[] parse(String function, FuncType type, List<String> texts) {
        if (texts.size() != type.params().size()) {
            throw new UsageException(
                    function + " takes " + type.params().size() + " arguments: " + type + "; found " + texts.size());
        }
        List<@Nullable Object> values = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            ValType wanted = type.params().get(i);
            try {
                values.add(parse(wanted, texts.get(i).replace("_", "")));
            } catch (IllegalArgumentException e) {
                throw new UsageException(
                        "argument " + (i + 1) + " of " + function + " is an " + wanted + "; found \"" + texts.get(i)
                                + "\"");
            }
        }
        return values.toArray();
    }

    static @Nullable Object parse(ValType type, String text) {
        if (type instanceof NumType number) {
            return parse(number, text);
        }
        if (type instanceof RefType ref && ref.nullable() && text.equals("null")) {
            return null;
        }
        throw new IllegalArgumentException(text);
    }

    private static Object parse(NumType type, String text) {
        return switch (type) {
            case I32 -> (Object) (int) integer(text, 32);
            case I64 -> integer(text, 64);
            case F32 -> Float.parseFloat(floating(text));
            case F64 -> Double.parseDouble(floating(text));
        };
    }

    private static long integer(String text, int bits) {
        boolean negative = text.startsWith("-");
        String digits = negative || text.startsWith("+") ? text.substring(1) : text;
        if (digits.startsWith("-") || digits.startsWith("+")) {
            throw new NumberFormatException(text);
        }
        boolean hex = digits.startsWith("0x") || digits.startsWith("0X");
        long value = Long.parseUnsignedLong(hex ? digits.substring(2) : digits, hex ? 16 : 10);
        boolean fits = bits == 64
                ? !negative || Long.compareUnsigned(value, Long.MIN_VALUE) <= 0
                : Long.compareUnsigned(value, negative ? 1L << 31 : 0xFFFF_FFFFL) <= 0;
        if (!fits) {
            throw new NumberFormatException(text);
        }
        return negative ? -value : value;
    }

    /** Java's syntax for the specification's {@code inf}, {@code nan} and hexadecimal numbers without an exponent. */
    private static String floating(String text) {
        String sign = text.startsWith("-") || text.startsWith("+") ? text.substring(0, 1) : "";
        String number = text.substring(sign.length());
        return switch (number) {
            case "inf", "infinity" -> sign + "Infinity";
            case "nan" -> sign + "NaN";
            default -> {
                boolean hex = number.startsWith("0x") || number.startsWith("0X");
                if (!hex && number.matches(".*[fdFD]")) { // Java's suffixes
                    throw new NumberFormatException(text);
                }
                yield hex && number.indexOf('p') < 0 && number.indexOf('P') < 0 ? sign + number + "p0" : sign + number;
            }
        };
    }

    /** Integers signed, floats so that they read back as the same. */
    static String print(@Nullable Object value) {
        if (value instanceof Float || value instanceof Double) {
            double number = ((Number) value).doubleValue();
            if (Double.isNaN(number)) {
                return "nan";
            }
            if (Double.isInfinite(number)) {
                return number > 0 ? "inf" : "-inf";
            }
        }
        return String.valueOf(value);
    }
}
