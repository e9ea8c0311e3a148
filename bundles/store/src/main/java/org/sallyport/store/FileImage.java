package org.sallyport.store;

import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.VirtualMemory;

/** An image in a file that exists in memory only. */
final class FileImage implements MemoryImage {
    private final VirtualMemory memory;
    private final int file;
    private final long offset;
    private final long size;
    private final AtomicBoolean closed = new AtomicBoolean();

    private FileImage(VirtualMemory memory, int file, long offset, long size) {
        this.memory = memory;
        this.file = file;
        this.offset = offset;
        this.size = size;
    }

    static @Nullable FileImage of(VirtualMemory memory, long offset, byte[] content) {
        int file = memory.newFile(content);
        return file < 0 ? null : new FileImage(memory, file, offset, memory.pages(content.length));
    }

    @Override
    public long offset() {
        return offset;
    }

    @Override
    public long size() {
        return size;
    }

    boolean mapAt(long base) {
        return memory.mapFile(file, base + offset, size);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            memory.closeFile(file);
        }
    }
}
