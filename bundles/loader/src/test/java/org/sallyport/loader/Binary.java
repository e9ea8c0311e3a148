package org.sallyport.loader;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Writes binaries for tests: sections given as hexadecimal text, with their sizes put in front. */
final class Binary {
    private static final String HEADER = "0061736d01000000";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    static Binary module() {
        return new Binary().raw(HEADER);
    }

    Binary raw(String hex) {
        out.writeBytes(hex(hex));
        return this;
    }

    Binary section(int id, String contents) {
        return section(id, hex(contents));
    }

    Binary section(int id, byte[] contents) {
        out.write(id);
        out.writeBytes(leb(contents.length));
        out.writeBytes(contents);
        return this;
    }

    Binary custom(String name, String contents) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return section(0, join(leb(text.length), text, hex(contents)));
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    static byte[] leb(int value) {
        ByteArrayOutputStream leb = new ByteArrayOutputStream();
        int rest = value;
        while (rest >>> 7 != 0) {
            leb.write(rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        leb.write(rest);
        return leb.toByteArray();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] repeat(byte[] part, int times) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
