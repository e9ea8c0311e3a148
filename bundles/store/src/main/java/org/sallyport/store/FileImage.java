package org.sallyport.store;

import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.VirtualMemory;

/** An image in a file that exists in memory only. */
final class FileImage implements MemoryImage {
    private final VirtualMemory memory;
    private final MemoryPool pool;
    private final int file;
    private final long offset;
    private final long size;
    private final AtomicBoolean closed = new AtomicBoolean();

    private FileImage(VirtualMemory memory, MemoryPool pool, int file, long offset, long size) {
        this.memory = memory;
        this.pool = pool;
        this.file = file;
        this.offset = offset;
        this.size = size;
    }

    /** @param pool of the memories that may hold it */
    static @Nullable FileImage of(VirtualMemory memory, MemoryPool pool, long offset, byte[] content) {
        int file = memory.newFile(content);
        return file < 0 ? null : new FileImage(memory, pool, file, offset, memory.pages(content.length));
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

    /** Writes the image's contents to a page inside of its range, where it is mapped at {@code base}. */
    boolean restore(long base, long page) {
        return memory.readFile(file, page - base - offset, page, memory.pageSize());
    }

    boolean holds(long at) {
        return at >= offset && at < offset + size;
    }

    boolean isClosed() {
        return closed.get();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            memory.closeFile(file);
            pool.closed(this);
        }
    }
}
