package org.sallyport.spi;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sallyport.TrapCode;
import org.sallyport.spi.SideTables.Sites;

/**
 * Machine code of one module with its side tables. Position independent: it runs wherever it is mapped. Plain data, so
 * that it can be written to a file and read again. Nobody changes the arrays. Offsets are from the start of {@code
 * code}.
 *
 * @param target {@link CodeGenerator#target()}
 * @param fingerprint {@link CodeGenerator#fingerprint()} with the options
 * @param code all functions, helpers and constants
 * @param functions where functions are
 * @param tables what is known of places in the code
 */
public record CompiledModule(String target, String fingerprint, byte[] code, Functions functions, SideTables tables) {
    private static final TrapCode[] TRAPS = TrapCode.values();

    /**
     * Places of functions, ascending.
     *
     * @param count number of functions defined in the module; entries behind are helpers that the compiler added
     * @param starts entry offset of each function and helper
     * @param ends end offset of each of those
     */
    public record Functions(int count, int[] starts, int[] ends) {}

    public int functionCount() {
        return functions.count;
    }

    /** Entry offset of a function, or of a helper behind them. */
    public int functionStart(int function) {
        return functions.starts[function];
    }

    public int functionEnd(int function) {
        return functions.ends[function];
    }

    /** The trap of the instruction at {@code offset}, or null if none is known there. */
    public @Nullable TrapCode trapAt(int offset) {
        int i = tables.traps().sites().find(offset);
        return i < 0 ? null : TRAPS[tables.traps().codes()[i]];
    }

    /** Wasm offset of the trapping instruction at {@code offset}, or of the call that returns to it, or -1. */
    public int positionAt(int offset) {
        return position(offset, false);
    }

    /** The same where {@code offset} is a return address, even if a trapping instruction stands there. */
    public int callPositionAt(int offset) {
        return position(offset, true);
    }

    private int position(int offset, boolean isReturn) {
        Sites sites = sitesOf(offset, isReturn);
        int i = sites.find(offset);
        return i < 0 ? -1 : sites.positions()[i];
    }

    /**
     * If {@link #positionAt}, or {@link #callPositionAt} for a return address, lies in a function that was copied into
     * its caller: the wasm offset of the call there that it replaced; else -1.
     */
    public int inlinedAt(int offset, boolean isReturn) {
        Sites sites = sitesOf(offset, isReturn);
        return sites.callerPosition(sites.find(offset));
    }

    /** The table that has the place: that of calls is asked first where it is a return address. */
    private Sites sitesOf(int offset, boolean isReturn) {
        Sites first = isReturn ? tables.calls() : tables.traps().sites();
        Sites second = isReturn ? tables.traps().sites() : tables.calls();
        return first.find(offset) >= 0 ? first : second;
    }

    /**
     * Index of the function or helper that holds {@code offset}, or -1. Functions lie in ascending order.
     */
    public int functionAt(int offset) {
        int i = Arrays.binarySearch(functions.starts, offset);
        i = i < 0 ? -i - 2 : i;
        return i >= 0 && offset < functions.ends[i] ? i : -1;
    }
}
