package org.sallyport.store;

import org.sallyport.LimitExceededException;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;

/** Reserves for the parts of an allocator. When the process may have no more, what its pools keep goes first. */
final class Reserving {
    private final VirtualMemory memory;
    private final Runnable trim;

    /** @param trim gives back what is kept for nobody in particular */
    Reserving(VirtualMemory memory, Runnable trim) {
        this.memory = memory;
        this.trim = trim;
    }

    VirtualMemory memory() {
        return memory;
    }

    /** @throws LimitExceededException as {@link VirtualMemory#reserve} */
    long reserve(long size, int mappings) {
        try {
            return memory.reserve(size, mappings);
        } catch (LimitExceededException e) {
            trim.run();
            return memory.reserve(size, mappings);
        }
    }

    /** Zeroed, accessible pages. @throws LimitExceededException if there are none */
    long map(long size) {
        long address = reserve(size, 1);
        if (!memory.protect(address, size, Access.READ_WRITE)) {
            memory.release(address, size);
            throw new LimitExceededException("native bytes", size, 0, "the operating system: out of memory");
        }
        return address;
    }
}
