package org.sallyport.engine;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

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
    /** Bytes that are copied without a look at the deadline. */
    private static final int PIECE = Builtins.PIECE_BYTES;

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
        return store.stay(() -> memory.grow(pages));
    }

    @Override
    public MemorySegment segment() {
        return store.stay(() -> store.segment(base, memory.byteSize()));
    }

    /** The native address of a range. Called by the thread inside the store. */
    private long at(long address, long size) {
        long length = memory.byteSize();
        if (address < 0 || size < 0 || address > length - size) {
            throw new IndexOutOfBoundsException("range " + Long.toUnsignedString(address) + " + " + size
                    + " of a memory of " + length + " bytes");
        }
        return base + address;
    }

    private void run(Runnable action) {
        store.stay(() -> {
            action.run();
            return null;
        });
    }

    @Override
    public byte getByte(long address) {
        return store.isInside()
                ? NativeMemory.getByte(at(address, 1))
                : store.stay(() -> NativeMemory.getByte(at(address, 1)));
    }

    @Override
    public short getShort(long address) {
        return store.isInside()
                ? NativeMemory.getShort(at(address, 2))
                : store.stay(() -> NativeMemory.getShort(at(address, 2)));
    }

    @Override
    public int getInt(long address) {
        return store.isInside()
                ? NativeMemory.getInt(at(address, 4))
                : store.stay(() -> NativeMemory.getInt(at(address, 4)));
    }

    @Override
    public long getLong(long address) {
        return store.isInside()
                ? NativeMemory.getLong(at(address, 8))
                : store.stay(() -> NativeMemory.getLong(at(address, 8)));
    }

    @Override
    public void setByte(long address, byte value) {
        if (store.isInside()) {
            NativeMemory.putByte(at(address, 1), value);
        } else {
            run(() -> NativeMemory.putByte(at(address, 1), value));
        }
    }

    @Override
    public void setShort(long address, short value) {
        if (store.isInside()) {
            NativeMemory.putShort(at(address, 2), value);
        } else {
            run(() -> NativeMemory.putShort(at(address, 2), value));
        }
    }

    @Override
    public void setInt(long address, int value) {
        if (store.isInside()) {
            NativeMemory.putInt(at(address, 4), value);
        } else {
            run(() -> NativeMemory.putInt(at(address, 4), value));
        }
    }

    @Override
    public void setLong(long address, long value) {
        if (store.isInside()) {
            NativeMemory.putLong(at(address, 8), value);
        } else {
            run(() -> NativeMemory.putLong(at(address, 8), value));
        }
    }

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length > PIECE) {
            run(() -> readPieces(at(address, length), target, offset, length));
        } else if (store.isInside()) {
            NativeMemory.read(at(address, length), target, offset, length);
        } else {
            run(() -> NativeMemory.read(at(address, length), target, offset, length));
        }
    }

    /** With a look at the deadline of the call that a host function works for, if there is one. */
    private void readPieces(long from, byte[] target, int offset, int length) {
        for (int done = 0; done < length; done += PIECE) {
            store.checkpoint();
            NativeMemory.read(from + done, target, offset + done, Math.min(length - done, PIECE));
        }
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        if (length > PIECE) {
            run(() -> Builtins.writeMemory(at(address, length), source, offset, length, store));
        } else if (store.isInside()) {
            NativeMemory.write(at(address, length), source, offset, length);
        } else {
            run(() -> NativeMemory.write(at(address, length), source, offset, length));
        }
    }

    @Override
    public String toString() {
        return entityType().toString();
    }
}
