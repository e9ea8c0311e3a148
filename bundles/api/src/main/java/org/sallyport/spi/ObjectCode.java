package org.sallyport.spi;

import org.sallyport.GuestFrame;

/** The code of a module from an {@link ObjectBackEnd}. Belongs to no store. Any number of threads uses it. */
public interface ObjectCode {
    /**
     * The functions of an instance: those that the module defines, in their order. They are called when all parts are there;
     * until then only their identity counts.
     */
    GuestFunction[] instantiate(ObjectParts parts);

    /**
     * Says how the engine shows a place in the module: by what it knows of names and sources. Called once, before anything runs.
     * Until then frames have the name that was given to the compilation.
     */
    void setFrames(Frames frames);

    /** Makes frames of a module. Thread-safe. */
    @FunctionalInterface
    interface Frames {
        /**
         * A frame.
         *
         * @param function in the module's index space
         * @param offset of the instruction in the module's binary, or -1 when it is not known
         */
        GuestFrame frame(int function, int offset);
    }

    /** About what the code takes of the Java heap, in bytes: charged to the engine as long as the module is in use. */
    long heapBytes();
}
