package org.sallyport.engine.heap;

import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;

/** Checks each object and reference of a heap, for tests. */
final class HeapCheck {
    private final ObjectHeap heap;
    private final KnownObjects known;

    HeapCheck(ObjectHeap heap) {
        this.heap = heap;
        known = heap.known();
    }

    /** @throws AssertionError if something is wrong */
    void run() {
        heap.complete();
        long end = heap.end();
        long behind = 0;
        for (long at = known.next(ObjectLayout.GUARD, end); at < end; at = known.next(at + ObjectLayout.ALIGNMENT, end)) {
            if (at < behind) {
                throw new AssertionError("BUG: objects overlap at 0x" + Long.toHexString(at));
            }
            behind = at + known.bytes(at);
            checkReferences(at);
        }
        if (behind > end) {
            throw new AssertionError("BUG: an object reaches over the end");
        }
    }

    private void checkReferences(long place) {
        ObjectTypes.Type type = known.type(place);
        long address = heap.base() + place;
        if (!type.isArray()) {
            for (int offset : type.references()) {
                checkReference(place, NativeMemory.getInt(address + offset) & 0xFFFF_FFFFL);
            }
        } else if (type.references().length > 0) {
            long length = NativeMemory.getInt(address + ObjectLayout.LENGTH) & 0xFFFF_FFFFL;
            for (long i = 0; i < length; i++) {
                checkReference(place, NativeMemory.getInt(address + ObjectLayout.ELEMENTS + 4 * i) & 0xFFFF_FFFFL);
            }
        }
    }

    private void checkReference(long holder, long reference) {
        if (reference != 0 && (reference & ObjectLayout.TAG_BITS) == 0
                && (reference < ObjectLayout.GUARD || reference >= heap.end() || !known.isStart(reference))) {
            throw new AssertionError("BUG: the object at 0x" + Long.toHexString(holder) + " refers to 0x"
                    + Long.toHexString(reference) + ", where none begins");
        }
    }
}
