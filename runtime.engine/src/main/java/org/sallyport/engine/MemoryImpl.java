package org.sallyport.engine;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.EntityType;
import org.sallyport.Memory;
import org.sallyport.Store;
import org.sallyport.spi.LinearMemory;
import org.sallyport.wasm.MemoryType;

/**
 * A memory as the host sees it. Every access makes sure that this thread is inside the store, or enters for its
 * duration; so the memory cannot be unmapped meanwhile.
 */
public abstract class MemoryImpl implements Memory {
    /** Bytes that are copied without a look at the deadline. */
    private static final int PIECE = Builtins.PIECE_BYTES;

    private final StoreImpl store;
    protected final Execution execution;
    private final LinearMemory memory;

    public MemoryImpl(StoreImpl store, Execution execution, LinearMemory memory) {
        this.store = store;
        this.execution = execution;
        this.memory = memory;
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

    @Override
    public MemoryType type() {
        return SharedMemoryImpl.typeNow(memory.type(), size());
    }

    /** Who waits on the memory; null if nobody can. */
    @Nullable protected WaitQueue waiters() {
        return null;
    }

    /** Does something while the memory is there for sure. */
    protected <T extends @Nullable Object> T within(Supplier<T> action) {
        return execution.stay(action);
    }

    /**
     * In every loop that the embedder sizes, within: looks at the deadline of the call that a host function works for, if
     * there is one.
     */
    protected void checkpoint() {
        execution.checkpoint();
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
        return within(() -> memory.grow(pages));
    }

    // ---- how it is made; called by the thread inside the store, for places that are inside

    protected abstract byte getByteAt(long at);

    protected abstract short getShortAt(long at);

    protected abstract int getIntAt(long at);

    protected abstract long getLongAt(long at);

    protected abstract void setByteAt(long at, byte value);

    protected abstract void setShortAt(long at, short value);

    protected abstract void setIntAt(long at, int value);

    protected abstract void setLongAt(long at, long value);

    protected abstract void readAt(long at, byte[] target, int offset, int length);

    protected abstract MemorySegment newSegment();

    // ---- access

    @Override
    public final MemorySegment segment() {
        return execution.stay(() -> newSegment());
    }

    /** Checks that a range is inside. Called within. */
    final long at(long address, long size) {
        long length = memory.byteSize();
        if (address < 0 || size < 0 || address > length - size) {
            throw new IndexOutOfBoundsException("range " + Long.toUnsignedString(address) + " + " + size
                    + " of a memory of " + length + " bytes");
        }
        return address;
    }

    /** Checks that an atomic access is inside and aligned. Called within. @param bytes a power of two */
    protected final long alignedAt(long address, int bytes) {
        if ((address & bytes - 1) != 0) {
            throw new IllegalArgumentException("address " + Long.toUnsignedString(address) + " is no multiple of " + bytes);
        }
        return at(address, bytes);
    }

    protected final void run(Runnable action) {
        within(() -> {
            action.run();
            return null;
        });
    }

    @Override
    public byte getByte(long address) {
        return execution.isInside() ? getByteAt(at(address, 1)) : within(() -> getByteAt(at(address, 1)));
    }

    @Override
    public short getShort(long address) {
        return execution.isInside() ? getShortAt(at(address, 2)) : within(() -> getShortAt(at(address, 2)));
    }

    @Override
    public int getInt(long address) {
        return execution.isInside() ? getIntAt(at(address, 4)) : within(() -> getIntAt(at(address, 4)));
    }

    @Override
    public long getLong(long address) {
        return execution.isInside() ? getLongAt(at(address, 8)) : within(() -> getLongAt(at(address, 8)));
    }

    @Override
    public void setByte(long address, byte value) {
        if (execution.isInside()) {
            setByteAt(at(address, 1), value);
        } else {
            run(() -> setByteAt(at(address, 1), value));
        }
    }

    @Override
    public void setShort(long address, short value) {
        if (execution.isInside()) {
            setShortAt(at(address, 2), value);
        } else {
            run(() -> setShortAt(at(address, 2), value));
        }
    }

    @Override
    public void setInt(long address, int value) {
        if (execution.isInside()) {
            setIntAt(at(address, 4), value);
        } else {
            run(() -> setIntAt(at(address, 4), value));
        }
    }

    @Override
    public void setLong(long address, long value) {
        if (execution.isInside()) {
            setLongAt(at(address, 8), value);
        } else {
            run(() -> setLongAt(at(address, 8), value));
        }
    }

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length > PIECE) {
            run(() -> readPieces(at(address, length), target, offset, length));
        } else if (execution.isInside()) {
            readAt(at(address, length), target, offset, length);
        } else {
            run(() -> readAt(at(address, length), target, offset, length));
        }
    }

    private void readPieces(long from, byte[] target, int offset, int length) {
        for (int done = 0; done < length; done += PIECE) {
            checkpoint();
            readAt(from + done, target, offset + done, Math.min(length - done, PIECE));
        }
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        if (length > PIECE) {
            run(() -> writePieces(at(address, length), source, offset, length));
        } else if (execution.isInside()) {
            memory.write(at(address, length), source, offset, length);
        } else {
            run(() -> memory.write(at(address, length), source, offset, length));
        }
    }

    private void writePieces(long to, byte[] source, int offset, int length) {
        for (int done = 0; done < length; done += PIECE) {
            checkpoint();
            memory.write(to + done, source, offset + done, Math.min(length - done, PIECE));
        }
    }

    @Override
    public String toString() {
        return entityType().toString();
    }
}
