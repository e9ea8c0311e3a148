package org.sallyport.text.print;

import java.nio.charset.StandardCharsets;

/** Literals of the text format (WebAssembly 3.0, 6.3). Numbers read back to the same bits. */
public final class Literal {
    private static final String ID_SYMBOLS = "!#$%&'*+-./:<=>?@\\^_`|~";

    private Literal() {}

    public static String f32(int bits) {
        float value = Float.intBitsToFloat(bits);
        if (Float.isNaN(value)) {
            return nan(bits < 0, bits & 0x7F_FFFF, 0x40_0000);
        }
        return Float.isInfinite(value) ? infinity(bits < 0) : Float.toString(value);
    }

    public static String f64(long bits) {
        double value = Double.longBitsToDouble(bits);
        if (Double.isNaN(value)) {
            return nan(bits < 0, bits & 0xF_FFFF_FFFF_FFFFL, 0x8_0000_0000_0000L);
        }
        return Double.isInfinite(value) ? infinity(bits < 0) : Double.toString(value);
    }

    private static String infinity(boolean negative) {
        return negative ? "-inf" : "inf";
    }

    private static String nan(boolean negative, long payload, long canonical) {
        return (negative ? "-nan" : "nan") + (payload == canonical ? "" : ":0x" + Long.toHexString(payload));
    }

    static String v128(long low, long high) {
        return "i32x4" + hex((int) low) + hex((int) (low >> 32)) + hex((int) high) + hex((int) (high >> 32));
    }

    private static String hex(int bits) {
        return String.format(" 0x%08x", bits);
    }

    /** Bytes as a string; what is no printable ASCII is escaped. */
    static String bytes(byte[] b, int from, int to) {
        StringBuilder out = new StringBuilder(to - from + 2).append('"');
        for (int i = from; i < to; i++) {
            int c = b[i] & 0xFF;
            if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
            } else if (c >= ' ' && c < 0x7F) {
                out.append((char) c);
            } else {
                out.append('\\').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        return out.append('"').toString();
    }

    /** A name as a string; letters of all scripts stay as they are. */
    static String name(String name) {
        boolean plain = name.codePoints()
                .allMatch(c -> Character.isLetterOrDigit(c) || c >= ' ' && c < 0x7F && c != '"' && c != '\\');
        if (plain) {
            return '"' + name + '"';
        }
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return bytes(utf8, 0, utf8.length);
    }

    /** {@code $name}, quoted where the name has other characters than identifiers may have. */
    static String id(String name) {
        boolean plain = name.chars()
                .allMatch(c -> c < 0x80 && Character.isLetterOrDigit(c) || ID_SYMBOLS.indexOf(c) >= 0);
        return "$" + (plain ? name : name(name));
    }
}
