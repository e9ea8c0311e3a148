package org.sallyport.contract;

import org.sallyport.Memory;
import org.sallyport.ValueException;

/**
 * One value on its way from a guest's memory. Nothing is believed before it was looked at, nothing taken before it was
 * counted.
 */
final class Incoming {
    /** What an object in Java counts besides its contents. */
    private static final int OBJECT = 32;

    final Memory memory;
    private final Transfers transfers;
    private final String where;
    private long taken;

    /** @param where it comes from, for messages */
    Incoming(Memory memory, Transfers transfers, String where) {
        this.memory = memory;
        this.transfers = transfers;
        this.where = where;
    }

    /**
     * A range that is to be read.
     *
     * @param address unsigned
     * @param count unsigned
     * @param size bytes of one element
     * @param objects how many objects it becomes, besides the value itself
     * @return the address
     * @throws ValueException if it does not lie inside of the memory
     * @throws org.sallyport.LimitExceededException if it is too much
     */
    long range(int address, int count, int size, long objects) {
        long at = Integer.toUnsignedLong(address);
        long length = Integer.toUnsignedLong(count) * size;
        if (at + length > memory.byteSize()) {
            throw new ValueException(where + " a buffer outside of its memory: address " + Integer.toUnsignedString(address)
                    + ", length " + length);
        }
        taken = transfers.take(taken, length + objects * OBJECT);
        return at;
    }

    /** The pair of address and count of a buffer inside of another one; the buffer is an object of its own. */
    int nested(long at) {
        taken = transfers.take(taken, OBJECT);
        return memory.getInt(at);
    }
}
