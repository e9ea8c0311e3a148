package org.sallyport.itests.support;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.function.Consumer;

/** A writer of binaries (WebAssembly 3.0, 5.5): right ones, and wrong ones that no other writer would write. */
public final class Binary {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** With magic number and version. */
    public static Binary module() {
        return new Binary().add(0, 'a', 's', 'm', 1, 0, 0, 0);
    }

    public byte[] toBytes() {
        return out.toByteArray();
    }

    public int size() {
        return out.size();
    }

    public Binary add(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    public Binary add(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /** @param hex pairs of hexadecimal digits; blanks between them are left out */
    public Binary raw(String hex) {
        return add(hex(hex));
    }

    /** An unsigned LEB128 number. */
    public Binary number(long value) {
        return add(leb(value));
    }

    /** A signed LEB128 number. */
    public Binary signed(long value) {
        return add(signedLeb(value));
    }

    public Binary name(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return number(bytes.length).add(bytes);
    }

    public Binary times(long n, int... bytes) {
        for (long i = 0; i < n; i++) {
            add(bytes);
        }
        return this;
    }

    /** An entry. */
    public interface Entry {
        void write(Binary to, int index);
    }

    public Binary times(int n, Entry entry) {
        for (int i = 0; i < n; i++) {
            entry.write(this, i);
        }
        return this;
    }

    /** A part with its size in front. */
    public Binary sized(Consumer<Binary> writer) {
        Binary part = new Binary();
        writer.accept(part);
        return number(part.size()).add(part.toBytes());
    }

    public Binary section(int id, Consumer<Binary> writer) {
        return add(id).sized(writer);
    }

    public Binary section(int id, byte[] contents) {
        return section(id, s -> s.add(contents));
    }

    /** @param contents as for {@link #raw} */
    public Binary section(int id, String contents) {
        return section(id, hex(contents));
    }

    /** @param contents as for {@link #raw} */
    public Binary custom(String name, String contents) {
        return section(0, s -> s.name(name).raw(contents));
    }

    /** A section that is a vector. */
    public Binary vector(int id, int count, Entry entry) {
        return section(id, s -> s.number(count).times(count, entry));
    }

    /** A function body with its size, without locals; {@code end} is added. */
    public Binary body(int... instructions) {
        return sized(b -> b.add(0).add(instructions).add(0x0B));
    }

    // ---- bytes

    public static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    /** An unsigned LEB128 number. */
    public static byte[] leb(long value) {
        ByteArrayOutputStream leb = new ByteArrayOutputStream();
        long rest = value;
        while (rest >>> 7 != 0) {
            leb.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        leb.write((int) rest);
        return leb.toByteArray();
    }

    /** A signed LEB128 number. */
    public static byte[] signedLeb(long value) {
        ByteArrayOutputStream leb = new ByteArrayOutputStream();
        long rest = value;
        while (rest < -64 || rest > 63) {
            leb.write((int) (rest & 0x7F | 0x80));
            rest >>= 7;
        }
        leb.write((int) (rest & 0x7F));
        return leb.toByteArray();
    }

    public static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    public static byte[] repeat(byte[] part, int times) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
