package org.sallyport.engine;

import java.lang.foreign.MemorySegment;

import org.sallyport.EntityType;
import org.sallyport.Memory;
import org.sallyport.Store;
import org.sallyport.spi.LinearMemory;
import org.sallyport.spi.NativeMemory;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;

/**
 * A memory as the host sees it. Every access makes sure that this thread is inside the store, or enters for its
 * duration; so the memory cannot be unmapped meanwhile.
 */
final class MemoryImpl implements Memory {
    private final StoreImpl store;
    private final LinearMemory memory;
    private final long base;

    MemoryImpl(StoreImpl store, LinearMemory memory) {
        this.store = store;
        this.memory = memory;
        base = memory.base();
    }

    LinearMemory linear() {
        return memory;
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public EntityType entityType() {
        return new EntityType.Memory(type());
    }

    /** The declared type; its minimum is the current size (4.2.9). */
    @Override
    public MemoryType type() {
        MemoryType type = memory.type();
        Limits limits = new Limits(size(), type.limits().hasMax(), type.limits().max());
        return new MemoryType(type.address(), limits, type.shared(), type.pageSizeLog2());
    }

    @Override
    public long byteSize() {
        return memory.byteSize();
    }

    @Override
    public long size() {
        return memory.pages();
    }

    @Override
    public long grow(long pages) {
        boolean outermost = store.occupy();
        try {
            return memory.grow(pages);
        } finally {
            leave(outermost);
        }
    }

    @Override
    public MemorySegment segment() {
        boolean outermost = store.occupy();
        try {
            return store.segment(base, memory.byteSize());
        } finally {
            leave(outermost);
        }
    }

    /** Enters the store if this thread is not inside, and checks the range. @return whether to leave afterwards */
    private boolean enter(long address, long size) {
        boolean outermost = !store.isInside() && store.occupy();
        long length = memory.byteSize();
        if (address < 0 || size < 0 || address > length - size) {
            leave(outermost);
            throw new IndexOutOfBoundsException("range " + Long.toUnsignedString(address) + " + " + size
                    + " of a memory of " + length + " bytes");
        }
        return outermost;
    }

    private void leave(boolean outermost) {
        if (outermost) {
            store.vacate();
        }
    }

    @Override
    public byte getByte(long address) {
        boolean outermost = enter(address, 1);
        byte value = NativeMemory.getByte(base + address);
        leave(outermost);
        return value;
    }

    @Override
    public short getShort(long address) {
        boolean outermost = enter(address, 2);
        short value = NativeMemory.getShort(base + address);
        leave(outermost);
        return value;
    }

    @Override
    public int getInt(long address) {
        boolean outermost = enter(address, 4);
        int value = NativeMemory.getInt(base + address);
        leave(outermost);
        return value;
    }

    @Override
    public long getLong(long address) {
        boolean outermost = enter(address, 8);
        long value = NativeMemory.getLong(base + address);
        leave(outermost);
        return value;
    }

    @Override
    public void setByte(long address, byte value) {
        boolean outermost = enter(address, 1);
        NativeMemory.putByte(base + address, value);
        leave(outermost);
    }

    @Override
    public void setShort(long address, short value) {
        boolean outermost = enter(address, 2);
        NativeMemory.putShort(base + address, value);
        leave(outermost);
    }

    @Override
    public void setInt(long address, int value) {
        boolean outermost = enter(address, 4);
        NativeMemory.putInt(base + address, value);
        leave(outermost);
    }

    @Override
    public void setLong(long address, long value) {
        boolean outermost = enter(address, 8);
        NativeMemory.putLong(base + address, value);
        leave(outermost);
    }

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        java.util.Objects.checkFromIndexSize(offset, length, target.length);
        boolean outermost = enter(address, length);
        try {
            NativeMemory.read(base + address, target, offset, length);
        } finally {
            leave(outermost);
        }
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        java.util.Objects.checkFromIndexSize(offset, length, source.length);
        boolean outermost = enter(address, length);
        try {
            NativeMemory.write(base + address, source, offset, length);
        } finally {
            leave(outermost);
        }
    }

    @Override
    public String toString() {
        return entityType().toString();
    }
}
