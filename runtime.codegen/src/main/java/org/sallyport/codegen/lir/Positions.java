package org.sallyport.codegen.lir;

import java.util.Arrays;

/**
 * What the position of an instruction means: the offset of its origin in the wasm binary, -1 for none, or a number
 * below that, which stands for the instruction's own offset in the function it was copied from and the offset of the
 * call which the copy replaces.
 */
public final class Positions {
    private static final int INLINED = -2;

    /** The two offsets of each. */
    private int[] pairs = {};
    private int length;

    public void clear() {
        length = 0;
    }

    /** Makes this mean the same as {@code other}. */
    public void copyOf(Positions other) {
        if (pairs.length < other.length) {
            pairs = new int[other.pairs.length];
        }
        System.arraycopy(other.pairs, 0, pairs, 0, other.length);
        length = other.length;
    }

    /** The position of an instruction that was copied from another function. */
    public int inlined(int original, int call) {
        if (length == pairs.length) {
            pairs = Arrays.copyOf(pairs, Math.max(64, 2 * length));
        }
        pairs[length] = original;
        pairs[length + 1] = call;
        length += 2;
        return INLINED - (length / 2 - 1);
    }

    public static boolean isInlined(int position) {
        return position <= INLINED;
    }

    /** Offset of the instruction in the binary, wherever it was copied to. */
    public int original(int position) {
        return isInlined(position) ? pairs[2 * (INLINED - position)] : position;
    }

    /** Offset of the call in this function that was replaced by the body which the instruction was copied from. */
    public int call(int position) {
        return pairs[2 * (INLINED - position) + 1];
    }
}
