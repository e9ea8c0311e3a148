package org.sallyport.engine;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.IntFunction;
import java.util.function.LongFunction;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.StoreClosedException;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;
import org.sallyport.wasm.FuncType;

/**
 * The machine code of one engine, in its {@link CodeReservation}: trampolines and modules.
 *
 * <p>Code is written to pages of its own and then made executable; nothing is ever writable and executable, and nothing
 * that is executable is ever written again. Trampolines lie beside modules because they keep the same rules.
 */
final class CodeSpace {
    /** Stubs of a module, with a table of addresses in data pages behind them. */
    record Stubs(long base, long table) {}

    /**
     * A module's code in the space, or that of one of its functions.
     *
     * @param firstFunction what function 0 of the code is among those defined in the module
     */
    record Mapping(long base, int size, ModuleImpl module, CompiledModule code, int firstFunction) {
        boolean contains(long address) {
            return address >= base && address < base + size;
        }
    }

    private final VirtualMemory memory;
    private final CodeGenerator generator;
    private final CodeReservation reservation;
    private final MemorySegment enter;
    private final ProcessBarrier barrier;

    // guarded by this
    private final AddressRanges ranges;
    /** What the space itself has taken, for as long as it lives. */
    private final List<Long> kept = new ArrayList<>();
    private boolean closed;

    private final ConcurrentSkipListMap<Long, Mapping> modules = new ConcurrentSkipListMap<>();
    private final Map<String, Long> entries = new HashMap<>();
    private final Map<String, Long> hosts = new HashMap<>();
    private final long[] builtins;

    /** @throws IllegalStateException if this process does not allow it; says why */
    CodeSpace(VirtualMemory memory, CodeGenerator generator) {
        this.memory = memory;
        this.generator = generator;
        reservation = CodeReservation.take(memory, generator);
        enter = MemorySegment.ofAddress(reservation.enterStub());
        barrier = new ProcessBarrier(memory, reservation.barrierPage(), true);
        ranges = new AddressRanges(reservation.codeStart(), reservation.codeEnd());
        try {
            builtins = map(Arrays.stream(Builtin.values())
                    .map(generator::builtinTrampoline)
                    .toList());
        } catch (Throwable t) {
            reservation.giveBack(memory);
            throw t;
        }
    }

    /** Nothing runs in the space any more. Code that is being mapped at the moment must still be unmapped. */
    synchronized void close() {
        assert check();
        closed = true;
        finishIfEmpty();
    }

    CodeReservation reservation() {
        return reservation;
    }

    /** Address of {@code int enter(StoreContext*)}. */
    MemorySegment enter() {
        return enter;
    }

    int interruptSignal() {
        return reservation.interruptSignal();
    }

    ProcessBarrier barrier() {
        return barrier;
    }

    /** Fills in what machine code finds in a store context. */
    void prepare(long storeContext) {
        NativeMemory.putLong(storeContext + StoreContext.EXIT_STUB, reservation.exitStub());
        for (int i = 0; i < builtins.length; i++) {
            NativeMemory.putLong(storeContext + StoreContext.BUILTINS + 8L * i, builtins[i]);
        }
    }

    /** Maps a module's code; it runs from the returned base. */
    long map(CompiledModule code, ModuleImpl module) {
        return map(code, module, 0, _ -> code.code());
    }

    /**
     * Maps the code of one function.
     *
     * @param linked the code as it must be at an address
     */
    long map(CompiledModule code, ModuleImpl module, int function, LongFunction<byte[]> linked) {
        int length = code.code().length;
        long size = memory.pages(Math.max(length, 1));
        long address = take(size);
        try {
            commit(address, size, Access.READ_WRITE);
            CodeReservation.write(address, linked.apply(address));
            commit(address, size, Access.READ_EXECUTE);
        } catch (Throwable t) {
            giveBack(address);
            throw t;
        }
        Mapping mapping = new Mapping(address, length, module, code, function);
        modules.put(address, mapping);
        PerfMap.add(mapping);
        return address;
    }

    /** @param stubs makes the stubs for a table so many bytes behind them */
    Stubs mapStubs(int stubBytes, long tableBytes, IntFunction<byte[]> stubs) {
        long first = memory.pages(stubBytes);
        long size = first + memory.pages(Math.max(tableBytes, 1));
        long address = take(size);
        try {
            commit(address, size, Access.READ_WRITE);
            CodeReservation.write(address, stubs.apply(Math.toIntExact(first)));
            commit(address, first, Access.READ_EXECUTE);
        } catch (Throwable t) {
            giveBack(address);
            throw t;
        }
        return new Stubs(address, address + first);
    }

    /** Nothing runs in the stubs any more. */
    void unmap(Stubs stubs) {
        giveBack(stubs.base);
    }

    /** Nothing runs in the module any more. */
    void unmap(long address) {
        Mapping mapping = modules.remove(address);
        if (mapping == null) {
            throw new AssertionError("BUG: no module at 0x" + Long.toHexString(address));
        }
        giveBack(address);
    }

    /** The module whose code is at {@code address}, or null. */
    @Nullable Mapping moduleAt(long address) {
        Map.Entry<Long, Mapping> entry = modules.floorEntry(address);
        return entry != null && entry.getValue().contains(address) ? entry.getValue() : null;
    }

    /** Address of the entry trampoline for a function type. */
    long entry(FuncType type) {
        return trampoline(type, entries, true);
    }

    /** Address of the host trampoline for a function type: the code of an imported host function. */
    long host(FuncType type) {
        return trampoline(type, hosts, false);
    }

    private synchronized long trampoline(FuncType type, Map<String, Long> known, boolean isEntry) {
        Long address = known.get(Shapes.of(type));
        if (address == null) {
            prepare(List.of(type), known, isEntry);
            address = known.get(Shapes.of(type));
        }
        return address;
    }

    /** Makes many trampolines at once, because each lot takes pages of its own. */
    synchronized void prepareEntries(Collection<FuncType> types) {
        prepare(types, entries, true);
    }

    /** The same for host trampolines. */
    synchronized void prepareHosts(Collection<FuncType> types) {
        prepare(types, hosts, false);
    }

    private void prepare(Collection<FuncType> types, Map<String, Long> known, boolean isEntry) {
        Map<String, byte[]> missing = new LinkedHashMap<>();
        for (FuncType type : types) {
            String shape = Shapes.of(type);
            if (!known.containsKey(shape)) {
                missing.computeIfAbsent(
                        shape, _ -> isEntry ? generator.entryTrampoline(type) : generator.hostTrampoline(type));
            }
        }
        long[] addresses = missing.isEmpty() ? new long[0] : map(List.copyOf(missing.values()));
        int i = 0;
        for (String shape : missing.keySet()) {
            known.put(shape, addresses[i++]);
        }
    }

    private void commit(long address, long size, Access access) {
        if (!memory.protect(address, size, access)) {
            throw new LimitExceededException("code bytes", size, 0, "the operating system: out of memory");
        }
    }

    /** Writes pieces of code to pages of their own and makes them executable. */
    private long[] map(List<byte[]> pieces) {
        long size = 0;
        for (byte[] piece : pieces) {
            size += piece.length + 63 & -64L;
        }
        size = memory.pages(Math.max(size, 1));
        long start = take(size);
        try {
            commit(start, size, Access.READ_WRITE);
            long[] addresses = new long[pieces.size()];
            long at = start;
            for (int i = 0; i < addresses.length; i++) {
                addresses[i] = at;
                at = CodeReservation.write(at, pieces.get(i));
            }
            commit(start, size, Access.READ_EXECUTE);
            keep(start);
            return addresses;
        } catch (Throwable t) {
            giveBack(start);
            throw t;
        }
    }

    private synchronized void keep(long address) {
        kept.add(address);
        finishIfEmpty();
    }

    private synchronized long take(long size) {
        if (closed) {
            throw new StoreClosedException("the engine is closed");
        }
        long address = ranges.take(size);
        if (address < 0) {
            throw new LimitExceededException("code bytes", size, 2L << 30, "the code space of an engine");
        }
        return address;
    }

    private synchronized void giveBack(long address) {
        memory.decommit(address, ranges.end(address) - address);
        ranges.giveBack(address);
        finishIfEmpty();
    }

    /** The next engine may have the reservation when nothing is left here that others have yet to give back. */
    private void finishIfEmpty() {
        if (closed && ranges.count() == kept.size()) {
            barrier.close();
            reservation.giveBack(memory);
        }
    }

    /**
     * Checks that no two pieces of code share addresses.
     *
     * @return true, so that an assertion can say it
     * @throws AssertionError if they do
     */
    synchronized boolean check() {
        for (Mapping mapping : modules.values()) {
            if (mapping.base + mapping.size > ranges.end(mapping.base)) {
                throw new AssertionError("BUG: " + mapping + " is larger than its place");
            }
        }
        return ranges.check();
    }
}
