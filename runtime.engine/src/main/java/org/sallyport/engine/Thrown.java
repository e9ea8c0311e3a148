package org.sallyport.engine;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sallyport.ExceptionReference;
import org.sallyport.Store;
import org.sallyport.Tag;
import org.sallyport.WasmException;
import org.sallyport.engine.heap.ObjectCollector;

/** An exception as the guests of a store throw and catch it; {@link WasmException} is what Java sees of it. */
public final class Thrown implements ExceptionReference {
    private static final int OBJECT_BYTES = 128;
    // of what Java sees of it: the exception, a frame of the guest, an element of the stack trace, a boxed value
    private static final int SEEN_BYTES = 256;
    private static final int FRAME_BYTES = 112;
    private static final int ELEMENT_BYTES = 72;
    private static final int VALUE_BYTES = 40;

    final TagImpl tag;
    /** Two words for each value, as they lie in memory; what a reference to an exception is here does not count. */
    final long[] words;
    /** By value: the exception that it refers to. Null when the tag's type has no such references. */
    final @Nullable Thrown @Nullable [] exceptions;
    /** Return addresses of the frames where it was thrown, innermost first; none if Java threw it. */
    final long[] trace;

    /** By value: what it refers to in the store's heap or of the host's, which stays for it. Null when there is none. */
    ObjectCollector.@Nullable Held @Nullable [] objects;
    /** The same for Java; null until Java has seen it. Set by {@link ExceptionTable#remember} once it may be in the table. */
    @Nullable WasmException seen;
    /** Where it stands in the {@link ExceptionTable}; -1 while it is not there. */
    int index = -1;
    /** What it counts for while it is there. */
    long counted;

    Thrown(TagImpl tag, long[] words, @Nullable Thrown @Nullable [] exceptions, long[] trace) {
        this.tag = tag;
        this.words = words;
        this.exceptions = exceptions;
        this.trace = trace;
    }

    /** About what it takes on the heap, with what Java has seen of it. */
    long heapBytes() {
        long bytes = OBJECT_BYTES + 8L * (words.length + trace.length) + (exceptions == null ? 0 : 8L * exceptions.length);
        WasmException java = seen;
        return java == null ? bytes : bytes + heapBytes(java);
    }

    /** The backtrace is most of it: of many activations, or of a deep stack of Java. */
    static long heapBytes(WasmException java) {
        return SEEN_BYTES
                + (long) FRAME_BYTES * java.frames().size()
                + (long) ELEMENT_BYTES * java.getStackTrace().length
                + (long) VALUE_BYTES * java.values().size();
    }

    @Override
    public Store store() {
        return tag.store();
    }

    @Override
    public Tag tag() {
        return tag;
    }

    @Override
    public WasmException exception() {
        StoreImpl store = (StoreImpl) tag.store();
        return store.execution().stay(new Supplier<>() {
            @Override
            public WasmException get() {
                return ((NativeExecution) store.execution()).exceptions.toHost(Thrown.this);
            }
        });
    }

    @Override
    public String toString() {
        return "exception with " + tag;
    }
}
