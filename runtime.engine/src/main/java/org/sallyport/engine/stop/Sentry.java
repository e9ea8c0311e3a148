package org.sallyport.engine.stop;

import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.engine.process.LinuxProcess;
import org.sallyport.engine.process.ProcessBarrier;
import org.sallyport.engine.process.ThreadNumbers;
import org.sallyport.engine.threads.EngineThreads;
import org.sallyport.engine.threads.JavaStack;
import org.sallyport.engine.threads.SpinLock;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.SentryBlock;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;

/**
 * The thread of an engine that ends machine code at deadlines while no thread can run Java: during collections and other
 * safepoints. It enters a loop of machine code ({@link SentryBlock}) and stays there, in what the JVM takes for a call of a
 * system's function.
 *
 * <p>It is the first line and the {@link Watchdog} the second, which does the same and all else a little later; what the
 * sentry misses is lost to nobody. It marks nothing and takes nothing back: it signals whoever runs machine code past a
 * deadline, and the signal handler, on that thread, ends the guest only if that deadline is still in force. A signal in error
 * changes nothing.
 *
 * <p>Each store whose calls have deadlines has a record with the deadline in force and the number of the thread inside.
 * Records lie in the engine's memory, not the store's, so that the loop may look at them at any time: one that was given back
 * has no deadline, and one that is somebody else's by then has his.
 *
 * <p>The thread is started by who sets a deadline and ends when none has been in force for some seconds. So it holds no class
 * loader for ever. Nothing here leads to the engine.
 */
public final class Sentry implements Runnable, AutoCloseable {
    private static final long SIZE = 1 << 20;
    /** So many stores have records; those that come then have none while these are open. */
    public static final int MOST = (int) ((SIZE - SentryBlock.RECORDS) / SentryBlock.RECORD_SIZE);
    /** So far in the past or future is what {@link SentryBlock#LOOKS} says to all or to nobody. */
    private static final long FAR = 1L << 62;
    /** {@code false} where signals from a thread that is not Java's are not wanted. */
    private static final String PROPERTY = "sallyport.sentry";

    private static final String OFF = "false";

    private final VirtualMemory memory;
    private final String name;
    private final MemorySegment loop;
    private final long block;

    /** Made early: when the thread first runs, the application may be gone, and no class is loaded from it any more. */
    private final AtExit atExit = new AtExit();
    /** Of the thread; held while one is started, which may block. */
    private final ReentrantLock starting = new ReentrantLock();
    private volatile @Nullable Thread thread;
    /** Whether the system refuses what the loop needs. */
    private volatile boolean refused;
    // guarded by starting
    private boolean closed;
    private boolean released;

    private final SpinLock records = new SpinLock();
    // guarded by records
    private final BitSet used = new BitSet(MOST);

    /**
     * A sentry without a thread.
     *
     * @param loop address of {@link org.sallyport.spi.GuestBorder#sentry}; 0 if there is none
     * @return null if this process or machine does not allow it
     * @throws LimitExceededException if there is no memory for it
     */
    public static @Nullable Sentry make(VirtualMemory memory, long loop, int signal, ProcessBarrier barrier, String name) {
        if (loop == 0
                || OFF.equals(System.getProperty(PROPERTY))
                || !barrier.isByMembarrier()
                || ThreadNumbers.offset() == ThreadNumbers.UNKNOWN
                || !LinuxProcess.hasClockOfNanoTime()
                || !LinuxProcess.Threads.get().canSignalByNumber()) {
            return null;
        }
        return new Sentry(memory, loop, signal, name + "-sentry");
    }

    private Sentry(VirtualMemory memory, long loop, int signal, String name) {
        this.memory = memory;
        this.name = name;
        this.loop = MemorySegment.ofAddress(loop);
        block = memory.reserve(SIZE);
        if (!memory.protect(block, SIZE, Access.READ_WRITE)) {
            memory.release(block, SIZE);
            throw new LimitExceededException("accessible memory bytes", SIZE, 0, "the operating system: out of memory");
        }
        NativeMemory.putLong(block + SentryBlock.LOOKS, System.nanoTime() + FAR);
        NativeMemory.putLong(block + SentryBlock.END, block + SentryBlock.RECORDS);
        NativeMemory.putInt(block + SentryBlock.PROCESS, LinuxProcess.Threads.get().process());
        NativeMemory.putInt(block + SentryBlock.SIGNAL, signal);
    }

    // ---- for stores

    /** Address of the word that says when the thread looks by itself: who sets an earlier deadline {@linkplain #ask asks}. */
    public long looks() {
        return block + SentryBlock.LOOKS;
    }

    /** Has the thread look at all records at once. Called after a deadline was written to one. */
    public void ask() {
        NativeMemory.getAndAddInt(block + SentryBlock.ASKS, 1);
        if (NativeMemory.getIntVolatile(block + SentryBlock.SLEEPS) != 0) {
            LinuxProcess.Threads.get().wake(block + SentryBlock.ASKS);
        }
        if (thread == null && !refused && JavaStack.hasRoom()) {
            start();
        }
    }

    /** Address of a record without a deadline; 0 if all are taken. */
    public long take() {
        records.take();
        try {
            int i = used.nextClearBit(0);
            if (i >= MOST) {
                return 0;
            }
            long record = record(i);
            NativeMemory.putLong(record + SentryBlock.DEADLINE, SentryBlock.NO_DEADLINE);
            NativeMemory.putLong(record + SentryBlock.EXPIRED, 0);
            NativeMemory.putLong(record + SentryBlock.SIGNALLED, 0);
            NativeMemory.putInt(record + SentryBlock.THREAD, 0);
            used.set(i);
            NativeMemory.putLongRelease(block + SentryBlock.END, record(used.length()));
            return record;
        } finally {
            records.taken = 0;
        }
    }

    /** No machine code of the store runs any more. */
    public void giveBack(long record) {
        NativeMemory.putLong(record + SentryBlock.DEADLINE, SentryBlock.NO_DEADLINE);
        records.take();
        try {
            used.clear((int) ((record - record(0)) / SentryBlock.RECORD_SIZE));
            NativeMemory.putLongRelease(block + SentryBlock.END, record(used.length()));
        } finally {
            records.taken = 0;
        }
    }

    private long record(int number) {
        return block + SentryBlock.RECORDS + (long) number * SentryBlock.RECORD_SIZE;
    }

    /** How many records are taken. */
    public int taken() {
        records.take();
        try {
            return used.cardinality();
        } finally {
            records.taken = 0;
        }
    }

    // ---- the thread

    private void start() {
        starting.lock();
        try {
            if (thread == null && !closed) {
                Thread fresh = EngineThreads.unstarted(name, this);
                thread = fresh;
                boolean started = false;
                try {
                    fresh.start();
                    started = true;
                } finally {
                    if (!started) {
                        thread = null;
                    }
                }
            }
        } finally {
            starting.unlock();
        }
    }

    /** A JVM that exits waits 0.3 s for threads that stay in what it takes for a system's function. */
    private final class AtExit implements Runnable {
        @Override
        public void run() {
            starting.lock();
            try {
                if (!released) {
                    tellToLeave();
                }
            } finally {
                starting.unlock();
            }
        }
    }

    private void tellToLeave() {
        NativeMemory.putIntVolatile(block + SentryBlock.STOP, 1);
        NativeMemory.getAndAddInt(block + SentryBlock.ASKS, 1);
        LinuxProcess.Threads.get().wake(block + SentryBlock.ASKS);
    }

    @Override
    public void run() {
        boolean whole = false;
        try {
            Thread hook = EngineThreads.unstarted(name + "-exit", atExit);
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                LinuxProcess.raisePriority();
                runLoop();
            } finally {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
            whole = true;
        } catch (IllegalStateException e) {
            whole = true; // the JVM exits
        } finally {
            if (!whole) {
                failed();
            }
        }
    }

    /** There is no heap: whoever asks next starts another thread. */
    private void failed() {
        starting.lock();
        try {
            if (thread == Thread.currentThread()) {
                thread = null;
            }
        } finally {
            starting.unlock();
        }
    }

    private void runLoop() {
        int why;
        do {
            why = LinuxProcess.Threads.get().run(loop, block);
        } while (why == SentryBlock.IDLE && !ends());
        if (why == SentryBlock.REFUSED) {
            giveUp();
        }
    }

    /** Whether nobody has asked since the thread last looked. If so, whoever asks from now on starts another one. */
    private boolean ends() {
        starting.lock();
        try {
            thread = null;
            if (closed || NativeMemory.getIntVolatile(block + SentryBlock.ASKS)
                    == NativeMemory.getInt(block + SentryBlock.SEEN)) {
                return true;
            }
            thread = Thread.currentThread();
            return false;
        } finally {
            starting.unlock();
        }
    }

    /** The watchdog does it alone. */
    private void giveUp() {
        starting.lock();
        try {
            refused = true;
            thread = null;
            if (closed) {
                return;
            }
            NativeMemory.putLongVolatile(block + SentryBlock.LOOKS, System.nanoTime() - FAR); // nobody needs to ask
        } finally {
            starting.unlock();
        }
        System.getLogger(Watchdog.class.getName()).log(Level.WARNING,
                "the operating system refuses what " + name
                        + " needs; deadlines that pass while the JVM stands still are kept late");
    }

    public boolean isRunning() {
        return thread != null;
    }

    /** No store of the engine is open. Returns when the thread has left; can be called again after an error. */
    @Override
    public void close() {
        Thread last;
        starting.lock();
        try {
            if (released) {
                return;
            }
            closed = true;
            tellToLeave();
            last = thread;
        } finally {
            starting.unlock();
        }
        if (last != null) {
            join(last);
        }
        starting.lock();
        try {
            if (!released) {
                memory.release(block, SIZE);
                released = true;
            }
        } finally {
            starting.unlock();
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
