package org.sallyport.spi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Facts that belong to the operating system's process and not to a class loader: which signal interrupts guests, which
 * signal handlers there are, how much of what the process has once is in use. One page of native memory holds them,
 * which all copies of Sallyport in one JVM share, also copies of other versions, one after the other or side by side.
 * {@link VirtualMemory#processPage} finds it or makes it; it stays until the process ends.
 *
 * <p><b>Contract between versions.</b> The page is found by {@link #NAME}, whose number is that of the layout below. A
 * later version may give meaning to bytes that have none here; they are 0, and a 0 must mean that nobody has set them.
 * Whatever has a meaning keeps it. If that cannot be, the name gets a new number, and the new version must be ready to
 * meet an old page, with an old version at work in it. Byte order and alignment are the processor's.
 *
 * <pre>
 *     0   {@value #MAGIC_TEXT}
 *     8   number of the signal that interrupts guests, once it is chosen
 *    16   address of the newest block of signal handlers; each has that of the next older one
 *    24   address of the block of signal handlers that was installed last and is still installed
 *  1024   {@value #COUNTERS} counters, {@value #COUNTER_STRIDE} bytes apart
 * </pre>
 *
 * <p>Counters are atomic. All else is read and written under the monitor of {@link #LOCK}.
 */
public final class ProcessPage {
    /** Name of the file in memory that is mapped. */
    public static final String NAME = "sallyport-process-1";

    /** A literal is the same object in all class loaders of a JVM, so that its monitor is a lock that they share. */
    public static final Object LOCK = "org.sallyport.process";

    public static final long SIZE = 4096;
    /** How many counters have a place, also for those of later versions. */
    public static final int COUNTERS = 32;

    static final String MAGIC_TEXT = "Sallypt1";
    static final long COUNTER_STRIDE = 64;
    private static final long MAGIC = 0x3174_7079_6c6c_6153L;
    private static final long AT_INTERRUPT_SIGNAL = 8;
    private static final long AT_NEWEST_HANDLERS = 16;
    private static final long AT_INSTALLED_HANDLERS = 24;
    private static final long AT_COUNTERS = 1024;

    /** What is counted. The order is part of the layout: new ones come at the end. */
    public enum Counter {
        /** Mappings of the process, as {@code /proc/self/maps} counts them: the most that they may be. */
        MAPPINGS,
        /** Bytes of reserved address space. */
        ADDRESS_SPACE,
        /** Bytes of memory that may be touched. */
        COMMITTED,
        /** Bytes of guest stacks. */
        STACKS,
        /** Open files of guests. */
        DESCRIPTORS,
        /** Threads of engines. */
        THREADS,
        /** Bytes of Java heap, where they are counted. */
        HEAP
    }

    private final MemorySegment page;

    private ProcessPage(MemorySegment page) {
        this.page = page;
    }

    /** The page that is at that address, if it is one. */
    public static boolean isAt(long address) {
        return NativeMemory.getLong(address) == MAGIC;
    }

    /** @param address of a page that {@link #isAt} recognizes */
    public static ProcessPage at(long address) {
        if (!isAt(address)) {
            throw new AssertionError("BUG: no process page at 0x" + Long.toHexString(address));
        }
        return new ProcessPage(NativeMemory.segment(address, SIZE));
    }

    /** Makes a page of one that is zero. */
    public static ProcessPage create(long address) {
        NativeMemory.putLong(address, MAGIC);
        return at(address);
    }

    /** Two objects for the same page have the same. */
    public long address() {
        return page.address();
    }

    // ---- under the lock

    /** 0 if none has been chosen. */
    public int interruptSignal() {
        return (int) fact(AT_INTERRUPT_SIGNAL);
    }

    public void setInterruptSignal(int signal) {
        setFact(AT_INTERRUPT_SIGNAL, signal);
    }

    /** Address of the newest block of signal handlers; 0 if there is none. */
    public long newestHandlers() {
        return fact(AT_NEWEST_HANDLERS);
    }

    public void setNewestHandlers(long block) {
        setFact(AT_NEWEST_HANDLERS, block);
    }

    /** Address of the block of signal handlers that was installed last; 0 if none is installed. */
    public long installedHandlers() {
        return fact(AT_INSTALLED_HANDLERS);
    }

    public void setInstalledHandlers(long block) {
        setFact(AT_INSTALLED_HANDLERS, block);
    }

    private long fact(long offset) {
        checkLock();
        return page.get(ValueLayout.JAVA_LONG, offset);
    }

    private void setFact(long offset, long value) {
        checkLock();
        page.set(ValueLayout.JAVA_LONG, offset, value);
    }

    private static void checkLock() {
        if (!Thread.holdsLock(LOCK)) {
            throw new AssertionError("BUG: the process page is used without its lock");
        }
    }

    // ---- counters; any thread

    public long get(Counter counter) {
        return (long) Atomic.LONG.getVolatile(page, offset(counter));
    }

    /** @return the sum */
    public long add(Counter counter, long delta) {
        return (long) Atomic.LONG.getAndAdd(page, offset(counter), delta) + delta;
    }

    /** Adds unless the sum is more than {@code most}. @return whether it was added */
    public boolean addUpTo(Counter counter, long delta, long most) {
        long offset = offset(counter);
        while (true) {
            long now = (long) Atomic.LONG.getVolatile(page, offset);
            if (now > most - delta) {
                return false;
            }
            if (Atomic.LONG.compareAndSet(page, offset, now, now + delta)) {
                return true;
            }
        }
    }

    /** For {@link ResourceAccount}. */
    boolean compareAndSet(Counter counter, long expected, long value) {
        return Atomic.LONG.compareAndSet(page, offset(counter), expected, value);
    }

    /** For {@link LastWill}. */
    long address(Counter counter) {
        return page.address() + offset(counter);
    }

    private static long offset(Counter counter) {
        return AT_COUNTERS + counter.ordinal() * COUNTER_STRIDE;
    }

    /** Apart, because it takes a while to make in a fresh JVM. */
    private static final class Atomic {
        static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    }
}
