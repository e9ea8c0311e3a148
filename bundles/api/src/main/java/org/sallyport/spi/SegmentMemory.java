package org.sallyport.spi;

import java.lang.foreign.MemorySegment;

/** A shared linear memory as code of an {@link ObjectBackEnd} sees it. It stays where it is. Thread-safe. */
public final class SegmentMemory {
    /** All that it may ever be, little-endian, aligned to 8 bytes; what is behind {@link #length} is not there yet. */
    public final MemorySegment bytes;
    /** Current length in bytes: never less than before. Only the runtime sets it. */
    public volatile long length;

    public SegmentMemory(MemorySegment bytes) {
        this.bytes = bytes;
    }
}
