package org.sallyport.text.parse;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.sallyport.TextFormatException;

/**
 * A text to parse.
 *
 * @param name for messages
 * @param bytes UTF-8, unchecked; nobody writes to it
 */
public record Source(String name, byte[] bytes) {

    /** @throws TextFormatException if the text holds half a surrogate pair */
    public static Source of(String name, String text) {
        try {
            ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            return new Source(name, Arrays.copyOf(utf8.array(), utf8.limit()));
        } catch (CharacterCodingException e) {
            byte[] lossy = text.getBytes(StandardCharsets.UTF_8);
            throw TextFormatException.at("malformed UTF-8 encoding", "unpaired surrogate", name, lossy, 0);
        }
    }

    public TextFormatException error(int offset, String specText, String detail) {
        return TextFormatException.at(specText, detail, name, bytes, offset);
    }
}
