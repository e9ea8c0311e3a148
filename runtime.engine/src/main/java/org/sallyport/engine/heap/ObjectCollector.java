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
 * Finds what lives in a store's {@link ObjectHeap}: marks from the roots, without recursion and without needing Java heap.
 *
 * <p><b>Roots.</b> Exact: globals and tables of such references, element segments, and the references that Java holds. By
 * their looks: all 32-bit words of the used guest stack, where all values are once a guest has left for Java, and of the
 * values of the exception under way. There a number that lies within an object keeps it, and nothing worse
 * (docs/decisions/objects.md).
 *
 * <p>What does not fit the stack of marked objects is found again by a walk over the marks. Looks at the deadline.
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

    private static final int STACK = 1 << 14;
    private static final int BETWEEN_CHECKS = 1 << 14;
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

    private int[] stack = {};
    private int depth;
    /** The lowest object that did not fit; {@link Long#MAX_VALUE} if all did. */
    private long overflow;
    private int steps;
    private long roots;
    /** Old objects are not looked into, so nothing is known of what only they refer to. */
    private boolean isYoung;

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

    /**
     * Marks what lives.
     *
     * @param young whether what is marked already is old, so that it is looked into only where its cards were written to
     */
    void mark(boolean young) {
        if (stack.length == 0) {
            stack = new int[STACK];
        }
        depth = 0;
        overflow = Long.MAX_VALUE;
        roots = 0;
        isYoung = young;
        if (young) {
            markCards();
        } else if (hosts != null) {
            hosts.clearMarks();
        }
        markRoots();
        trace();
        while (overflow != Long.MAX_VALUE) {
            long from = overflow;
            overflow = Long.MAX_VALUE;
            long place = heap.nextMarked(from);
            while (place < heap.end()) {
                scan(place);
                trace();
                place = heap.nextMarked(place + ObjectLayout.ALIGNMENT);
            }
        }
        if (hosts != null && !young) {
            hosts.sweep();
        }
    }

    /** How many roots there were last time. */
    long roots() {
        return roots;
    }

    private void step() {
        if (++steps >= BETWEEN_CHECKS) {
            steps = 0;
            owner.checkpoint();
        }
    }

    // ---- roots

    private void markRoots() {
        roots += globals.size() + held.size() + scoped.size();
        for (long global : globals) {
            markReference(NativeMemory.getLong(global));
        }
        for (ReferenceTable table : tables) {
            roots += table.size();
            for (long i = 0; i < table.size(); i++) {
                step();
                markReference(table.get(i));
            }
        }
        for (Segments instance : segments) {
            for (int i = 0; i < instance.segments(); i++) {
                markSegment(instance.collected(i));
            }
        }
        for (int i = 0; i < held.size(); i++) {
            Held reference = held.get(i).get();
            if (reference != null) {
                markReference(reference.place());
            }
        }
        for (int i = 0; i < Math.min(notedCount, NOTED); i++) {
            markReference(noted[i] & 0xFFFF_FFFFL);
        }
        for (int i = 0; i < scoped.size(); i++) {
            step();
            markReference(scoped.place(i));
        }
        StoreMemory memory = owner.memory();
        long values = NativeMemory.getLong(memory.context() + StoreContext.EXCEPTION_VALUES);
        markWords(values, values + (long) StoreContext.EXCEPTION_VALUE * owner.exceptionValues());
        if (owner.isInGuest()) {
            long from = NativeMemory.getLong(memory.context() + StoreContext.GUEST_SP) & -8;
            markWords(Math.max(from, memory.stackEnd()), memory.stackTop());
        }
    }

    private void markSegment(long @Nullable [] references) {
        if (references != null) {
            roots += references.length;
            for (long reference : references) {
                step();
                markReference(reference);
            }
        }
    }

    private void markWords(long from, long to) {
        roots += to - from >>> 2;
        for (long at = from; at < to; at += 4) {
            step();
            long word = NativeMemory.getInt(at) & 0xFFFF_FFFFL;
            long place = heap.find(word);
            if (place != 0) {
                mark(place);
            }
            markHost(word);
        }
    }

    // ---- objects

    private void markReference(long reference) {
        if (reference != 0 && (reference & ObjectLayout.TAG_BITS) == 0) {
            mark(reference);
        } else {
            markHost(reference);
        }
    }

    private void markHost(long reference) {
        if ((reference & ObjectLayout.TAG_BITS) == ObjectLayout.HOST_BIT && hosts != null && !isYoung) {
            hosts.mark(reference);
        }
    }

    private void mark(long place) {
        if (heap.mark(place)) {
            if (depth < STACK) {
                stack[depth++] = (int) place;
            } else {
                overflow = Math.min(overflow, place);
            }
        }
    }

    private void trace() {
        while (depth > 0) {
            scan(stack[--depth] & 0xFFFF_FFFFL);
        }
    }

    private ObjectTypes.Type typeOf(long place) {
        return heap.types().ofNumber(NativeMemory.getInt(heap.base() + place + ObjectLayout.TYPE));
    }

    private void scan(long place) {
        step();
        ObjectTypes.Type type = typeOf(place);
        if (type.isArray()) {
            scanElements(type, place, 0, Long.MAX_VALUE);
        } else {
            scanFields(type, place);
        }
    }

    private void scanFields(ObjectTypes.Type type, long place) {
        long address = heap.base() + place;
        for (int offset : type.references()) {
            markReference(NativeMemory.getInt(address + offset) & 0xFFFF_FFFFL);
        }
    }

    /** Of an array, the elements that are 8 bytes behind places of that range. */
    private void scanElements(ObjectTypes.Type type, long place, long from, long to) {
        if (type.references().length == 0) {
            return;
        }
        long address = heap.base() + place;
        long end = place + 4 * (NativeMemory.getInt(address + ObjectLayout.LENGTH) & 0xFFFF_FFFFL);
        long last = heap.base() + Math.min(end, to) + ObjectLayout.ELEMENTS;
        for (long at = heap.base() + Math.max(place, from) + ObjectLayout.ELEMENTS; at < last; at += 4) {
            step();
            markReference(NativeMemory.getInt(at) & 0xFFFF_FFFFL);
        }
    }

    /** Looks into old objects where they were written to since the last collection. */
    private void markCards() {
        for (long card = heap.cards().take(0, heap.end()); card >= 0; card = heap.cards().take(card + 1, heap.end())) {
            step();
            scanCard(card << ObjectLayout.CARD_LOG2, card + 1 << ObjectLayout.CARD_LOG2);
            trace();
        }
    }

    private void scanCard(long from, long to) {
        if (from < ObjectLayout.GUARD) {
            return; // of a write to null, which has trapped
        }
        long before = heap.objectBefore(from);
        if (before != 0 && before < from) {
            ObjectTypes.Type type = typeOf(before);
            if (type.isArray()) {
                scanElements(type, before, from, to);
            }
        }
        for (long place = heap.nextObject(from, to);
                place < to;
                place = heap.nextObject(place + ObjectLayout.ALIGNMENT, to)) {
            ObjectTypes.Type type = typeOf(place);
            if (type.isArray()) {
                scanElements(type, place, from, to);
            } else {
                scanFields(type, place);
            }
        }
    }

    /** Tells the table what objects, dead ones that were not swept yet too, refer to exceptions. */
    public void markExceptions(Marker table) {
        if (!heap.types().haveExceptions()) {
            return;
        }
        heap.complete();
        long end = heap.end();
        for (long place = heap.nextObject(ObjectLayout.GUARD, end);
                place < end;
                place = heap.nextObject(place + ObjectLayout.ALIGNMENT, end)) {
            step();
            long address = heap.base() + place;
            ObjectTypes.Type type = heap.types().ofNumber(NativeMemory.getInt(address + ObjectLayout.TYPE));
            int[] offsets = type.layout().exceptions();
            if (offsets.length > 0 && type.isArray()) {
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
    }

    /** Checks every object and reference in the heap. @throws AssertionError if one is wrong */
    public void check() {
        if (!heap.isOpen()) {
            return;
        }
        heap.check();
    }

    /** @throws AssertionError if the object refers to what is none */
    void checkReferences(long place) {
        ObjectTypes.Type type = typeOf(place);
        long address = heap.base() + place;
        if (!type.isArray()) {
            for (int offset : type.references()) {
                heap.checkReference(place, NativeMemory.getInt(address + offset) & 0xFFFF_FFFFL);
            }
        } else if (type.references().length > 0) {
            long length = NativeMemory.getInt(address + ObjectLayout.LENGTH) & 0xFFFF_FFFFL;
            for (long i = 0; i < length; i++) {
                heap.checkReference(place, NativeMemory.getInt(address + ObjectLayout.ELEMENTS + 4 * i) & 0xFFFF_FFFFL);
            }
        }
    }
}
