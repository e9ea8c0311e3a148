package org.sallyport.engine.heap;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
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
 * Cards} that were written to, and what lives is old from then on. When much has become old, all is collected, in steps. {@link
 * Generations} says when, {@link ObjectCollector} what is looked for.
 *
 * <p>Used by the thread inside the store.
 */
public final class ObjectHeap {
    static final long PAGE = 1L << MemoryType.PAGE_SIZE_LOG2;
    private static final int MAX_PAGES = 65535;
    /** From here on an object has a run of its own. */
    static final int LARGE = 32 << 10;
    /** Of a large run, how much is made ready at once. */
    private static final int PIECE = 64 << 10;
    /** Bytes that are zeroed between two looks at the deadline. */
    private static final int ZEROED_AT_ONCE = 1 << 20;

    /**
     * For tests: collects at nearly every allocation, with small steps of collections of all, overwrites what was freed, and
     * checks all references.
     */
    public static final boolean STRESS = Boolean.getBoolean("sallyport.gcStress");
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

    private final KnownObjects known;
    private final Generations generations;
    private @Nullable FreeRuns free;
    private @Nullable Sweeper sweeper;

    private final YoungRuns young;
    private final Cards cards;
    /** The run that objects are cut from; 0 if there is none. */
    private long run;
    private long runEnd;

    private final TypeRows rows;

    private boolean isGrowing;

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
        rows = new TypeRows(this);
        known = new KnownObjects(this, young);
        collector = new ObjectCollector(owner, this);
        generations = new Generations(owner, this, young);
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
            FreeRuns runs = new FreeRuns(owner, base);
            free = runs;
            sweeper = new Sweeper(owner, known, runs, base, stress);
            rows.addPage();
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

    public long collections() {
        return generations.collections();
    }

    /** Whether a collection of all is under way, whose next step comes with the next collection. */
    public boolean isCollectingAll() {
        return generations.isCollectingAll();
    }

    Cards cards() {
        return cards;
    }

    KnownObjects known() {
        return known;
    }

    Generations generations() {
        return generations;
    }

    TypeRows rows() {
        return rows;
    }

    Sweeper sweeper() {
        Sweeper made = sweeper;
        if (made == null) {
            throw noHeap();
        }
        return made;
    }

    /** A zeroed row of {@link ObjectLayout#ROW} bytes for a type, which stays. */
    int newRow() {
        open();
        return rows.add();
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
            while (place == 0 && sweeper().sweep()) {
                place = free().takeLarge(bytes);
            }
            if (place != 0) {
                zero(place, bytes);
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
        if (generations.isDue()) {
            return generations.collectDue();
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
            generations.collect(true);
            if (bytes <= PIECE && generations.liveBytes() > end - end / 32) { // or all the time would go into collections
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
            throw noHeap();
        }
        return known;
    }

    private static AssertionError noHeap() {
        return new AssertionError("BUG: no heap");
    }

    private MachineMemory memory() {
        MachineMemory known = memory;
        if (known == null) {
            throw noHeap();
        }
        return known;
    }

    /** Adds pages of zeros. @return where they begin */
    long grow(int pages) {
        long more = (long) pages << MemoryType.PAGE_SIZE_LOG2;
        if (end + more > MAX_PAGES * PAGE) {
            throw tooLarge(more);
        }
        int words = PlaceSet.word(end + more);
        int before = known.words();
        if (words > before) {
            int n = (int) Math.min(Math.max(words, 2L * before), PlaceSet.word(MAX_PAGES * PAGE));
            owner.resources().charge(Kind.HEAP, (long) (n - before) / PlaceSet.word(PAGE) * KnownObjects.HEAP_BYTES);
            known.grow(n);
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
    void closeRun() {
        if (runEnd != 0) {
            long top = NativeMemory.getLong(context + StoreContext.OBJECT_TOP);
            if (top > run) {
                young.add(run, top, false);
            }
            if (runEnd > top) {
                young.add(top, runEnd, true);
            }
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
        while (from == 0 && sweeper().sweep()) {
            from = runs.takeSmall(bytes);
            if (from == 0) {
                from = runs.takeLarge();
            }
        }
        if (from == 0) {
            return false;
        }
        use(from, runs.bytes(from), bytes);
        return true;
    }

    private void use(long from, long size, int wanted) {
        long most = stress ? wanted + (collections() % 3 == 0 ? 0 : STRESS_RUN) : Math.max(PIECE, wanted);
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

    /** Has {@link KnownObjects#next} find all objects, dead ones too. */
    void complete() {
        closeRun();
        known.complete();
    }

    /** Collects all that nobody reaches. Called when Java is about to put nothing anywhere. */
    public void collectNow() {
        collector.forgetNoted();
        collectForHosts();
    }

    /** Collects because guests may hold too many objects of the host. */
    public void collectForHosts() {
        if (!isGrowing) {
            generations.collect(true);
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
        for (long at = known.next(ObjectLayout.GUARD, end); at < end; at = known.next(at + ObjectLayout.ALIGNMENT, end)) {
            if ((++steps & 0xFFF) == 0) {
                owner.checkpoint();
            }
            ObjectTypes.Type type = known.type(at);
            if (type.id() >= 0) {
                visitor.visit(type, at, known.bytes(at));
            }
        }
    }
}
