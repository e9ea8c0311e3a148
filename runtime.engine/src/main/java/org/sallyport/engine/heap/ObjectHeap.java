package org.sallyport.engine.heap;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.MachineMemory;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.TypeCanon;

/**
 * The heap of a store's structures and arrays: a linear memory that no guest can name, so that it is reserved, guarded,
 * counted, limited and given back like all others. Objects never move. Places are offsets from {@link #base}, which lies {@link
 * ObjectLayout#GUARD} bytes before the memory, so that a null reference points to guard pages.
 *
 * <p>Free space is runs. Small objects are cut from the current one, which was filled with zeros when it was taken; large ones
 * have runs of their own. {@link ObjectBits} has a bit for each place where an object begins, but those in the runs that were
 * taken since the last collection: {@link #complete} adds them before anybody looks. {@link ObjectCollector} says what lives,
 * and {@link #sweep} makes runs of all else. What is left over and too small for a run lies idle until its neighbours die.
 *
 * <p>Used by the thread inside the store. A failure half-way through a collection leaves marks, which the next one clears.
 */
public final class ObjectHeap {
    private static final long PAGE = 1L << MemoryType.PAGE_SIZE_LOG2;
    private static final int MAX_PAGES = 65535;
    /** From here on an object has a run of its own. */
    static final int LARGE = 32 << 10;
    /** Of a large run, how much is made ready at once. */
    private static final int PIECE = 128 << 10;
    private static final long FIRST_COLLECTION = 1 << 20;
    /** Bytes that are zeroed between two looks at the deadline. */
    private static final int ZEROED_AT_ONCE = 1 << 20;
    /** Java heap for each page: bits of starts and marks, starts by 4 KiB. */
    private static final long HEAP_BYTES = 2 * PAGE / 64 + 4 * (PAGE >>> 12);

    /** For tests: collects at every allocation, and overwrites what was freed. */
    public static final boolean STRESS = Boolean.getBoolean("sallyport.gcStress");

    private final HeapOwner owner;
    private final ObjectTypes types;
    private final ObjectCollector collector;
    private final boolean stress;
    private @Nullable MachineMemory memory;
    private long base;
    /** Behind the last byte, as an offset. */
    private long end;

    private final ObjectBits bits = new ObjectBits();
    private @Nullable FreeRuns free;

    private long top;
    private long limit;
    /** Runs that were taken since the last collection: from, to. */
    private long[] taken = new long[64];
    private int takenCount;

    private long row;
    private long rowEnd;
    private long[] rowPages = new long[4];
    private int rowPageCount;

    private boolean isGrowing;
    private long allocated;
    private long nextCollection = FIRST_COLLECTION;
    private long liveBytes;
    private long collections;

    /**
     * A heap without any objects.
     *
     * @param canon the engine's types
     * @param stress see {@link #STRESS}
     */
    public ObjectHeap(HeapOwner owner, TypeCanon canon, boolean stress) {
        this.owner = owner;
        this.stress = stress;
        types = new ObjectTypes(owner, this, canon);
        collector = new ObjectCollector(owner, this);
    }

    public ObjectTypes types() {
        return types;
    }

    public ObjectCollector collector() {
        return collector;
    }

    /** Makes the heap if there is none. */
    public void open() {
        if (memory == null) {
            MachineMemory made = owner.memory().newMemory(MemoryType.of(new Limits(0, true, MAX_PAGES)));
            base = made.base() - ObjectLayout.GUARD;
            end = ObjectLayout.GUARD;
            memory = made;
            free = new FreeRuns(owner, base);
            newRowPage();
        }
    }

    boolean isOpen() {
        return memory != null;
    }

    /** Address that offsets are relative to; 0 before {@link #open}. */
    public long base() {
        return base;
    }

    public long end() {
        return end;
    }

    /** Bytes that the heap has of the store's memory. */
    public long reservedBytes() {
        return isOpen() ? end - ObjectLayout.GUARD : 0;
    }

    long liveBytes() {
        return liveBytes;
    }

    public long collections() {
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
            types.addPlain(number, (int) PAGE);
        }
        NativeMemory.putInt(base + page + ObjectLayout.TYPE, number);
        rowPages[rowPageCount++] = page;
        bits.setStart(page, PAGE);
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
    public long allocate(int type, long bytes, int length) {
        long place = bytes >= LARGE ? allocateLarge(bytes) : allocateSmall((int) bytes);
        NativeMemory.putInt(base + place + ObjectLayout.TYPE, type);
        if ((type & ObjectLayout.ARRAY_BIT) != 0) {
            NativeMemory.putInt(base + place + ObjectLayout.LENGTH, length);
        }
        if (bytes >= LARGE) {
            bits.setStart(place, bytes);
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
    public boolean setGrowing(boolean on) {
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
            long place = free().takeLarge(bytes);
            if (place != 0) {
                zero(place, bytes);
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
            free().add(grow((int) pages), pages << MemoryType.PAGE_SIZE_LOG2);
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

    private FreeRuns free() {
        FreeRuns known = free;
        if (known == null) {
            throw new AssertionError("BUG: no heap");
        }
        return known;
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
        int words = ObjectBits.word(end + more);
        int known = bits.words();
        if (words > known) {
            int n = (int) Math.min(Math.max(words, 2L * known), ObjectBits.word(MAX_PAGES * PAGE));
            owner.resources().charge(Kind.HEAP, (long) (n - known) / ObjectBits.word(PAGE) * HEAP_BYTES);
            bits.grow(n);
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

    /** Takes the next run that is large enough, or of a large one as much as is made ready at once. */
    private boolean takeRun(int bytes) {
        if (takenCount == taken.length) {
            taken = Arrays.copyOf(taken, 2 * takenCount);
        }
        FreeRuns runs = free();
        long run = runs.takeSmall(bytes);
        if (run != 0) {
            use(run, runs.bytes(run));
            return true;
        }
        run = runs.takeLarge();
        if (run == 0) {
            return false;
        }
        long size = runs.bytes(run);
        long piece = Math.min(size, PIECE);
        if (size > piece) {
            free().add(run + piece, size - piece);
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

    private void zero(long place, long bytes) {
        for (long done = 0; done < bytes; done += ZEROED_AT_ONCE) {
            owner.checkpoint();
            NativeMemory.fill(base + place + done, Math.min(bytes - done, ZEROED_AT_ONCE), (byte) 0);
        }
    }

    // ---- collection

    private void collect() {
        liveBytes = collector.run();
        collections++;
        allocated = 0;
        nextCollection = Math.max(FIRST_COLLECTION, liveBytes);
    }

    /** Collects all that nobody reaches. Called when Java is about to put nothing anywhere. */
    public void collectNow() {
        collector.forgetNoted();
        collectForHosts();
    }

    /** Collects because guests may hold too many objects of the host. */
    public void collectForHosts() {
        if (!isGrowing) {
            closeRun();
            collect();
        }
    }

    /** See {@link #STRESS}. */
    public boolean isStressed() {
        return stress;
    }

    /** Who is shown objects. */
    public interface Visitor {
        void visit(ObjectTypes.Type type, long place, long bytes);
    }

    /** Shows all objects that there are, dead ones that were not swept yet too; the visitor makes none. */
    public void forEach(Visitor visitor) {
        if (!isOpen()) {
            return;
        }
        complete();
        int steps = 0;
        for (long at = nextObject(ObjectLayout.GUARD); at < end; at = nextObject(at + ObjectLayout.ALIGNMENT)) {
            if ((++steps & 0xFFF) == 0) {
                owner.checkpoint();
            }
            ObjectTypes.Type type = types.ofNumber(NativeMemory.getInt(base + at + ObjectLayout.TYPE));
            if (type.id() >= 0) {
                visitor.visit(type, at, bytes(at));
            }
        }
    }

    /** Has {@link ObjectBits} know all objects, and clears the marks of all but rows. */
    void complete() {
        closeRun();
        for (int i = 0; i < takenCount; i += 2) {
            for (long at = taken[i]; at < taken[i + 1]; ) {
                long bytes = bytes(at);
                bits.setStart(at, bytes);
                at += bytes;
            }
            owner.checkpoint();
        }
        takenCount = 0;
        bits.clearMarks(end);
        for (int i = 0; i < rowPageCount; i++) {
            mark(rowPages[i]);
        }
    }

    /** Bytes of the object there. */
    long bytes(long place) {
        ObjectTypes.Type type = types.ofNumber(NativeMemory.getInt(base + place + ObjectLayout.TYPE));
        return type.isArray()
                ? ObjectLayout.arrayBytes(type.bytes(), NativeMemory.getInt(base + place + ObjectLayout.LENGTH))
                : type.bytes();
    }

    /** The object that the byte at an offset belongs to, whatever that is; 0 if none. */
    long find(long offset) {
        if (offset < ObjectLayout.GUARD || offset >= end) {
            return 0;
        }
        long place = bits.startBefore(offset);
        return place != 0 && bits.isStart(place) && offset - place < bytes(place) ? place : 0;
    }

    boolean isStart(long place) {
        return bits.isStart(place);
    }

    /** @return whether it was not marked before */
    boolean mark(long place) {
        return bits.mark(place);
    }

    /** The next marked object from there on; {@link #end} if none. */
    long nextMarked(long from) {
        return bits.nextMarked(from, end);
    }

    /** The next object from there on, when {@link #complete} has run; {@link #end} if none. */
    long nextObject(long from) {
        return bits.nextStart(from, end);
    }

    /** Makes free runs of all that is not marked. @return bytes that live */
    long sweep() {
        bits.keepMarked();
        free().clear();
        long live = 0;
        int steps = 0;
        for (long at = ObjectLayout.GUARD; at < end; ) {
            if ((++steps & 0xFFFF) == 0) {
                owner.checkpoint();
            }
            long next = nextObject(at);
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
        free().add(run, bytes);
    }

    /**
     * Checks each object and reference, when {@link #complete} has run.
     *
     * @throws AssertionError if one is wrong
     */
    void check() {
        long behind = 0;
        for (long at = nextObject(ObjectLayout.GUARD); at < end; at = nextObject(at + ObjectLayout.ALIGNMENT)) {
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
