package org.sallyport.engine;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.GuestException;
import org.sallyport.GuestFrame;
import org.sallyport.WasmException;
import org.sallyport.engine.code.Backtrace;
import org.sallyport.engine.code.Unwinder;
import org.sallyport.engine.heap.ObjectCollector;
import org.sallyport.engine.types.Shapes;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.StoreContext;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;

/**
 * The exceptions of a store's guests: who throws leaves the guest, and the {@link Unwinder} has it go on in the innermost
 * handler of this activation, with tag and values in the store context. When there is none, the call of the activation
 * ends with a {@link WasmException}; where that comes out of a host function, the activation around goes on unwinding.
 * Traps, stops and failures of the host never come here. Used by the thread inside the store.
 */
final class Exceptions {
    private static final long[] NO_TRACE = {};

    private final NativeExecution execution;
    private final StoreImpl store;
    private final Unwinder unwinder;
    private final ExceptionTable table;
    private final long[] trace = new long[GuestException.MAX_FRAMES];

    private long tags;
    /** Values that the native memory at {@link StoreContext#EXCEPTION_VALUES} has room for. */
    private int room;
    /** What the handler has that was entered last. */
    private @Nullable Thrown arrived;

    Exceptions(NativeExecution execution) {
        this.execution = execution;
        store = execution.store;
        unwinder = new Unwinder(execution.space, execution.memory, new Runnable() {
            @Override
            public void run() {
                execution.checkpoint();
            }
        });
        table = new ExceptionTable(execution);
    }

    ExceptionTable table() {
        return table;
    }

    /** Number of values at {@link StoreContext#EXCEPTION_VALUES}. */
    int room() {
        return room;
    }

    // ---- tags

    TagImpl newTag(FuncType type, int typeId) {
        int values = type.params().size();
        if (values > room) {
            int more = Math.max(8, Math.max(values, 2 * room));
            long memory = execution.memory.allocate((long) StoreContext.EXCEPTION_VALUE * more);
            NativeMemory.putLong(execution.context + StoreContext.EXCEPTION_VALUES, memory);
            room = more;
        }
        return new TagImpl(store, type, typeId, ++tags);
    }

    // ---- throwing by guests

    /** {@code throw}: the values are in the store context. */
    void raise(TagImpl tag) {
        table.guestRuns();
        long values = values();
        long[] words = new long[2 * tag.type().params().size()];
        for (int i = 0; i < words.length; i++) {
            words[i] = NativeMemory.getLong(values + 8L * i);
        }
        Thrown thrown = new Thrown(tag, words, exceptionsIn(tag, words), trace());
        thrown.objects = objectsIn(tag, words);
        raise(thrown);
    }

    private ObjectCollector.@Nullable Held @Nullable [] objectsIn(TagImpl tag, long[] words) {
        List<ValType> types = tag.type().params();
        ObjectCollector.@Nullable Held[] list = null;
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i) instanceof RefType ref && Shapes.isCollected(ref, store.engine.types())) {
                list = list == null ? new ObjectCollector.@Nullable Held[types.size()] : list;
                list[i] = store.references().hold(words[2 * i]);
            }
        }
        return list;
    }

    private @Nullable Thrown @Nullable [] exceptionsIn(TagImpl tag, long[] words) {
        if (!tag.hasExceptions()) {
            return null;
        }
        List<ValType> types = tag.type().params();
        @Nullable Thrown[] list = new @Nullable Thrown[types.size()];
        for (int i = 0; i < list.length; i++) {
            if (types.get(i) instanceof RefType ref && Shapes.isException(ref)) {
                list[i] = table.find(words[2 * i]);
            }
        }
        return list;
    }

    /** {@code throw_ref}, {@code rethrow}. */
    void raiseAgain(long reference) {
        table.guestRuns();
        Thrown thrown = table.find(reference);
        if (thrown == null) {
            throw new AssertionError("BUG: a null exception is thrown");
        }
        raise(thrown);
    }

    /** No clause was for what arrived in the handler that was entered last. */
    void passOn() {
        raise(arrived());
    }

    private Thrown arrived() {
        Thrown thrown = arrived;
        if (thrown == null) {
            throw new AssertionError("BUG: no exception was caught");
        }
        return thrown;
    }

    private void raise(Thrown thrown) {
        if (!catches(thrown, NativeMemory.getLong(execution.context + StoreContext.EXIT_FP))) {
            arrived = null;
            throw toHost(thrown);
        }
    }

    /** Reference to what arrived in the handler that was entered last. */
    long caught() {
        table.guestRuns();
        return table.reference(arrived());
    }

    private boolean catches(Thrown thrown, long framePointer) {
        if (!unwinder.unwind(framePointer)) {
            return false;
        }
        arrived = thrown;
        NativeMemory.putLong(execution.context + StoreContext.EXCEPTION_TAG, thrown.tag.number());
        long values = values();
        long[] words = thrown.words;
        for (int i = 0; i < words.length; i++) {
            NativeMemory.putLong(values + 8L * i, words[i]);
        }
        if (thrown.exceptions != null) {
            for (int i = 0; i < thrown.exceptions.length; i++) {
                Thrown value = thrown.exceptions[i];
                if (value != null) { // its reference may be another one by now
                    NativeMemory.putLong(values + (long) StoreContext.EXCEPTION_VALUE * i, table.reference(value));
                }
            }
        }
        return true;
    }

    private long values() {
        return NativeMemory.getLong(execution.context + StoreContext.EXCEPTION_VALUES);
    }

    private long[] trace() {
        int count = execution.trace(unwinder, trace);
        return count == 0 ? NO_TRACE : Arrays.copyOf(trace, count);
    }

    // ---- Java's side

    /**
     * A host function ended with an exception: has the guest that called it go on in a handler, if it has one.
     *
     * @param framePointer where the guest was left
     * @return false if the exception is not for this guest
     * @throws IllegalArgumentException if its values do not fit its tag
     */
    boolean catches(WasmException exception, long framePointer) {
        return exception.tag().store() == store && catches(toGuest(exception), framePointer);
    }

    private Thrown toGuest(WasmException exception) {
        TagImpl tag = store.own(exception.tag(), TagImpl.class);
        List<ValType> types = tag.type().params();
        long[] words = new long[2 * types.size()];
        @Nullable Thrown[] exceptions = tag.hasExceptions() ? new @Nullable Thrown[types.size()] : null;
        for (int i = 0; i < types.size(); i++) {
            Object value = exception.values().get(i);
            if (exceptions != null && types.get(i) instanceof RefType ref && Shapes.isException(ref)) {
                store.references().check(ref, value);
                exceptions[i] = (Thrown) value;
            } else {
                Values.write(store, types.get(i), values(), value);
                words[2 * i] = NativeMemory.getLong(values());
                words[2 * i + 1] = NativeMemory.getLong(values() + 8);
            }
        }
        Thrown thrown = new Thrown(tag, words, exceptions, NO_TRACE);
        thrown.objects = objectsIn(tag, words);
        thrown.seen = exception;
        return thrown;
    }

    WasmException toHost(Thrown thrown) {
        WasmException known = thrown.seen;
        if (known != null) {
            return known;
        }
        List<ValType> types = thrown.tag.type().params();
        @Nullable Object[] list = new @Nullable Object[types.size()];
        for (int i = 0; i < list.length; i++) {
            if (types.get(i) instanceof RefType ref && Shapes.isException(ref)) {
                list[i] = thrown.exceptions == null ? null : thrown.exceptions[i];
            } else {
                NativeMemory.putLong(values(), thrown.words[2 * i]);
                NativeMemory.putLong(values() + 8, thrown.words[2 * i + 1]);
                list[i] = Values.read(store, types.get(i), values());
            }
        }
        Backtrace backtrace = new Backtrace(execution.space, 0, 0);
        backtrace.addReturns(thrown.trace);
        List<GuestFrame> frames = backtrace.frames();
        WasmException seen = new WasmException(thrown.tag, Arrays.asList(list), frames);
        table.remember(thrown, seen);
        return seen;
    }
}
