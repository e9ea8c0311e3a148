package org.sallyport.spi;

import java.util.concurrent.atomic.AtomicLongArray;

import org.jspecify.annotations.Nullable;
import org.sallyport.EngineLimits;
import org.sallyport.LimitExceededException;
import org.sallyport.StoreClosedException;
import org.sallyport.spi.ProcessPage.Counter;

/**
 * What an owner holds of the resources that a process has only so much of, against what it may. Accounts make a tree:
 * the {@linkplain #process process}, its engines, their stores and modules. What is charged to one is charged to
 * those above it; closing an account gives back whatever it still holds.
 *
 * <p>{@link Kind#MAPPINGS} and {@link Kind#ADDRESS_SPACE} are the exception: to the process they are charged by {@link
 * VirtualMemory} when it asks the operating system, because pools keep reservations longer than their users do. The
 * accounts of engines and stores say what is in use.
 *
 * <p>Thread-safe; a charge is one compare-and-set for each account.
 */
public final class ResourceAccount implements AutoCloseable {
    /** What is counted. */
    public enum Kind {
        // @formatter:off
        /** The kernel's mappings: the largest number into which what is reserved may be split. */
        MAPPINGS     ("mappings",     "memory mappings",         true,  Counter.MAPPINGS),
        ADDRESS_SPACE("addressSpace", "address space bytes",     true,  Counter.ADDRESS_SPACE),
        /** Linear memories, tables, contexts and guest stacks: what guests can make resident. */
        COMMITTED    ("committed",    "accessible memory bytes", false, Counter.COMMITTED),
        /** File descriptors of the process. */
        DESCRIPTORS  ("descriptors",  "file descriptors",        false, Counter.DESCRIPTORS),
        THREADS      ("threads",      "threads",                 false, Counter.THREADS),
        /** Java heap that modules and guests can make the runtime keep, where it is much. */
        HEAP         ("heap",         "Java heap bytes",         false, Counter.HEAP);
        // @formatter:on

        private final String limitName;
        private final String what;
        private final boolean isReserved;
        private final Counter counter;

        Kind(String limitName, String what, boolean isReserved, Counter counter) {
            this.limitName = limitName;
            this.what = what;
            this.isReserved = isReserved;
            this.counter = counter;
        }

        /** What is counted, for messages. */
        public String what() {
            return what;
        }

        /** What its limit is called in {@link EngineLimits}. */
        String limitName() {
            return limitName;
        }

        /** Its limit; 0 if it is a share. */
        long in(EngineLimits limits) {
            return switch (this) {
                case MAPPINGS -> limits.mappings();
                case ADDRESS_SPACE -> limits.addressSpace();
                case COMMITTED -> limits.committed();
                case DESCRIPTORS -> limits.descriptors();
                case THREADS -> limits.threads();
                case HEAP -> limits.heap();
            };
        }
    }

    /** Where the numbers are. */
    private interface Counters {
        long get(Kind kind);

        boolean compareAndSet(Kind kind, long expected, long value);
    }

    private static final class InHeap implements Counters {
        private final AtomicLongArray values = new AtomicLongArray(KINDS.length);

        @Override
        public long get(Kind kind) {
            return values.get(kind.ordinal());
        }

        @Override
        public boolean compareAndSet(Kind kind, long expected, long value) {
            return values.compareAndSet(kind.ordinal(), expected, value);
        }
    }

    private record InPage(ProcessPage page) implements Counters {
        @Override
        public long get(Kind kind) {
            return page.get(kind.counter);
        }

        @Override
        public boolean compareAndSet(Kind kind, long expected, long value) {
            return page.compareAndSet(kind.counter, expected, value);
        }
    }

    /** What this class loader knows of the process; numbers are in the page. */
    private static final class Process {
        static final ProcessLimits LIMITS = ProcessLimits.ofThisProcess();

        private Process() {}
    }

    private static final class Unpaged {
        static final ResourceAccount ACCOUNT = root(Process.LIMITS, new InHeap());

        private Unpaged() {}
    }

    private static final Kind[] KINDS = Kind.values();

    private final @Nullable ResourceAccount parent;
    private final @Nullable ProcessLimits process;
    private final EngineLimits limits;
    private final Counters used;
    private volatile boolean closed;

    private ResourceAccount(
            @Nullable ResourceAccount parent,
            @Nullable ProcessLimits process,
            EngineLimits limits,
            Counters used) {
        this.parent = parent;
        this.process = process;
        this.limits = limits;
        this.used = used;
    }

    /** The account of this process: one, whichever copies of Sallyport in whichever class loaders charge it. */
    public static ResourceAccount process(ProcessPage page) {
        return root(Process.LIMITS, new InPage(page));
    }

    /** For engines without native memory, and so without a {@link ProcessPage}: counts those of this class loader. */
    public static ResourceAccount ofThisLoader() {
        return Unpaged.ACCOUNT;
    }

    /** An account of a process of its own, for tests. */
    public static ResourceAccount root(EngineLimits limits) {
        return root(ProcessLimits.fixed(limits), new InHeap());
    }

    private static ResourceAccount root(ProcessLimits process, Counters counters) {
        return new ResourceAccount(null, process, process.limits(), counters);
    }

    /** The account of a new engine. @param limits where they say 0, it may take its share of what this account may */
    public ResourceAccount newEngine(EngineLimits limits) {
        return new ResourceAccount(this, null, limits.orShareOf(this.limits), new InHeap());
    }

    /** The account of something that belongs to this engine: it may take what the engine may. */
    public ResourceAccount newOwner() {
        return new ResourceAccount(this, null, limits, new InHeap());
    }

    /** What this account holds now. */
    public long used(Kind kind) {
        return used.get(kind);
    }

    /** What it may hold. */
    public long limit(Kind kind) {
        return process == null ? kind.in(limits) : process.limit(kind, used(kind), 0);
    }

    /**
     * Takes so much.
     *
     * @param amount not negative
     * @throws LimitExceededException if this account or one above it may not hold so much more; then nothing is charged
     * @throws StoreClosedException if it is closed
     */
    public void charge(Kind kind, long amount) {
        if (amount == 0) {
            return;
        }
        take(kind, amount);
        if (parent != null && !(kind.isReserved && parent.process != null)) {
            try {
                parent.charge(kind, amount);
            } catch (Throwable t) {
                put(kind, amount);
                throw t;
            }
        }
    }

    /** Takes native memory; if it is refused, nothing is charged. @see #charge */
    public void chargeMemory(long mappings, long space, long committed) {
        charge(Kind.COMMITTED, committed);
        boolean isCharged = false;
        try {
            charge(Kind.ADDRESS_SPACE, space);
            try {
                charge(Kind.MAPPINGS, mappings);
                isCharged = true;
            } finally {
                if (!isCharged) {
                    giveBack(Kind.ADDRESS_SPACE, space);
                }
            }
        } finally {
            if (!isCharged) {
                giveBack(Kind.COMMITTED, committed);
            }
        }
    }

    /** Gives back what {@link #chargeMemory} took. */
    public void giveBackMemory(long mappings, long space, long committed) {
        giveBack(Kind.COMMITTED, committed);
        giveBack(Kind.ADDRESS_SPACE, space);
        giveBack(Kind.MAPPINGS, mappings);
    }

    private void take(Kind kind, long amount) {
        if (amount < 0) {
            throw new AssertionError("BUG: a charge of " + amount + " " + kind.what);
        }
        if (closed) {
            throw new StoreClosedException("closed: nothing can be charged to it any more");
        }
        long held;
        do {
            held = used.get(kind);
            long most = process == null ? kind.in(limits) : process.limit(kind, held, amount);
            if (amount > most - held) {
                throw new LimitExceededException(kind.what, saturatedSum(held, amount), most, setBy(kind));
            }
        } while (!used.compareAndSet(kind, held, held + amount));
    }

    private static long saturatedSum(long a, long b) {
        return a + b < 0 ? Long.MAX_VALUE : a + b;
    }

    private String setBy(Kind kind) {
        return process != null ? process.setBy(kind) : "EngineLimits." + kind.limitName;
    }

    /** Gives back what was charged. Does nothing after {@link #close}, which has done it. */
    public void giveBack(Kind kind, long amount) {
        if (amount == 0) {
            return;
        }
        long given = put(kind, amount);
        if (parent != null && !(kind.isReserved && parent.process != null)) {
            parent.giveBack(kind, given);
        }
    }

    /** @return what was given back */
    private long put(Kind kind, long amount) {
        long held;
        long given;
        do {
            held = used.get(kind);
            given = closed ? Math.min(amount, held) : amount;
            if (given < 0 || given > held) {
                throw new AssertionError("BUG: " + amount + " " + kind.what + " given back of " + held);
            }
        } while (!used.compareAndSet(kind, held, held - given));
        return given;
    }

    /** The owner is gone: gives back all that this account still holds. Idempotent. Not for a process. */
    @Override
    public void close() {
        closed = true;
        for (Kind kind : KINDS) {
            giveBack(kind, used(kind));
        }
    }

    /** Adds to a will what this account has charged to the process, and so many mappings besides. */
    LastWill bequeath(LastWill will, AtomicLongArray mappings) {
        if (parent == null || !(parent.used instanceof InPage shared) || !(used instanceof InHeap own)) {
            return will; // a process for tests
        }
        long[] counters = new long[KINDS.length];
        for (Kind kind : KINDS) {
            counters[kind.ordinal()] = kind.isReserved ? 0 : shared.page.address(kind.counter);
        }
        return will.withCounts(own.values, counters, mappings, new long[] {shared.page.address(Counter.MAPPINGS)});
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Kind kind : KINDS) {
            text.append(text.isEmpty() ? "" : ", ").append(used(kind)).append(" of ").append(limit(kind))
                    .append(' ').append(kind.what);
        }
        return text.toString();
    }
}
