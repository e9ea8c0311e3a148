package org.sallyport.host.impl;

import org.sallyport.Caller;
import org.sallyport.LimitExceededException;
import org.sallyport.Memory;

/**
 * Copies strings and byte arrays from a guest's memory to the Java heap, as many bytes as the host allows: of one value,
 * and of all values of one call of the plugin. Attached to the store of each instance; used by the thread inside of it.
 */
final class Transfers {
    private final int valueBytes;
    private final long callBytes;
    private long moved;

    Transfers(HostSettings settings) {
        this.valueBytes = settings.valueBytes();
        this.callBytes = settings.callBytes();
    }

    /** A call of the plugin begins. */
    void begin() {
        moved = 0;
    }

    /**
     * @param address unsigned
     * @param length unsigned
     * @throws IndexOutOfBoundsException if the range does not lie inside of the memory
     * @throws LimitExceededException if it is longer than allowed
     */
    byte[] read(Memory memory, int address, int length) {
        long at = Integer.toUnsignedLong(address);
        if (length > 0 && at + length <= memory.byteSize()) {
            check(length, valueBytes, "bytes of a value from a plugin", "valueBytes");
            check(moved + length, callBytes, "bytes of all values from a plugin in one call", "callBytes");
            moved += length;
        }
        return memory.readBytes(at, length);
    }

    /** For the guest that calls a host function; the defaults hold for one that is no plugin's instance. */
    static byte[] read(Caller caller, int address, int length) {
        Transfers known = caller.attachment(Transfers.class);
        Transfers own = known != null ? known : new Transfers(HostSettings.DEFAULT);
        return own.read(caller.memory(), address, length);
    }

    private static void check(long asked, long allowed, String what, String setting) {
        if (asked > allowed) {
            throw new LimitExceededException(what, asked, allowed, HostSettings.name(setting));
        }
    }
}
