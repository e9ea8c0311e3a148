package org.sallyport.codegen.lir;

import java.util.Arrays;

/** A growing list of {@code int}s whose storage is kept when it is cleared. */
public final class Ints {
    private static final int[] EMPTY = {};

    private int[] items = new int[64];
    private int size;

    public void clear() {
        size = 0;
    }

    public int size() {
        return size;
    }

    public int get(int i) {
        return items[i];
    }

    public void set(int i, int value) {
        items[i] = value;
    }

    public int add(int value) {
        if (size == items.length) {
            items = Arrays.copyOf(items, size * 2);
        }
        items[size] = value;
        return size++;
    }

    /** Makes the size {@code n}; new items have the value given. */
    public void resize(int n, int value) {
        if (n > items.length) {
            items = Arrays.copyOf(items, Math.max(n, items.length * 2));
        }
        if (n > size) {
            Arrays.fill(items, size, n, value);
        }
        size = n;
    }

    /** A copy of the right length; nobody writes to it. */
    public int[] toArray() {
        return size == 0 ? EMPTY : Arrays.copyOf(items, size);
    }
}
