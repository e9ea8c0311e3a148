package org.sallyport.spi;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sallyport.TrapCode;

/**
 * Machine code of one module with its side tables. Position independent: it runs wherever it is mapped. Plain data, so
 * that it can be written to a file and read again. Nobody changes the arrays. Offsets are from the start of {@code
 * code}.
 *
 * @param target {@link CodeGenerator#target()}
 * @param fingerprint {@link CodeGenerator#fingerprint()} with the options
 * @param code all functions, helpers and constants
 * @param functionStarts entry offset of each function defined in the module; helpers that the compiler added come
 *     behind
 * @param functionEnds end offset of each of those
 * @param functionCount number of functions defined in the module; entries of {@code functionStarts} behind are helpers
 * @param trapOffsets offsets of instructions that may trap, ascending
 * @param trapCodes {@link TrapCode#ordinal()} for each of them
 * @param trapPositions offset in the wasm binary for each of them
 * @param callOffsets return addresses (offsets behind call instructions), ascending
 * @param callPositions offset in the wasm binary for each of them
 * @param inlined which of them belong to a function that was copied into its caller: ascending, indices of traps, then
 *     indices of calls plus the number of traps
 * @param inlinedAt offset in the wasm binary of the call that the copy stands for, for each of those
 */
public record CompiledModule(
        String target,
        String fingerprint,
        byte[] code,
        int functionCount,
        int[] functionStarts,
        int[] functionEnds,
        int[] trapOffsets,
        byte[] trapCodes,
        int[] trapPositions,
        int[] callOffsets,
        int[] callPositions,
        int[] inlined,
        int[] inlinedAt) {

    private static final TrapCode[] TRAPS = TrapCode.values();

    /** The trap of the instruction at {@code offset}, or null if none is known there. */
    public @Nullable TrapCode trapAt(int offset) {
        int i = Arrays.binarySearch(trapOffsets, offset);
        return i < 0 ? null : TRAPS[trapCodes[i]];
    }

    /** Wasm offset of the trapping instruction at {@code offset}, or of the call that returns to it, or -1. */
    public int positionAt(int offset) {
        return position(entryAt(offset, false));
    }

    /** The same where {@code offset} is a return address, even if a trapping instruction stands there. */
    public int callPositionAt(int offset) {
        return position(entryAt(offset, true));
    }

    private int position(int entry) {
        return entry < 0
                ? -1
                : entry < trapOffsets.length ? trapPositions[entry] : callPositions[entry - trapOffsets.length];
    }

    /**
     * If {@link #positionAt}, or {@link #callPositionAt} for a return address, lies in a function that was copied into
     * its caller: the wasm offset of the call there that it replaced; else -1.
     */
    public int inlinedAt(int offset, boolean isReturn) {
        int i = Arrays.binarySearch(inlined, entryAt(offset, isReturn));
        return i < 0 ? -1 : inlinedAt[i];
    }

    /** Index of a trap, or of a call plus the number of traps, or -1. */
    private int entryAt(int offset, boolean isReturn) {
        int trap = Arrays.binarySearch(trapOffsets, offset);
        if (trap >= 0 && !isReturn) {
            return trap;
        }
        int call = Arrays.binarySearch(callOffsets, offset);
        return call >= 0 ? call + trapOffsets.length : trap >= 0 ? trap : -1;
    }

    /**
     * Index into {@code functionStarts} of the function that holds {@code offset}, or -1. Functions lie in ascending
     * order.
     */
    public int functionAt(int offset) {
        int i = Arrays.binarySearch(functionStarts, offset);
        i = i < 0 ? -i - 2 : i;
        return i >= 0 && offset < functionEnds[i] ? i : -1;
    }
}
