package org.sallyport.codegen.regalloc;

/** Pairs of pieces that would like to be in one register, because a move between them is saved each time. */
final class Affinities {
    private static final int FRACTION = 21;
    private static final int LEAST = Float.floatToIntBits(ControlFlow.RARE) >> FRACTION;
    static final int MAX_WEIGHT = (Float.floatToIntBits(ControlFlow.OFTEN) >> FRACTION) - LEAST;

    private final IntArray first;
    /** A piece, or {@code ~v} for the piece with which v begins. */
    private final IntArray second;
    private final IntArray weight;

    Affinities(Arena arena) {
        first = new IntArray(arena, 64);
        second = new IntArray(arena, 64);
        weight = new IntArray(arena, 64);
    }

    int size() {
        return first.size;
    }

    int first(int pair) {
        return first.data[pair];
    }

    int second(int pair, Stays stays) {
        int piece = second.data[pair];
        if (piece >= 0) return piece;
        int s = stays.first[~piece];
        return s < 0 ? -1 : stays.piece[s];
    }

    /** Grows with the number of saved moves, by one for every fifth more; 0–{@link #MAX_WEIGHT}. */
    int weight(int pair) {
        return weight.data[pair];
    }

    /** {@code piece} ends where the value {@code result} begins. */
    void succeed(int piece, int result, float frequency) {
        add(piece, ~result, frequency);
    }

    /** A value leaves a block in one piece and comes into the next in the other. */
    void join(int exit, int entry, float frequency) {
        if (exit != entry && exit >= 0) add(exit, entry, frequency);
    }

    private void add(int a, int b, float frequency) {
        first.add(a);
        second.add(b);
        weight.add(weightOf(frequency));
    }

    /** Exponent and leading two bits of the frequency. */
    private static int weightOf(float frequency) {
        int bits = Float.floatToIntBits(Math.clamp(frequency, ControlFlow.RARE, ControlFlow.OFTEN)) >> FRACTION;
        return bits - LEAST;
    }
}
