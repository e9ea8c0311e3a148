package org.sallyport.spi;

/** A global as code of an {@link ObjectBackEnd} sees it: values as in {@link GuestFunction}. */
public final class GlobalCell {
    public long low;
    /** Of a vector. */
    public long high;
}
