package org.sallyport.engine;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.spi.ReferenceTable;
import org.sallyport.spi.StoreContext;

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
final class ObjectCollector {
    private static final int STACK = 1 << 14;
    private static final int BETWEEN_CHECKS = 1 << 14;
    private static final int FIRST_HELD = 64;

    private final NativeExecution execution;
    private final ObjectHeap heap;
    private final List<NativeGlobal> globals = new ArrayList<>();
    private final List<ReferenceTable> tables = new ArrayList<>();
    private final List<InstanceImpl> segments = new ArrayList<>();
    private List<WeakReference<ObjectReference>> held = new ArrayList<>();
    private int nextPurge = FIRST_HELD;

    private int[] stack = {};
    private int depth;
    /** The lowest object that did not fit; {@link Long#MAX_VALUE} if all did. */
    private long overflow;
    private int steps;

    ObjectCollector(NativeExecution execution, ObjectHeap heap) {
        this.execution = execution;
        this.heap = heap;
    }

    void watch(NativeGlobal global) {
        globals.add(global);
    }

    void watch(ReferenceTable table) {
        tables.add(table);
    }

    /** An instance whose element segments have such references. */
    void watch(InstanceImpl instance) {
        segments.add(instance);
    }

    /** Keeps the object while Java holds the reference. */
    ObjectReference hold(ObjectReference reference) {
        if (held.size() >= nextPurge) {
            List<WeakReference<ObjectReference>> alive = new ArrayList<>();
            for (WeakReference<ObjectReference> weak : held) {
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

    /** Collects. @return bytes that live */
    long run() {
        if (stack.length == 0) {
            stack = new int[STACK];
        }
        depth = 0;
        overflow = Long.MAX_VALUE;
        heap.complete();
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
        return heap.sweep();
    }

    private void step() {
        if (++steps >= BETWEEN_CHECKS) {
            steps = 0;
            execution.checkpoint();
        }
    }

    // ---- roots

    private void markRoots() {
        for (NativeGlobal global : globals) {
            markReference(NativeMemory.getLong(global.slot()));
        }
        for (ReferenceTable table : tables) {
            for (long i = 0; i < table.size(); i++) {
                step();
                markReference(table.get(i));
            }
        }
        for (InstanceImpl instance : segments) {
            for (int i = 0; i < instance.elements.length; i++) {
                markSegment(instance, i);
            }
        }
        for (int i = 0; i < held.size(); i++) {
            ObjectReference reference = held.get(i).get();
            if (reference != null) {
                markReference(reference.place());
            }
        }
        long values = NativeMemory.getLong(execution.context + StoreContext.EXCEPTION_VALUES);
        markWords(values, values + (long) StoreContext.EXCEPTION_VALUE * execution.exceptions.room());
        if (execution.level > 0) {
            long from = NativeMemory.getLong(execution.context + StoreContext.GUEST_SP) & -8;
            markWords(Math.max(from, execution.memory.stackEnd()), execution.memory.stackTop());
        }
    }

    private void markSegment(InstanceImpl instance, int index) {
        long @Nullable [] references = instance.elements[index];
        if (references != null && instance.moduleImpl().isCollected(index)) {
            for (long reference : references) {
                step();
                markReference(reference);
            }
        }
    }

    private void markWords(long from, long to) {
        for (long at = from; at < to; at += 4) {
            step();
            long place = heap.find(NativeMemory.getInt(at) & 0xFFFF_FFFFL);
            if (place != 0) {
                mark(place);
            }
        }
    }

    // ---- objects

    private void markReference(long reference) {
        if (reference != 0 && (reference & ObjectLayout.TAG_BITS) == 0) {
            mark(reference);
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

    private void scan(long place) {
        step();
        long address = heap.base() + place;
        ObjectTypes.Type type = execution.types.ofNumber(NativeMemory.getInt(address + ObjectLayout.TYPE));
        int[] references = type.references();
        if (references.length == 0) {
            return;
        }
        if (!type.isArray()) {
            for (int offset : references) {
                markReference(NativeMemory.getInt(address + offset) & 0xFFFF_FFFFL);
            }
            return;
        }
        long end = address + ObjectLayout.ELEMENTS
                + 4 * (NativeMemory.getInt(address + ObjectLayout.LENGTH) & 0xFFFF_FFFFL);
        for (long at = address + ObjectLayout.ELEMENTS; at < end; at += 4) {
            step();
            markReference(NativeMemory.getInt(at) & 0xFFFF_FFFFL);
        }
    }

    /** Tells the table what objects, dead ones that were not swept yet too, refer to exceptions. */
    void markExceptions(ExceptionTable table) {
        if (!execution.types.haveExceptions()) {
            return;
        }
        heap.complete();
        long end = heap.end();
        for (long place = heap.nextObject(ObjectLayout.GUARD);
                place < end;
                place = heap.nextObject(place + ObjectLayout.ALIGNMENT)) {
            step();
            long address = heap.base() + place;
            ObjectTypes.Type type = execution.types.ofNumber(NativeMemory.getInt(address + ObjectLayout.TYPE));
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
    void check() {
        if (!heap.isOpen()) {
            return;
        }
        heap.complete();
        heap.check();
    }
}
