package org.sallyport.spi;

/** The code of a module from an {@link ObjectBackEnd}. Belongs to no store. Immutable; any number of threads uses it. */
public interface ObjectCode {
    /**
     * The functions of an instance: those that the module defines, in their order. They are called when all parts are there;
     * until then only their identity counts.
     */
    GuestFunction[] instantiate(ObjectParts parts);

    /** About what the code takes of the Java heap, in bytes: charged to the engine as long as the module is in use. */
    long heapBytes();
}
