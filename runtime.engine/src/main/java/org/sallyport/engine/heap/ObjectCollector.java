package org.sallyport.engine.heap;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.spi.ReferenceTable;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.StoreMemory;

/**
 * Where a store's {@link ObjectHeap} is referred to from: the roots, and objects that were written to.
 *
 * <p><b>Roots.</b> Exact: globals and tables of such references, element segments, and the references that Java holds. By
 * their looks: all 32-bit words of the used guest stack, where all values are once a guest has left for Java, and of the
 * values of the exception under way. There a number that lies within an object keeps it, and nothing worse
 * (docs/decisions/objects.md).
 */
public final class ObjectCollector {
    /** What Java holds of an object. */
    public interface Held {
        /** The object's offset. */
        long place();
    }

    /** Element segments, of an instance. */
    public interface Segments {
        int segments();

        /** The references of a segment if they may be to the heap; null if they are others, or dropped. */
        long @Nullable [] collected(int segment);
    }

    /** What guests refer to of the host's. Handles are references with {@link ObjectLayout#HOST_BIT}. */
    public interface Hosts {
        void clearMarks();

        /** The handle, or a word that looks like one, is reachable. */
        void mark(long handle);

        /** Lets go of what was not marked. */
        void sweep();
    }

    /** Who is told of words that may be references to exceptions. */
    public interface Marker {
        void markWord(long word);
    }

    private static final int FIRST_HELD = 64;
    /** At least as many as a function can have parameters or results. */
    private static final int NOTED = 1024;

    private final HeapOwner owner;
    private final ObjectHeap heap;
    /** Addresses of their values. */
    private final List<Long> globals = new ArrayList<>();
    private final List<ReferenceTable> tables = new ArrayList<>();
    private final List<Segments> segments = new ArrayList<>();
    private final ScopedPlaces scoped = new ScopedPlaces();
    private List<WeakReference<Held>> held = new ArrayList<>();
    private int nextPurge = FIRST_HELD;
    private @Nullable Hosts hosts;
    /** What Java put somewhere last, while no guest has run. */
    private int[] noted = {};
    private int notedCount;

    private long roots;

    ObjectCollector(HeapOwner owner, ObjectHeap heap) {
        this.owner = owner;
        this.heap = heap;
    }

    /** A global with such references, by the address of its value. */
    public void watchGlobal(long address) {
        globals.add(address);
    }

    /** A table of such references. */
    public void watch(ReferenceTable table) {
        tables.add(table);
    }

    /** Element segments some of which have such references. */
    public void watch(Segments instance) {
        segments.add(instance);
    }

    /** Keeps the object while Java holds the reference. */
    public <H extends Held> H hold(H reference) {
        if (held.size() >= nextPurge) {
            List<WeakReference<Held>> alive = new ArrayList<>();
            for (WeakReference<Held> weak : held) {
                if (weak.get() != null) {
                    alive.add(weak);
                }
            }
            held = alive;
            nextPurge = Math.max(FIRST_HELD, 2 * alive.size());
        }
        held.add(new WeakReference<>(reference));
        return reference;
    }

    /** Who has what guests refer to of the host's. */
    public void serve(Hosts owner) {
        hosts = owner;
    }

    /** The reference is about to be put where a guest finds it: until then it counts as reachable. */
    public void note(long reference) {
        if (noted.length == 0) {
            noted = new int[NOTED];
        }
        noted[notedCount++ & NOTED - 1] = (int) reference;
    }

    /** Guests have run: what was noted is where they have it. */
    public void forgetNoted() {
        notedCount = 0;
    }

    /** What scopes of Java keep. */
    public ScopedPlaces scoped() {
        return scoped;
    }

    /** What guests refer to of the host's; null if nobody has anything. */
    @Nullable Hosts hosts() {
        return hosts;
    }

    /** How many roots there were last time. */
    long roots() {
        return roots;
    }

    // ---- roots

    /** Has the tracer reach what the roots refer to. */
    void markRoots(Tracer tracer) {
        roots = globals.size() + held.size() + scoped.size();
        for (long global : globals) {
            tracer.reach(NativeMemory.getLong(global));
        }
        for (ReferenceTable table : tables) {
            roots += table.size();
            for (long i = 0; i < table.size(); i++) {
                tracer.step(1);
                tracer.reach(table.get(i));
            }
        }
        for (Segments instance : segments) {
            for (int i = 0; i < instance.segments(); i++) {
                markSegment(tracer, instance.collected(i));
            }
        }
        for (int i = 0; i < held.size(); i++) {
            Held reference = held.get(i).get();
            if (reference != null) {
                tracer.reach(reference.place());
            }
        }
        for (int i = 0; i < Math.min(notedCount, NOTED); i++) {
            tracer.reach(noted[i] & 0xFFFF_FFFFL);
        }
        for (int i = 0; i < scoped.size(); i++) {
            tracer.step(1);
            tracer.reach(scoped.place(i));
        }
        StoreMemory memory = owner.memory();
        long values = NativeMemory.getLong(memory.context() + StoreContext.EXCEPTION_VALUES);
        markWords(tracer, values, values + (long) StoreContext.EXCEPTION_VALUE * owner.exceptionValues());
        if (owner.isInGuest()) {
            long from = NativeMemory.getLong(memory.context() + StoreContext.GUEST_SP) & -8;
            markWords(tracer, Math.max(from, memory.stackEnd()), memory.stackTop());
        }
    }

    private void markSegment(Tracer tracer, long @Nullable [] references) {
        if (references != null) {
            roots += references.length;
            for (long reference : references) {
                tracer.step(1);
                tracer.reach(reference);
            }
        }
    }

    private void markWords(Tracer tracer, long from, long to) {
        roots += to - from >>> 2;
        for (long at = from; at < to; at += 4) {
            tracer.step(1);
            long word = NativeMemory.getInt(at) & 0xFFFF_FFFFL;
            long place = heap.known().find(word);
            if (place != 0) {
                tracer.mark(place);
            }
            tracer.reachHost(word);
        }
    }

    // ---- objects

    /**
     * Looks into old objects where they were written to since the last collection.
     *
     * @param young is to trace what it reaches
     * @param whole that of the collection of all under way
     */
    void markCards(Tracer young, @Nullable Tracer whole) {
        for (long card = heap.cards().take(0, heap.end()); card >= 0; card = heap.cards().take(card + 1, heap.end())) {
            young.step(1);
            if (card << ObjectLayout.CARD_LOG2 >= ObjectLayout.GUARD) { // the others are of writes to null, which have trapped
                markCard(card, young);
                young.trace();
                if (whole != null) {
                    markCard(card, whole);
                }
            }
        }
    }

    private void markCard(long card, Tracer tracer) {
        KnownObjects known = heap.known();
        long from = card << ObjectLayout.CARD_LOG2;
        long to = card + 1 << ObjectLayout.CARD_LOG2;
        long before = known.before(from);
        if (before != 0 && before < from && known.type(before).isArray()) {
            tracer.look(known.type(before), before, from, to);
        }
        for (long place = known.next(from, to); place < to; place = known.next(place + ObjectLayout.ALIGNMENT, to)) {
            tracer.look(known.type(place), place, from, to);
        }
    }

    /** Tells the table what objects, dead ones that were not swept yet too, refer to exceptions. */
    public void markExceptions(Marker table) {
        if (!heap.types().haveExceptions()) {
            return;
        }
        heap.complete();
        KnownObjects known = heap.known();
        long end = heap.end();
        int steps = 0;
        for (long at = known.next(ObjectLayout.GUARD, end); at < end; at = known.next(at + ObjectLayout.ALIGNMENT, end)) {
            if ((++steps & 0xFFF) == 0) {
                owner.checkpoint();
            }
            ObjectTypes.Type type = known.type(at);
            int[] offsets = type.layout().exceptions();
            if (offsets.length > 0) {
                markExceptions(table, type, heap.base() + at, offsets);
            }
        }
    }

    private static void markExceptions(Marker table, ObjectTypes.Type type, long address, int[] offsets) {
        if (type.isArray()) {
            long length = NativeMemory.getInt(address + ObjectLayout.LENGTH) & 0xFFFF_FFFFL;
            for (long i = 0; i < length; i++) {
                table.markWord(NativeMemory.getLong(address + ObjectLayout.ELEMENTS + 8 * i));
            }
        } else {
            for (int offset : offsets) {
                table.markWord(NativeMemory.getLong(address + offset));
            }
        }
    }

    /** Checks every object and reference in the heap. @throws AssertionError if one is wrong */
    public void check() {
        if (heap.isOpen()) {
            new HeapCheck(heap).run();
        }
    }
}
