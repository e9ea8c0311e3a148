package org.sallyport.codegen.pipeline;

import org.sallyport.spi.SideTables;

/**
 * Machine code of one function before linking. Offsets are from its start.
 *
 * @param alignment logarithm of the alignment that the start needs
 * @param tables what is known of places in the code
 * @param relocations calls out of the function
 */
public record FunctionCode(byte[] code, int alignment, SideTables tables, Relocations relocations) {
    private static final int OBJECT_BYTES = 224;

    /**
     * Calls out of a function.
     *
     * @param offsets where {@link Isa.Branches#complete} completes them
     * @param targets function index for each of them, or {@link #helper} for a helper
     */
    public record Relocations(int[] offsets, int[] targets) {}

    /** About what this takes on the heap. */
    long heapBytes() {
        return OBJECT_BYTES + code.length + tables.heapBytes() + 8L * relocations.offsets.length;
    }

    /** The relocation target that stands for a helper: kind and memories, destination in the low half. */
    public static int helper(int kind, int memories) {
        return Integer.MIN_VALUE | kind << 30 | (memories & 0x7FFF) | (memories >>> 16 & 0x7FFF) << 15;
    }

    public static boolean isHelper(int target) {
        return target < 0;
    }

    public static int helperKind(int target) {
        return target >>> 30 & 1;
    }

    /** Index of the destination memory. */
    public static int helperDestination(int target) {
        return target & 0x7FFF;
    }

    public static int helperSource(int target) {
        return target >>> 15 & 0x7FFF;
    }
}
