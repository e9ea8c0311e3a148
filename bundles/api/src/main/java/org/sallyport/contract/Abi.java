package org.sallyport.contract;

import java.util.List;
import org.sallyport.Memory;
import org.sallyport.ValueException;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;

/** The guest's side of docs/plugin-abi.md: what it exports, and how a buffer is one number. */
public final class Abi {
    /** The guest's allocator, {@code (i32 size) -> i32 address}. */
    public static final String ALLOC = "sallyport_alloc";
    /** The guest's deallocator, {@code (i32 address, i32 size)}; optional. */
    public static final String FREE = "sallyport_free";

    public static final FuncType ALLOC_TYPE = FuncType.of(List.of(NumType.I32), NumType.I32);
    public static final FuncType FREE_TYPE = FuncType.of(List.of(NumType.I32, NumType.I32));

    private Abi() {}

    /** @return {@code address << 32 | length} */
    public static long pack(int address, int length) {
        return (long) address << 32 | Integer.toUnsignedLong(length);
    }

    public static int address(long packed) {
        return (int) (packed >>> 32);
    }

    public static int length(long packed) {
        return (int) packed;
    }

    /**
     * Copies a value into a buffer of the guest's allocator.
     *
     * @return its address
     * @throws ValueException if the guest gives no buffer, or one that is not aligned or not inside of its memory
     */
    static int allocate(Guest guest, Image image) throws Throwable {
        int length = image.length();
        int address = (int) guest.alloc().invokeExact(length);
        if (address == 0 && length > 0) {
            throw new ValueException("the guest has no memory for " + length + " bytes: its " + ALLOC + " returned 0");
        }
        if (address % image.align() != 0) {
            throw new ValueException("the guest's " + ALLOC + " returned the address " + Integer.toUnsignedString(address)
                    + ", which is no multiple of " + image.align() + ", for records, lists and numbers");
        }
        Memory memory = guest.memory(); // it may have grown, or be another one's
        long at = Integer.toUnsignedLong(address);
        if (at + length > memory.byteSize()) {
            throw new ValueException("the guest's " + ALLOC + " returned a buffer outside of its memory: address "
                    + Integer.toUnsignedString(address) + ", length " + length);
        }
        memory.writeBytes(at, image.at(address));
        return address;
    }
}
