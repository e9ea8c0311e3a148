package org.sallyport.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.WasmException;
import org.sallyport.engine.heap.ObjectCollector;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ReferenceTable;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.StoreContext;

/**
 * The exceptions that guests of a store refer to. An {@code exnref} is a handle: 32 bits that are the store's own, 8 that
 * change with each use of the place, 24 that are the place in a list here. So a word that is no handle hardly ever looks
 * like one, and nothing that a guest has is ever more than looked up.
 *
 * <p><b>Collection.</b> What throws and catches for ever must not pile up, and nobody says when a handle is dropped. So
 * when the list has grown, it is gone through what can hold one: globals and tables of such references, the used part of
 * the guest stack (every word of it; all values are there whenever a guest has left for Java), the values of exceptions
 * found in that way, and what Java has just put somewhere without any guest having run since. All else goes. The next
 * collection comes when so much has been added as was kept and looked at; if it frees too little, the store is at its
 * limit. What Java refers to lives by itself, and comes back into the list when Java gives it to a guest again.
 *
 * <p>Used by the thread inside the store.
 */
final class ExceptionTable implements ObjectCollector.Marker {
    private static final int PLACE_BITS = 24;
    private static final int MOST = 1 << PLACE_BITS;
    private static final int FIRST = 64;
    /** As many as a function can have parameters or results. */
    private static final int RECENT = 1024;
    private static final int CHARGED_BYTES = 1 << 16;
    /** Words and elements between two looks at the deadline. */
    private static final int BETWEEN_CHECKS = 1 << 16;

    private final NativeExecution execution;
    private final long limit;
    /** Upper half of all handles here. Its uppermost byte is that of no address, number of 32 bits, or usual double. */
    private final int mark;

    private @Nullable Thrown[] list = new @Nullable Thrown[0];
    private byte[] uses = new byte[0];
    /** All places from here on have never been used. */
    private int end;
    private int[] free = new int[0];
    private int freeCount;
    private int live;
    private long bytes;
    private long charged;
    private long nextCollection = FIRST;
    private long added;

    private final List<GlobalImpl> globals = new ArrayList<>();
    private final List<ReferenceTable> tables = new ArrayList<>();
    /** From element segments: they stay. */
    private final List<Thrown> held = new ArrayList<>();
    private int[] recent = new int[0];
    private int recentCount;

    private boolean[] marked = new boolean[0];
    private final Deque<Thrown> work = new ArrayDeque<>();
    private long looked;

    ExceptionTable(NativeExecution execution) {
        this.execution = execution;
        limit = execution.store.limits().exceptionBytes();
        mark = 0xA500_0000 | new SplittableRandom().nextInt(1 << 24);
    }

    /** The exception that a reference stands for; null for the null reference. */
    @Nullable Thrown find(long reference) {
        if (reference == 0) {
            return null;
        }
        Thrown thrown = look(reference);
        if (thrown == null) {
            throw new AssertionError("BUG: no exception has the handle 0x" + Long.toHexString(reference));
        }
        return thrown;
    }

    /** Whether the value is a handle of this kind, and not one of {@link References}. */
    static boolean isHandle(long reference) {
        return reference >>> 32 != 0;
    }

    private @Nullable Thrown look(long word) {
        if ((int) (word >>> 32) != mark) {
            return null;
        }
        int place = (int) word & MOST - 1;
        return place < end && uses[place] == (byte) (word >>> PLACE_BITS) ? list[place] : null;
    }

    /**
     * The reference to an exception.
     *
     * @throws LimitExceededException if guests refer to more than the store's limit allows
     */
    long reference(Thrown thrown) {
        if (thrown.index < 0) {
            add(thrown);
        }
        int place = thrown.index;
        note(place);
        return (long) mark << 32 | (uses[place] & 0xFFL) << PLACE_BITS | place;
    }

    /** For what is put where no collection looks. */
    void hold(long reference) {
        Thrown thrown = find(reference);
        if (thrown != null) {
            held.add(thrown);
        }
    }

    void watch(GlobalImpl global) {
        globals.add(global);
    }

    void watch(ReferenceTable table) {
        tables.add(table);
    }

    /** What Java has handed out until now is where a guest can have it. */
    void guestRuns() {
        recentCount = 0;
    }

    private void note(int place) {
        if (recent.length == 0) {
            recent = new int[RECENT];
        }
        recent[recentCount++ & RECENT - 1] = place;
    }

    private void add(Thrown thrown) {
        long more = thrown.heapBytes();
        if (added >= nextCollection || bytes + more > limit) {
            collect(thrown);
        }
        if (bytes + more > limit || live == MOST) {
            throw new LimitExceededException("bytes of live exceptions", bytes + more, limit, "StoreLimits.exceptionBytes");
        }
        charge(more);
        int place = freeCount > 0 ? free[--freeCount] : newPlace();
        list[place] = thrown;
        thrown.index = place;
        thrown.counted = more;
        live++;
        bytes += more;
        added++;
    }

    private void charge(long more) {
        if (bytes + more > charged) {
            execution.store.resources().charge(Kind.HEAP, CHARGED_BYTES + more);
            charged += CHARGED_BYTES + more;
        }
    }

    /**
     * What Java sees of the exception is the same object whenever it looks, as long as there is room for that: it counts
     * like the exception itself.
     */
    void remember(Thrown thrown, WasmException seen) {
        if (thrown.index >= 0) {
            long more = Thrown.heapBytes(seen);
            if (bytes + more > limit || !canCharge(more)) {
                return;
            }
            bytes += more;
            thrown.counted += more;
        }
        thrown.seen = seen;
    }

    private boolean canCharge(long more) {
        try {
            charge(more);
            return true;
        } catch (LimitExceededException e) {
            return false;
        }
    }

    private int newPlace() {
        if (end == list.length) {
            int n = Math.min(MOST, Math.max(FIRST, 2 * end));
            list = Arrays.copyOf(list, n);
            uses = Arrays.copyOf(uses, n);
            free = Arrays.copyOf(free, n);
        }
        return end++;
    }

    // ---- collection

    private void collect(Thrown wanted) {
        if (marked.length < list.length) {
            marked = new boolean[list.length];
        } else {
            Arrays.fill(marked, false);
        }
        looked = 0;
        work.clear();
        markAll(wanted);
        sweep();
        added = 0;
        nextCollection = FIRST + live + looked / 16;
        if (bytes > limit - limit / 8) { // or all the time would go into collections
            throw new LimitExceededException("bytes of live exceptions", bytes, limit, "StoreLimits.exceptionBytes");
        }
    }

    private void markAll(Thrown wanted) {
        markValues(wanted);
        for (Thrown thrown : held) {
            mark(thrown);
        }
        for (int i = 0; i < Math.min(recentCount, RECENT); i++) {
            mark(list[recent[i]]);
        }
        for (GlobalImpl global : globals) {
            mark(look(global.low()));
        }
        for (ReferenceTable table : tables) {
            for (long i = 0; i < table.size(); i++) {
                step();
                mark(look(table.get(i)));
            }
        }
        if (execution.level > 0) {
            markStack();
        }
        execution.collector.markExceptions(this);
        while (!work.isEmpty()) {
            step();
            markValues(work.removeLast());
        }
    }

    /** Keeps the exception if the word, from where references to exceptions are, is one. */
    @Override
    public void markWord(long word) {
        step();
        mark(look(word));
    }

    private void markStack() {
        long top = execution.memory.stackTop();
        long from = NativeMemory.getLong(execution.context + StoreContext.GUEST_SP) & -8;
        for (long at = Math.max(from, execution.memory.stackEnd()); at < top; at += 8) {
            step();
            mark(look(NativeMemory.getLong(at)));
        }
    }

    private void step() {
        if ((++looked & BETWEEN_CHECKS - 1) == 0) {
            execution.checkpoint();
        }
    }

    private void mark(@Nullable Thrown thrown) {
        if (thrown != null && thrown.index >= 0 && !marked[thrown.index]) {
            marked[thrown.index] = true;
            work.add(thrown);
        }
    }

    private void markValues(Thrown thrown) {
        if (thrown.exceptions != null) {
            for (Thrown value : thrown.exceptions) {
                mark(value);
            }
        }
    }

    private void sweep() {
        for (int place = 0; place < end; place++) {
            Thrown thrown = list[place];
            if (thrown != null && !marked[place]) {
                list[place] = null;
                uses[place]++;
                free[freeCount++] = place;
                thrown.index = -1;
                live--;
                bytes -= thrown.counted;
            }
        }
    }

    /**
     * Checks that each exception is where it thinks, and that the sums are right.
     *
     * @throws AssertionError if not
     */
    void check() {
        int count = 0;
        long sum = 0;
        for (int place = 0; place < list.length; place++) {
            Thrown thrown = list[place];
            if (thrown != null) {
                count++;
                sum += thrown.counted;
                if (thrown.index != place || place >= end) {
                    throw new AssertionError("BUG: exception " + place + " believes to be " + thrown.index);
                }
            }
        }
        if (count != live || sum != bytes || live + freeCount != end) {
            throw new AssertionError("BUG: " + count + " exceptions of " + sum + " bytes, known are " + live + " of " + bytes
                    + ", " + freeCount + " free of " + end);
        }
    }

    /** How many exceptions guests refer to, as far as is known. */
    int live() {
        return live;
    }
}
