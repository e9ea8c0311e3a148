package org.sallyport.wasi.preview1;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.sallyport.EntityType;
import org.sallyport.Memory;
import org.sallyport.Store;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;

/** A memory of some pages outside of any engine. */
final class FakeMemory implements Memory {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment segment;

    FakeMemory(int pages) {
        segment = Arena.ofAuto().allocate(pages * 65536L);
    }

    @Override
    public Store store() {
        throw new UnsupportedOperationException();
    }

    @Override
    public MemoryType type() {
        return MemoryType.of(Limits.atLeast(size()));
    }

    @Override
    public EntityType entityType() {
        return new EntityType.Memory(type());
    }

    @Override
    public long byteSize() {
        return segment.byteSize();
    }

    @Override
    public long size() {
        return segment.byteSize() >> 16;
    }

    @Override
    public long grow(long pages) {
        return -1;
    }

    @Override
    public MemorySegment segment() {
        return segment;
    }

    @Override
    public byte getByte(long address) {
        return segment.get(ValueLayout.JAVA_BYTE, address);
    }

    @Override
    public short getShort(long address) {
        return segment.get(SHORT, address);
    }

    @Override
    public int getInt(long address) {
        return segment.get(INT, address);
    }

    @Override
    public long getLong(long address) {
        return segment.get(LONG, address);
    }

    @Override
    public void setByte(long address, byte value) {
        segment.set(ValueLayout.JAVA_BYTE, address, value);
    }

    @Override
    public void setShort(long address, short value) {
        segment.set(SHORT, address, value);
    }

    @Override
    public void setInt(long address, int value) {
        segment.set(INT, address, value);
    }

    @Override
    public void setLong(long address, long value) {
        segment.set(LONG, address, value);
    }

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, address, target, offset, length);
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        MemorySegment.copy(source, offset, segment, ValueLayout.JAVA_BYTE, address, length);
    }
}
