package org.sallyport.spi;

/** Counts the bytes of structures and arrays that code makes, of which it looks at some. Used by the thread inside the store. */
public abstract class ObjectMeter {
    /** Bytes until the next object that is looked at. */
    public long left;

    /**
     * {@link #left} has become less than 1 by an object that has just been made.
     *
     * @throws org.sallyport.LimitExceededException if there are more than the store may have
     */
    public abstract void look(GuestObject object);

    /** Something large is about to be made. @throws org.sallyport.LimitExceededException if that is too much */
    public abstract void reserve(long bytes);

    /** It has been made. */
    public abstract void addLarge(GuestObject object, long bytes);

    /** From so many bytes on an object is large. */
    public abstract long largeBytes();
}
