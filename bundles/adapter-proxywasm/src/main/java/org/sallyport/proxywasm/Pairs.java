package org.sallyport.proxywasm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.sallyport.proxywasm.HttpMessage.Header;

/** Header maps as the ABI serializes them: count; lengths of names and values; then these, each with a NUL byte behind it. */
final class Pairs {
    private Pairs() {}

    static byte[] write(List<Header> headers) {
        List<byte[]> texts = new ArrayList<>();
        int size = 4;
        for (Header header : headers) {
            texts.add(header.name().getBytes(StandardCharsets.UTF_8));
            texts.add(header.value().getBytes(StandardCharsets.UTF_8));
        }
        for (byte[] text : texts) {
            size += 4 + text.length + 1;
        }
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).putInt(headers.size());
        texts.forEach(text -> out.putInt(text.length));
        texts.forEach(text -> out.put(text).put((byte) 0));
        return out.array();
    }

    /** @throws IllegalArgumentException if it is no such map */
    static List<Header> read(byte[] bytes) {
        List<Header> headers = new ArrayList<>();
        if (bytes.length == 0) {
            return headers;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int count = bytes.length < 4 ? -1 : in.getInt();
        if (count < 0 || count > in.remaining() / 10) { // two lengths, two NUL bytes
            throw new IllegalArgumentException("a header map of " + bytes.length + " bytes with " + count + " headers");
        }
        int[] lengths = new int[2 * count];
        in.asIntBuffer().get(lengths);
        in.position(in.position() + 4 * lengths.length);
        for (int i = 0; i < lengths.length; i += 2) {
            headers.add(new Header(text(in, lengths[i]).toLowerCase(Locale.ROOT), text(in, lengths[i + 1])));
        }
        return headers;
    }

    private static String text(ByteBuffer in, int length) {
        if (length < 0 || length >= in.remaining()) {
            throw new IllegalArgumentException("a header map with a text of " + Integer.toUnsignedLong(length) + " bytes");
        }
        byte[] text = new byte[length];
        in.get(text);
        in.get();
        return new String(text, StandardCharsets.UTF_8);
    }
}
