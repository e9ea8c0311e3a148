package org.sallyport.steward;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/**
 * What is given back when a testator is gone, as data of the JDK's types: nothing here leads to a class of ours. Whoever
 * wrote the will changes the data as long as he lives; then they are the steward's.
 *
 * <p>If the heir can still be reached, the class loader is still there; then he gives back in the ordinary way, and the
 * rest is not looked at. Else nobody of that class loader runs any more.
 *
 * <pre>
 * {@value #HEIR}  WeakReference of Runnable, or null
 * {@value #WARNING}  String for the log, or null
 * {@value #SYSCALL}  MethodHandle of the C function syscall: state for errno, number, and five or six longs
 * {@value #EVERYTHING}  MemorySegment of all addresses, where something of the below is there
 * {@value #PAGE}  Long, address of the process page, where something is reserved
 * {@value #RESERVED}  AtomicReference of long[], four words each: address or 0, size, mappings, 1 if it stays for ever; or null
 * {@value #FILES}  AtomicReference of int[], descriptors and -1; or null
 * {@value #COUNTS}  Object[], in turn AtomicLongArray, what is held, and long[], addresses of counters for it or 0; or null
 * </pre>
 */
final class Estate {
    static final int HEIR = 0;
    static final int WARNING = 1;
    static final int SYSCALL = 2;
    static final int EVERYTHING = 3;
    static final int PAGE = 4;
    static final int RESERVED = 5;
    static final int FILES = 6;
    static final int COUNTS = 7;

    private static final int[] NONE = {};
    /** Words of a reservation. */
    private static final int RESERVATION = 4;
    private static final long FOR_EVER = 1;

    /** The monitor of the process page: the same literal as everywhere. */
    private static final Object LOCK = "org.sallyport.process";

    // system calls
    private static final boolean AARCH64 = System.getProperty("os.arch", "").equals("aarch64");
    private static final long CLOSE = AARCH64 ? 57 : 3;
    private static final long MUNMAP = AARCH64 ? 215 : 11;
    private static final long MADVISE = AARCH64 ? 233 : 28;
    private static final long RT_SIGACTION = AARCH64 ? 134 : 13;
    private static final long DONT_NEED = 4;
    private static final long SIGSET_SIZE = 8;

    // the process page, layout 1
    private static final long NEWEST_HANDLERS = 16;
    private static final long INSTALLED_HANDLERS = 24;
    private static final long MAPPINGS = 1024;
    private static final long ADDRESS_SPACE = 1024 + 64;

    // a block of handlers
    private static final long OLDER = 0;
    private static final long BELOW = 8;
    private static final long USED = 16;
    private static final long INSTALLED = 24;
    private static final long HANDLER = 32;
    private static final long RANGE = 40;
    private static final long RANGE_SIZE = 48;
    private static final long SIGNALS = 64;
    private static final long BEFORE = 1024;
    private static final long ACTION_SIZE = 32;

    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final @Nullable Object[] contents;

    Estate(@Nullable Object[] contents) {
        this.contents = contents;
    }

    /** @return false if the system refused something, which can be tried again */
    boolean settle() throws Throwable {
        WeakReference<?> reference = (WeakReference<?>) contents[HEIR];
        Object heir = reference == null ? null : reference.get();
        if (heir != null) {
            new Errand((Runnable) heir, null).start();
            return true;
        }
        giveBackCounts();
        boolean done;
        try (Arena arena = Arena.ofConfined()) {
            done = giveBackReservations(arena);
            closeFiles(arena);
        }
        String warning = (String) contents[WARNING];
        if (done && warning != null) {
            new Errand(null, warning).start();
        }
        return done;
    }

    private void giveBackCounts() {
        Object[] counts = (Object[]) contents[COUNTS];
        for (int i = 0; counts != null && i < counts.length; i += 2) {
            AtomicLongArray held = (AtomicLongArray) counts[i];
            long[] counters = (long[]) counts[i + 1];
            for (int j = 0; j < counters.length; j++) {
                if (counters[j] != 0) {
                    add(counters[j], -held.getAndSet(j, 0));
                }
            }
        }
    }

    private boolean giveBackReservations(Arena arena) throws Throwable {
        AtomicReference<?> reserved = (AtomicReference<?>) contents[RESERVED];
        if (reserved == null) {
            return true;
        }
        long[] words = (long[]) reserved.get();
        long page = (Long) contents[PAGE];
        boolean done = true;
        synchronized (LOCK) { // from here on no handler acts on faults there
            for (int i = 0; i < words.length; i += RESERVATION) {
                if (words[i] != 0) {
                    closeHandlers(page, words[i], words[i + 1]);
                }
            }
            takeHandlersAway(arena, page);
        }
        for (int i = 0; i < words.length; i += RESERVATION) {
            if (words[i] == 0 || words[i + 3] == FOR_EVER) {
                continue;
            }
            if (call(arena, MUNMAP, words[i], words[i + 1], 0, 0) == 0) {
                words[i] = 0;
                add(page + MAPPINGS, -words[i + 2]);
                add(page + ADDRESS_SPACE, -words[i + 1]);
            } else {
                call(arena, MADVISE, words[i], words[i + 1], DONT_NEED, 0);
                done = false;
            }
        }
        return done;
    }

    private void closeFiles(Arena arena) throws Throwable {
        AtomicReference<?> files = (AtomicReference<?>) contents[FILES];
        int[] open = files == null ? NONE : (int[]) files.get();
        for (int i = 0; i < open.length; i++) {
            int file = open[i];
            open[i] = -1; // before: the number may be somebody else's a moment later
            if (file >= 0) {
                call(arena, CLOSE, file, 0, 0, 0);
            }
        }
    }

    // ---- handlers, under the lock

    /** Those that act on faults of code in that range only forward from now on, and wait for the next engine. */
    private void closeHandlers(long page, long start, long size) {
        for (long block = get(page + NEWEST_HANDLERS); block != 0; block = get(block + OLDER)) {
            long code = get(block + RANGE);
            if (get(block + USED) != 0 && code >= start && code - start < size) {
                put(block + RANGE_SIZE, 0);
                put(block + USED, 0);
            }
        }
    }

    /** Takes away handlers that no engine uses, as long as such a one is on top. */
    private void takeHandlersAway(Arena arena, long page) throws Throwable {
        long top = get(page + INSTALLED_HANDLERS);
        while (top != 0 && get(top + USED) == 0 && isTop(arena, top)) {
            for (int signal = 1; signal <= 64; signal++) {
                if (has(top, signal)) {
                    call(arena, RT_SIGACTION, signal, top + BEFORE + ACTION_SIZE * signal, 0, SIGSET_SIZE);
                }
            }
            long below = get(top + BELOW);
            put(page + INSTALLED_HANDLERS, below);
            put(top + BELOW, 0);
            put(top + INSTALLED, 0);
            top = below;
        }
    }

    private boolean isTop(Arena arena, long block) throws Throwable {
        MemorySegment action = arena.allocate(ACTION_SIZE, 8);
        for (int signal = 1; signal <= 64; signal++) {
            if (has(block, signal)) {
                call(arena, RT_SIGACTION, signal, 0, action.address(), SIGSET_SIZE);
                if (action.get(ValueLayout.JAVA_LONG, 0) != get(block + HANDLER)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean has(long block, int signal) {
        return (get(block + SIGNALS) >>> signal - 1 & 1) != 0;
    }

    // ---- native memory and system calls

    private long get(long address) {
        return (long) LONG.getVolatile((MemorySegment) contents[EVERYTHING], address);
    }

    private void put(long address, long value) {
        LONG.setVolatile((MemorySegment) contents[EVERYTHING], address, value);
    }

    private void add(long address, long delta) {
        long ignored = (long) LONG.getAndAdd((MemorySegment) contents[EVERYTHING], address, delta);
    }

    private long call(Arena arena, long number, long a, long b, long c, long d) throws Throwable {
        MethodHandle syscall = (MethodHandle) contents[SYSCALL];
        MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
        return syscall.type().parameterCount() == 8
                ? (long) syscall.invokeExact(state, number, a, b, c, d, 0L, 0L)
                : (long) syscall.invokeExact(state, number, a, b, c, d, 0L);
    }
}
