package org.sallyport.engine.heap;

import org.jspecify.annotations.Nullable;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;

/**
 * Marks what is reached: objects in a set, and what they refer to, without recursion and without needing Java heap, as far as it
 * is told to. What does not fit the stack is found again by a walk over the set. Looks at the deadline.
 *
 * <p>Objects that come from the stack wait for some others before they are looked into: their headers are read at once, so that
 * several reads of main memory are under way.
 */
final class Tracer {
    private static final int STACK = 1 << 14;
    private static final int WAITING = 8;
    /** Elements of an array that are looked at before what they refer to. */
    private static final int PIECE = 512;
    private static final int BETWEEN_CHECKS = 1 << 14;
    /** In the stack: an array, below which lies the next element. Places are multiples of 8. */
    private static final int CONTINUED = 1;
    private static final long NOWHERE = Long.MAX_VALUE;

    private final HeapOwner owner;
    private final ObjectHeap heap;
    private final PlaceSet marked;
    /** Null: what is the host's is left alone. */
    private ObjectCollector.@Nullable Hosts hosts;

    private int[] stack = {};
    private int depth;
    /** Places that come next, 0 if none, with their types' numbers; the next one's index. */
    private final int[] waiting = new int[WAITING];
    private final int[] numbers = new int[WAITING];
    private int next;
    private int count;
    /** The lowest object that did not fit the stack. */
    private long overflow = NOWHERE;
    /** How far the walk over the set is. */
    private long walk = NOWHERE;

    private long bytes;
    private boolean isCounted;
    private int unchecked;
    private ObjectTypes.@Nullable Type last;

    Tracer(HeapOwner owner, ObjectHeap heap, PlaceSet marked) {
        this.owner = owner;
        this.heap = heap;
        this.marked = marked;
    }

    /** Forgets what was to be looked into. @param of who is told of handles of the host, null if nobody */
    void reset(ObjectCollector.@Nullable Hosts of) {
        if (stack.length == 0) {
            stack = new int[STACK];
        }
        hosts = of;
        depth = 0;
        java.util.Arrays.fill(waiting, 0);
        count = 0;
        overflow = NOWHERE;
        walk = NOWHERE;
        bytes = 0;
        isCounted = true;
    }

    /** Bytes of what was looked into; if not {@link #isCounted}, some counts more than once. */
    long bytes() {
        return bytes;
    }

    boolean isCounted() {
        return isCounted;
    }

    /** Counts towards the next look at the deadline. */
    void step(int work) {
        unchecked += work;
        if (unchecked >= BETWEEN_CHECKS) {
            unchecked = 0;
            owner.checkpoint();
        }
    }

    // ---- what is reached

    /** A reference, which may be null, no object, or the host's. */
    void reach(long reference) {
        if ((reference & ObjectLayout.TAG_BITS) == 0) {
            if (reference != 0) {
                mark(reference);
            }
        } else if (hosts != null) {
            reachHost(reference);
        }
    }

    /** A handle, or what looks like one. */
    void reachHost(long reference) {
        if ((reference & ObjectLayout.TAG_BITS) == ObjectLayout.HOST_BIT && hosts != null) {
            hosts.mark(reference);
        }
    }

    /** The object there. */
    void mark(long place) {
        if (marked.add(place)) {
            if (depth < STACK) {
                stack[depth++] = (int) place;
            } else {
                overflow = Math.min(overflow, place);
            }
        }
    }

    /** One of many objects, which is looked into at once rather than put on the stack. */
    void markNow(long place) {
        if (marked.add(place)) {
            step((int) scan(place, NativeMemory.getInt(heap.base() + place + ObjectLayout.TYPE)));
            if (depth > STACK / 2) {
                trace(STACK);
            }
        }
    }

    // ---- what that refers to

    /** Looks into all that was reached. */
    void trace() {
        trace(Long.MAX_VALUE);
    }

    /**
     * Looks into what was reached, so far.
     *
     * @param work how many objects and references, about
     * @return whether all was looked into
     */
    boolean trace(long work) {
        for (long left = work; left > 0; ) {
            long piece = Math.min(left, BETWEEN_CHECKS);
            long done = tracePiece(piece);
            step((int) Math.min(done, BETWEEN_CHECKS));
            if (done < piece) {
                return true;
            }
            left -= done;
        }
        return false;
    }

    /** @return how much was done; less than asked for if nothing is left */
    private long tracePiece(long work) {
        long done = 0;
        while (done < work) {
            if (depth == 0 && count == 0) {
                long place = walk();
                if (place == NOWHERE) {
                    return done;
                }
                done += scan(place, NativeMemory.getInt(heap.base() + place + ObjectLayout.TYPE));
            } else {
                done += traceNext();
            }
        }
        return done;
    }

    /** The next object that may not have fitted. */
    private long walk() {
        while (true) {
            if (walk == NOWHERE) {
                if (overflow == NOWHERE) {
                    return NOWHERE;
                }
                walk = overflow;
                overflow = NOWHERE;
                isCounted = false;
            }
            long place = marked.next(walk, heap.end());
            if (place < heap.end()) {
                walk = place + ObjectLayout.ALIGNMENT;
                return place;
            }
            walk = NOWHERE;
        }
    }

    /** Has the top of the stack wait, and looks into what has waited longest. @return how much was done */
    private long traceNext() {
        int come = 0;
        if (depth > 0) {
            come = stack[--depth];
            if ((come & CONTINUED) != 0) {
                return scanElements((come & ~CONTINUED) & 0xFFFF_FFFFL, stack[--depth]);
            }
        }
        int at = next;
        next = at + 1 & WAITING - 1;
        int due = waiting[at];
        int number = numbers[at];
        waiting[at] = come;
        if (come != 0) {
            numbers[at] = NativeMemory.getInt(heap.base() + (come & 0xFFFF_FFFFL) + ObjectLayout.TYPE);
            count++;
        }
        if (due == 0) {
            return 0;
        }
        count--;
        return scan(due & 0xFFFF_FFFFL, number);
    }

    private long scan(long place, int number) {
        ObjectTypes.Type type = last;
        if (type == null || type.number() != number) {
            type = heap.types().ofNumber(number);
            last = type;
        }
        if (type.isArray()) {
            int length = NativeMemory.getInt(heap.base() + place + ObjectLayout.LENGTH);
            bytes += ObjectLayout.arrayBytes(type.bytes(), length);
            return type.references().length == 0 ? 1 : scanElements(place, 0);
        }
        bytes += type.bytes();
        scanFields(type, place);
        return 1 + type.references().length;
    }

    private void scanFields(ObjectTypes.Type type, long place) {
        long address = heap.base() + place;
        for (int offset : type.references()) {
            reach(NativeMemory.getInt(address + offset) & 0xFFFF_FFFFL);
        }
    }

    /** Of an array, a piece from an element on, and has the rest wait where there is room for that. */
    private long scanElements(long place, int first) {
        long address = heap.base() + place;
        int length = NativeMemory.getInt(address + ObjectLayout.LENGTH);
        int to = length;
        if (length - first > PIECE && depth + 2 <= STACK) {
            to = first + PIECE;
            stack[depth++] = to;
            stack[depth++] = (int) place | CONTINUED;
        }
        reachAll(address + ObjectLayout.ELEMENTS + 4L * first, address + ObjectLayout.ELEMENTS + 4L * to);
        return 1 + to - first;
    }

    private void reachAll(long from, long to) {
        for (long at = from; at < to; ) {
            long piece = Math.min(to, at + 4 * BETWEEN_CHECKS);
            step((int) (piece - at >>> 2));
            for (; at < piece; at += 4) {
                reach(NativeMemory.getInt(at) & 0xFFFF_FFFFL);
            }
        }
    }

    /** Looks into an object where references may have been written: fields, or elements 8 bytes behind places of that range. */
    void look(ObjectTypes.Type type, long place, long from, long to) {
        if (!type.isArray()) {
            scanFields(type, place);
        } else if (type.references().length > 0) {
            long base = heap.base();
            long length = NativeMemory.getInt(base + place + ObjectLayout.LENGTH) & 0xFFFF_FFFFL;
            long last = Math.min(place + 4 * length, to);
            reachAll(base + Math.max(place, from) + ObjectLayout.ELEMENTS, base + last + ObjectLayout.ELEMENTS);
        }
    }
}
