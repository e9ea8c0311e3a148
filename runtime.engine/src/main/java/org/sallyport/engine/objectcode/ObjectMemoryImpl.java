package org.sallyport.engine.objectcode;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

import org.sallyport.engine.MemoryImpl;
import org.sallyport.spi.ArrayMemory;

/** A memory of Java code. */
final class ObjectMemoryImpl extends MemoryImpl {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final ArrayMemory array;

    ObjectMemoryImpl(ObjectExecution execution, ObjectMemory memory) {
        super(execution.store, execution, memory);
        array = memory.array();
    }

    ArrayMemory array() {
        return array;
    }

    @Override
    protected byte getByteAt(long at) {
        return array.bytes[(int) at];
    }

    @Override
    protected short getShortAt(long at) {
        return (short) SHORT.get(array.bytes, (int) at);
    }

    @Override
    protected int getIntAt(long at) {
        return (int) INT.get(array.bytes, (int) at);
    }

    @Override
    protected long getLongAt(long at) {
        return (long) LONG.get(array.bytes, (int) at);
    }

    @Override
    protected void setByteAt(long at, byte value) {
        array.bytes[(int) at] = value;
    }

    @Override
    protected void setShortAt(long at, short value) {
        SHORT.set(array.bytes, (int) at, value);
    }

    @Override
    protected void setIntAt(long at, int value) {
        INT.set(array.bytes, (int) at, value);
    }

    @Override
    protected void setLongAt(long at, long value) {
        LONG.set(array.bytes, (int) at, value);
    }

    @Override
    protected void readAt(long at, byte[] target, int offset, int length) {
        System.arraycopy(array.bytes, (int) at, target, offset, length);
    }

    /** Of the array as it is now; it does not end with the store, and not follow when the memory grows. */
    @Override
    protected MemorySegment newSegment() {
        return MemorySegment.ofArray(array.bytes);
    }
}
