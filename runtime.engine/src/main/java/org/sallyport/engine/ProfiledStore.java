package org.sallyport.engine;

import org.jspecify.annotations.Nullable;
import org.sallyport.engine.code.Backtrace;
import org.sallyport.engine.process.LinuxProcess;
import org.sallyport.engine.process.ThreadNumbers;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.SampleBlock;
import org.sallyport.spi.SentryBlock;
import org.sallyport.spi.StoreContext;

/**
 * A store as its profiler sees it. The profiler signals the thread that runs the store's machine code, by its number, as the
 * sentry does: a signal in error changes nothing. The handler, on that thread, notes where the guest is, and the profiler reads
 * that at its next look. The context is touched with the store's guard only, while it is there.
 */
final class ProfiledStore {
    private final NativeExecution execution;
    private final long stackEnd;

    // written with the guard, or when nobody enters any more
    private @Nullable SampleArea area;
    private long block;

    // of the profiler's thread
    private long seen;
    private long asked;
    private String thread = "";
    /** What was copied: the words of the block. */
    private final long[] words = new long[SampleBlock.SIZE / Long.BYTES];

    ProfiledStore(NativeExecution execution, long stackEnd) {
        this.execution = execution;
        this.stackEnd = stackEnd;
    }

    /** When the last sample was asked for. */
    long asked() {
        return asked;
    }

    /** The thread inside, when that was. */
    String thread() {
        return thread;
    }

    /** From now on who enters leaves its thread's number. Before anybody enters, or with the guard. */
    void prepare() {
        NativeMemory.putLong(execution.context + StoreContext.THREAD_NUMBER, ThreadNumbers.offset());
    }

    /** The same of a store that may be in use. */
    void prepareGuarded() {
        execution.guard.take();
        try {
            if (!execution.freed) {
                prepare();
            }
        } finally {
            execution.guard.taken = 0;
        }
    }

    /**
     * Copies what the handler has noted since the last look, and has it note where the guest is now. By the profiler's thread.
     *
     * @return whether there is something new
     */
    boolean look(SampleArea from) {
        Thread inside = execution.inside();
        if (inside == null && asked == 0) {
            return false;
        }
        long taken = block == 0 && inside != null ? from.take(stackEnd) : 0;
        boolean isNew = false;
        execution.guard.take();
        try {
            if (execution.freed) {
                return false;
            }
            if (taken != 0) {
                attach(from, taken);
                taken = 0;
            }
            if (block != 0) {
                isNew = copy();
                signal(inside);
            }
        } finally {
            execution.guard.taken = 0;
            if (taken != 0) {
                from.giveBack(taken);
            }
        }
        return isNew;
    }

    private void attach(SampleArea from, long taken) {
        area = from;
        block = taken;
        seen = 0;
        prepare();
    }

    private void signal(@Nullable Thread inside) {
        asked = 0;
        int number = NativeMemory.getInt(
                NativeMemory.getLong(execution.context + StoreContext.RECORD) + SentryBlock.THREAD);
        if (inside != null && number != 0) {
            asked = System.nanoTime();
            thread = inside.getName();
            NativeMemory.putLongRelease(execution.context + StoreContext.SAMPLES, block);
            LinuxProcess.Threads.get().signalNumber(number, execution.space.interruptSignal());
        }
    }

    private boolean copy() {
        long sequence = NativeMemory.getLongVolatile(block + SampleBlock.SEQUENCE);
        if (sequence == seen || (sequence & 1) != 0) {
            return false;
        }
        for (int i = 0; i < words.length; i++) {
            words[i] = NativeMemory.getLongVolatile(block + (long) i * Long.BYTES);
        }
        if (NativeMemory.getLongVolatile(block + SampleBlock.SEQUENCE) != sequence) {
            return false; // a signal of the watchdog's, just now; the next look has that one
        }
        seen = sequence;
        return true;
    }

    /** Adds the frames of the last sample that was new, as {@link Backtrace#addSample}. Without the guard. */
    int addTo(Backtrace frames) {
        int from = SampleBlock.RETURNS / Long.BYTES;
        int count = Math.clamp(word(SampleBlock.LENGTH) / Long.BYTES, 0, words.length - from);
        long[] returns = new long[count];
        System.arraycopy(words, from, returns, 0, count);
        return frames.addSample(
                word(SampleBlock.PC), new long[] {word(SampleBlock.TOP), word(SampleBlock.TOP + Long.BYTES)}, returns);
    }

    private long word(int offset) {
        return words[offset / Long.BYTES];
    }

    /** The handler notes nothing any more, but for what it has begun. */
    void leave() {
        execution.guard.take();
        try {
            if (!execution.freed && block != 0) {
                NativeMemory.putLongRelease(execution.context + StoreContext.SAMPLES, 0);
            }
        } finally {
            execution.guard.taken = 0;
        }
    }

    /** Nobody enters any more. Can be called again. */
    void giveBack() {
        SampleArea has = area;
        if (has != null) {
            area = null;
            has.giveBack(block);
        }
    }
}
