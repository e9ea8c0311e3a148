package org.sallyport.engine.objectcode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.sallyport.LimitExceededException;
import org.sallyport.engine.EngineImpl;
import org.sallyport.engine.SharedMemoryImpl;
import org.sallyport.engine.WaitQueue;
import org.sallyport.spi.LinearMemory;
import org.sallyport.spi.MemoryBudget;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.SegmentMemory;
import org.sallyport.wasm.MemoryType;

/**
 * A memory that guests of several stores access at a time: a segment as large as it may ever become, so that it never moves, and
 * a length that only grows. Java fills what it allocates with zeros at once, so a large one is a file without a name in the
 * temporary folder, mapped: what nobody has written takes no room. None of that needs native access. Thread-safe.
 */
final class ObjectSharedMemory implements LinearMemory, SharedMemoryImpl.Holding, WaitQueue.Cells {
    static final VarHandle INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    static final VarHandle LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    /** Larger ones are mapped. */
    private static final long ALLOCATED = 1 << 16;

    private final MemoryType type;
    private final ResourceAccount account;
    private final MemoryBudget budget;
    private final Arena arena = Arena.ofShared();
    private final SegmentMemory memory;
    private boolean isClosed;

    private ObjectSharedMemory(MemoryType type, ResourceAccount account, MemoryBudget budget) {
        this.type = type;
        this.account = account;
        this.budget = budget;
        long most = ObjectMemory.maxPages(type);
        long fitting = ObjectMemory.LARGEST >>> type.pageSizeLog2();
        long bytes = (Long.compareUnsigned(most, fitting) < 0 ? most : fitting) << type.pageSizeLog2();
        account.charge(ResourceAccount.Kind.ADDRESS_SPACE, bytes);
        memory = new SegmentMemory(reserve(arena, Math.max(bytes, Long.BYTES)));
    }

    /** Who calls this is the first who has it. @throws LimitExceededException if there is no room for it */
    static SharedMemoryImpl make(EngineImpl engine, MemoryType type, ResourceAccount account, MemoryBudget budget) {
        ObjectSharedMemory memory = null;
        SharedMemoryImpl made = null;
        try {
            memory = new ObjectSharedMemory(type, account, budget);
            if (memory.grow(type.limits().min()) < 0) {
                throw new LimitExceededException("memory bytes", Long.MAX_VALUE, ObjectMemory.LARGEST, "the largest Java array");
            }
            made = new SharedMemoryImpl(engine, account, memory, memory, memory);
            return made;
        } finally {
            if (made == null) {
                if (memory != null) {
                    memory.close();
                }
                account.close();
            }
        }
    }

    private static MemorySegment reserve(Arena arena, long bytes) {
        long rounded = bytes + Long.BYTES - 1 & -Long.BYTES; // narrow atomic accesses take the word around them
        if (rounded <= ALLOCATED) {
            return arena.allocate(rounded, Long.BYTES);
        }
        try {
            Path file = Files.createTempFile("sallyport", ".memory");
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
                return channel.map(FileChannel.MapMode.READ_WRITE, 0, rounded, arena);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no room for a shared memory of " + bytes + " bytes in the temporary folder", e);
        }
    }

    SegmentMemory segment() {
        return memory;
    }

    @Override
    public MemoryType type() {
        return type;
    }

    @Override
    public long byteSize() {
        return memory.length;
    }

    @Override
    public void write(long at, byte[] source, int from, int length) {
        MemorySegment.copy(source, from, memory.bytes, ValueLayout.JAVA_BYTE, at, length);
    }

    @Override
    public synchronized long grow(long pages) {
        long old = pages();
        long most = memory.bytes.byteSize() >>> type.pageSizeLog2();
        if (Long.compareUnsigned(pages, Math.min(most, ObjectMemory.maxPages(type)) - old) > 0) {
            return -1;
        }
        long bytes = pages << type.pageSizeLog2();
        budget.take(bytes);
        boolean isCharged = false;
        try {
            account.charge(ResourceAccount.Kind.COMMITTED, bytes);
            isCharged = true;
        } finally {
            if (!isCharged) {
                budget.giveBack(bytes);
            }
        }
        memory.length += bytes;
        return old;
    }

    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        arena.close();
        isClosed = true;
        budget.giveBack(memory.length);
    }

    // ---- for those who wait

    @Override
    public int getInt(long address) {
        return (int) INT.getVolatile(memory.bytes, address);
    }

    @Override
    public long getLong(long address) {
        return (long) LONG.getVolatile(memory.bytes, address);
    }
}
