package org.sallyport.text.wast;

import org.sallyport.wasm.HeapType;

/** An argument or result. Floating-point numbers are bits, so that NaNs keep their payloads. */
public sealed interface Value {
    record I32(int value) implements Value {
        @Override
        public String toString() {
            return "i32 " + value;
        }
    }

    record I64(long value) implements Value {
        @Override
        public String toString() {
            return "i64 " + value;
        }
    }

    record F32(int bits) implements Value {
        @Override
        public String toString() {
            return "f32 " + Float.intBitsToFloat(bits) + " (0x" + Integer.toHexString(bits) + ")";
        }
    }

    record F64(long bits) implements Value {
        @Override
        public String toString() {
            return "f64 " + Double.longBitsToDouble(bits) + " (0x" + Long.toHexString(bits) + ")";
        }
    }

    /** Bytes 0 to 7 and 8 to 15, little-endian. */
    record V128(long low, long high) implements Value {
        @Override
        public String toString() {
            return "v128 i64x2 0x" + Long.toHexString(low) + " 0x" + Long.toHexString(high);
        }
    }

    /** @param heap of an argument, one of those the null belongs to; of a result, any */
    record Null(HeapType.Abstract heap) implements Value {
        @Override
        public String toString() {
            return "null";
        }
    }

    /**
     * The host's object with a number.
     *
     * @param external whether it is an {@code externref}; else it is one of {@code anyref} that came in by {@code
     *     any.convert_extern}
     */
    record Host(int number, boolean external) implements Value {
        @Override
        public String toString() {
            return (external ? "ref.extern " : "ref.host ") + number;
        }
    }

    /**
     * A reference that only its kind is known of.
     *
     * @param kind {@code FUNC}, {@code I31}, {@code STRUCT}, {@code ARRAY}, {@code EXN}, or {@code ANY} and {@code
     *     EXTERN} if the host cannot tell more
     */
    record Ref(HeapType.Abstract kind) implements Value {
        @Override
        public String toString() {
            return "ref." + kind;
        }
    }
}
