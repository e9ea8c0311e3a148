package org.sallyport.engine;

import org.jspecify.annotations.Nullable;
import org.sallyport.engine.code.Brevity;
import org.sallyport.engine.code.Trampolines;
import org.sallyport.engine.heap.ObjectTypes;
import org.sallyport.spi.CallBlock;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.FuncType;

/** A function that is machine code: compiled, or a trampoline to the host. */
final class NativeFunc extends FuncImpl {
    private final NativeExecution execution;
    private final long code;
    private final long vmctx;
    private final boolean isBrief;
    private final Trampolines trampolines;

    private long reference;
    private @Nullable EntryPoint entryPoint;

    /**
     * @param reference address of the function's reference record, or 0 to make one when it is needed
     * @param isBrief see {@link Brevity}
     * @param trampolines of whom the code is
     */
    NativeFunc(
            NativeExecution execution,
            FuncType type,
            int typeId,
            String name,
            long code,
            long vmctx,
            @Nullable HostEntry host,
            long reference,
            boolean isBrief,
            Trampolines trampolines) {
        super(execution.store, type, typeId, name, host);
        this.execution = execution;
        this.code = code;
        this.vmctx = vmctx;
        this.reference = reference;
        this.isBrief = isBrief;
        this.trampolines = trampolines;
    }

    long code() {
        return code;
    }

    long vmctx() {
        return vmctx;
    }

    /** Address of the function's reference record. */
    @Override
    public long reference() {
        if (reference == 0) {
            long record = execution.memory.allocate(VmLayout.FUNCREF_ENTRY);
            writeReference(
                    record, code, vmctx, typeId(), store.references().reserve(this), execution.types.functionRow(typeId()));
            reference = record;
        }
        return reference;
    }

    /** @param supertypes {@link ObjectTypes#functionRow} of the type */
    static void writeReference(long record, long code, long vmctx, int typeId, int number, long supertypes) {
        NativeMemory.putLong(record + VmLayout.FUNCREF_SUPERTYPES, supertypes);
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
            known = new EntryPoint(execution, type, code, vmctx, trampoline, CallBlock.bytes(type), isBrief);
            entryPoint = known;
        }
        return known;
    }

    @Override
    protected Object[] callGuest(@Nullable Object[] args) {
        EntryPoint entry = entryPoint();
        return execution.within(entry.blockSize(), new Execution.Action<>() {
            @Override
            public Object[] run(long block) {
                for (int i = 0; i < args.length; i++) {
                    try {
                        Values.write(store, type.params().get(i), CallBlock.slotIn(block, i), args[i]);
                    } catch (IllegalArgumentException e) {
                        throw wrongArgument(i, e);
                    }
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
}
