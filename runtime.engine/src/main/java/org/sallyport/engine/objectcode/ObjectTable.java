package org.sallyport.engine.objectcode;

import java.util.Arrays;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.ArrayTable;
import org.sallyport.spi.PassedObjects;
import org.sallyport.spi.ReferenceTable;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.TableType;

/** A table in a Java array: of numbers, or of objects. */
final class ObjectTable implements ReferenceTable {
    private static final long LARGEST = Integer.MAX_VALUE - 8;

    private final TableType type;
    private final ObjectLimits limits;
    private final ArrayTable array = new ArrayTable(new long[0]);
    /** Null unless elements are objects. */
    private final @Nullable PassedObjects passed;

    /** @param passed of the store if elements are objects. @throws LimitExceededException if the store may not have it */
    ObjectTable(TableType type, long initial, ObjectLimits limits, @Nullable PassedObjects passed) {
        this.passed = passed;
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
        return passed == null ? array.elements.length : array.objects.length;
    }

    @Override
    public long get(long index) {
        int i = (int) Objects.checkIndex(index, size());
        return passed == null ? array.elements[i] : passed.pass(array.objects[i]);
    }

    @Override
    public void set(long index, long reference) {
        int i = (int) Objects.checkIndex(index, size());
        if (passed == null) {
            array.elements[i] = reference;
        } else {
            array.objects[i] = passed.take(reference);
        }
    }

    @Override
    public void write(long start, long[] references, int from, int length) {
        Objects.checkFromIndexSize(from, length, references.length);
        Objects.checkFromIndexSize(start, length, size());
        if (passed == null) {
            System.arraycopy(references, from, array.elements, (int) start, length);
            return;
        }
        for (int i = 0; i < length; i++) {
            array.objects[(int) start + i] = passed.get(references[from + i]);
        }
    }

    @Override
    public void fill(long start, long length, long reference) {
        Objects.checkFromIndexSize(start, length, size());
        if (passed == null) {
            Arrays.fill(array.elements, (int) start, (int) (start + length), reference);
        } else {
            Arrays.fill(array.objects, (int) start, (int) (start + length), passed.get(reference));
        }
    }

    @Override
    public void copy(long start, ReferenceTable source, long sourceStart, long length) {
        Objects.checkFromIndexSize(sourceStart, length, source.size());
        Objects.checkFromIndexSize(start, length, size());
        ArrayTable from = ((ObjectTable) source).array;
        if (passed == null) {
            System.arraycopy(from.elements, (int) sourceStart, array.elements, (int) start, (int) length);
        } else {
            System.arraycopy(from.objects, (int) sourceStart, array.objects, (int) start, (int) length);
        }
    }

    @Override
    public long grow(long elements, long initial) {
        int old = (int) size();
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
            extend(old, (int) (old + elements), initial);
            return old;
        } catch (OutOfMemoryError e) {
            limits.giveElementsBack(elements);
            throw new LimitExceededException("table elements", old + elements, old, "the Java heap");
        }
    }

    private void extend(int from, int to, long initial) {
        if (passed == null) {
            long[] grown = Arrays.copyOf(array.elements, to);
            Arrays.fill(grown, from, to, initial);
            array.elements = grown;
        } else {
            @Nullable Object[] grown = Arrays.copyOf(array.objects, to);
            Arrays.fill(grown, from, to, passed.take(initial));
            array.objects = grown;
        }
    }
}
