package org.sallyport.engine;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.MachineMemory;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;

/**
 * The heap of a store's structures and arrays: a linear memory that no guest can name, so that it is reserved, guarded,
 * counted, limited and given back like all others. Objects never move. Places are offsets from {@link #base}, which lies {@link
 * ObjectLayout#GUARD} bytes before the memory, so that a null reference points to guard pages.
 *
 * <p>Free space is runs. Small objects are cut from the current one, which was filled with zeros when it was taken; large ones
 * have runs of their own. {@link #starts} has a bit for each place where an object begins, but those in the runs that were
 * taken since the last collection: {@link #complete} adds them before anybody looks. {@link ObjectCollector} says what lives,
 * and {@link #sweep} makes runs of all else. What is left over and too small for a run lies idle until its neighbours die.
 *
 * <p>Used by the thread inside the store. A failure half-way through a collection leaves marks, which the next one clears.
 */
final class ObjectHeap {
    private static final long PAGE = 1L << MemoryType.PAGE_SIZE_LOG2;
    private static final int MAX_PAGES = 65535;
    /** From here on an object has a run of its own. */
    static final int LARGE = 32 << 10;
    private static final int SMALLEST_RUN = 32;
    /** Of a large run, how much is made ready at once. */
    private static final int PIECE = 128 << 10;
    private static final long FIRST_COLLECTION = 1 << 20;
    private static final int NEXT_RUN = 8;
    /** Java heap for each page: bits of starts and marks, starts by 4 KiB. */
    private static final long HEAP_BYTES = 2 * PAGE / 64 + 4 * (PAGE >>> 12);

    /** For tests: collects at every allocation, and overwrites what was freed. */
    static final boolean STRESS = Boolean.getBoolean("sallyport.gcStress");

    private final NativeExecution execution;
    private final boolean stress;
    private @Nullable MachineMemory memory;
    private long base;
    /** Behind the last byte, as an offset. */
    private long end;

    /** A bit for each 8 bytes. */
    private long[] starts = {};
    private long[] marks = {};
    /** By 4 KiB: the start of the object that the first byte belonged to, when it was made. */
    private int[] reaching = {};

    private long top;
    private long limit;
    /** Runs that were taken since the last collection: from, to. */
    private long[] taken = new long[64];
    private int takenCount;
    /** Lists of free runs through the heap, by address; 0 ends them. */
    private long small;
    private long large;

    private long row;
    private long rowEnd;
    private long[] rowPages = new long[4];
    private int rowPageCount;

    private boolean isGrowing;
    private long allocated;
    private long nextCollection = FIRST_COLLECTION;
    private long liveBytes;
    private long collections;

    ObjectHeap(NativeExecution execution, boolean stress) {
        this.execution = execution;
        this.stress = stress;
    }

    /** Makes the heap if there is none. */
    void open() {
        if (memory == null) {
            MachineMemory made = execution.memory.newMemory(MemoryType.of(new Limits(0, true, MAX_PAGES)));
            base = made.base() - ObjectLayout.GUARD;
            end = ObjectLayout.GUARD;
            memory = made;
            newRowPage();
        }
    }

    boolean isOpen() {
        return memory != null;
    }

    /** Address that offsets are relative to; 0 before {@link #open}. */
    long base() {
        return base;
    }

    long end() {
        return end;
    }

    long liveBytes() {
        return liveBytes;
    }

    long collections() {
        return collections;
    }

    // ---- rows of types

    /** A zeroed row of {@link ObjectLayout#ROW} bytes for a type, which stays. */
    int newRow() {
        open();
        if (row == rowEnd) {
            newRowPage();
        }
        int place = (int) row;
        row += ObjectLayout.ROW;
        return place;
    }

    /** The page looks like one object that never dies. */
    private void newRowPage() {
        if (rowPageCount == rowPages.length) {
            rowPages = Arrays.copyOf(rowPages, 2 * rowPageCount);
        }
        long page = grow(1);
        int number = ObjectLayout.NOTHING + ObjectLayout.ROW;
        if (page == ObjectLayout.NOTHING) {
            execution.types.addPlain(number, (int) PAGE);
        }
        NativeMemory.putInt(base + page + ObjectLayout.TYPE, number);
        rowPages[rowPageCount++] = page;
        setStart(page, PAGE);
        row = page + (page == ObjectLayout.NOTHING ? 2 : 1) * ObjectLayout.ROW;
        rowEnd = page + PAGE;
    }

    // ---- allocation

    /**
     * A zeroed object.
     *
     * @param bytes a multiple of {@link ObjectLayout#ALIGNMENT}
     * @param length of an array
     * @throws LimitExceededException if there is no room, even after a collection
     */
    long allocate(int type, long bytes, int length) {
        long place = bytes >= LARGE ? allocateLarge(bytes) : allocateSmall((int) bytes);
        NativeMemory.putInt(base + place + ObjectLayout.TYPE, type);
        if ((type & ObjectLayout.ARRAY_BIT) != 0) {
            NativeMemory.putInt(base + place + ObjectLayout.LENGTH, length);
        }
        if (bytes >= LARGE) {
            setStart(place, bytes);
        }
        return place;
    }

    private long allocateSmall(int bytes) {
        if (stress && !isGrowing || limit - top < bytes) {
            refill(bytes);
        }
        long place = top;
        top += bytes;
        return place;
    }

    /** While this is so, nothing is collected. @return whether it was so */
    boolean setGrowing(boolean on) {
        boolean was = isGrowing;
        isGrowing = on;
        return was;
    }

    private void refill(int bytes) {
        closeRun();
        boolean collected = isGrowing || stress || allocated >= nextCollection;
        if (collected && !isGrowing) {
            collect();
        }
        while (!takeRun(bytes)) {
            collected = makeRoom(PIECE, collected);
        }
    }

    private long allocateLarge(long bytes) {
        boolean collected = isGrowing || stress || allocated >= nextCollection;
        if (collected && !isGrowing) {
            collect();
        }
        while (true) {
            long place = findLarge(bytes);
            if (place != 0) {
                allocated += bytes;
                return place;
            }
            collected = makeRoom(bytes, collected);
        }
    }

    /** Grows, or else collects. @return whether a collection has been tried */
    private boolean makeRoom(long bytes, boolean collected) {
        try {
            long pages = bytes + PAGE - 1 >>> MemoryType.PAGE_SIZE_LOG2;
            if (pages > MAX_PAGES) {
                throw tooLarge(bytes);
            }
            addFree(grow((int) pages), pages << MemoryType.PAGE_SIZE_LOG2);
            return collected;
        } catch (LimitExceededException e) {
            if (collected) {
                throw e;
            }
            collect();
            if (bytes < LARGE && liveBytes > end - end / 16) { // or all the time would go into collections
                throw e;
            }
            return true;
        }
    }

    private LimitExceededException tooLarge(long bytes) {
        return new LimitExceededException(
                "heap bytes", end + bytes, MAX_PAGES * PAGE, "the largest heap of structures and arrays, 4 GiB");
    }

    private MachineMemory memory() {
        MachineMemory known = memory;
        if (known == null) {
            throw new AssertionError("BUG: no heap");
        }
        return known;
    }

    /** Adds pages of zeros. @return where they begin */
    private long grow(int pages) {
        long more = (long) pages << MemoryType.PAGE_SIZE_LOG2;
        if (end + more > MAX_PAGES * PAGE) {
            throw tooLarge(more);
        }
        int words = (int) (end + more >>> 9);
        if (words > starts.length) {
            int n = (int) Math.min(Math.max(words, 2L * starts.length), MAX_PAGES * PAGE >>> 9);
            execution.store.resources().charge(Kind.HEAP, (long) (n - starts.length) / (PAGE >>> 9) * HEAP_BYTES);
            reaching = Arrays.copyOf(reaching, (n >>> 3) + 1);
            marks = new long[n];
            starts = Arrays.copyOf(starts, n);
        }
        if (memory().grow(pages) < 0) {
            throw tooLarge(more);
        }
        long place = end;
        end += more;
        return place;
    }

    /** What was taken and not used becomes free again at the next sweep. */
    private void closeRun() {
        if (takenCount > 0 && limit != 0) {
            taken[takenCount - 1] = top;
            allocated += top - taken[takenCount - 2];
        }
        top = 0;
        limit = 0;
    }

    /** Takes the next run that is large enough; those before it lie idle until the next collection. */
    private boolean takeRun(int bytes) {
        if (takenCount == taken.length) {
            taken = Arrays.copyOf(taken, 2 * takenCount);
        }
        while (small != 0) {
            long run = small;
            long size = runBytes(run);
            small = nextRun(run);
            if (size >= bytes) {
                use(run, size);
                return true;
            }
        }
        if (large == 0) {
            return false;
        }
        long run = large;
        long size = runBytes(run);
        large = nextRun(run);
        long piece = Math.min(size, PIECE);
        if (size > piece) {
            addFree(run + piece, size - piece);
        }
        use(run, piece);
        return true;
    }

    private void use(long run, long size) {
        NativeMemory.fill(base + run, size, (byte) 0);
        taken[takenCount++] = run;
        taken[takenCount++] = run + size;
        top = run;
        limit = run + size;
    }

    private long findLarge(long bytes) {
        long before = 0;
        for (long run = large; run != 0; run = nextRun(run)) {
            execution.checkpoint();
            long size = runBytes(run);
            if (size >= bytes) {
                long next = nextRun(run);
                if (before == 0) {
                    large = next;
                } else {
                    setNextRun(before, next);
                }
                if (size > bytes) {
                    addFree(run + bytes, size - bytes);
                }
                zero(run, bytes);
                return run;
            }
            before = run;
        }
        return 0;
    }

    private void zero(long place, long bytes) {
        for (long done = 0; done < bytes; done += Builtins.PIECE_BYTES) {
            execution.checkpoint();
            NativeMemory.fill(base + place + done, Math.min(bytes - done, Builtins.PIECE_BYTES), (byte) 0);
        }
    }

    // ---- free runs: size and next one, in units of 8 bytes

    private long runBytes(long run) {
        return (NativeMemory.getInt(base + run + ObjectLayout.LENGTH) & 0xFFFF_FFFFL) << 3;
    }

    private long nextRun(long run) {
        return (NativeMemory.getInt(base + run + NEXT_RUN) & 0xFFFF_FFFFL) << 3;
    }

    private void setNextRun(long run, long next) {
        NativeMemory.putInt(base + run + NEXT_RUN, (int) (next >>> 3));
    }

    private void addFree(long run, long bytes) {
        if (bytes < SMALLEST_RUN) {
            return;
        }
        NativeMemory.putInt(base + run + ObjectLayout.LENGTH, (int) (bytes >>> 3));
        if (bytes >= LARGE) {
            setNextRun(run, large);
            large = run;
        } else {
            setNextRun(run, small);
            small = run;
        }
    }

    // ---- collection

    private void collect() {
        liveBytes = execution.collector.run();
        collections++;
        allocated = 0;
        nextCollection = Math.max(FIRST_COLLECTION, liveBytes);
    }

    /** Makes {@link #starts} complete, and clears the marks of all but rows. */
    void complete() {
        closeRun();
        for (int i = 0; i < takenCount; i += 2) {
            for (long at = taken[i]; at < taken[i + 1]; ) {
                long bytes = bytes(at);
                setStart(at, bytes);
                at += bytes;
            }
            execution.checkpoint();
        }
        takenCount = 0;
        Arrays.fill(marks, 0, (int) (end >>> 9), 0);
        for (int i = 0; i < rowPageCount; i++) {
            mark(rowPages[i]);
        }
    }

    private void setStart(long place, long bytes) {
        starts[(int) (place >>> 9)] |= 1L << (place >>> 3);
        for (long page = (place >>> 12) + 1; page <= place + bytes - 1 >>> 12; page++) {
            reaching[(int) page] = (int) place;
        }
    }

    /** Bytes of the object there. */
    long bytes(long place) {
        ObjectTypes.Type type = execution.types.ofNumber(NativeMemory.getInt(base + place + ObjectLayout.TYPE));
        return type.isArray()
                ? ObjectLayout.arrayBytes(type.bytes(), NativeMemory.getInt(base + place + ObjectLayout.LENGTH))
                : type.bytes();
    }

    /** The object that the byte at an offset belongs to, whatever that is; 0 if none. */
    long find(long offset) {
        if (offset < ObjectLayout.GUARD || offset >= end) {
            return 0;
        }
        int word = (int) (offset >>> 9);
        int first = (int) (offset >>> 12) << 3;
        long bits = starts[word] & -1L >>> 63 - (offset >>> 3 & 63);
        while (bits == 0 && word > first) {
            bits = starts[--word];
        }
        long place = bits != 0
                ? ((long) word << 9) + ((63 - Long.numberOfLeadingZeros(bits)) << 3)
                : reaching[(int) (offset >>> 12)] & 0xFFFF_FFFFL;
        return place != 0 && isStart(place) && offset - place < bytes(place) ? place : 0;
    }

    boolean isStart(long place) {
        return (starts[(int) (place >>> 9)] & 1L << (place >>> 3)) != 0;
    }

    /** @return whether it was not marked before */
    boolean mark(long place) {
        int word = (int) (place >>> 9);
        long bit = 1L << (place >>> 3);
        boolean isNew = (marks[word] & bit) == 0;
        marks[word] |= bit;
        return isNew;
    }

    /** The next marked object from there on; {@link #end} if none. */
    long nextMarked(long from) {
        return next(marks, from);
    }

    /** The next object from there on, when {@link #complete} has run; {@link #end} if none. */
    long nextObject(long from) {
        return next(starts, from);
    }

    private long next(long[] set, long from) {
        if (from >= end) {
            return end;
        }
        int word = (int) (from >>> 9);
        int words = (int) (end >>> 9);
        long bits = set[word] & -1L << (from >>> 3);
        while (bits == 0) {
            if (++word >= words) {
                return end;
            }
            bits = set[word];
        }
        return ((long) word << 9) + (Long.numberOfTrailingZeros(bits) << 3);
    }

    /** Makes free runs of all that is not marked. @return bytes that live */
    long sweep() {
        long[] survivors = marks; // at once: if this fails half-way, all that is in a run is free
        marks = starts;
        starts = survivors;
        small = 0;
        large = 0;
        long live = 0;
        int steps = 0;
        for (long at = ObjectLayout.GUARD; at < end; ) {
            if ((++steps & 0xFFFF) == 0) {
                execution.checkpoint();
            }
            long next = next(starts, at);
            if (next > at) {
                release(at, next - at);
            }
            if (next >= end) {
                break;
            }
            long bytes = bytes(next);
            live += bytes;
            at = next + bytes;
        }
        return live;
    }

    private void release(long run, long bytes) {
        if (stress) {
            NativeMemory.fill(base + run, bytes, (byte) 0xDB);
        }
        addFree(run, bytes);
    }

    /**
     * Checks each object and reference, when {@link #complete} has run.
     *
     * @throws AssertionError if one is wrong
     */
    void check() {
        long behind = 0;
        for (long at = next(starts, ObjectLayout.GUARD); at < end; at = next(starts, at + ObjectLayout.ALIGNMENT)) {
            if (at < behind) {
                throw new AssertionError("BUG: objects overlap at 0x" + Long.toHexString(at));
            }
            behind = at + bytes(at);
        }
        if (behind > end) {
            throw new AssertionError("BUG: an object reaches over the end");
        }
    }
}
