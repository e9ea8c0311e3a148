package org.sallyport.codegen.regalloc;

/** Which values are in registers at the beginning and at the end of each block. */
final class BlockSets {
    /** Values at the beginning of b: {@code entry[entryStart[b] .. entryStart[b + 1])}; -1 where one was taken back. */
    final int[] entryStart;
    final IntArray entry;
    final IntArray entryPiece;
    /** 1 if the block uses the value in its register, which it has had since the beginning. */
    final IntArray entryUsed;
    final int[] exitStart;
    final IntArray exit;
    /** The piece of each exit value; -1 for a result of the terminator in its fixed register. */
    final IntArray exitPiece;
    /** Position in {@link #entry} of the same value, if it was in its register all the time; else -1. */
    final IntArray exitFrom;
    /** Point behind the last use of the value in its register. */
    final IntArray exitTouched;

    BlockSets(Arena arena, int blocks) {
        entryStart = arena.ints(blocks + 1);
        exitStart = arena.ints(blocks + 1);
        entry = new IntArray(arena, blocks * 4);
        entryPiece = new IntArray(arena, blocks * 4);
        entryUsed = new IntArray(arena, blocks * 4);
        exit = new IntArray(arena, blocks * 4);
        exitPiece = new IntArray(arena, blocks * 4);
        exitFrom = new IntArray(arena, blocks * 4);
        exitTouched = new IntArray(arena, blocks * 4);
    }

    boolean isAtEntry(int v, int block) {
        for (int x = entryStart[block]; x < entryStart[block + 1]; x++) {
            if (entry.data[x] == v) return true;
        }
        return false;
    }

    /** Position of v in the exit set, or -1. */
    int findAtExit(int v, int block) {
        for (int x = exitStart[block]; x < exitStart[block + 1]; x++) {
            if (exit.data[x] == v) return x;
        }
        return -1;
    }

    void removeEntry(int v, int block) {
        remove(entry, v, entryStart[block], entryStart[block + 1]);
    }

    void removeExit(int v, int block) {
        remove(exit, v, exitStart[block], exitStart[block + 1]);
    }

    private static void remove(IntArray set, int v, int start, int end) {
        for (int x = start; x < end; x++) {
            if (set.data[x] == v) set.data[x] = -1;
        }
    }
}
