package org.sallyport.bench;

import java.io.ByteArrayOutputStream;

/** Modules as large as nobody writes them, but generators do: does compiling stay in proportion? */
final class Giants {
    private static final int I32 = 0x7F;
    /** Some 40 bytes of ordinary code on the local 0: arithmetic, a branch, a loop, a load and a store. */
    private static final int[] PIECE = {
        0x20, 0, 0x41, 7, 0x6C, 0x41, 13, 0x6A, 0x22, 0, 0x41, 1, 0x71, 0x04, 0x40, 0x20, 0, 0x41, 3, 0x76, 0x21, 0, 0x0B,
        0x20, 0, 0x41, 0xFC, 0, 0x71, 0x20, 0, 0x36, 2, 0, 0x20, 0, 0x41, 0xFC, 0, 0x71, 0x28, 2, 4, 0x21, 0,
        0x03, 0x40, 0x20, 0, 0x41, 0xFF, 0, 0x4B, 0x04, 0x40, 0x20, 0, 0x41, 1, 0x76, 0x21, 0, 0x0C, 1, 0x0B, 0x0B,
    };

    private Giants() {}

    /** A module of so many functions {@code (i32) -> i32} with at least so many bytes of code each. */
    static byte[] module(int functions, int bytes) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write(0); // no locals
        while (body.size() < bytes) {
            write(body, PIECE);
        }
        write(body, 0x20, 0, 0x0B);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, 0, 'a', 's', 'm', 1, 0, 0, 0);
        section(out, 1, bytes(1, 0x60, 1, I32, 1, I32));
        ByteArrayOutputStream types = number(functions);
        types.writeBytes(new byte[functions]);
        section(out, 3, types);
        section(out, 5, bytes(1, 0, 1));
        ByteArrayOutputStream code = number(functions);
        byte[] size = number(body.size()).toByteArray();
        for (int i = 0; i < functions; i++) {
            code.writeBytes(size);
            code.writeBytes(body.toByteArray());
        }
        section(out, 10, code);
        return out.toByteArray();
    }

    private static void section(ByteArrayOutputStream out, int id, ByteArrayOutputStream contents) {
        out.write(id);
        out.writeBytes(number(contents.size()).toByteArray());
        out.writeBytes(contents.toByteArray());
    }

    private static ByteArrayOutputStream bytes(int... values) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, values);
        return out;
    }

    /** LEB128 (5.2.2). */
    private static ByteArrayOutputStream number(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int rest = value;
        for (; rest >= 0x80; rest >>>= 7) {
            out.write(rest | 0x80);
        }
        out.write(rest);
        return out;
    }

    private static void write(ByteArrayOutputStream out, int... values) {
        for (int value : values) {
            out.write(value);
        }
    }
}
