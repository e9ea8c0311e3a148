package org.sallyport.engine.heap;

import java.util.Arrays;

/** Places of objects that scopes of Java keep, a stack: those of inner scopes lie above those of outer ones. */
public final class ScopedPlaces {
    private int[] places = {};
    private int size;

    public int size() {
        return size;
    }

    long place(int index) {
        return places[index] & 0xFFFF_FFFFL;
    }

    public void push(long place) {
        if (size == places.length) {
            places = Arrays.copyOf(places, Math.max(64, 2 * size));
        }
        places[size++] = (int) place;
    }

    /** Puts a place at an index, and the one that was there on top. */
    public void insert(int index, long place) {
        push(place);
        int last = places[size - 1];
        places[size - 1] = places[index];
        places[index] = last;
    }

    public void truncate(int newSize) {
        size = newSize;
        if (places.length > 1 << 16 && newSize < places.length >>> 4) {
            places = Arrays.copyOf(places, newSize);
        }
    }
}
