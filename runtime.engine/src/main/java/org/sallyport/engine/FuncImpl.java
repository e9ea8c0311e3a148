package org.sallyport.engine;

import java.lang.invoke.MethodHandle;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.EntityType;
import org.sallyport.Func;
import org.sallyport.HostFunctionException;
import org.sallyport.Store;
import org.sallyport.spi.CallBlock;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.FuncType;

/** A function of a store: compiled, or the host's. */
final class FuncImpl implements Func {
    private final StoreImpl store;
    private final FuncType type;
    private final int typeId;
    private final String name;
    private final long code;
    private final long vmctx;
    /** The host's function; null for a compiled one. */
    private final @Nullable HostEntry host;
    private final boolean isBrief;
    private final Trampolines trampolines;

    private long reference;
    private @Nullable EntryPoint entryPoint;
    private volatile @Nullable MethodHandle handle;

    /**
     * @param reference address of the function's reference record, or 0 to make one when it is needed
     * @param isBrief see {@link Brevity}
     * @param trampolines of whom the code is
     */
    FuncImpl(
            StoreImpl store,
            FuncType type,
            int typeId,
            String name,
            long code,
            long vmctx,
            @Nullable HostEntry host,
            long reference,
            boolean isBrief,
            Trampolines trampolines) {
        this.store = store;
        this.type = type;
        this.typeId = typeId;
        this.name = name;
        this.code = code;
        this.vmctx = vmctx;
        this.host = host;
        this.reference = reference;
        this.isBrief = isBrief;
        this.trampolines = trampolines;
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public EntityType entityType() {
        return new EntityType.Func(type);
    }

    @Override
    public FuncType type() {
        return type;
    }

    /** The engine's number of the type. */
    int typeId() {
        return typeId;
    }

    @Override
    public String name() {
        return name;
    }

    long code() {
        return code;
    }

    long vmctx() {
        return vmctx;
    }

    @Nullable HostEntry host() {
        return host;
    }

    /** Address of the function's reference record. Called by the thread inside the store. */
    long reference() {
        if (reference == 0) {
            long record = store.execution().memory.allocate(VmLayout.FUNCREF_ENTRY);
            writeReference(record, code, vmctx, typeId, store.references().reserve(this));
            reference = record;
        }
        return reference;
    }

    static void writeReference(long record, long code, long vmctx, int typeId, int number) {
        NativeMemory.putLong(record + VmLayout.FUNCREF_CODE, code);
        NativeMemory.putLong(record + VmLayout.FUNCREF_VMCTX, vmctx);
        NativeMemory.putInt(record + VmLayout.FUNCREF_TYPE, typeId);
        NativeMemory.putInt(record + VmLayout.FUNCREF_HOST_ID, number);
    }

    /** Of a compiled function. */
    EntryPoint entryPoint() {
        EntryPoint known = entryPoint;
        if (known == null) {
            long trampoline = trampolines.entry(type);
            known = new EntryPoint(store.execution(), type, code, vmctx, trampoline, CallBlock.bytes(type), isBrief);
            entryPoint = known;
        }
        return known;
    }

    @Override
    public MethodHandle handle() {
        MethodHandle known = handle;
        if (known == null) {
            known = store.engine.handles().handle(this);
            handle = known;
        }
        return known;
    }

    @Override
    public @Nullable Object[] call(@Nullable Object... args) {
        int wanted = type.params().size();
        if (args.length != wanted) {
            throw new IllegalArgumentException(name + " wants " + wanted + " arguments, found " + args.length);
        }
        return host == null ? callGuest(args) : callHost(host, args);
    }

    /** What a guest could not be given or give, a host is not either. */
    private Object[] callHost(HostEntry function, @Nullable Object[] args) {
        for (int i = 0; i < args.length; i++) {
            Values.check(store, type.params().get(i), args[i]);
        }
        Object[] results = store.execution().callHost(function, args);
        for (int i = 0; i < results.length; i++) {
            try {
                Values.check(store, type.results().get(i), results[i]);
            } catch (IllegalArgumentException e) {
                throw new HostFunctionException(name, e, List.of());
            }
        }
        return results;
    }

    private Object[] callGuest(@Nullable Object[] args) {
        EntryPoint entry = entryPoint();
        NativeExecution execution = store.execution();
        return execution.within(entry.blockSize(), new Execution.Action<>() {
            @Override
            public Object[] run(long block) {
                for (int i = 0; i < args.length; i++) {
                    Values.write(store, type.params().get(i), CallBlock.slotIn(block, i), args[i]);
                }
                execution.run(block, entry);
                Object[] results = new Object[type.results().size()];
                for (int i = 0; i < results.length; i++) {
                    results[i] = Values.read(store, type.results().get(i), CallBlock.slotIn(block, i));
                }
                return results;
            }
        });
    }

    @Override
    public String toString() {
        return "func " + name + " " + type;
    }
}
