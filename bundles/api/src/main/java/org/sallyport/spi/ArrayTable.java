package org.sallyport.spi;

/** A table as code of an {@link ObjectBackEnd} sees it. */
public final class ArrayTable {
    /** References; another array after it grew. Only the runtime sets it. */
    public long[] elements;

    public ArrayTable(long[] elements) {
        this.elements = elements;
    }
}
