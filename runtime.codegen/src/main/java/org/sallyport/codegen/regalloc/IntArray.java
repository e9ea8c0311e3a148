package org.sallyport.codegen.regalloc;

import java.util.Arrays;

/** A growing array of ints, open to its package for speed. */
final class IntArray {
    int[] data;
    int size;

    IntArray(int capacity) {
        data = new int[Math.max(capacity, 4)];
    }

    /** An array in memory of the arena; when it grows, it leaves it. */
    IntArray(Arena arena, int capacity) {
        data = arena.dirty(Math.max(capacity, 4));
    }

    int add(int value) {
        if (size == data.length) data = Arrays.copyOf(data, size * 2);
        data[size] = value;
        return size++;
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
