package org.sallyport.wasm;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** What bytes that are meant to be a module seem to be, by how they begin. Only a loader knows whether they are one. */
public enum ModuleForm {
    /** The binary format of a core module, or its beginning. */
    BINARY,
    /** The text format. */
    TEXT,
    /** The binary format of a component (component model, Binary.md). */
    COMPONENT,
    EMPTY,
    OTHER;

    /** So many bytes at the beginning do for {@link #of} and {@link #describe}. */
    public static final int HEAD = 64;

    private static final int SHOWN = 40;
    private static final byte[] MAGIC = {0, 'a', 's', 'm'};
    /** A component begins with the same magic, and has a version and a layer of its own. */
    private static final byte[] COMPONENT_HEAD = {0, 'a', 's', 'm', 13, 0, 1, 0};

    public static ModuleForm of(byte[] bytes) {
        if (looksLikeText(bytes)) {
            return TEXT;
        }
        if (bytes.length == 0) {
            return EMPTY;
        }
        if (startsWith(bytes, COMPONENT_HEAD)) {
            return COMPONENT;
        }
        return startsWith(bytes, MAGIC) || bytes.length < MAGIC.length && Arrays.mismatch(bytes, MAGIC) == bytes.length
                ? BINARY
                : OTHER;
    }

    /** What it is, for people, where a core module is wanted: {@code is empty}. */
    public static String describe(byte[] bytes) {
        return switch (of(bytes)) {
            case BINARY -> "is a module in the binary format";
            case TEXT -> "is a module in the text format";
            case COMPONENT -> "is a component; only core modules can be used, such as those inside of it";
            case EMPTY -> "is empty";
            case OTHER -> "is no WebAssembly; it begins with " + beginning(bytes);
        };
    }

    private static boolean startsWith(byte[] bytes, byte[] magic) {
        return bytes.length >= magic.length && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
    }

    /** The first line as far as it is text, else the first bytes. */
    private static String beginning(byte[] bytes) {
        int text = 0;
        while (text < Math.min(bytes.length, SHOWN) && bytes[text] >= ' ' && bytes[text] <= '~') {
            text++;
        }
        return text > 1
                ? "\"" + new String(bytes, 0, text, StandardCharsets.US_ASCII) + "\""
                : "the bytes " + HexFormat.ofDelimiter(" ").formatHex(bytes, 0, Math.min(bytes.length, 16));
    }

    /** The first character that is no white space begins an expression or a comment. */
    private static boolean looksLikeText(byte[] bytes) {
        for (byte b : bytes) {
            if (b != ' ' && b != '\t' && b != '\n' && b != '\r') {
                return b == '(' || b == ';';
            }
        }
        return false;
    }
}
