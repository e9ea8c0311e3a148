package org.sallyport.engine.code;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.IntFunction;

import org.jspecify.annotations.Nullable;
import org.sallyport.CodeLimits;
import org.sallyport.LimitExceededException;
import org.sallyport.StoreClosedException;
import org.sallyport.engine.process.ProcessBarrier;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.SentryBlock;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;

/**
 * The machine code of one engine, in its {@link CodeReservation}: modules, trampolines, and the tables of modules whose
 * functions are compiled when they are called. Tables are data and lie at the end, so that the pages with code are
 * neighbours and few mappings of the kernel. Whoever has something here has a {@link CodeShare}; the shares and the
 * whole are kept within {@link CodeLimits}.
 *
 * <p>Code is written to pages of its own and then made executable; nothing is ever writable and executable, and nothing
 * that is executable is ever written again. Executable pages may only be replaced, all at once, by others that hold the
 * same and more ({@link CodeArena}).
 */
public final class CodeSpace {
    /** One by this of the space is for tables; a table takes 8 bytes for each function. */
    private static final int TABLES_PART = 16;
    /**
     * Of the kernel, for pages of one kind. Neighbours are mostly one mapping, and a hole behind is another; so modules take
     * fewer than that, unless somebody takes care that they do not. The process looks at what there really is.
     */
    static final int MAPPINGS = 1;

    /** Stubs of a module, with a table of addresses in data pages. */
    record Stubs(long base, long table) {}

    /**
     * A module's code in the space, or that of one of its functions.
     *
     * @param firstFunction what function 0 of the code is among those defined in the module
     */
    public record Mapping(long base, int size, CodeOwner module, CompiledModule code, int firstFunction) {
        boolean contains(long address) {
            return address >= base && address < base + size;
        }
    }

    private final VirtualMemory memory;
    private final TrampolineCode trampolines;
    private final CodeLimits limits;
    private final ResourceAccount account;
    private final CodeGenerator generator;
    private final CodeReservation reservation;
    private final long tablesStart;
    private final MemorySegment enter;
    private final ProcessBarrier barrier;

    private final ConcurrentSkipListMap<Long, Mapping> modules = new ConcurrentSkipListMap<>();
    /** Of the space itself. */
    private final CodeShare own = new CodeShare("the engine itself", Long.MAX_VALUE);
    private final long[] builtins = new long[Builtin.values().length];

    // guarded by this
    private final AddressRanges ranges;
    private final AddressRanges tables;
    /** What the operating system did not take back; it is nobody's, and offered again. */
    private final Set<Long> stuck = new HashSet<>();
    private long stuckBytes;
    private boolean closed;

    /**
     * @param account of the engine
     * @throws IllegalStateException if this process does not allow it; says why
     */
    public CodeSpace(VirtualMemory memory, CodeGenerator generator, CodeLimits limits, ResourceAccount account) {
        this.memory = memory;
        this.account = account;
        this.limits = limits;
        this.generator = generator;
        trampolines = new TrampolineCode(generator);
        reservation = CodeReservation.take(memory, generator);
        enter = MemorySegment.ofAddress(reservation.enterStub());
        barrier = new ProcessBarrier(memory, reservation.barrierPage(), true);
        tablesStart = reservation.codeEnd() - generator.reach() / TABLES_PART;
        ranges = new AddressRanges(reservation.codeStart(), tablesStart);
        tables = new AddressRanges(tablesStart, reservation.codeEnd());
        try {
            mapBuiltins(generator);
        } catch (Throwable t) {
            reservation.giveBack(memory);
            throw t;
        }
    }

    private void mapBuiltins(CodeGenerator generator) {
        byte[][] pieces = new byte[builtins.length][];
        for (Builtin builtin : Builtin.values()) {
            pieces[builtin.ordinal()] = generator.builtinTrampoline(builtin);
        }
        long at = map(own, pieces);
        for (int i = 0; i < pieces.length; i++) {
            builtins[i] = at;
            at += align(pieces[i].length);
        }
    }

    /** Where the next piece of code may begin. */
    public static long align(long addressOrSize) {
        return addressOrSize + 63 & -64;
    }

    /** {@code bytes} rounded up to whole pages; also an address. */
    long pages(long bytes) {
        return memory.pages(bytes);
    }

    /** Nothing runs in the space any more. Code that is being mapped at the moment must still be unmapped. */
    public synchronized void close() {
        assert check();
        closed = true;
        finishIfEmpty();
    }

    public CodeReservation reservation() {
        return reservation;
    }

    /** Address of {@code int enter(StoreContext*)}. */
    public MemorySegment enter() {
        return enter;
    }

    public int interruptSignal() {
        return reservation.interruptSignal();
    }

    public ProcessBarrier barrier() {
        return barrier;
    }

    /** Address of the sentry's loop ({@link CodeGenerator#sentry}), or 0 if the machine has none. */
    public long sentry() {
        return reservation.sentry(generator);
    }

    /** What trampolines are made of. */
    TrampolineCode trampolines() {
        return trampolines;
    }

    /** A share for a module, or for somebody else who is allowed as much. @param owner for messages */
    public CodeShare newShare(String owner) {
        return new CodeShare(owner, limits.moduleBytes());
    }

    /** Fills in what machine code finds in a store context. */
    public void prepare(long storeContext) {
        NativeMemory.putLong(storeContext + StoreContext.EXIT_STUB, reservation.exitStub());
        NativeMemory.putLong(storeContext + StoreContext.THREAD_POINTER, reservation.threadPointer());
        NativeMemory.putLong(storeContext + StoreContext.RECORD, storeContext + StoreContext.OWN_RECORD);
        NativeMemory.putLong(
                storeContext + StoreContext.OWN_RECORD + SentryBlock.DEADLINE, SentryBlock.NO_DEADLINE);
        for (int i = 0; i < builtins.length; i++) {
            NativeMemory.putLong(storeContext + StoreContext.BUILTINS + 8L * i, builtins[i]);
        }
    }

    /** See {@link CodeGenerator#isReturn}. */
    boolean isReturn(byte[] code, int at) {
        return at < code.length && generator.isReturn(code, at);
    }

    /** See {@link CodeGenerator#returnAddress}. */
    int returnAddress(int into) {
        return generator.returnAddress(into);
    }

    /** See {@link CodeGenerator#savedContext}. */
    int savedContext() {
        return generator.savedContext();
    }

    // ---- mapping code

    /**
     * Maps pieces of code, each {@linkplain #align aligned}, in pages of their own; they run from the returned address.
     *
     * @throws LimitExceededException if there is no place for them
     */
    public long map(CodeShare share, byte[]... pieces) {
        long address = take(share, pages(size(pieces)), MAPPINGS);
        try {
            write(address, pieces);
        } catch (Throwable t) {
            unmap(share, address);
            throw t;
        }
        return address;
    }

    /**
     * Nothing runs in what was {@linkplain #map mapped} there any more.
     *
     * @throws VirtualMachineError if there is no heap or stack for it; then nothing has changed
     */
    public void unmap(CodeShare share, long address) {
        giveBack(share, address, MAPPINGS);
    }

    private static long size(byte[]... pieces) {
        long size = 0;
        for (byte[] piece : pieces) {
            size = align(size) + piece.length;
        }
        return Math.max(size, 1);
    }

    /**
     * Maps stubs of a module.
     *
     * @param stubs makes them for a table so many bytes behind them
     * @param more code that is wanted behind them, {@linkplain #align aligned}
     * @throws LimitExceededException if there is no place for them
     */
    Stubs mapStubs(CodeShare share, int stubBytes, long tableBytes, IntFunction<byte[]> stubs, byte[] more) {
        long base = take(share, pages(align(stubBytes) + Math.max(more.length, 1)), MAPPINGS);
        long table = 0;
        try {
            long size = pages(Math.max(tableBytes, 1));
            table = takeTable(share, size);
            commit(table, size, Access.READ_WRITE);
            write(base, stubs.apply(Math.toIntExact(table - base)), more);
            return new Stubs(base, table);
        } catch (Throwable t) {
            unmap(share, base);
            if (table != 0) {
                giveBackTable(share, table);
            }
            throw t;
        }
    }


    /** Writes pieces of code where nobody has run yet, each aligned, and makes them executable. */
    void write(long start, byte[]... pieces) {
        long size = pages(size(pieces));
        commit(start, size, Access.READ_WRITE);
        long at = start;
        for (byte[] piece : pieces) {
            at = CodeReservation.write(at, piece);
        }
        commit(start, size, Access.READ_EXECUTE);
    }

    /**
     * Puts a piece of code behind other code, where guests may be running: all of it is copied to other pages, which
     * then take the place of those that are there.
     *
     * @param start of the pages
     * @param kept bytes of code there
     * @param offset of the piece, not less
     * @throws LimitExceededException if the operating system refuses; then nothing has changed
     */
    void replace(long start, long kept, long offset, byte[] piece) {
        long size = pages(offset + piece.length);
        long elsewhere = memory.reserve(size);
        boolean moved = false;
        try {
            commit(elsewhere, size, Access.READ_WRITE);
            NativeMemory.copy(start, elsewhere, kept);
            NativeMemory.write(elsewhere + offset, piece, 0, piece.length);
            commit(elsewhere, size, Access.READ_EXECUTE);
            moved = memory.moveOver(elsewhere, size, start, Access.READ_EXECUTE);
        } finally {
            if (!moved) {
                memory.release(elsewhere, size);
            }
        }
        if (!moved) {
            throw outOfMemory(size);
        }
    }

    private void commit(long address, long size, Access access) {
        if (!memory.protect(address, size, access)) {
            throw outOfMemory(size);
        }
    }

    private static LimitExceededException outOfMemory(long size) {
        return new LimitExceededException("code bytes", size, 0, "the operating system: out of memory");
    }

    // ---- who is where

    /** The module's code is there, and may run from now on. */
    public void add(Mapping mapping) {
        modules.put(mapping.base, mapping);
        PerfMap.add(mapping);
    }

    /** Nothing runs in the module's code there any more. It is still mapped. Does nothing the second time. */
    public void remove(long address) {
        modules.remove(address);
    }

    /** The module whose code is at {@code address}, or null. */
    @Nullable public Mapping moduleAt(long address) {
        Map.Entry<Long, Mapping> entry = modules.floorEntry(address);
        return entry != null && entry.getValue().contains(address) ? entry.getValue() : null;
    }

    // ---- addresses

    /**
     * Address space for code.
     *
     * @param mappings into how many of the kernel's mappings it may be split, with what is behind it
     * @throws LimitExceededException if the share, the engine or the process may not have so much
     */
    synchronized long take(CodeShare share, long size, int mappings) {
        return take(share, size, mappings, ranges);
    }

    private synchronized long takeTable(CodeShare share, long size) {
        return take(share, size, MAPPINGS, tables);
    }

    private long take(CodeShare share, long size, int mappings, AddressRanges from) {
        if (closed) {
            throw new StoreClosedException("the engine is closed");
        }
        retryStuck();
        share.check(size);
        long all = used() - stuckBytes + size;
        if (all > limits.engineBytes()) {
            throw new LimitExceededException(
                    "code bytes (all of the engine)", all, limits.engineBytes(), "CodeLimits.engineBytes");
        }
        charge(size, mappings);
        long address = from.take(size);
        if (address < 0) {
            giveBack(size, mappings);
            throw new LimitExceededException(
                    "bytes of one piece of code", size, from.largest(), "the engine: it has "
                    + (generator.reach() >> 20) + " MiB for code, and tables");
        }
        share.add(size, mappings);
        return address;
    }

    private void charge(long size, int mappings) {
        account.charge(Kind.COMMITTED, size);
        boolean isCharged = false;
        try {
            account.charge(Kind.MAPPINGS, mappings);
            try {
                reservation.chargeMappings(memory, mappings);
                isCharged = true;
            } finally {
                if (!isCharged) {
                    account.giveBack(Kind.MAPPINGS, mappings);
                }
            }
        } finally {
            if (!isCharged) {
                account.giveBack(Kind.COMMITTED, size);
            }
        }
    }

    private void giveBack(long size, int mappings) {
        reservation.giveBackMappings(memory, mappings);
        account.giveBack(Kind.MAPPINGS, mappings);
        account.giveBack(Kind.COMMITTED, size);
    }

    /**
     * Gives the end of what was taken back. Nobody has run there.
     *
     * @param mappings into how many the rest may be split less than it could before
     */
    synchronized void shrink(CodeShare share, long start, long end, int mappings) {
        long before = ranges.end(start);
        if (end < before && memory.decommit(end, before - end)) {
            ranges.shrink(start, end);
            share.add(end - before, 0);
            giveBack(before - end, 0);
        }
        share.add(0, -mappings);
        giveBack(0, mappings);
    }

    /**
     * Nothing runs in what was taken there any more.
     *
     * @throws VirtualMachineError as {@link #unmap}
     * @param mappings as it was taken or shrunk
     */
    synchronized void giveBack(CodeShare share, long start, int mappings) {
        giveBack(share, start, mappings, ranges);
    }

    /** Nothing runs any more that reads the table of stubs. @throws VirtualMachineError as {@link #unmap} */
    synchronized void giveBackTable(CodeShare share, long start) {
        giveBack(share, start, MAPPINGS, tables);
    }

    private void giveBack(CodeShare share, long start, int mappings, AddressRanges to) {
        long size = to.end(start) - start;
        if (memory.decommit(start, size)) {
            to.giveBack(start);
        } else { // it would be executable, and hold what it held
            stuck.add(start);
            stuckBytes += size;
        }
        share.add(-size, -mappings);
        giveBack(size, mappings);
        try {
            retryStuck();
        } catch (VirtualMachineError e) {
            // when somebody comes again
        }
        finishIfEmpty();
    }

    private void retryStuck() {
        for (Iterator<Long> all = stuck.iterator(); all.hasNext(); ) {
            long start = all.next();
            AddressRanges to = start < tablesStart ? ranges : tables;
            long size = to.end(start) - start;
            if (!memory.decommit(start, size)) {
                return;
            }
            to.giveBack(start);
            all.remove();
            stuckBytes -= size;
        }
    }

    /** All goes when nothing is left here that others have yet to give back. */
    private void finishIfEmpty() {
        if (closed && used() - stuckBytes == own.used()) {
            barrier.close();
            reservation.giveBack(memory);
        }
    }

    private long used() {
        return ranges.used() + tables.used();
    }

    /** Bytes that all shares have together. */
    public synchronized long bytes() {
        return used() - stuckBytes;
    }

    /**
     * Checks that no two pieces of code share addresses.
     *
     * @return true, so that an assertion can say it
     * @throws AssertionError if they do
     */
    public synchronized boolean check() {
        long end = 0;
        for (Mapping mapping : modules.values()) {
            if (mapping.base < end || !ranges.isTaken(mapping.base, mapping.base + mapping.size)) {
                throw new AssertionError("BUG: " + mapping + " is not alone in its place");
            }
            end = mapping.base + mapping.size;
        }
        return ranges.check() && tables.check();
    }
}
