package org.sallyport.codegen.regalloc;

import java.util.Arrays;

/**
 * Orders moves that are meant to happen at once, so that none overwrites what another still has to read: a move is due
 * when nobody reads its destination any more. What is left then are cycles; each is opened by saving one source
 * in a scratch register. Constants are made last, they read nothing. Slots are counted in units, because a slot of two
 * units may overlap two others.
 */
final class ParallelMoves {
    /** Receives moves in the order of execution. */
    interface Sink {
        void move(int from, int to, int vreg, boolean wide);
    }

    private static final int FREE = -1;

    private final FlatCode code;
    private final Sink sink;
    private final int[] scratch;
    /** The move whose source is saved in each scratch register, or -1. */
    private final int[] saved = {FREE, FREE};

    private int count;
    private int[] from = new int[64];
    private int[] to = new int[64];
    private int[] vreg = new int[64];
    private boolean[] done = new boolean[64];
    /** By place: moves that still read it, and the move that writes it. */
    private final int[] readers;
    private final int[] writer;
    private final IntArray due = new IntArray(64);

    ParallelMoves(FlatCode code, int spillUnits, Sink sink) {
        this.code = code;
        this.sink = sink;
        scratch = code.scratch;
        int places = Allocation.SLOT_BASE + spillUnits + 2;
        readers = code.arena.ints(places);
        writer = code.arena.filled(places, FREE);
    }

    void add(int source, int destination, int v) {
        if (source == destination) return;
        if (count == from.length) grow();
        from[count] = source;
        to[count] = destination;
        vreg[count] = v;
        done[count++] = false;
    }

    private void grow() {
        from = Arrays.copyOf(from, count * 2);
        to = Arrays.copyOf(to, count * 2);
        vreg = Arrays.copyOf(vreg, count * 2);
        done = Arrays.copyOf(done, count * 2);
    }

    /** Emits all moves added since the last time. */
    void flush() {
        if (count == 0) return;
        if (count == 1) {
            emit(0);
            count = 0;
            return;
        }
        for (int m = 0; m < count; m++) link(m);
        for (int m = 0; m < count; m++) {
            if (from[m] >= 0 && isDue(m)) due.add(m);
        }
        run();
        breakCycles(true);
        breakCycles(false);
        for (int m = 0; m < count; m++) {
            if (from[m] < 0) emit(m);
            for (int u = to[m]; u < to[m] + units(m, to[m]); u++) writer[u] = FREE;
        }
        count = 0;
    }

    private int units(int m, int place) {
        return Allocation.isSlot(place) && code.wide[vreg[m]] ? 2 : 1;
    }

    private void link(int m) {
        for (int u = from[m]; u >= 0 && u < from[m] + units(m, from[m]); u++) readers[u]++;
        for (int u = to[m]; u < to[m] + units(m, to[m]); u++) {
            if (writer[u] != FREE) throw new AssertionError("BUG: two moves into place " + u);
            writer[u] = m;
        }
    }

    private boolean isDue(int m) {
        for (int u = to[m]; u < to[m] + units(m, to[m]); u++) {
            if (readers[u] > 0) return false;
        }
        return true;
    }

    private void run() {
        while (!due.isEmpty()) {
            int m = due.removeLast();
            if (done[m]) continue;
            done[m] = true;
            emit(m);
            int source = from[m];
            for (int bank = 0; bank < 2; bank++) {
                if (saved[bank] == m) {
                    saved[bank] = FREE;
                    source = -1;
                }
            }
            if (source >= 0) unread(m, source);
        }
    }

    private void unread(int m, int source) {
        for (int u = source; u < source + units(m, source); u++) {
            readers[u]--;
            int w = writer[u];
            if (readers[u] == 0 && w != FREE && !done[w] && from[w] >= 0 && isDue(w)) due.add(w);
        }
    }

    private void breakCycles(boolean wide) {
        for (int m = 0; m < count; m++) {
            if (done[m] || from[m] < 0 || wide && !code.wide[vreg[m]]) continue;
            int bank = Allocation.isSlot(from[m]) && !code.wide[vreg[m]] ? 0 : code.bank[vreg[m]];
            if (saved[bank] != FREE) throw new AssertionError("BUG: moves with two cycles at once");
            int source = from[m];
            sink.move(source, scratch[bank], vreg[m], code.wide[vreg[m]]);
            saved[bank] = m;
            from[m] = scratch[bank];
            unread(m, source);
            run();
        }
    }

    private void emit(int m) {
        boolean wide = code.wide[vreg[m]];
        boolean throughMemory = Allocation.isSlot(to[m]) && (from[m] < 0 || Allocation.isSlot(from[m]));
        if (!throughMemory) {
            sink.move(from[m], to[m], vreg[m], wide);
        } else if (from[m] < 0) {
            through(scratch[code.bank[vreg[m]]], from[m], to[m], vreg[m], wide);
        } else if (!wide) {
            through(scratch[saved[0] == FREE ? 0 : 1], from[m], to[m], vreg[m], false);
        } else if (saved[1] == FREE) {
            through(scratch[1], from[m], to[m], vreg[m], true);
        } else {
            through(scratch[0], from[m], to[m], vreg[m], false);
            through(scratch[0], from[m] + 1, to[m] + 1, vreg[m], false);
        }
    }

    private void through(int register, int source, int destination, int v, boolean wide) {
        sink.move(source, register, v, wide);
        sink.move(register, destination, v, wide);
    }
}
