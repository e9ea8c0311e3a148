package org.sallyport.wasi;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.sallyport.wasm.Printable;

/** Arguments and variables as a guest finds them: bytes with a NUL byte behind them. Says no to what cannot be one. */
final class GuestString {
    private GuestString() {}

    /** UTF-8, exactly. */
    static byte[] of(String what, String text) {
        try {
            ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[utf8.remaining()];
            utf8.get(bytes);
            return of(what, bytes);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    Printable.message(what) + " contains an unpaired surrogate, which has no UTF-8 form: \""
                            + Printable.name(text) + "\"; give its bytes", e);
        }
    }

    /** A copy. */
    static byte[] of(String what, byte[] bytes) {
        for (byte b : bytes) {
            if (b == 0) {
                throw new IllegalArgumentException(
                        Printable.message(what) + " contains a NUL character: \"" + Printable.name(shown(bytes)) + "\"");
            }
        }
        return bytes.clone();
    }

    /** A name, as a copy. */
    static byte[] variable(byte[] name) {
        boolean equals = false;
        for (byte b : name) {
            equals |= b == '=';
        }
        if (name.length == 0 || equals) {
            throw new IllegalArgumentException(
                    "not a name of an environment variable: \"" + Printable.name(shown(name)) + "\"");
        }
        return of("environment variable", name);
    }

    /** {@code name=value} of each. */
    static List<byte[]> variables(Map<ByteBuffer, byte[]> environment) {
        List<byte[]> list = new ArrayList<>();
        environment.forEach((name, value) -> list.add(ByteBuffer.allocate(name.capacity() + 1 + value.length)
                .put(name.array())
                .put((byte) '=')
                .put(value)
                .array()));
        return list;
    }

    static String shown(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
