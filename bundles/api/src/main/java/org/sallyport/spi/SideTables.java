package org.sallyport.spi;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * What is known of places in machine code, by kind: of a function before it is linked, or of a module. Nobody changes
 * the arrays. Offsets are from the start of the code.
 *
 * <p>A new kind (stack maps) is a record here with a {@code join} of its own, and a section of what the engine writes to
 * artefacts and caches.
 *
 * @param traps instructions that may trap
 * @param calls return addresses, which are the offsets behind call instructions
 * @param handlers where calls go on that end with an exception
 */
public record SideTables(Traps traps, Sites calls, Handlers handlers) {
    /**
     * Places in machine code and what of the wasm binary they belong to.
     *
     * @param offsets ascending
     * @param positions offset in the wasm binary for each of them
     * @param inlined indices of those that belong to a function which was copied into its caller, ascending
     * @param inlinedAt offset in the wasm binary of the call that the copy stands for, for each of those
     */
    public record Sites(int[] offsets, int[] positions, int[] inlined, int[] inlinedAt) {
        /** No place. */
        public static final Sites NONE = new Sites(new int[0], new int[0], new int[0], new int[0]);

        public int count() {
            return offsets.length;
        }

        /** Index of the place at that offset, or a negative number. */
        public int find(int offset) {
            return Arrays.binarySearch(offsets, offset);
        }

        /**
         * If the place belongs to a function that was copied into its caller: the wasm offset of the call there that it
         * replaced; else -1.
         */
        public int callerPosition(int index) {
            int i = Arrays.binarySearch(inlined, index);
            return i < 0 ? -1 : inlinedAt[i];
        }

        /** About what this takes on the heap. */
        public long heapBytes() {
            return 8L * (offsets.length + inlined.length);
        }

        /** Those of pieces of code that lie behind each other. */
        private static Sites join(List<Sites> parts, int[] starts) {
            int count = 0;
            int copies = 0;
            for (Sites part : parts) {
                count += part.offsets.length;
                copies += part.inlined.length;
            }
            Sites all = new Sites(new int[count], new int[count], new int[copies], new int[copies]);
            int at = 0;
            int copy = 0;
            for (int p = 0; p < starts.length; p++) {
                Sites part = parts.get(p);
                copyAdding(starts[p], part.offsets, all.offsets, at);
                System.arraycopy(part.positions, 0, all.positions, at, part.positions.length);
                copyAdding(at, part.inlined, all.inlined, copy);
                System.arraycopy(part.inlinedAt, 0, all.inlinedAt, copy, part.inlinedAt.length);
                at += part.offsets.length;
                copy += part.inlined.length;
            }
            return all;
        }

        private static void copyAdding(int add, int[] from, int[] to, int at) {
            for (int i = 0; i < from.length; i++) {
                to[at + i] = from[i] + add;
            }
        }
    }

    /** @param codes {@link org.sallyport.TrapCode#ordinal()} for each of the places */
    public record Traps(Sites sites, byte[] codes) {
        private static Traps join(List<Traps> parts, int[] starts) {
            Sites sites = Sites.join(parts.stream().map(Traps::sites).toList(), starts);
            byte[] codes = new byte[sites.count()];
            int at = 0;
            for (int p = 0; p < starts.length; p++) {
                byte[] part = parts.get(p).codes;
                System.arraycopy(part, 0, codes, at, part.length);
                at += part.length;
            }
            return new Traps(sites, codes);
        }
    }

    /**
     * Calls in code that catches exceptions.
     *
     * @param returns return addresses, ascending
     * @param landings where the function goes on when that call throws
     * @param frames bytes of the function's frame, from its frame pointer down to its stack pointer there
     */
    public record Handlers(int[] returns, int[] landings, int[] frames) {
        /** No call. */
        public static final Handlers NONE = new Handlers(new int[0], new int[0], new int[0]);

        /** Index of the call that returns there, or a negative number. */
        public int find(int offset) {
            return Arrays.binarySearch(returns, offset);
        }

        private static Handlers join(List<Handlers> parts, int[] starts) {
            int count = 0;
            for (Handlers part : parts) {
                count += part.returns.length;
            }
            if (count == 0) {
                return NONE;
            }
            Handlers all = new Handlers(new int[count], new int[count], new int[count]);
            int at = 0;
            for (int p = 0; p < starts.length; p++) {
                Handlers part = parts.get(p);
                Sites.copyAdding(starts[p], part.returns, all.returns, at);
                Sites.copyAdding(starts[p], part.landings, all.landings, at);
                System.arraycopy(part.frames, 0, all.frames, at, part.frames.length);
                at += part.returns.length;
            }
            return all;
        }
    }

    /**
     * The tables of pieces of code that lie behind each other.
     *
     * @param starts where each piece begins, ascending
     */
    public static SideTables join(List<SideTables> parts, int[] starts) {
        return new SideTables(
                Traps.join(kind(parts, SideTables::traps), starts),
                Sites.join(kind(parts, SideTables::calls), starts),
                Handlers.join(kind(parts, SideTables::handlers), starts));
    }

    private static <T> List<T> kind(List<SideTables> parts, Function<SideTables, T> kind) {
        return parts.stream().map(kind).toList();
    }

    /** About what this takes on the heap. */
    public long heapBytes() {
        return traps.sites.heapBytes() + traps.codes.length + calls.heapBytes() + 12L * handlers.returns.length;
    }
}
