package org.sallyport.store;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.VirtualMemory;

/** An image in a file that exists in memory only. */
final class FileImage implements MemoryImage {
    private final VirtualMemory memory;
    private final MemoryPool pool;
    private final ResourceAccount account;
    private final long offset;
    private final long size;
    private volatile boolean closed;
    private int file = -1;

    private FileImage(VirtualMemory memory, MemoryPool pool, ResourceAccount account, long offset, long size) {
        this.memory = memory;
        this.pool = pool;
        this.account = account;
        this.offset = offset;
        this.size = size;
    }

    /**
     * @param pool of the memories that may hold it
     * @return null if the operating system or the account refuses
     */
    static @Nullable FileImage of(
            VirtualMemory memory, MemoryPool pool, ResourceAccount account, long offset, byte[] content) {
        FileImage image = new FileImage(memory, pool, account, offset, memory.pages(content.length));
        return image.make(content) ? image : null;
    }

    private boolean make(byte[] content) {
        try {
            account.charge(Kind.DESCRIPTORS, 1);
        } catch (LimitExceededException e) {
            return false;
        }
        boolean isMade = false;
        try {
            account.charge(Kind.COMMITTED, size);
            try {
                file = memory.newFile(content);
                isMade = file >= 0;
                return isMade;
            } finally {
                if (!isMade) {
                    account.giveBack(Kind.COMMITTED, size);
                }
            }
        } catch (LimitExceededException e) {
            return false;
        } finally {
            if (!isMade) {
                account.giveBack(Kind.DESCRIPTORS, 1);
            }
        }
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
        return closed;
    }

    /**
     * @throws VirtualMachineError if there is no heap or stack for it; then it can be called again
     */
    @Override
    public synchronized void close() {
        closed = true;
        if (file >= 0) {
            pool.closed(this);
            memory.closeFile(file);
            file = -1;
            account.giveBack(Kind.COMMITTED, size);
            account.giveBack(Kind.DESCRIPTORS, 1);
        }
    }
}
