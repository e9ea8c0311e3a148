package org.sallyport.wasm;

import java.util.Locale;

/** How an instruction divides a v128 into lanes (2.3.2). Where it widens or narrows them, this is how its result is divided. */
public enum LaneShape {
    I8X16(NumType.I32, 1),
    I16X8(NumType.I32, 2),
    I32X4(NumType.I32, 4),
    I64X2(NumType.I64, 8),
    F32X4(NumType.F32, 4),
    F64X2(NumType.F64, 8);

    private static final int BYTES = 16;

    private final NumType scalar;
    private final int laneBytes;

    LaneShape(NumType scalar, int laneBytes) {
        this.scalar = scalar;
        this.laneBytes = laneBytes;
    }

    /** The type of a lane outside of a vector: i32 for the packed ones, too. */
    public NumType scalar() {
        return scalar;
    }

    public int laneBytes() {
        return laneBytes;
    }

    public int lanes() {
        return BYTES / laneBytes;
    }

    public boolean isFloat() {
        return scalar == NumType.F32 || scalar == NumType.F64;
    }

    /** The name in the text format: {@code i8x16}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
