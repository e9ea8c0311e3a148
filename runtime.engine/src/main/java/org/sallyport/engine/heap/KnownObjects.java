package org.sallyport.engine.heap;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;

/**
 * Which objects there are, and how large they are. Between collections these are those that the last one left, which are
 * {@link #old}, and what was taken since, whose objects are found by walking over them as far as somebody asks.
 * Places are the heap's offsets.
 */
final class KnownObjects {
    /** Java heap for each page: the bits of three sets, starts by 4 KiB. */
    static final long HEAP_BYTES = 3 * ObjectHeap.PAGE / 64 + 4 * (ObjectHeap.PAGE >>> 12);

    private final ObjectHeap heap;
    private final YoungRuns young;
    /** Where objects begin: the old ones, and of the young ones those that were looked for. */
    private final PlaceSet starts = new PlaceSet();
    private final PlaceSet old = new PlaceSet();
    private final PlaceSet live = new PlaceSet();
    /** By 4 KiB: the start of the object that the first byte belonged to, when it was made. */
    private int[] reaching = {};

    KnownObjects(ObjectHeap heap, YoungRuns young) {
        this.heap = heap;
        this.young = young;
    }

    /** What lived after the last collection, and during one what it has reached of the young. */
    PlaceSet old() {
        return old;
    }

    /** What the collection of all under way has reached. */
    PlaceSet live() {
        return live;
    }

    int words() {
        return starts.words();
    }

    void grow(int words) {
        reaching = Arrays.copyOf(reaching, (words >>> 3) + 1);
        live.grow(words);
        old.grow(words);
        starts.grow(words);
    }

    // ---- where objects begin

    /** Notes an object that is old from the beginning. */
    void addOld(long place, long bytes) {
        addStart(place, bytes);
        old.add(place);
    }

    private void addStart(long place, long bytes) {
        starts.add(place);
        reach(place, bytes);
    }

    /** Notes an object where it may be searched for from its middle. */
    private void reach(long place, long bytes) {
        for (long page = (place >>> 12) + 1; page <= place + bytes - 1 >>> 12; page++) {
            reaching[(int) page] = (int) place;
        }
    }

    boolean isStart(long place) {
        return starts.has(place);
    }

    /** Where an object begins that the byte at the offset may belong to; 0 if none is known. */
    long before(long offset) {
        int word = PlaceSet.word(offset);
        int first = (int) (offset >>> 12) << 3;
        long bits = starts.word(word) & -1L >>> 63 - (offset >>> 3 & 63);
        while (bits == 0 && word > first) {
            bits = starts.word(--word);
        }
        long place = bits != 0
                ? ((long) word << 9) + ((63 - Long.numberOfLeadingZeros(bits)) << 3)
                : reaching[(int) (offset >>> 12)] & 0xFFFF_FFFFL;
        return place != 0 && starts.has(place) ? place : 0;
    }

    /** The next object from there on that is known; {@code to} if none is before it. */
    long next(long from, long to) {
        return starts.next(from, to);
    }

    /** The object that the byte at an offset belongs to, whatever that is; 0 if none. During a collection. */
    long find(long offset) {
        if (offset < ObjectLayout.GUARD || offset >= heap.end()) {
            return 0;
        }
        int at = young.find(offset);
        if (at >= 0) {
            know(at, offset);
        }
        long place = before(offset);
        return place != 0 && offset - place < bytes(place) ? place : 0;
    }

    /** Finds where objects begin in a young run, up to the one at the offset. */
    private void know(int at, long offset) {
        long place = young.known(at);
        long to = Math.min(young.to(at), offset + 1);
        while (place < to) {
            long bytes = bytes(place);
            addStart(place, bytes);
            place += bytes;
        }
        young.setKnown(at, place);
    }

    /** Has {@link #next} find all objects, dead ones too. The current run is closed. */
    void complete() {
        young.sort();
        for (int i = 0; i < young.count(); i++) {
            if (!young.isRest(i)) {
                know(i, young.to(i));
            }
        }
    }

    // ---- what they are

    ObjectTypes.Type type(long place) {
        return heap.types().ofNumber(NativeMemory.getInt(heap.base() + place + ObjectLayout.TYPE));
    }

    /** Bytes of the object there. */
    long bytes(long place) {
        ObjectTypes.Type type = type(place);
        return type.isArray()
                ? ObjectLayout.arrayBytes(type.bytes(), NativeMemory.getInt(heap.base() + place + ObjectLayout.LENGTH))
                : type.bytes();
    }

    // ---- the end of a collection

    /**
     * The young objects that are in the set may be searched for from their middles from now on.
     *
     * @param whole is told of them
     * @return their bytes
     */
    long keep(PlaceSet set, @Nullable Tracer whole) {
        long sum = 0;
        for (int i = 0; i < young.count(); i++) {
            if (!young.isRest(i)) {
                long to = young.to(i);
                for (long at = set.next(young.from(i), to); at < to; at = set.next(at, to)) {
                    if (whole != null) {
                        whole.markNow(at);
                    }
                    long bytes = bytes(at);
                    reach(at, bytes);
                    sum += bytes;
                    at += bytes;
                }
            }
        }
        return sum;
    }

    /** No more are the young objects that are not {@link #old}. */
    void dropYoung() {
        for (int i = 0; i < young.count(); i++) {
            starts.copy(old, young.from(i), young.to(i));
        }
    }

    /** No more are the objects that are not {@link #live}; the others are old. */
    void dropAllButLive(long end) {
        if (end > 0) {
            starts.copy(live, 0, end);
            old.copy(live, 0, end);
        }
    }
}
