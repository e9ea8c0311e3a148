package org.sallyport.engine.heap;

import org.jspecify.annotations.Nullable;

/**
 * Finds what lives in the whole heap, in steps with guests running between them. A step comes behind a collection of young
 * objects, so what it may meet is old. It need not see what was not written to since it looked: such a collection tells of
 * {@linkplain ObjectCollector#markCards written cards} and of objects that have become old, and the roots are looked at again
 * until nothing comes of it. What dies meanwhile may stay.
 */
final class WholeMarking {
    /** Objects and references of a step: some milliseconds. */
    private static final long LEAST_WORK = 250_000;
    /** Each byte that has become old is paid for with so much of it, so that the heap does not double meanwhile. */
    private static final double WORK_PER_BYTE = 0.3;
    private static final long STRESS_WORK = 64;

    private final ObjectCollector collector;
    private final KnownObjects known;
    private final Tracer tracer;
    private boolean isActive;
    private long oldBefore;

    WholeMarking(HeapOwner owner, ObjectHeap heap) {
        collector = heap.collector();
        known = heap.known();
        tracer = new Tracer(owner, heap, known.live());
    }

    boolean isActive() {
        return isActive;
    }

    /** What is to be told while it {@linkplain #isActive is under way}. */
    @Nullable Tracer active() {
        return isActive ? tracer : null;
    }

    /**
     * Begins anew, with nothing reached.
     *
     * @param old bytes of old objects
     */
    void begin(long end, long old) {
        ObjectCollector.Hosts hosts = collector.hosts();
        known.live().clear(end);
        tracer.reset(hosts);
        if (hosts != null) {
            hosts.clearMarks();
        }
        isActive = true;
        oldBefore = old;
    }

    /** The object has become old, or always was. */
    void add(long place) {
        if (isActive) {
            tracer.mark(place);
        }
    }

    /**
     * Goes on for a while.
     *
     * @param old bytes of old objects now
     * @return whether all is found, so that {@link #finish} is to be called at once
     */
    boolean step(long old, boolean stress) {
        long work = stress ? STRESS_WORK : Math.max(LEAST_WORK, (long) (WORK_PER_BYTE * (old - oldBefore)));
        oldBefore = old;
        return mark(work);
    }

    /** Finds the rest, however long it takes. */
    void run() {
        mark(Long.MAX_VALUE);
    }

    /** The roots come last: what nobody can come by from there is not found by guests either. */
    private boolean mark(long work) {
        if (!tracer.trace(work)) {
            return false;
        }
        collector.markRoots(tracer);
        return tracer.trace(work);
    }

    /** Ends it: what was found is old, and nothing else. */
    void finish(long end) {
        known.dropAllButLive(end);
        isActive = false;
        ObjectCollector.Hosts hosts = collector.hosts();
        if (hosts != null) {
            hosts.sweep();
        }
    }

    /** Bytes of what was found; if not {@link #isCounted}, perhaps less. */
    long bytes() {
        return tracer.bytes();
    }

    boolean isCounted() {
        return tracer.isCounted();
    }
}
