package org.sallyport.engine.objectcode;

import java.util.Arrays;

import org.sallyport.LimitExceededException;
import org.sallyport.spi.ArrayMemory;
import org.sallyport.spi.LinearMemory;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.MemoryType;

/** A linear memory in a Java array: at most 2 GiB. */
final class ObjectMemory implements LinearMemory {
    /** Longer arrays some JVMs do not have. */
    static final long LARGEST = Integer.MAX_VALUE - 8;

    private final MemoryType type;
    private final ObjectLimits limits;
    private final ArrayMemory array = new ArrayMemory(new byte[0]);

    /** @throws LimitExceededException if the store may not have it */
    ObjectMemory(MemoryType type, ObjectLimits limits) {
        this.type = type;
        this.limits = limits;
        limits.addMemory();
        if (grow(type.limits().min()) < 0) {
            throw new LimitExceededException("memory bytes", Long.MAX_VALUE, LARGEST, "the largest Java array");
        }
    }

    ArrayMemory array() {
        return array;
    }

    @Override
    public MemoryType type() {
        return type;
    }

    @Override
    public long byteSize() {
        return array.bytes.length;
    }

    @Override
    public void write(long at, byte[] source, int from, int length) {
        System.arraycopy(source, from, array.bytes, (int) at, length);
    }

    @Override
    public long grow(long pages) {
        long old = pages();
        if (Long.compareUnsigned(pages, maxPages() - old) > 0) {
            return -1;
        }
        long most = LARGEST >>> type.pageSizeLog2();
        long asked = Long.compareUnsigned(pages, Long.MAX_VALUE >>> type.pageSizeLog2()) > 0
                ? Long.MAX_VALUE
                : pages << type.pageSizeLog2();
        limits.takeMemory(asked);
        if (Long.compareUnsigned(pages, most - old) > 0) {
            limits.giveMemoryBack(asked);
            return -1;
        }
        try {
            array.bytes = Arrays.copyOf(array.bytes, (int) (array.bytes.length + asked));
        } catch (OutOfMemoryError e) {
            limits.giveMemoryBack(asked);
            throw new LimitExceededException("memory bytes", array.bytes.length + asked, array.bytes.length, "the Java heap");
        }
        return old;
    }

    private long maxPages() {
        return maxPages(type);
    }

    /** The most pages that a type allows, unsigned. */
    static long maxPages(MemoryType type) {
        int addressBits = type.address() == AddressType.I32 ? 32 : 64;
        int log2 = type.pageSizeLog2();
        long most = log2 == 0 && addressBits == 64 ? -1L : 1L << addressBits - log2;
        return type.limits().hasMax() && Long.compareUnsigned(type.limits().max(), most) < 0
                ? type.limits().max()
                : most;
    }
}
