package org.sallyport.engine;

import java.util.Arrays;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.engine.heap.ObjectCollector;
import org.sallyport.spi.ObjectLayout;

/**
 * Objects of the host that guests of a store refer to: an {@code externref} is a handle, which stands for a place in a list here.
 * An object has one handle as long as it has any. When as many have been given as lived before, the store's collection says which
 * of them guests can still reach; the others are let go, and their places used again. Where guests are no machine code nobody can
 * say that, and all stay until the store is closed.
 *
 * <p>Numbers begin somewhere at random and far from small numbers and addresses in linear memories, so that a number on a guest's
 * stack hardly ever keeps an object. Used by the thread inside the store.
 */
final class HostObjects implements ObjectCollector.Hosts {
    private static final int SHIFT = 2;
    private static final int FIRST_COLLECTION = 1024;
    /** Numbers have 30 bits; those of a store lie between its first one and this many more. */
    private static final int MOST = 1 << 28;

    private final StoreImpl store;
    private final int first = ThreadLocalRandom.current().nextInt(MOST, 2 * MOST);
    private final Map<Object, Integer> places = new IdentityHashMap<>();
    private @Nullable Object[] objects = {};
    private int end;
    private int[] free = {};
    private int freeCount;
    private int nextCollection = FIRST_COLLECTION;
    private final BitSet marks = new BitSet();

    HostObjects(StoreImpl store) {
        this.store = store;
    }

    /** How many there are. */
    int count() {
        return places.size();
    }

    Object get(long handle) {
        Object object = find(handle);
        if (object == null) {
            throw new AssertionError("BUG: no object has the handle 0x" + Long.toHexString(handle));
        }
        return object;
    }

    private @Nullable Object find(long handle) {
        int place = place(handle);
        return place >= 0 && place < end ? objects[place] : null;
    }

    private int place(long handle) {
        return (int) (handle >>> SHIFT) - first;
    }

    /** @throws LimitExceededException if guests hold as many objects as the store's limit of table elements allows */
    long handle(Object object) {
        Integer known = places.get(object);
        int place = known != null ? known : add(object);
        return (long) (first + place) << SHIFT | ObjectLayout.HOST_BIT;
    }

    private int add(Object object) {
        long limit = Math.min(store.limits().tableElements(), MOST);
        if (places.size() >= Math.min(nextCollection, limit) || isStressed()) {
            collect();
        }
        if (places.size() >= limit) {
            throw new LimitExceededException("host references", places.size() + 1L, limit, "StoreLimits.tableElements");
        }
        int place = freeCount > 0 ? free[--freeCount] : newPlace();
        objects[place] = object;
        places.put(object, place);
        return place;
    }

    private int newPlace() {
        if (end == objects.length) {
            objects = Arrays.copyOf(objects, Math.max(16, 2 * end));
        }
        return end++;
    }

    private boolean isStressed() {
        return store.execution() instanceof NativeExecution machine && machine.heap.isStressed();
    }

    private void collect() {
        if (store.execution() instanceof NativeExecution machine) {
            machine.heap.collectForHosts();
        }
    }

    // ---- the collection

    @Override
    public void clearMarks() {
        marks.clear();
    }

    @Override
    public void mark(long handle) {
        int place = place(handle);
        if (place >= 0 && place < end && objects[place] != null) {
            marks.set(place);
        }
    }

    @Override
    public void sweep() {
        for (int place = 0; place < end; place++) {
            Object object = objects[place];
            if (object != null && !marks.get(place)) {
                objects[place] = null;
                places.remove(object);
                if (freeCount == free.length) {
                    free = Arrays.copyOf(free, Math.max(16, 2 * freeCount));
                }
                free[freeCount++] = place;
            }
        }
        nextCollection = Math.max(FIRST_COLLECTION, 2 * places.size());
    }

    /**
     * Checks that each object has one handle and each handle one object.
     *
     * @throws AssertionError if not
     */
    void check() {
        int count = 0;
        for (int place = 0; place < end; place++) {
            Object object = objects[place];
            if (object != null) {
                count++;
                Integer known = places.get(object);
                if (known == null || known != place) {
                    throw new AssertionError("BUG: the handle of host object " + place + " is another one's");
                }
            }
        }
        if (count != places.size() || count + freeCount != end) {
            throw new AssertionError("BUG: " + count + " host objects, known are " + places.size() + ", " + freeCount
                    + " free of " + end);
        }
    }
}
