package org.sallyport.engine.heap;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.engine.events.FlightEvents;
import org.sallyport.engine.events.FlightEvents.GarbageCollection;
import org.sallyport.spi.MachineMemory;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.StoreContext;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.TypeCanon;

/**
 * The heap of a store's structures and arrays: a linear memory that no guest can name, so that it is reserved, guarded,
 * counted, limited and given back like all others. Objects never move. Places are offsets from {@link #base}, which lies {@link
 * ObjectLayout#GUARD} bytes before the memory, so that a null reference points to guard pages.
 *
 * <p>Free space is runs. Small objects are cut from the current one, which was filled with zeros when it was taken, by machine
 * code ({@link StoreContext#OBJECT_TOP}) or here; large ones have runs of their own. What was taken since the last collection is
 * {@linkplain YoungRuns young}, all else old. Most collections look for young objects only: from the roots and from the {@link
 * Cards} that were written to, and what lives is old from then on. When much has become old, all is collected. {@link
 * ObjectCollector} says what lives.
 *
 * <p>Used by the thread inside the store. A collection that failed half-way is made good by the next one, which is of all.
 */
public final class ObjectHeap {
    private static final long PAGE = 1L << MemoryType.PAGE_SIZE_LOG2;
    private static final int MAX_PAGES = 65535;
    /** From here on an object has a run of its own. */
    static final int LARGE = 32 << 10;
    /** Of a large run, how much is made ready at once. */
    private static final int PIECE = 64 << 10;
    /** Bytes between two collections: as much as is old, within these bounds; more where roots are many. */
    private static final long LEAST_YOUNG = 1 << 20;
    private static final long MOST_YOUNG = 4 << 20;
    private static final long ROOT_COST = 32;
    /** So much is old when all is collected for the first time. */
    private static final long FIRST_WHOLE = 4 << 20;
    /** Bytes that are zeroed between two looks at the deadline. */
    private static final int ZEROED_AT_ONCE = 1 << 20;
    /** Java heap for each page: bits of starts and marks, starts by 4 KiB. */
    private static final long HEAP_BYTES = 2 * PAGE / 64 + 4 * (PAGE >>> 12);

    /**
     * For tests: collects at nearly every allocation, all only at each eighth, overwrites what was freed, and checks all
     * references.
     */
    public static final boolean STRESS = Boolean.getBoolean("sallyport.gcStress");
    private static final int STRESS_WHOLE = 8;
    /** Room for what machine code makes meanwhile. */
    private static final int STRESS_RUN = 64;

    private final HeapOwner owner;
    private final long context;
    private final ObjectTypes types;
    private final ObjectCollector collector;
    private final boolean stress;
    private @Nullable MachineMemory memory;
    private long base;
    /** Behind the last byte, as an offset. */
    private long end;

    private final ObjectBits bits = new ObjectBits();
    private @Nullable FreeRuns free;

    private final YoungRuns young;
    private final Cards cards;
    /** The run that objects are cut from; 0 if there is none. */
    private long run;
    private long runEnd;

    private long row;
    private long rowEnd;
    private long[] rowPages = new long[4];
    private int rowPageCount;

    private boolean isGrowing;
    private long allocated;
    private long nextCollection = LEAST_YOUNG;
    /** What lived after the last collection of all, and has become old since. */
    private long oldBytes;
    private long nextWhole = FIRST_WHOLE;
    /** A collection has failed half-way: marks are of no use. */
    private boolean isBroken;
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
        context = owner.memory().context();
        young = new YoungRuns(owner.resources());
        cards = new Cards(owner);
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
        mark(page);
        row = page + (page == ObjectLayout.NOTHING ? 2 : 1) * ObjectLayout.ROW;
        rowEnd = page + PAGE;
    }

    // ---- allocation

    /**
     * A zeroed object. Machine code does the same while the run lasts.
     *
     * @param bytes a multiple of {@link ObjectLayout#ALIGNMENT}
     * @param length of an array
     * @throws LimitExceededException if there is no room, even after a collection
     */
    public long allocate(int type, long bytes, int length) {
        long place = bytes >= LARGE ? allocateLarge(bytes) : roomFor((int) bytes);
        int word = (type & ObjectLayout.ARRAY_BIT) != 0 ? length : 0;
        NativeMemory.putLong(base + place + ObjectLayout.TYPE, (type & 0xFFFF_FFFFL) | (long) word << 32);
        if (bytes >= LARGE) {
            young.add(place, place + bytes, false);
        } else {
            NativeMemory.putLong(context + StoreContext.OBJECT_TOP, place + bytes);
        }
        return place;
    }

    /** Where a small object may be put. */
    private long roomFor(int bytes) {
        long top = NativeMemory.getLong(context + StoreContext.OBJECT_TOP);
        if (NativeMemory.getLong(context + StoreContext.OBJECT_LIMIT) - top >= bytes) {
            return top;
        }
        refill(bytes);
        return run;
    }

    /** While this is so, nothing is collected. @return whether it was so */
    public boolean setGrowing(boolean on) {
        boolean was = isGrowing;
        isGrowing = on;
        return was;
    }

    private void refill(int bytes) {
        closeRun();
        boolean collected = collectIfDue();
        while (!takeRun(bytes)) {
            try {
                collected = makeRoom(PIECE, collected);
            } catch (LimitExceededException e) {
                long tiny = free().takeTiny(bytes);
                if (tiny == 0) {
                    throw e;
                }
                use(tiny, free().bytes(tiny), bytes);
                return;
            }
        }
    }

    private long allocateLarge(long bytes) {
        boolean collected = collectIfDue();
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

    /** @return whether there is no use in a collection of all */
    private boolean collectIfDue() {
        if (isGrowing) {
            return true;
        }
        if (stress || allocated >= nextCollection) {
            boolean all = isBroken || oldBytes >= nextWhole || stress && collections % STRESS_WHOLE == 0;
            collect(all);
            return all;
        }
        return false;
    }

    /** Grows, or else collects all. @return whether that has been tried */
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
            collect(true);
            if (bytes <= PIECE && liveBytes > end - end / 32) { // or all the time would go into collections
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
        cards.grow(end + more);
        if (memory().grow(pages) < 0) {
            throw tooLarge(more);
        }
        long place = end;
        end += more;
        return place;
    }

    /** Notes what of the run is objects. */
    private void closeRun() {
        if (runEnd != 0) {
            long top = NativeMemory.getLong(context + StoreContext.OBJECT_TOP);
            if (top > run) {
                young.add(run, top, false);
            }
            if (runEnd > top) {
                young.add(top, runEnd, true);
            }
            allocated += top - run;
        }
        setRun(0, 0);
    }

    private void setRun(long from, long to) {
        run = from;
        runEnd = to;
        NativeMemory.putLong(context + StoreContext.OBJECT_TOP, from);
        NativeMemory.putLong(context + StoreContext.OBJECT_LIMIT, to);
    }

    /** Takes the next run that is large enough, or of a large one as much as is made ready at once. */
    private boolean takeRun(int bytes) {
        FreeRuns runs = free();
        long from = runs.takeSmall(bytes);
        if (from == 0) {
            from = runs.takeLarge();
        }
        if (from == 0) {
            return false;
        }
        use(from, runs.bytes(from), bytes);
        return true;
    }

    private void use(long from, long size, int wanted) {
        long most = stress ? wanted + (collections % 3 == 0 ? 0 : STRESS_RUN) : Math.max(PIECE, wanted);
        long piece = Math.min(size, most);
        if (size > piece) {
            free().add(from + piece, size - piece);
        }
        NativeMemory.fill(base + from, piece, (byte) 0);
        setRun(from, from + piece);
    }

    private void zero(long place, long bytes) {
        for (long done = 0; done < bytes; done += ZEROED_AT_ONCE) {
            owner.checkpoint();
            NativeMemory.fill(base + place + done, Math.min(bytes - done, ZEROED_AT_ONCE), (byte) 0);
        }
    }

    // ---- collection

    /** A reference is about to be written to the structure, or to the element that is 8 bytes behind the place. */
    public void noteWrite(long place) {
        cards.set(place);
    }

    /** The same for all elements from one to another. */
    public void noteWrites(long first, long last) {
        cards.set(first, last);
    }

    Cards cards() {
        return cards;
    }

    private void collect(boolean all) {
        GarbageCollection event = FlightEvents.beginCollection();
        isBroken = true; // until the end is reached
        closeRun();
        young.sort();
        if (all) {
            bits.clearMarks(end);
            cards.clear(end);
            for (int i = 0; i < rowPageCount; i++) {
                mark(rowPages[i]);
            }
        }
        collector.mark(!all);
        promote();
        if (all) {
            young.clear();
            liveBytes = sweep();
            oldBytes = liveBytes;
            nextWhole = Math.max(FIRST_WHOLE, 2 * liveBytes);
        } else {
            sweepYoung();
            young.clear();
            liveBytes = oldBytes;
        }
        isBroken = false;
        collections++;
        allocated = 0;
        nextCollection = Math.max(Math.clamp(oldBytes, LEAST_YOUNG, MOST_YOUNG), ROOT_COST * collector.roots());
        if (stress) {
            check();
        }
        FlightEvents.end(event, all, liveBytes, reservedBytes());
    }

    /** What is marked of the young objects is old from now on, and nothing else of them is an object. */
    private void promote() {
        for (int i = 0; i < young.count(); i++) {
            if (!young.isRest(i)) {
                long to = young.to(i);
                for (long at = bits.nextMarked(young.from(i), to); at < to; at = bits.nextMarked(at, to)) {
                    long bytes = bytes(at);
                    bits.reach(at, bytes);
                    oldBytes += bytes;
                    at += bytes;
                }
            }
        }
        for (int i = 0; i < young.count(); i++) {
            bits.keepMarked(young.from(i), young.to(i));
        }
    }

    /** Bytes of the object there. */
    long bytes(long place) {
        ObjectTypes.Type type = types.ofNumber(NativeMemory.getInt(base + place + ObjectLayout.TYPE));
        return type.isArray()
                ? ObjectLayout.arrayBytes(type.bytes(), NativeMemory.getInt(base + place + ObjectLayout.LENGTH))
                : type.bytes();
    }

    /** The object that the byte at an offset belongs to, whatever that is; 0 if none. During a collection. */
    long find(long offset) {
        if (offset < ObjectLayout.GUARD || offset >= end) {
            return 0;
        }
        int at = young.find(offset);
        if (at >= 0) {
            know(at, offset);
        }
        long place = bits.startBefore(offset);
        return place != 0 && bits.isStart(place) && offset - place < bytes(place) ? place : 0;
    }

    /** Finds where objects begin in a young run, up to the one at the offset. */
    private void know(int at, long offset) {
        long place = young.known(at);
        long to = Math.min(young.to(at), offset + 1);
        while (place < to) {
            long bytes = bytes(place);
            bits.setStart(place, bytes);
            place += bytes;
        }
        young.setKnown(at, place);
    }

    /** Has {@link #nextObject} find all objects, dead ones too. */
    void complete() {
        closeRun();
        young.sort();
        for (int i = 0; i < young.count(); i++) {
            if (!young.isRest(i)) {
                know(i, young.to(i));
            }
        }
    }

    /** @return whether it was not marked before */
    boolean mark(long place) {
        return bits.mark(place);
    }

    /** The next marked object from there on; {@link #end} if none. */
    long nextMarked(long from) {
        return bits.nextMarked(from, end);
    }

    /** The next object from there on that is known; {@code to} if none is before it. */
    long nextObject(long from, long to) {
        return bits.nextStart(from, to);
    }

    /** Where an object begins that the byte at the offset may belong to; 0 if none is known. */
    long objectBefore(long offset) {
        long place = bits.startBefore(offset);
        return place != 0 && bits.isStart(place) ? place : 0;
    }

    /** Collects all that nobody reaches. Called when Java is about to put nothing anywhere. */
    public void collectNow() {
        collector.forgetNoted();
        collectForHosts();
    }

    /** Collects because guests may hold too many objects of the host. */
    public void collectForHosts() {
        if (!isGrowing) {
            collect(true);
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
        for (long at = nextObject(ObjectLayout.GUARD, end); at < end; at = nextObject(at + ObjectLayout.ALIGNMENT, end)) {
            if ((++steps & 0xFFF) == 0) {
                owner.checkpoint();
            }
            ObjectTypes.Type type = types.ofNumber(NativeMemory.getInt(base + at + ObjectLayout.TYPE));
            if (type.id() >= 0) {
                visitor.visit(type, at, bytes(at));
            }
        }
    }

    /** Makes free runs of all that is not marked. @return bytes that live */
    private long sweep() {
        if (!isOpen()) {
            return 0;
        }
        bits.keepMarked(0, end);
        free().clear();
        long live = 0;
        int steps = 0;
        for (long at = ObjectLayout.GUARD; at < end; ) {
            if ((++steps & 0xFFFF) == 0) {
                owner.checkpoint();
            }
            long next = nextObject(at, end);
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

    /** Makes free runs of what is not marked among the young objects. */
    private void sweepYoung() {
        long free = 0;
        long behind = 0;
        for (int i = 0; i < young.count(); i++) {
            long from = young.from(i);
            if (from != behind) {
                release(free, behind - free);
                free = from;
            }
            behind = young.to(i);
            long at = young.isRest(i) ? behind : bits.nextMarked(from, behind);
            while (at < behind) {
                release(free, at - free);
                free = at + bytes(at);
                at = bits.nextMarked(free, behind);
            }
        }
        release(free, behind - free);
    }

    private void release(long from, long bytes) {
        if (bytes > 0) {
            if (stress) {
                NativeMemory.fill(base + from, bytes, (byte) 0xDB);
            }
            free().add(from, bytes);
        }
    }

    /**
     * Checks each object and reference.
     *
     * @throws AssertionError if one is wrong
     */
    void check() {
        complete();
        long behind = 0;
        for (long at = nextObject(ObjectLayout.GUARD, end); at < end; at = nextObject(at + ObjectLayout.ALIGNMENT, end)) {
            if (at < behind) {
                throw new AssertionError("BUG: objects overlap at 0x" + Long.toHexString(at));
            }
            behind = at + bytes(at);
            collector.checkReferences(at);
        }
        if (behind > end) {
            throw new AssertionError("BUG: an object reaches over the end");
        }
    }

    /** @throws AssertionError if it is not where an object begins */
    void checkReference(long holder, long reference) {
        if (reference != 0 && (reference & ObjectLayout.TAG_BITS) == 0
                && (reference < ObjectLayout.GUARD || reference >= end || !bits.isStart(reference))) {
            throw new AssertionError("BUG: the object at 0x" + Long.toHexString(holder) + " refers to 0x"
                    + Long.toHexString(reference) + ", where none begins");
        }
    }
}
