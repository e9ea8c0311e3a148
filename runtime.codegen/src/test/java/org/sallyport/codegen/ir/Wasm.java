package org.sallyport.codegen.ir;

import java.io.ByteArrayOutputStream;
import org.sallyport.wasm.Opcode;

/** Writes instructions in the binary format, for test modules. */
final class Wasm {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Wasm op(Opcode opcode) {
        int code = opcode.code();
        if (code > 0xFF) {
            bytes.write(code >>> 16);
            return unsigned(code & 0xFFFF);
        }
        bytes.write(code);
        return this;
    }

    /** An opcode with index immediates. */
    Wasm op(Opcode opcode, int... indices) {
        op(opcode);
        for (int index : indices) {
            unsigned(index);
        }
        return this;
    }

    Wasm i32(int value) {
        return op(Opcode.I32_CONST).signed(value);
    }

    Wasm i64(long value) {
        return op(Opcode.I64_CONST).signed(value);
    }

    Wasm f32(float value) {
        op(Opcode.F32_CONST);
        return fixed(Float.floatToRawIntBits(value), 4);
    }

    Wasm f64(double value) {
        op(Opcode.F64_CONST);
        return fixed(Double.doubleToRawLongBits(value), 8);
    }

    /** {@code block}, {@code loop} or {@code if} of a type index. */
    Wasm open(Opcode opcode, int typeIndex) {
        return op(opcode).signed(typeIndex);
    }

    Wasm unsigned(long value) {
        while ((value & ~0x7FL) != 0) {
            bytes.write((int) (value & 0x7F | 0x80));
            value >>>= 7;
        }
        bytes.write((int) value);
        return this;
    }

    Wasm signed(long value) {
        while (value < -64 || value > 63) {
            bytes.write((int) (value & 0x7F | 0x80));
            value >>= 7;
        }
        bytes.write((int) (value & 0x7F));
        return this;
    }

    private Wasm fixed(long value, int count) {
        for (int i = 0; i < count; i++) {
            bytes.write((int) (value >> 8 * i));
        }
        return this;
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }
}
