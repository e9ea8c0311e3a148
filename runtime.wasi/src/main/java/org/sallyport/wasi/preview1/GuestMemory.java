package org.sallyport.wasi.preview1;

import java.nio.ByteBuffer;
import org.sallyport.Memory;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;
import org.sallyport.wasi.fs.GuestPath;

/**
 * The calling guest's memory during one call. Addresses and lengths are unsigned 32-bit numbers as the guest gave
 * them; whatever is not wholly inside is {@code EFAULT}, nothing wraps around.
 */
final class GuestMemory {
    /** Most bytes that one view covers; a longer transfer is a short one, as on Linux. */
    static final int MAX_VIEW = 0x7FFF_F000;

    private final Memory memory;
    private final long size;

    GuestMemory(Memory memory) {
        this.memory = memory;
        size = memory.byteSize();
    }

    /** The address as a number. @throws ErrnoException {@code FAULT} if the range is not inside */
    long check(int address, long length) throws ErrnoException {
        long start = Integer.toUnsignedLong(address);
        if (length > size || start > size - length) {
            throw Errno.FAULT.exception();
        }
        return start;
    }

    int getByte(int address) throws ErrnoException {
        return memory.getByte(check(address, 1)) & 0xFF;
    }

    int getShort(int address) throws ErrnoException {
        return memory.getShort(check(address, 2)) & 0xFFFF;
    }

    int getInt(int address) throws ErrnoException {
        return memory.getInt(check(address, 4));
    }

    long getLong(int address) throws ErrnoException {
        return memory.getLong(check(address, 8));
    }

    void setByte(int address, int value) throws ErrnoException {
        memory.setByte(check(address, 1), (byte) value);
    }

    void setShort(int address, int value) throws ErrnoException {
        memory.setShort(check(address, 2), (short) value);
    }

    void setInt(int address, int value) throws ErrnoException {
        memory.setInt(check(address, 4), value);
    }

    void setLong(int address, long value) throws ErrnoException {
        memory.setLong(check(address, 8), value);
    }

    void write(int address, byte[] source, int offset, int length) throws ErrnoException {
        memory.write(check(address, length), source, offset, length);
    }

    /** A copy of the path at {@code address}; too long a path is not copied. */
    byte[] path(int address, int length) throws ErrnoException {
        long bytes = Integer.toUnsignedLong(length);
        long start = check(address, bytes);
        if (bytes > GuestPath.MAX_BYTES) {
            throw Errno.NAMETOOLONG.exception();
        }
        return memory.readBytes(start, length);
    }

    /** The bytes themselves, no copy; valid during the call. @param length at most {@link #MAX_VIEW}, more is cut */
    ByteBuffer view(int address, int length) throws ErrnoException {
        long bytes = Integer.toUnsignedLong(length);
        long start = check(address, bytes);
        return memory.segment().asSlice(start, Math.min(bytes, MAX_VIEW)).asByteBuffer();
    }
}
