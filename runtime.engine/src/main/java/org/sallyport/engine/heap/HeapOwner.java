package org.sallyport.engine.heap;

import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.StoreMemory;

/** The store whose structures and arrays these are, as its heap sees it. Asked by the thread inside the store. */
public interface HeapOwner {
    /** The heap is one of its memories; its guest stack holds references. */
    StoreMemory memory();

    /** What the heap takes of Java's is charged there. */
    ResourceAccount resources();

    /** Looks whether the call inside must stop. @throws org.sallyport.GuestInterruptedException if so */
    void checkpoint();

    /** Whether a guest is suspended, whose stack may hold references. */
    boolean isInGuest();

    /** Values of the exception under way, each of which may hold references. */
    int exceptionValues();
}
