package org.sallyport.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

import org.jspecify.annotations.Nullable;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.store.LinuxMemory.Ranges;

/**
 * Reservations for guarded memories, kept for the next user. Making a memory accessible, mapping an image into it and
 * undoing both costs more than all the rest of an instance, above all on virtual machines; so does bringing in each page
 * that is touched. So a small memory comes back as it is, accessible, its image mapped, its pages present, and only what
 * was written is put back: the operating system tells which pages those are. The next user of the same image finds
 * everything done. Thread-safe.
 */
final class MemoryPool implements Trim.Release<MemoryPool.Region> {
    /** Memories with more accessible bytes come back wholly inaccessible: they may count against the system's limit. */
    static final long WARM = 16 << 20;
    /** Pages that are put back one by one and stay in memory; where more have been written, all are thrown away. */
    static final int FEW = 32;

    /** A reservation. Its user, or the pool while nobody has it, changes it. */
    static final class Region {
        /** Of the reservation; the memory begins {@link MemoryManager#GAP} behind. */
        final long address;
        /** Accessible bytes of the memory; all of them are as they were when they became accessible. */
        long committed;
        /** What is mapped into the memory, or null. */
        @Nullable FileImage image;
        /** More is mapped than {@link #image}, or not all of it. */
        boolean spoiled;

        Region(long address) {
            this.address = address;
        }

        long base() {
            return address + MemoryManager.GAP;
        }
    }

    private static final int UNKNOWN = -2;

    /**
     * Into how many mappings a memory is split at most: guard, accessible, image, accessible, guard. A memory holds one
     * image at a time.
     */
    static final int MAPPINGS = 5;

    private final VirtualMemory memory;
    private final Reserving reserving;
    private final int maxFree;
    /** The last one is the next. */
    private final List<Region> free = new ArrayList<>();
    /** Held for reading while {@link #pageFlags} is in use. */
    private final ReadWriteLock pageFlagsLock = new ReentrantReadWriteLock();
    /** A descriptor, -1 if there is none to be had, {@link #UNKNOWN} before anybody has asked. */
    private volatile int pageFlags = UNKNOWN;

    MemoryPool(Reserving reserving, int maxFree) {
        this.memory = reserving.memory();
        this.reserving = reserving;
        this.maxFree = maxFree;
    }

    /** @param image that the user will load, or null: the region holds that one or none */
    Region take(@Nullable FileImage image) {
        Region region = poll(image);
        if (region == null) {
            return make();
        }
        if (region.image == null || region.image == image) {
            return region;
        }
        boolean isEmpty = false;
        try {
            isEmpty = empty(region);
        } finally {
            if (!isEmpty) {
                release(region);
            }
        }
        return isEmpty ? region : make();
    }

    private Region make() {
        long address = reserving.reserve(MemoryManager.GUARDED, MAPPINGS);
        try {
            return new Region(address);
        } catch (Throwable t) { // no Java heap
            memory.release(address, MemoryManager.GUARDED);
            throw t;
        }
    }

    @Override
    public void release(Region region) {
        memory.release(region.address, MemoryManager.GUARDED);
    }

    private synchronized @Nullable Region poll(@Nullable FileImage image) {
        int best = free.size() - 1;
        for (int i = best; i >= 0 && free.get(best).image != image; i--) {
            Region region = free.get(i);
            if (region.image == image || region.image == null && free.get(best).image != null) {
                best = i;
            }
        }
        return best < 0 ? null : free.remove(best);
    }

    /** Nobody uses the memory any more. See {@link Trim.Release#release}. */
    void giveBack(Region region) {
        if (!isKept(region)) {
            release(region);
        }
    }

    private boolean isKept(Region region) {
        try {
            return hasRoom() && clean(region) && keep(region); // without room, its contents do not matter
        } catch (VirtualMachineError e) {
            return false; // then the system gets it
        }
    }

    private synchronized boolean hasRoom() {
        return free.size() < maxFree;
    }

    /** @return false if the operating system refuses */
    private boolean clean(Region region) {
        return region.committed > WARM || region.spoiled || hasClosedImage(region)
                ? empty(region)
                : restore(region) || memory.discard(region.base(), region.committed);
    }

    /** @return false if others were faster, or the image has been closed just now */
    private synchronized boolean keep(Region region) {
        return hasRoom() && !hasClosedImage(region) && free.add(region);
    }

    private static boolean hasClosedImage(Region region) {
        return region.image != null && region.image.isClosed();
    }

    /** Nothing holds the image's contents any more but memories in use. Can be called again. */
    synchronized void closed(FileImage image) {
        for (int i = free.size() - 1; i >= 0; i--) {
            Region region = free.get(i);
            if (region.image == image && !empty(region)) {
                release(region);
                free.remove(i);
            }
        }
    }

    /** Puts back what was written. @return false if that is too much, or nobody knows what it is */
    private boolean restore(Region region) {
        int[] pages = writtenPages(region);
        if (pages == null) {
            return false;
        }
        int size = memory.pageSize();
        for (int i : pages) {
            long page = region.base() + (long) i * size;
            if (region.image != null && region.image.holds((long) i * size)) {
                if (!region.image.restore(region.base(), page)) {
                    return false;
                }
            } else if (!isZero(page, size)) {
                NativeMemory.fill(page, size, (byte) 0);
            }
        }
        return true;
    }

    /** A page that was only read may be the system's one page of zeros, which nobody should write without need. */
    private static boolean isZero(long page, int size) {
        for (long at = page; at < page + size; at += 32) {
            long bits = NativeMemory.getLong(at) | NativeMemory.getLong(at + 8)
                    | NativeMemory.getLong(at + 16) | NativeMemory.getLong(at + 24);
            if (bits != 0) {
                return false;
            }
        }
        return true;
    }

    private int @Nullable [] writtenPages(Region region) {
        if (pageFlags == UNKNOWN) {
            openPageFlags();
        }
        pageFlagsLock.readLock().lock();
        try {
            return pageFlags < 0 ? null : memory.writtenPages(pageFlags, region.base(), region.committed, FEW);
        } finally {
            pageFlagsLock.readLock().unlock();
        }
    }

    private void openPageFlags() {
        pageFlagsLock.writeLock().lock();
        try {
            if (pageFlags == UNKNOWN) {
                pageFlags = memory.openPageFlags();
            }
        } finally {
            pageFlagsLock.writeLock().unlock();
        }
    }

    private void closePageFlags() {
        pageFlagsLock.writeLock().lock();
        try {
            if (pageFlags >= 0) {
                memory.closeFile(pageFlags);
            }
            pageFlags = UNKNOWN;
        } finally {
            pageFlagsLock.writeLock().unlock();
        }
    }

    /** @return false if the operating system refuses; then nothing has changed */
    private boolean empty(Region region) {
        if (!memory.decommit(region.base(), region.committed)) {
            return false;
        }
        region.committed = 0;
        region.image = null;
        region.spoiled = false;
        return true;
    }

    void trim() {
        trimFree();
        closePageFlags();
    }

    /** Gives back regions that nobody uses. */
    void trimFree() {
        Trim.each(this, free, this);
    }

    synchronized void eachRange(Ranges ranges) {
        for (Region region : free) {
            ranges.add("free memory", region.address, MemoryManager.GUARDED);
        }
    }
}
