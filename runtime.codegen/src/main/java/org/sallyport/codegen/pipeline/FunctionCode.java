package org.sallyport.codegen.pipeline;

/**
 * Machine code of one function before linking. Offsets are from its start.
 *
 * @param alignment logarithm of the alignment that the start needs
 * @param trapOffsets instructions that may trap, ascending; {@code trapCodes}, {@code trapPositions} belong to them
 * @param callOffsets return addresses, ascending; {@code callPositions} belong to them
 * @param inlined see {@link org.sallyport.spi.CompiledModule#inlined}; {@code inlinedAt} belongs to it
 * @param relocationOffsets calls out of the function, where {@link Isa.Branches#complete} completes them
 * @param relocationTargets function index for each of them, or {@link #helper} for a helper
 */
public record FunctionCode(
        byte[] code,
        int alignment,
        int[] trapOffsets,
        byte[] trapCodes,
        int[] trapPositions,
        int[] callOffsets,
        int[] callPositions,
        int[] inlined,
        int[] inlinedAt,
        int[] relocationOffsets,
        int[] relocationTargets) {

    private static final int OBJECT_BYTES = 96;

    /** About what this takes on the heap. */
    long heapBytes() {
        long tables = trapOffsets.length * 9L
                + callOffsets.length * 8L
                + relocationOffsets.length * 8L
                + inlined.length * 8L;
        return OBJECT_BYTES + code.length + tables;
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
