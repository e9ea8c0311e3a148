package org.sallyport.extism;

import java.util.Arrays;
import java.util.TreeMap;
import org.sallyport.LimitExceededException;

/**
 * The memory in which one instance and its host exchange bytes: blocks that one of them allocates. What is in it lasts for one
 * call. Not thread-safe.
 */
final class KernelMemory {
    private static final int FIRST = 16;
    private static final int ALIGN = 16;

    private final int most;
    private byte[] bytes = new byte[1024];
    private int top = FIRST;
    /** Length by address. */
    private final TreeMap<Integer, Integer> blocks = new TreeMap<>();

    /** @param most bytes */
    KernelMemory(int most) {
        this.most = most;
    }

    void reset() {
        blocks.clear();
        Arrays.fill(bytes, 0, top, (byte) 0); // a call must not find what another one had
        top = FIRST;
    }

    /** @return 0 for no bytes */
    long alloc(long length) {
        if (length == 0) {
            return 0;
        }
        if (length < 0 || length > most - top - ALIGN) {
            throw new LimitExceededException(
                    "bytes that an Extism plug-in exchanges in a call", length, most, "attribute." + Kernel.MEMORY);
        }
        int address = top;
        top += (int) ((length + ALIGN - 1) & -ALIGN);
        if (top > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(most, Math.max(top, 2L * bytes.length)));
        }
        blocks.put(address, (int) length);
        return address;
    }

    long alloc(byte[] content) {
        long address = alloc(content.length);
        System.arraycopy(content, 0, bytes, (int) address, content.length);
        return address;
    }

    /** The last block's room is used again, the others' with the next call. */
    void free(long address) {
        Integer length = address <= 0 || address >= top ? null : blocks.remove((int) address);
        if (length != null && (blocks.isEmpty() || blocks.lastKey() < address)) {
            Arrays.fill(bytes, (int) address, top, (byte) 0);
            top = (int) address;
        }
    }

    /** Of a block; 0 if there is none at the address. */
    long length(long address) {
        return address <= 0 || address >= top ? 0 : blocks.getOrDefault((int) address, 0);
    }

    /** A whole block. */
    byte[] block(long address) {
        return read(address, length(address));
    }

    byte[] read(long address, long length) {
        int at = at(address, length);
        return Arrays.copyOfRange(bytes, at, at + (int) length);
    }

    long load(long address, int count) {
        int at = at(address, count);
        long value = 0;
        for (int i = count - 1; i >= 0; i--) {
            value = value << 8 | bytes[at + i] & 0xff;
        }
        return value;
    }

    void store(long address, int count, long value) {
        int at = at(address, count);
        for (int i = 0; i < count; i++) {
            bytes[at + i] = (byte) (value >> 8 * i);
        }
    }

    private int at(long address, long length) {
        if (address < 0 || length < 0 || address > top || length > top - address) {
            throw new IndexOutOfBoundsException("the plug-in uses " + length + " bytes at " + Long.toUnsignedString(address)
                    + " of the kernel's memory, which has " + top);
        }
        return (int) address;
    }
}
