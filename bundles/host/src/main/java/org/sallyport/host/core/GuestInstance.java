package org.sallyport.host.core;

import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.NoSuchExportException;
import org.sallyport.Store;
import org.sallyport.contract.Abi;
import org.sallyport.contract.Guest;
import org.sallyport.contract.Transfers;

/** One live instance of a plugin in a store of its own, with what calls need of it. Used by one thread at a time. */
final class GuestInstance implements Guest {
    /** Which making of the pool it is from; older ones are not used again. */
    final int generation;
    /** The thread that has it on loan, or null. Guarded by the pool's lock. */
    @Nullable Thread user;
    /** The pool that lends it, if one does. */
    @Nullable GuestPool home;

    private final Store store;
    private final Instance instance;
    private final Transfers transfers;
    private final AtomicBoolean closed = new AtomicBoolean();
    private MethodHandle[] handles = new MethodHandle[4];
    private @Nullable Memory memory;
    private @Nullable MethodHandle alloc;
    private @Nullable MethodHandle free;
    private boolean lookedForFree;
    private boolean inOwnTime;
    private boolean onOwnFuel;
    private int calls;
    private long begun;
    private ProcessorWatch.@Nullable Call watched;

    /** @param transfers what the instance may hand over; also attached to its store */
    GuestInstance(int generation, Store store, Instance instance, Transfers transfers) {
        this.generation = generation;
        this.store = store;
        this.instance = instance;
        this.transfers = transfers;
    }

    /**
     * Makes all handles that calls use, so that no call has to. Some were of interfaces that nobody has any more; another
     * edition of the plugin need not export them.
     *
     * @param exports index of each export that calls use
     */
    void link(Map<String, Integer> exports) {
        exports.forEach((name, index) -> {
            if (instance.export(name).orElse(null) instanceof Func) {
                handle(index, name);
            }
        });
        if (instance.export(Abi.ALLOC).orElse(null) instanceof Func func && func.type().equals(Abi.ALLOC_TYPE)) {
            alloc();
        }
        free();
    }

    Store store() {
        return store;
    }

    Instance instance() {
        return instance;
    }

    /**
     * A call begins.
     *
     * @param timeout the plugin's, or null
     * @param fuel the plugin's, or -1
     */
    void begin(@Nullable Duration timeout, long fuel) {
        CallContext caller = CallContext.current();
        inOwnTime = timeout != null && isShorter(timeout, caller);
        onOwnFuel = fuel >= 0 && (caller == null || fuel < caller.remainingFuel());
    }

    private static boolean isShorter(Duration timeout, @Nullable CallContext caller) {
        return caller == null || timeout.compareTo(Duration.ofNanos(caller.remainingNanos())) < 0;
    }

    /** Whether a deadline that stops the call is the plugin's own; else it is the caller's, which is no fault of the guest. */
    boolean isInOwnTime() {
        return inOwnTime;
    }

    /** Whether fuel that is used up in the call is the plugin's own; likewise. */
    boolean isOnOwnFuel() {
        return onOwnFuel;
    }

    /** Reads the clock, or does so for one call of sixteen. @param always in each call */
    void clock(boolean always) {
        begun = always || (calls++ & 15) == 0 ? System.nanoTime() | 1 : 0;
    }

    /** When the call began; 0 if nobody looked. */
    long begun() {
        return begun;
    }

    /** @param call null when it ends */
    void watch(ProcessorWatch.@Nullable Call call) {
        watched = call;
    }

    /** What watches over the call's processor time, or null. */
    ProcessorWatch.@Nullable Call watched() {
        return watched;
    }

    @Override
    public Transfers transfers() {
        return transfers;
    }

    /** @param index of the export among those that calls of this plugin use */
    MethodHandle handle(int index, String name) {
        MethodHandle[] known = handles;
        MethodHandle handle = index < known.length ? known[index] : null;
        return handle != null ? handle : lookUp(index, name);
    }

    private MethodHandle lookUp(int index, String name) {
        if (index >= handles.length) {
            handles = Arrays.copyOf(handles, Math.max(index + 1, handles.length * 2));
        }
        return handles[index] = instance.func(name).handle();
    }

    @Override
    public MethodHandle alloc() {
        MethodHandle known = alloc;
        return known != null ? known : (alloc = instance.func(Abi.ALLOC).handle());
    }

    @Override
    public @Nullable MethodHandle free() {
        if (!lookedForFree) {
            lookedForFree = true;
            free = instance.export(Abi.FREE).orElse(null) instanceof Func func && func.type().equals(Abi.FREE_TYPE)
                    ? func.handle()
                    : null;
        }
        return free;
    }

    @Override
    public Memory memory() {
        Memory known = memory;
        return known != null ? known : (memory = findMemory());
    }

    private Memory findMemory() {
        if (instance.export("memory").orElse(null) instanceof Memory found) {
            return found;
        }
        Memory only = null;
        for (String name : instance.exportNames()) {
            Extern export = instance.export(name).orElseThrow();
            if (export instanceof Memory found) {
                if (only != null) {
                    throw new NoSuchExportException("several memories are exported and none is called \"memory\"");
                }
                only = found;
            }
        }
        if (only == null) {
            throw new NoSuchExportException("strings and byte arrays need an exported memory");
        }
        return only;
    }

    /** Gives everything back. May be called again. */
    void close() {
        store.close();
    }

    /** True the first time that it is asked. */
    boolean isClosedNow() {
        return closed.compareAndSet(false, true);
    }
}
