package org.sallyport.engine;

import java.lang.foreign.MemorySegment;

import org.sallyport.spi.MachineMemory;
import org.sallyport.spi.NativeMemory;

/** A memory of machine code. */
class NativeMemoryImpl extends MemoryImpl {
    private final MachineMemory memory;
    private final NativeObjects objects;
    final long base;

    NativeMemoryImpl(NativeExecution execution, MachineMemory memory) {
        super(execution.store, execution, memory);
        this.memory = memory;
        objects = execution.objects;
        base = memory.base();
    }

    @Override
    MachineMemory linear() {
        return memory;
    }

    @Override
    protected byte getByteAt(long at) {
        return NativeMemory.getByte(base + at);
    }

    @Override
    protected short getShortAt(long at) {
        return NativeMemory.getShort(base + at);
    }

    @Override
    protected int getIntAt(long at) {
        return NativeMemory.getInt(base + at);
    }

    @Override
    protected long getLongAt(long at) {
        return NativeMemory.getLong(base + at);
    }

    @Override
    protected void setByteAt(long at, byte value) {
        NativeMemory.putByte(base + at, value);
    }

    @Override
    protected void setShortAt(long at, short value) {
        NativeMemory.putShort(base + at, value);
    }

    @Override
    protected void setIntAt(long at, int value) {
        NativeMemory.putInt(base + at, value);
    }

    @Override
    protected void setLongAt(long at, long value) {
        NativeMemory.putLong(base + at, value);
    }

    @Override
    protected void readAt(long at, byte[] target, int offset, int length) {
        NativeMemory.read(base + at, target, offset, length);
    }

    @Override
    protected MemorySegment newSegment() {
        return objects.segment(base, memory.byteSize());
    }
}
