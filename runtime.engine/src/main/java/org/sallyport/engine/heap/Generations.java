package org.sallyport.engine.heap;

import org.sallyport.engine.events.FlightEvents;
import org.sallyport.engine.events.FlightEvents.GarbageCollection;
import org.sallyport.spi.ObjectLayout;

/**
 * When a heap is collected, and what of it. Most collections are of young objects only; when much has become old, each of the
 * next ones is followed by a step of {@link WholeMarking}, until that has found what lives. If there is no room, all is
 * collected at once. A collection that failed half-way is made good by the next one, which is of all.
 */
final class Generations {
    /** Bytes between two collections: as much as is old, within these bounds; more where roots are many. */
    private static final long LEAST_YOUNG = 1 << 20;
    private static final long MOST_YOUNG = 4 << 20;
    private static final long ROOT_COST = 32;
    /** So much is old when all is collected for the first time. */
    private static final long FIRST_WHOLE = 4 << 20;
    /** Under stress, so many collections are between two that are of all at once, and between two beginnings of one in steps. */
    private static final int STRESS_WHOLE = 24;
    private static final int STRESS_STEPS = 4;

    private final ObjectHeap heap;
    private final ObjectCollector collector;
    private final KnownObjects known;
    private final YoungRuns young;
    private final Tracer tracer;
    private final WholeMarking whole;

    private long nextCollection = LEAST_YOUNG;
    /** What lived after the last collection of all, and has become old since. */
    private long oldBytes;
    private long nextWhole = FIRST_WHOLE;
    /** A collection has failed half-way: what is old is not known. */
    private boolean isBroken;
    private long collections;

    Generations(HeapOwner owner, ObjectHeap heap, YoungRuns young) {
        this.heap = heap;
        this.young = young;
        collector = heap.collector();
        known = heap.known();
        tracer = new Tracer(owner, heap, known.old());
        whole = new WholeMarking(owner, heap);
    }

    /** What lived after the last collection, as far as it knew; rather too much. */
    long liveBytes() {
        return oldBytes;
    }

    long collections() {
        return collections;
    }

    boolean isCollectingAll() {
        return whole.isActive();
    }

    /** An object that was put among the old ones. */
    void addOld(long place, long bytes) {
        known.addOld(place, bytes);
        whole.add(place);
    }

    boolean isDue() {
        return heap.isStressed() || young.bytes() >= nextCollection;
    }

    /** @return whether it was of all, so that there is no use in another one */
    boolean collectDue() {
        boolean all = isBroken || heap.isStressed() && collections % STRESS_WHOLE == STRESS_WHOLE - 1;
        collect(all);
        return all;
    }

    /** @param all at once, rather than the young ones and perhaps a step more */
    void collect(boolean all) {
        GarbageCollection event = FlightEvents.beginCollection();
        heap.closeRun();
        isBroken = true; // until the end is reached
        young.sort();
        boolean isStep = !all && collectYoung();
        boolean isWhole = all;
        if (all) {
            collectAll();
        } else if (isStep) {
            isWhole = step();
        }
        isBroken = false;
        collections++;
        nextCollection = Math.max(Math.clamp(oldBytes, LEAST_YOUNG, MOST_YOUNG), ROOT_COST * collector.roots());
        if (heap.isStressed()) {
            collector.check();
        }
        FlightEvents.end(event, isWhole, isStep, oldBytes, heap.reservedBytes());
    }

    /** @return whether a step of a collection of all is to follow */
    private boolean collectYoung() {
        tracer.reset(null);
        collector.markCards(tracer, whole.active());
        collector.markRoots(tracer);
        tracer.trace();
        oldBytes += known.keep(known.old(), whole.active());
        known.dropYoung();
        heap.sweeper().sweep(young);
        young.clear();
        if (!whole.isActive() && (oldBytes >= nextWhole || heap.isStressed() && collections % STRESS_STEPS == 0)) {
            begin();
        }
        return whole.isActive();
    }

    private void begin() {
        whole.begin(heap.end(), oldBytes);
        heap.rows().addTo(whole);
    }

    /** @return whether it was the last one */
    private boolean step() {
        boolean isFound = whole.step(oldBytes, heap.isStressed());
        if (isFound) {
            finish(Math.min(whole.bytes(), oldBytes));
        }
        return isFound;
    }

    private void collectAll() {
        heap.cards().clear(heap.end());
        begin();
        whole.run();
        known.keep(known.live(), null);
        young.clear();
        finish(whole.isCounted() ? whole.bytes() : count());
    }

    private void finish(long live) {
        whole.finish(heap.end());
        oldBytes = live;
        nextWhole = Math.max(FIRST_WHOLE, oldBytes + (oldBytes >> 1) + (oldBytes >> 2));
        if (heap.isOpen()) {
            heap.sweeper().begin(heap.end());
            if (heap.isStressed() && (collections & 1) == 0) {
                heap.sweeper().sweepAll();
            }
        }
    }

    /** Bytes of what was found. */
    private long count() {
        long sum = 0;
        long end = heap.end();
        for (long at = known.live().next(ObjectLayout.GUARD, end); at < end; ) {
            long bytes = known.bytes(at);
            sum += bytes;
            at = known.live().next(at + bytes, end);
        }
        return sum;
    }
}
