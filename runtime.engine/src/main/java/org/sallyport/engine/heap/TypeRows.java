package org.sallyport.engine.heap;

import java.util.Arrays;

import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.wasm.MemoryType;

/** The pages of a heap that have rows of types. Each looks like one object that never dies. */
final class TypeRows {
    private static final int PAGE = 1 << MemoryType.PAGE_SIZE_LOG2;

    private final ObjectHeap heap;
    private long row;
    private long rowEnd;
    private long[] pages = new long[4];
    private int count;

    TypeRows(ObjectHeap heap) {
        this.heap = heap;
    }

    /** A zeroed row of {@link ObjectLayout#ROW} bytes for a type, which stays. */
    int add() {
        if (row == rowEnd) {
            addPage();
        }
        int place = (int) row;
        row += ObjectLayout.ROW;
        return place;
    }

    /** Of the first page, the first row is for nothing, and the second one for such pages. */
    void addPage() {
        if (count == pages.length) {
            pages = Arrays.copyOf(pages, 2 * count);
        }
        long page = heap.grow(1);
        int number = ObjectLayout.NOTHING + ObjectLayout.ROW;
        if (page == ObjectLayout.NOTHING) {
            heap.types().addPlain(number, PAGE);
        }
        NativeMemory.putInt(heap.base() + page + ObjectLayout.TYPE, number);
        pages[count++] = page;
        heap.generations().addOld(page, PAGE);
        row = page + (page == ObjectLayout.NOTHING ? 2 : 1) * ObjectLayout.ROW;
        rowEnd = page + PAGE;
    }

    /** What the marking must not forget. */
    void addTo(WholeMarking whole) {
        for (int i = 0; i < count; i++) {
            whole.add(pages[i]);
        }
    }
}
