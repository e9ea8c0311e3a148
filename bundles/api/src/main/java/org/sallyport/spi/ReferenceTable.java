package org.sallyport.spi;

import org.sallyport.wasm.TableType;

/** A table, of whatever it is made. Elements are references as code sees them (for machine code: docs/abi.md); 0 is null. */
public interface ReferenceTable {
    TableType type();

    long size();

    /** @throws IndexOutOfBoundsException beyond the size */
    long get(long index);

    /** @throws IndexOutOfBoundsException beyond the size */
    void set(long index, long reference);

    /**
     * Sets {@code length} elements from {@code start} on to those of {@code references} from {@code from} on.
     *
     * @throws IndexOutOfBoundsException if a range is not wholly inside; then nothing is written
     */
    void write(long start, long[] references, int from, int length);

    /** @throws IndexOutOfBoundsException if the range is not wholly inside; then nothing is written */
    void fill(long start, long length, long reference);

    /**
     * Copies elements of {@code source}, which may be this table; ranges may overlap.
     *
     * @throws IndexOutOfBoundsException if a range is not wholly inside; then nothing is written
     */
    void copy(long start, ReferenceTable source, long sourceStart, long length);

    /**
     * Grows by {@code elements} (unsigned).
     *
     * @return the old size, or -1 if the type does not allow it
     * @throws org.sallyport.LimitExceededException if the store's limits or the operating system do not allow it
     */
    long grow(long elements, long initial);
}
