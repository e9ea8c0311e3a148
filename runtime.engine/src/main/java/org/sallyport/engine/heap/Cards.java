package org.sallyport.engine.heap;

import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.spi.StoreContext;

/**
 * Which parts of the heap references were written to since the last collection: a byte for each {@linkplain
 * ObjectLayout#CARD_LOG2 card}. Machine code sets them, and so does whoever writes to an object that may be older than the last
 * collection. Places are the heap's offsets.
 */
final class Cards {
    private static final int FIRST = 1024;

    private final HeapOwner owner;
    private long address;
    /** A multiple of 8. */
    private long count;

    Cards(HeapOwner owner) {
        this.owner = owner;
    }

    /** Makes room for those of a heap with that end. @throws org.sallyport.LimitExceededException if there is no memory */
    void grow(long end) {
        long wanted = end >>> ObjectLayout.CARD_LOG2;
        if (wanted <= count) {
            return;
        }
        long n = Math.max(Math.max(wanted + 7 & -8, 2 * count), FIRST);
        long made = owner.memory().allocate(n); // lives as long as the store, as those before, which are as much together
        NativeMemory.copy(address, made, count);
        address = made;
        count = n;
        NativeMemory.putLong(owner.memory().context() + StoreContext.OBJECT_CARDS, made);
    }

    /** A reference is about to be written to the structure, or to the element that is 8 bytes behind the place. */
    void set(long place) {
        NativeMemory.putByte(address + (place >>> ObjectLayout.CARD_LOG2), (byte) 1);
    }

    /** The same for all elements from one to another. */
    void set(long first, long last) {
        long from = first >>> ObjectLayout.CARD_LOG2;
        NativeMemory.fill(address + from, (last >>> ObjectLayout.CARD_LOG2) - from + 1, (byte) 1);
    }

    /** The next card from there on that is set, and clears it; -1: none below the end of the heap. */
    long take(long from, long end) {
        long cards = end >>> ObjectLayout.CARD_LOG2;
        for (long card = from; card < cards; ) {
            long word = NativeMemory.getLong(address + (card & -8)) >>> ((card & 7) << 3);
            if (word != 0) {
                card += Long.numberOfTrailingZeros(word) >>> 3;
                NativeMemory.putByte(address + card, (byte) 0);
                return card;
            }
            card = (card & -8) + 8;
        }
        return -1;
    }

    void clear(long end) {
        if (count > 0) {
            NativeMemory.fill(address, end >>> ObjectLayout.CARD_LOG2, (byte) 0);
        }
    }
}
