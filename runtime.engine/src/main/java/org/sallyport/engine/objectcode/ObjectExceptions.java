package org.sallyport.engine.objectcode;

import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.GuestFrame;
import org.sallyport.WasmException;
import org.sallyport.engine.StoreImpl;
import org.sallyport.engine.TagImpl;
import org.sallyport.engine.Values;
import org.sallyport.spi.PassedObjects;
import org.sallyport.spi.Raised;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;

/**
 * Exceptions between guests whose code is Java's and the host. Java's collector frees them; those that guests have references to
 * count against the store's limit by samples ({@link LiveBytes}). Used by the thread inside the store.
 */
final class ObjectExceptions {
    /** Exceptions with frames from now on that guests may throw and catch themselves. */
    private static final int TRACED = 16;
    /** About how many bytes one sample stands for. */
    private static final int SAMPLED = 1 << 10;

    private final ObjectExecution execution;
    private final StoreImpl store;
    private final PassedObjects passed;
    private final LiveBytes live;
    private int traces = TRACED;

    ObjectExceptions(ObjectExecution execution, PassedObjects passed, ObjectLimits limits) {
        this.execution = execution;
        store = execution.store;
        this.passed = passed;
        live = new LiveBytes(
                "bytes of live exceptions",
                () -> store.limits().exceptionBytes(),
                "StoreLimits.exceptionBytes",
                SAMPLED,
                limits,
                execution::checkpoint);
    }

    static ObjectExceptions of(ObjectThrown thrown) {
        return ObjectExecution.of(thrown.tagObject).exceptions();
    }

    /**
     * One that a guest throws. What ends its calls has their frames; who throws again and again, and catches that itself, does
     * not pay for them.
     */
    Raised raise(TagImpl tag, long[] words, @Nullable Object[] objects) {
        List<GuestFrame> frames = List.of();
        if (traces > 0) {
            traces--;
            frames = execution.backtrace();
        }
        return new ObjectThrown(tag, words, objects, frames);
    }

    /** See {@link org.sallyport.spi.ObjectParts#refersTo}. */
    void refersTo(ObjectThrown thrown) {
        if (thrown.refer()) {
            live.add(thrown, thrown.heapBytes());
        }
    }

    /** What a host function ended with, for the guest that called it. @throws IllegalArgumentException if values do not fit */
    ObjectThrown toGuest(WasmException exception) {
        TagImpl tag = (TagImpl) exception.tag();
        List<ValType> types = tag.type().params();
        long[] words = new long[2 * types.size()];
        @Nullable Object[] objects = new @Nullable Object[types.size()];
        for (int i = 0; i < types.size(); i++) {
            Object value = exception.values().get(i);
            long low = Values.low(store, types.get(i), value);
            if (isObject(types.get(i))) {
                objects[i] = passed.take(low);
            } else {
                words[2 * i] = low;
                words[2 * i + 1] = Values.high(types.get(i), value);
            }
        }
        ObjectThrown thrown = new ObjectThrown(tag, words, objects, List.of());
        thrown.seen = exception;
        return thrown;
    }

    /** What the exception is where no guest has caught it. */
    WasmException toHost(ObjectThrown thrown) {
        traces = TRACED;
        WasmException known = thrown.seen;
        if (known != null) {
            return known;
        }
        List<ValType> types = thrown.tagObject.type().params();
        @Nullable Object[] values = new @Nullable Object[types.size()];
        for (int i = 0; i < values.length; i++) {
            long low = isObject(types.get(i)) ? passed.pass(thrown.objects[i]) : thrown.words[2 * i];
            values[i] = Values.box(store, types.get(i), low, thrown.words[2 * i + 1]);
        }
        WasmException seen = new WasmException(thrown.tagObject, Arrays.asList(values), thrown.frames);
        thrown.seen = seen;
        return seen;
    }

    /** The same for any thread. */
    WasmException seenOf(ObjectThrown thrown) {
        return execution.stay(() -> toHost(thrown));
    }

    private boolean isObject(ValType type) {
        return type instanceof RefType ref && execution.isObject(ref);
    }
}
