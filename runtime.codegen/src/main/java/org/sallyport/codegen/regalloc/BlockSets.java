package org.sallyport.codegen.regalloc;

/** Which values are in registers at the beginning and at the end of each block. */
final class BlockSets {
    private final Arena arena;
    /** Values at the beginning of b: {@code entry[entryStart[b] .. entryStart[b + 1])}; -1 where one was taken back. */
    final int[] entryStart;
    int entries;
    int[] entry;
    int[] entryPiece;
    /** 1 if the block uses the value in its register, which it has had since the beginning. */
    int[] entryUsed;
    final int[] exitStart;
    int exits;
    int[] exit;
    /** The piece of each exit value; -1 for a result of the terminator in its fixed register. */
    int[] exitPiece;
    /** Position in {@link #entry} of the same value, if it was in its register all the time; else -1. */
    int[] exitFrom;
    /** Point behind the last use of the value in its register. */
    int[] exitTouched;

    BlockSets(Arena arena, int blocks) {
        this.arena = arena;
        int n = blocks * 4 + 4;
        entryStart = arena.ints(blocks + 1);
        exitStart = arena.ints(blocks + 1);
        entry = arena.dirty(n);
        entryPiece = arena.dirty(n);
        entryUsed = arena.dirty(n);
        exit = arena.dirty(n);
        exitPiece = arena.dirty(n);
        exitFrom = arena.dirty(n);
        exitTouched = arena.dirty(n);
    }

    int addEntry(int v, int piece) {
        if (entries == entry.length) growEntries();
        int x = entries++;
        entry[x] = v;
        entryPiece[x] = piece;
        entryUsed[x] = 0;
        return x;
    }

    private void growEntries() {
        entry = arena.grow(entry);
        entryPiece = arena.grow(entryPiece);
        entryUsed = arena.grow(entryUsed);
    }

    void addExit(int v, int piece, int from, int touched) {
        if (exits == exit.length) growExits();
        int x = exits++;
        exit[x] = v;
        exitPiece[x] = piece;
        exitFrom[x] = from;
        exitTouched[x] = touched;
    }

    private void growExits() {
        exit = arena.grow(exit);
        exitPiece = arena.grow(exitPiece);
        exitFrom = arena.grow(exitFrom);
        exitTouched = arena.grow(exitTouched);
    }

    boolean isAtEntry(int v, int block) {
        for (int x = entryStart[block]; x < entryStart[block + 1]; x++) {
            if (entry[x] == v) return true;
        }
        return false;
    }

    /** Position of v in the exit set, or -1. */
    int findAtExit(int v, int block) {
        for (int x = exitStart[block]; x < exitStart[block + 1]; x++) {
            if (exit[x] == v) return x;
        }
        return -1;
    }

    void removeEntry(int v, int block) {
        remove(entry, v, entryStart[block], entryStart[block + 1]);
    }

    void removeExit(int v, int block) {
        remove(exit, v, exitStart[block], exitStart[block + 1]);
    }

    private static void remove(int[] set, int v, int start, int end) {
        for (int x = start; x < end; x++) {
            if (set[x] == v) set[x] = -1;
        }
    }
}
