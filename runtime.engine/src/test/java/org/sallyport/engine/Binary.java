package org.sallyport.engine;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** A writer of binaries (WebAssembly 3.0, 5.5), as far as hostile modules need it. */
final class Binary {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** With magic number and version. */
    static Binary module() {
        return new Binary().add(0, 'a', 's', 'm', 1, 0, 0, 0);
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    int size() {
        return out.size();
    }

    Binary add(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    /** An unsigned LEB128 number. */
    Binary number(long value) {
        long rest = value;
        while (rest >= 0x80 || rest < 0) {
            out.write((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    /** A signed LEB128 number. */
    Binary signed(long value) {
        long rest = value;
        while (rest < -64 || rest > 63) {
            out.write((int) (rest & 0x7F) | 0x80);
            rest >>= 7;
        }
        out.write((int) (rest & 0x7F));
        return this;
    }

    Binary name(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        number(bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    Binary times(long n, int... bytes) {
        for (long i = 0; i < n; i++) {
            add(bytes);
        }
        return this;
    }

    /** An entry. */
    interface Entry {
        void write(Binary to, int index);
    }

    Binary times(int n, Entry entry) {
        for (int i = 0; i < n; i++) {
            entry.write(this, i);
        }
        return this;
    }

    /** A part with its size in front. */
    Binary sized(Consumer<Binary> writer) {
        Binary part = new Binary();
        writer.accept(part);
        number(part.out.size());
        out.writeBytes(part.out.toByteArray());
        return this;
    }

    Binary section(int id, Consumer<Binary> writer) {
        return add(id).sized(writer);
    }

    /** A section that is a vector. */
    Binary vector(int id, int count, Entry entry) {
        return section(id, s -> s.number(count).times(count, entry));
    }

    /** A function body with its size, without locals; {@code end} is added. */
    Binary body(int... instructions) {
        return sized(b -> b.add(0).add(instructions).add(0x0B));
    }
}
