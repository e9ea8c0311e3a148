package org.sallyport.text;

import java.util.Arrays;

/**
 * Where the instructions of a module in the text format are in the binary that was made of it, so that who finds a fault
 * in the binary can show it in the text. Filled by {@link Wat#compile(byte[], String, WatOptions, WatPlaces)}. Used by one
 * thread.
 */
public final class WatPlaces {
    private static final int CODE = 10;
    private static final int HEADER = 8;
    private static final int FIELDS = 3;

    /** Function, offset from the start of its body, and offset in the text of each instruction, in the order of the binary. */
    private int[] places = new int[FIELDS * 64];
    private int size;
    private int firstFunction = Integer.MAX_VALUE;

    // of textOffset
    private byte[] binary = {};
    private int at;

    /**
     * For the parser.
     *
     * @param function its index; functions and their instructions come in ascending order
     * @param offset from the first byte of the body, its local declarations
     * @param textOffset in bytes
     */
    public void add(int function, int offset, int textOffset) {
        if (size + FIELDS > places.length) {
            places = Arrays.copyOf(places, 2 * places.length);
        }
        places[size] = function;
        places[size + 1] = offset;
        places[size + 2] = textOffset;
        size += FIELDS;
        firstFunction = Math.min(firstFunction, function);
    }

    /**
     * Where in the text the instruction stands that is at a place of the binary.
     *
     * @param compiled what the parser made
     * @param offset from the start of the binary
     * @return an offset in bytes, or -1 if there is no instruction of a function's body
     */
    public int textOffset(byte[] compiled, int offset) {
        binary = compiled;
        at = HEADER;
        while (at < compiled.length) {
            int id = compiled[at++];
            int end = u32();
            end += at;
            if (id == CODE && offset >= at && offset < end) {
                return inBodies(offset);
            }
            at = end;
        }
        return -1;
    }

    private int inBodies(int offset) {
        int count = u32();
        for (int i = 0; i < count; i++) {
            int length = u32();
            int start = at;
            if (offset >= start && offset < start + length) {
                return inBody(firstFunction + i, offset - start);
            }
            at = start + length;
        }
        return -1;
    }

    private int inBody(int function, int offset) {
        int found = -1;
        for (int i = 0; i < size && places[i] <= function; i += FIELDS) {
            if (places[i] == function && places[i + 1] <= offset) {
                found = places[i + 2];
            }
        }
        return found;
    }

    private int u32() {
        int value = 0;
        int shift = 0;
        int b;
        do {
            b = binary[at++];
            value |= (b & 0x7F) << shift;
            shift += 7;
        } while (b < 0);
        return value;
    }
}
