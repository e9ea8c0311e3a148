package org.sallyport.codegen.regalloc;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A growing array of ints, open to its package for speed. */
final class IntArray {
    private final @Nullable Arena arena;
    int[] data;
    int size;

    IntArray(int capacity) {
        arena = null;
        data = new int[Math.max(capacity, 4)];
    }

    /** An array in memory of the arena; when it grows, it leaves it. */
    IntArray(Arena arena, int capacity) {
        this.arena = arena;
        data = arena.dirty(Math.max(capacity, 4));
    }

    int add(int value) {
        if (size == data.length) grow();
        data[size] = value;
        return size++;
    }

    private void grow() {
        data = arena != null ? arena.grow(data) : Arrays.copyOf(data, size * 2);
    }

    int get(int index) {
        return data[index];
    }

    void set(int index, int value) {
        data[index] = value;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int removeLast() {
        return data[--size];
    }
}
