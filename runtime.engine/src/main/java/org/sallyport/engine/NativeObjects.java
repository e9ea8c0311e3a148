package org.sallyport.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.engine.code.CodeSpace;
import org.sallyport.engine.code.Trampolines;
import org.sallyport.engine.threads.JavaStack;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.SharedLinearMemory;
import org.sallyport.spi.StoreMemory;
import org.sallyport.spi.VmLayout;

/**
 * What machine code of one store names by numbers and addresses: host functions and instances; and what else of the host
 * reaches into the store's native memory. Used by the thread inside the store.
 */
final class NativeObjects {
    private static final int FIRST_HOST_FUNCTIONS = 16;

    private final NativeExecution execution;
    private final NativeMachinery machinery;
    private final CodeSpace space;
    private final StoreMemory memory;

    private HostEntry[] hostFunctions = new HostEntry[FIRST_HOST_FUNCTIONS];
    /** Numbers begin with 1. */
    private int hostFunctionCount = 1;
    private final Map<HostEntry, NativeFunc> hosts = new IdentityHashMap<>();
    private final Map<Long, NativeInstance> instances = new HashMap<>();
    private @Nullable NativeInstance lastInstance;
    private final Map<SharedMemoryImpl, SharedMemoryView> shared = new IdentityHashMap<>();
    private @Nullable Arena segments;
    /** For host functions that no module imports. */
    private @Nullable Trampolines trampolines;

    NativeObjects(NativeExecution execution, NativeMachinery machinery) {
        this.execution = execution;
        this.machinery = machinery;
        space = machinery.codeSpace();
        memory = execution.memory;
    }

    // ---- host functions

    private Trampolines trampolines() {
        Trampolines known = trampolines;
        if (known == null) {
            known = new Trampolines(space, space.newShare("host functions of a store"));
            trampolines = known;
        }
        return known;
    }

    /** The store's function for a host function that no module needs to import. */
    NativeFunc hostFunction(HostEntry entry) {
        return hostFunction(entry, trampolines());
    }

    /**
     * The store's function for a host function; one for each, however often it is imported.
     *
     * @param own trampolines of the store or a module that it uses
     */
    NativeFunc hostFunction(HostEntry entry, Trampolines own) {
        NativeFunc known = hosts.get(entry);
        if (known == null) {
            known = makeHostFunction(entry, own);
            hosts.put(entry, known);
        }
        return known;
    }

    private NativeFunc makeHostFunction(HostEntry entry, Trampolines own) {
        long code = own.host(entry.type());
        if (hostFunctionCount == hostFunctions.length) {
            hostFunctions = Arrays.copyOf(hostFunctions, 2 * hostFunctionCount);
        }
        int id = hostFunctionCount;
        long hostContext = memory.allocate(VmLayout.HOST_CONTEXT_SIZE);
        NativeMemory.putLong(hostContext + VmLayout.STORE, execution.context);
        NativeMemory.putLong(hostContext + VmLayout.STACK_LIMIT, memory.stackLimit());
        NativeMemory.putInt(hostContext + VmLayout.HOST_FUNCTION, id);
        int typeId = entry.isPlain() ? entry.typeId() : entry.holdType();
        if (!entry.isPlain()) {
            execution.store.releaseLater(typeId);
        }
        hostFunctions[id] = entry;
        hostFunctionCount++;
        return new NativeFunc(
                execution, entry.type(), typeId, entry.name(), code, hostContext, entry, 0, false, own);
    }

    /** The host function with that number. */
    HostEntry hostFunction(int id) {
        return hostFunctions[id];
    }

    // ---- instances

    void add(NativeInstance instance) {
        instances.put(instance.vmctx(), instance);
    }

    /** The instance whose context is at that address. */
    NativeInstance instanceAt(long vmctx) {
        NativeInstance last = lastInstance;
        if (last == null || last.vmctx() != vmctx) {
            last = instances.get(vmctx);
            if (last == null) {
                throw new AssertionError("BUG: no instance at 0x" + Long.toHexString(vmctx));
            }
            lastInstance = last;
        }
        return last;
    }

    /** See {@link StoreImpl#check}. */
    void check() {
        for (Map.Entry<HostEntry, NativeFunc> host : hosts.entrySet()) {
            NativeFunc function = host.getValue();
            int id = NativeMemory.getInt(function.vmctx() + VmLayout.HOST_FUNCTION);
            if (id <= 0
                    || id >= hostFunctionCount
                    || hostFunctions[id] != host.getKey()
                    || function.host() != host.getKey()) {
                throw new AssertionError("BUG: " + function + " has the number " + id + " of another");
            }
        }
        for (Map.Entry<Long, NativeInstance> instance : instances.entrySet()) {
            if (instance.getKey() != instance.getValue().vmctx()) {
                throw new AssertionError("BUG: " + instance.getValue() + " is not at its address");
            }
        }
    }

    // ---- memory

    /** Memory as a segment that ends with the store. */
    MemorySegment segment(long base, long size) {
        Arena arena = segments;
        if (arena == null) {
            arena = Arena.ofShared();
            segments = arena;
            // Whoever holds a segment reaches the arena, what the arena does at its end, and so the store.
            MemorySegment.ofAddress(base).reinterpret(1, arena, new Consumer<>() {
                @Override
                public void accept(MemorySegment end) {
                    Reference.reachabilityFence(execution.store);
                }
            });
        }
        return MemorySegment.ofAddress(base).reinterpret(size, arena, null);
    }

    /** The shared memory as one of this store, which has it from now on. */
    SharedMemoryView view(SharedMemoryImpl of) {
        SharedMemoryView known = shared.get(of);
        if (known != null) {
            return known;
        }
        int most = execution.store.limits().sharedMemories();
        if (shared.size() >= most) {
            throw new LimitExceededException(
                    "shared memories", shared.size() + 1L, most, "StoreLimits.sharedMemories");
        }
        of.take();
        try {
            known = new SharedMemoryView(execution, of);
            memory.adopt((SharedLinearMemory) of.linear());
            shared.put(of, known);
            return known;
        } finally {
            if (!shared.containsKey(of)) {
                of.letGo();
            }
        }
    }

    private void letGoOfShared() {
        while (!shared.isEmpty()) {
            SharedMemoryImpl next = shared.keySet().iterator().next();
            SharedMemoryView view = shared.get(next);
            view.end();
            shared.remove(next);
            next.letGo();
        }
    }

    /** See {@link Occupancy#free}. */
    boolean free() {
        if (!closeSegments()) {
            return false;
        }
        machinery.holdings().close(memory);
        letGoOfShared();
        if (trampolines != null) {
            trampolines.close();
        }
        instances.clear();
        return true;
    }

    /**
     * What a close does after it has made sure that nobody uses a segment any more, may need heap: then it has failed and is
     * done. Before that it needs stack, and must not fail half-way.
     *
     * @return false while other threads are just reading or writing one: the memory must not go away under them
     */
    private boolean closeSegments() {
        if (segments == null) {
            return true;
        }
        if (!JavaStack.hasRoom()) {
            throw new StackOverflowError("no stack to close a store");
        }
        try {
            segments.close();
        } catch (IllegalStateException inUse) {
            return false;
        } finally {
            if (!segments.scope().isAlive()) {
                segments = null;
            }
        }
        return true;
    }
}
