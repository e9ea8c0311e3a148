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
    private final NativeExecution execution;
    private final LinearMemory memory;
    private final long base;

    MemoryImpl(StoreImpl store, LinearMemory memory) {
        this.store = store;
        execution = store.execution();
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
        return execution.stay(() -> memory.grow(pages));
    }

    @Override
    public MemorySegment segment() {
        return execution.stay(() -> execution.objects.segment(base, memory.byteSize()));
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
        execution.stay(() -> {
            action.run();
            return null;
        });
    }

    @Override
    public byte getByte(long address) {
        return execution.isInside()
                ? NativeMemory.getByte(at(address, 1))
                : execution.stay(() -> NativeMemory.getByte(at(address, 1)));
    }

    @Override
    public short getShort(long address) {
        return execution.isInside()
                ? NativeMemory.getShort(at(address, 2))
                : execution.stay(() -> NativeMemory.getShort(at(address, 2)));
    }

    @Override
    public int getInt(long address) {
        return execution.isInside()
                ? NativeMemory.getInt(at(address, 4))
                : execution.stay(() -> NativeMemory.getInt(at(address, 4)));
    }

    @Override
    public long getLong(long address) {
        return execution.isInside()
                ? NativeMemory.getLong(at(address, 8))
                : execution.stay(() -> NativeMemory.getLong(at(address, 8)));
    }

    @Override
    public void setByte(long address, byte value) {
        if (execution.isInside()) {
            NativeMemory.putByte(at(address, 1), value);
        } else {
            run(() -> NativeMemory.putByte(at(address, 1), value));
        }
    }

    @Override
    public void setShort(long address, short value) {
        if (execution.isInside()) {
            NativeMemory.putShort(at(address, 2), value);
        } else {
            run(() -> NativeMemory.putShort(at(address, 2), value));
        }
    }

    @Override
    public void setInt(long address, int value) {
        if (execution.isInside()) {
            NativeMemory.putInt(at(address, 4), value);
        } else {
            run(() -> NativeMemory.putInt(at(address, 4), value));
        }
    }

    @Override
    public void setLong(long address, long value) {
        if (execution.isInside()) {
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
        } else if (execution.isInside()) {
            NativeMemory.read(at(address, length), target, offset, length);
        } else {
            run(() -> NativeMemory.read(at(address, length), target, offset, length));
        }
    }

    /** With a look at the deadline of the call that a host function works for, if there is one. */
    private void readPieces(long from, byte[] target, int offset, int length) {
        for (int done = 0; done < length; done += PIECE) {
            execution.checkpoint();
            NativeMemory.read(from + done, target, offset + done, Math.min(length - done, PIECE));
        }
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        if (length > PIECE) {
            run(() -> Builtins.writeMemory(at(address, length), source, offset, length, execution));
        } else if (execution.isInside()) {
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
