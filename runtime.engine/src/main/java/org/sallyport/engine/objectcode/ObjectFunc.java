package org.sallyport.engine.objectcode;

import org.jspecify.annotations.Nullable;
import org.sallyport.engine.Execution;
import org.sallyport.engine.FuncImpl;
import org.sallyport.engine.HostEntry;
import org.sallyport.engine.Values;
import org.sallyport.spi.GuestFunction;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.ValType;

/** A function whose code is Java's: a guest's, or the host's. */
final class ObjectFunc extends FuncImpl {
    /** To {@link Execution#within}: there are no blocks, but guests run in it. */
    private static final int NO_BLOCK = 16;

    private final ObjectExecution execution;
    /** Of a guest; the host's depends on who calls it. */
    private final @Nullable GuestFunction code;

    private long reference;

    ObjectFunc(
            ObjectExecution execution,
            FuncType type,
            int typeId,
            String name,
            @Nullable HostEntry host,
            @Nullable GuestFunction code) {
        super(execution.store, type, typeId, name, host);
        this.execution = execution;
        this.code = code;
    }

    /** What an instance calls when it calls this function. */
    GuestFunction codeFor(ObjectInstance caller) {
        HostEntry entry = host();
        if (code != null) {
            return code;
        }
        if (entry == null) {
            throw new AssertionError("BUG: " + this + " is nobody's");
        }
        return slots -> execution.callHost(entry, caller, slots);
    }

    /** Its number. */
    @Override
    public long reference() {
        if (reference == 0) {
            reference = store.references().reserve(this);
        }
        return reference;
    }

    @Override
    protected Object[] callGuest(@Nullable Object[] args) {
        GuestFunction target = code;
        if (target == null) {
            throw new AssertionError("BUG: " + this + " is no guest's");
        }
        return execution.within(NO_BLOCK, new Execution.Action<>() {
            @Override
            public Object[] run(long block) {
                int mark = execution.passing().mark();
                try {
                    return call(target, args);
                } finally {
                    execution.passing().release(mark);
                }
            }
        });
    }

    private Object[] call(GuestFunction target, @Nullable Object[] args) {
        int results = type.results().size();
        long[] slots = new long[2 * Math.max(args.length, results)];
        for (int i = args.length - 1; i >= 0; i--) {
            ValType param = type.params().get(i);
            slots[2 * i] = Values.low(store, param, args[i]);
            slots[2 * i + 1] = Values.high(param, args[i]);
        }
        execution.run(target, slots);
        Object[] values = new Object[results];
        for (int i = 0; i < results; i++) {
            values[i] = Values.box(store, type.results().get(i), slots[2 * i], slots[2 * i + 1]);
        }
        return values;
    }
}
