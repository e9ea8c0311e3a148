package org.sallyport.engine.objectcode;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.ExceptionReference;
import org.sallyport.GuestFrame;
import org.sallyport.Store;
import org.sallyport.Tag;
import org.sallyport.WasmException;
import org.sallyport.engine.TagImpl;
import org.sallyport.spi.Raised;

/** An exception of guests whose code is Java's; also what a reference to it is for Java. */
final class ObjectThrown extends Raised implements ExceptionReference {
    private static final long serialVersionUID = 1;
    private static final int BYTES = 96;

    final transient TagImpl tagObject;
    /** Of the guests where it was thrown, as far as that was worth it. */
    final transient List<GuestFrame> frames;
    /** The same for Java; null until Java has seen it. */
    transient @Nullable WasmException seen;

    /** Whether a guest has had a reference to it. */
    private transient boolean isReferredTo;

    ObjectThrown(TagImpl tag, long[] words, @Nullable Object[] objects, List<GuestFrame> frames) {
        super(tag.number(), words, objects);
        tagObject = tag;
        this.frames = frames;
    }

    /** Says that a guest gets a reference. @return whether it is the first one */
    boolean refer() {
        boolean isFirst = !isReferredTo;
        isReferredTo = true;
        return isFirst;
    }

    /** About what it takes on the heap. */
    long heapBytes() {
        return BYTES + 8L * (words.length + objects.length);
    }

    @Override
    public Store store() {
        return tagObject.store();
    }

    @Override
    public Tag tag() {
        return tagObject;
    }

    @Override
    public WasmException exception() {
        return ObjectExceptions.of(this).seenOf(this);
    }

    @Override
    public String toString() {
        return "exception with " + tagObject;
    }
}
