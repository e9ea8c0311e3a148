package org.sallyport.engine.objectcode;

import java.util.Arrays;
import java.util.Objects;

import org.sallyport.LimitExceededException;
import org.sallyport.spi.ArrayTable;
import org.sallyport.spi.ReferenceTable;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.TableType;

/** A table in a Java array. */
final class ObjectTable implements ReferenceTable {
    private static final long LARGEST = Integer.MAX_VALUE - 8;

    private final TableType type;
    private final ObjectLimits limits;
    private final ArrayTable array = new ArrayTable(new long[0]);

    /** @throws LimitExceededException if the store may not have it */
    ObjectTable(TableType type, long initial, ObjectLimits limits) {
        this.type = type;
        this.limits = limits;
        if (grow(type.limits().min(), initial) < 0) {
            throw new LimitExceededException("table elements", Long.MAX_VALUE, LARGEST, "the largest Java array");
        }
    }

    ArrayTable array() {
        return array;
    }

    @Override
    public TableType type() {
        return type;
    }

    @Override
    public long size() {
        return array.elements.length;
    }

    @Override
    public long get(long index) {
        return array.elements[(int) Objects.checkIndex(index, size())];
    }

    @Override
    public void set(long index, long reference) {
        array.elements[(int) Objects.checkIndex(index, size())] = reference;
    }

    @Override
    public void write(long start, long[] references, int from, int length) {
        Objects.checkFromIndexSize(from, length, references.length);
        Objects.checkFromIndexSize(start, length, size());
        System.arraycopy(references, from, array.elements, (int) start, length);
    }

    @Override
    public void fill(long start, long length, long reference) {
        Objects.checkFromIndexSize(start, length, size());
        Arrays.fill(array.elements, (int) start, (int) (start + length), reference);
    }

    @Override
    public void copy(long start, ReferenceTable source, long sourceStart, long length) {
        Objects.checkFromIndexSize(sourceStart, length, source.size());
        Objects.checkFromIndexSize(start, length, size());
        long[] from = ((ObjectTable) source).array.elements;
        System.arraycopy(from, (int) sourceStart, array.elements, (int) start, (int) length);
    }

    @Override
    public long grow(long elements, long initial) {
        int old = array.elements.length;
        long max = type.address() == AddressType.I32 ? 0xFFFF_FFFFL : -1L;
        long most = type.limits().hasMax() && Long.compareUnsigned(type.limits().max(), max) < 0 ? type.limits().max() : max;
        if (Long.compareUnsigned(elements, most - old) > 0) {
            return -1;
        }
        limits.takeElements(elements);
        if (elements > LARGEST - old) {
            limits.giveElementsBack(elements);
            return -1;
        }
        try {
            long[] grown = Arrays.copyOf(array.elements, (int) (old + elements));
            Arrays.fill(grown, old, grown.length, initial);
            array.elements = grown;
            return old;
        } catch (OutOfMemoryError e) {
            limits.giveElementsBack(elements);
            throw new LimitExceededException("table elements", old + elements, old, "the Java heap");
        }
    }
}
