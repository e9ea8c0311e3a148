package org.sallyport.engine.objectcode;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.SharedMemory;
import org.sallyport.engine.MemoryImpl;
import org.sallyport.engine.SharedAccess;
import org.sallyport.engine.SharedMemoryImpl;
import org.sallyport.engine.WaitQueue;
import org.sallyport.spi.SegmentMemory;

/** A shared memory of Java code as one of a store that has it. */
final class ObjectSharedView extends MemoryImpl {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final SharedAccess access;
    private final SegmentMemory memory;
    private final MemorySegment bytes;

    /** @param shared which the store has taken; {@link #end} before it lets go of it */
    ObjectSharedView(ObjectExecution execution, SharedMemoryImpl shared) {
        super(execution.store, execution, shared.linear());
        access = new SharedAccess(shared);
        memory = ((ObjectSharedMemory) shared.linear()).segment();
        bytes = memory.bytes;
    }

    SegmentMemory memory() {
        return memory;
    }

    void end() {
        access.end();
    }

    @Override
    public SharedMemory shared() {
        return access.shared();
    }

    @Override
    protected WaitQueue waiters() {
        return access.shared().waiters();
    }

    @Override
    protected <T extends @Nullable Object> T within(Supplier<T> action) {
        return access.within(action);
    }

    @Override
    protected void checkpoint() {
        if (execution.isInside()) {
            execution.checkpoint();
        }
    }

    @Override
    protected byte getByteAt(long at) {
        return bytes.get(ValueLayout.JAVA_BYTE, at);
    }

    @Override
    protected short getShortAt(long at) {
        return bytes.get(SHORT, at);
    }

    @Override
    protected int getIntAt(long at) {
        return bytes.get(INT, at);
    }

    @Override
    protected long getLongAt(long at) {
        return bytes.get(LONG, at);
    }

    @Override
    protected void setByteAt(long at, byte value) {
        bytes.set(ValueLayout.JAVA_BYTE, at, value);
    }

    @Override
    protected void setShortAt(long at, short value) {
        bytes.set(SHORT, at, value);
    }

    @Override
    protected void setIntAt(long at, int value) {
        bytes.set(INT, at, value);
    }

    @Override
    protected void setLongAt(long at, long value) {
        bytes.set(LONG, at, value);
    }

    @Override
    protected void readAt(long at, byte[] target, int offset, int length) {
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, target, offset, length);
    }

    /** As long as the memory is now. */
    @Override
    protected MemorySegment newSegment() {
        return bytes.asSlice(0, memory.length);
    }

    // ---- atomic access

    @Override
    public int getIntVolatile(long address) {
        return within(() -> (int) ObjectSharedMemory.INT.getVolatile(bytes, alignedAt(address, Integer.BYTES)));
    }

    @Override
    public long getLongVolatile(long address) {
        return within(() -> (long) ObjectSharedMemory.LONG.getVolatile(bytes, alignedAt(address, Long.BYTES)));
    }

    @Override
    public void setIntVolatile(long address, int value) {
        run(() -> ObjectSharedMemory.INT.setVolatile(bytes, alignedAt(address, Integer.BYTES), value));
    }

    @Override
    public void setLongVolatile(long address, long value) {
        run(() -> ObjectSharedMemory.LONG.setVolatile(bytes, alignedAt(address, Long.BYTES), value));
    }

    @Override
    public int getAndAddInt(long address, int delta) {
        return within(() -> (int) ObjectSharedMemory.INT.getAndAdd(bytes, alignedAt(address, Integer.BYTES), delta));
    }

    @Override
    public long getAndAddLong(long address, long delta) {
        return within(() -> (long) ObjectSharedMemory.LONG.getAndAdd(bytes, alignedAt(address, Long.BYTES), delta));
    }

    @Override
    public int compareAndExchangeInt(long address, int expected, int value) {
        return within(() -> (int) ObjectSharedMemory.INT.compareAndExchange(
                bytes, alignedAt(address, Integer.BYTES), expected, value));
    }

    @Override
    public long compareAndExchangeLong(long address, long expected, long value) {
        return within(() -> (long) ObjectSharedMemory.LONG.compareAndExchange(
                bytes, alignedAt(address, Long.BYTES), expected, value));
    }

    @Override
    public Waited waitOnInt(long address, int expected, Duration timeout) throws InterruptedException {
        return access.waitOn(() -> alignedAt(address, Integer.BYTES), Integer.BYTES, expected, timeout);
    }

    @Override
    public Waited waitOnLong(long address, long expected, Duration timeout) throws InterruptedException {
        return access.waitOn(() -> alignedAt(address, Long.BYTES), Long.BYTES, expected, timeout);
    }

    @Override
    public int notify(long address, int count) {
        return within(() -> access.wake(alignedAt(address, Integer.BYTES), count));
    }
}
