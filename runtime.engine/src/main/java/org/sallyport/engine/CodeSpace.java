package org.sallyport.engine;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;
import org.sallyport.wasm.FuncType;

/**
 * The address space that holds an engine's machine code: one reservation, so that the signal handler tells guest code
 * by one range check.
 *
 * <pre>
 *   stubs     enter, exit, landing, signal handler     read, execute
 *   table     previous signal handlers                 read, write
 *   barrier   one page for {@link ProcessBarrier}      none
 *   code      trampolines and modules                  none, or read, execute: the range of the handler
 * </pre>
 *
 * <p>Code is written to pages of its own and then made executable; nothing is ever writable and executable, and nothing
 * that is executable is ever written again. Trampolines lie in the range because they keep the rules of guest code
 * ({@code r15} is a context); stubs do not, and an interruption that finds a thread there must come again.
 *
 * <p>A space is never unmapped: a thread may be in the handler, and a later handler may forward to it. When its engine
 * closes, the memory of its code is given back, its handlers are taken away unless others were installed on top, and
 * the space waits for the next engine. That list of waiting spaces is the one piece of state that belongs to the
 * process, as the signal handlers do.
 */
final class CodeSpace {
    private static final long STUBS = 64 << 10;
    private static final long TABLE = 64 << 10;
    private static final long BARRIER = 64 << 10;
    private static final long CODE = 2L << 30;
    private static final long SIZE = STUBS + TABLE + BARRIER + CODE;

    /** Spaces whose engine has closed. Guarded by the class. */
    private static final ArrayDeque<CodeSpace> WAITING = new ArrayDeque<>();
    /** Spaces whose handlers are installed, the last one on top. Guarded by the class. */
    private static final List<CodeSpace> INSTALLED = new ArrayList<>();

    /** A module's code in the space. */
    record Mapping(long base, int size, ModuleImpl module) {
        boolean contains(long address) {
            return address >= base && address < base + size;
        }
    }

    private final VirtualMemory memory;
    private final CodeGenerator generator;
    private final long base;
    private final long codeStart;
    private final byte[][] stubs;
    private final long[] stubAddresses = new long[3];
    private final MemorySegment enter;
    private final Signals signals;
    private final ProcessBarrier barrier;

    private final TreeMap<Long, Long> free = new TreeMap<>();
    private final ConcurrentSkipListMap<Long, Mapping> modules = new ConcurrentSkipListMap<>();
    private final Map<String, Long> entries = new HashMap<>();
    private final Map<String, Long> hosts = new HashMap<>();
    private long[] builtins = {};

    /**
     * A space for an engine, with its signal handlers installed.
     *
     * @throws IllegalStateException if this process does not allow it; says why
     */
    static CodeSpace open(VirtualMemory memory, CodeGenerator generator) {
        synchronized (CodeSpace.class) {
            byte[][] stubs = {generator.enterStub(), generator.exitStub(), generator.landingStub()};
            CodeSpace space = WAITING.stream()
                    .filter(s -> Arrays.deepEquals(s.stubs, stubs))
                    .findFirst()
                    .orElse(null);
            if (space == null) {
                space = new CodeSpace(memory, generator, stubs);
            } else {
                WAITING.remove(space);
            }
            try {
                space.start();
            } catch (Throwable t) {
                space.close();
                throw t;
            }
            return space;
        }
    }

    private CodeSpace(VirtualMemory memory, CodeGenerator generator, byte[][] stubs) {
        this.memory = memory;
        this.generator = generator;
        this.stubs = stubs;
        base = memory.reserve(SIZE);
        try {
            long table = base + STUBS;
            codeStart = base + STUBS + TABLE + BARRIER;
            commit(table, TABLE, Access.READ_WRITE);
            signals = writeStubs(table);
            barrier = new ProcessBarrier(memory, base + STUBS + TABLE, true);
        } catch (Throwable t) {
            memory.release(base, SIZE);
            throw t;
        }
        enter = MemorySegment.ofAddress(stubAddresses[0]);
        free.put(codeStart, CODE);
    }

    private Signals writeStubs(long table) {
        commit(base, STUBS, Access.READ_WRITE);
        long at = base;
        for (int i = 0; i < stubs.length; i++) {
            stubAddresses[i] = at;
            at = write(at, stubs[i]);
        }
        int signal = Signals.realTimeSignal();
        long handler = at;
        write(at, generator.signalHandler(codeStart, codeStart + CODE, stubAddresses[2], table, signal));
        commit(base, STUBS, Access.READ_EXECUTE);
        return new Signals(handler, table, signal);
    }

    /** @return the next aligned address */
    private static long write(long address, byte[] code) {
        NativeMemory.write(address, code, 0, code.length);
        return address + code.length + 63 & -64L;
    }

    private void commit(long address, long size, Access access) {
        if (!memory.protect(address, size, access)) {
            throw new LimitExceededException("code bytes", size, 0, "the operating system: out of memory");
        }
    }

    private void start() {
        if (!signals.isInstalled()) {
            signals.install();
            INSTALLED.add(this);
        }
        int count = Builtin.values().length;
        List<byte[]> code = new ArrayList<>(count);
        for (Builtin builtin : Builtin.values()) {
            code.add(generator.builtinTrampoline(builtin));
        }
        builtins = map(code);
    }

    /** Nothing runs in the space any more. */
    void close() {
        synchronized (CodeSpace.class) {
            memory.decommit(codeStart, CODE);
            free.clear();
            free.put(codeStart, CODE);
            modules.clear();
            entries.clear();
            hosts.clear();
            WAITING.push(this);
            while (!INSTALLED.isEmpty()) {
                CodeSpace top = INSTALLED.getLast();
                if (!WAITING.contains(top) || !top.signals.isTop()) {
                    return;
                }
                top.signals.restore();
                INSTALLED.removeLast();
            }
        }
    }

    /** Address of {@code int enter(StoreContext*)}. */
    MemorySegment enter() {
        return enter;
    }

    int interruptSignal() {
        return signals.interruptSignal();
    }

    ProcessBarrier barrier() {
        return barrier;
    }

    /** Fills in what machine code finds in a store context. */
    void prepare(long storeContext) {
        NativeMemory.putLong(storeContext + StoreContext.EXIT_STUB, stubAddresses[1]);
        for (int i = 0; i < builtins.length; i++) {
            NativeMemory.putLong(storeContext + StoreContext.BUILTINS + 8L * i, builtins[i]);
        }
    }

    /** Maps a module's code; it runs from the returned base. */
    long map(byte[] code, ModuleImpl module) {
        long address = map(List.of(code))[0];
        modules.put(address, new Mapping(address, code.length, module));
        return address;
    }

    /** Nothing runs in the module any more. */
    void unmap(long address) {
        Mapping mapping = modules.remove(address);
        if (mapping == null) {
            throw new AssertionError("BUG: no module at 0x" + Long.toHexString(address));
        }
        giveBack(address, memory.pages(mapping.size));
    }

    /** The module whose code is at {@code address}, or null. */
    @Nullable Mapping moduleAt(long address) {
        Map.Entry<Long, Mapping> entry = modules.floorEntry(address);
        return entry != null && entry.getValue().contains(address) ? entry.getValue() : null;
    }

    /** Whether the handler takes a fault at {@code address} for one of guest code. */
    boolean contains(long address) {
        return address >= codeStart && address < codeStart + CODE;
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
                at = write(at, pieces.get(i));
            }
            commit(start, size, Access.READ_EXECUTE);
            return addresses;
        } catch (Throwable t) {
            giveBack(start, size);
            throw t;
        }
    }

    private synchronized long take(long size) {
        for (Map.Entry<Long, Long> hole : free.entrySet()) {
            if (hole.getValue() >= size) {
                free.remove(hole.getKey());
                if (hole.getValue() > size) {
                    free.put(hole.getKey() + size, hole.getValue() - size);
                }
                return hole.getKey();
            }
        }
        throw new LimitExceededException("code bytes", size, CODE, "the code space of an engine");
    }

    private synchronized void giveBack(long start, long size) {
        memory.decommit(start, size);
        long from = start;
        long length = size;
        Map.Entry<Long, Long> below = free.lowerEntry(start);
        if (below != null && below.getKey() + below.getValue() == start) {
            free.remove(below.getKey());
            from = below.getKey();
            length += below.getValue();
        }
        Long above = free.remove(start + size);
        free.put(from, above == null ? length : length + above);
    }
}
