package org.sallyport.engine;

import java.util.BitSet;

import org.sallyport.LimitExceededException;
import org.sallyport.engine.process.LinuxProcess;
import org.sallyport.engine.process.ThreadNumbers;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.SampleBlock;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;

/**
 * The memory of an engine where signal handlers note where guests are. It stays until no guest of the engine can run any more: a
 * handler may be at it whenever a store has a block of it.
 */
final class SampleArea implements AutoCloseable {
    private static final long SIZE = 1 << 20;
    /** So many stores have blocks; those that come then are not seen while these are open. */
    private static final int MOST = (int) (SIZE / SampleBlock.SIZE);

    private final VirtualMemory memory;
    private final long start;
    // guarded by this
    private final BitSet used = new BitSet(MOST);
    private boolean released;

    private SampleArea(VirtualMemory memory) {
        this.memory = memory;
        start = memory.reserve(SIZE);
        if (!memory.protect(start, SIZE, Access.READ_WRITE)) {
            memory.release(start, SIZE);
            throw new LimitExceededException("accessible memory bytes", SIZE, 0, "the operating system: out of memory");
        }
    }

    /**
     * @throws UnsupportedOperationException if this machine or process does not allow it; says why
     * @throws LimitExceededException if there is no memory for it
     */
    static SampleArea make(CodeGenerator generator, VirtualMemory memory) {
        if (!generator.takesSamples()) {
            throw new UnsupportedOperationException("guests on " + generator.target() + " cannot be sampled yet");
        }
        if (ThreadNumbers.offset() == ThreadNumbers.UNKNOWN || !LinuxProcess.Threads.get().canSignalByNumber()) {
            throw new UnsupportedOperationException("threads cannot be signalled by their numbers in this process: the C library"
                    + " is not known, or tgkill(2) is refused");
        }
        return new SampleArea(memory);
    }

    /** A block for a guest stack; 0 if all are taken, or the engine has closed. */
    synchronized long take(long stackEnd) {
        if (released) {
            return 0;
        }
        int i = used.nextClearBit(0);
        if (i >= MOST) {
            return 0;
        }
        used.set(i);
        long block = start + (long) i * SampleBlock.SIZE;
        NativeMemory.putLong(block + SampleBlock.SEQUENCE, 0);
        NativeMemory.putLong(block + SampleBlock.STACK_END, stackEnd);
        return block;
    }

    /** No machine code of the store runs any more. */
    synchronized void giveBack(long block) {
        used.clear((int) ((block - start) / SampleBlock.SIZE));
    }

    /** No store of the engine is open. Can be called again after an error. */
    @Override
    public synchronized void close() {
        if (!released) {
            memory.release(start, SIZE);
            released = true;
        }
    }
}
