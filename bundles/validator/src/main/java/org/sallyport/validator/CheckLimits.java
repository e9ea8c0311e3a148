package org.sallyport.validator;

import static org.sallyport.validator.Problem.LIMITS;
import static org.sallyport.validator.Problem.MEMORY_SIZE;
import static org.sallyport.validator.Problem.PAGE_SIZE;
import static org.sallyport.validator.Problem.SHARED_NEEDS_MAX;
import static org.sallyport.validator.Problem.TABLE_SIZE;

import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.TableType;

/** Limits of tables and memories (WebAssembly 3.0, 3.2.13-3.2.15; custom-page-sizes and threads proposals). */
final class CheckLimits {
    private static final long MAX_32 = 0xFFFF_FFFFL;

    private CheckLimits() {}

    /** Returns whether addresses have 64 bits. */
    static boolean table(TableType type, Uses uses) {
        boolean wide = wide(type.address(), uses);
        if (!wide && exceeds(type.limits(), MAX_32)) {
            throw Violation.phrase(TABLE_SIZE, "2^32-1", type.limits().toString());
        }
        ordered(type.limits());
        return wide;
    }

    /** Returns whether addresses have 64 bits. */
    static boolean memory(MemoryType type, Uses uses) {
        boolean wide = wide(type.address(), uses);
        int pageLog2 = type.pageSizeLog2();
        if (pageLog2 != MemoryType.PAGE_SIZE_LOG2) {
            uses.need(Feature.CUSTOM_PAGE_SIZES, "a page size");
            if (pageLog2 != 0) {
                throw new Violation(PAGE_SIZE, "1 << " + pageLog2);
            }
        }
        pages(type.limits(), wide, pageLog2);
        ordered(type.limits());
        if (type.shared()) {
            uses.need(Feature.THREADS, "a shared memory");
            if (!type.limits().hasMax()) {
                throw new Violation(SHARED_NEEDS_MAX, type.limits().toString());
            }
        }
        return wide;
    }

    private static boolean wide(AddressType type, Uses uses) {
        if (type == AddressType.I64) {
            uses.need(Feature.MEMORY64, "a 64-bit address");
            return true;
        }
        return false;
    }

    /** At most the whole address space, and a number of pages that an address can tell. */
    private static void pages(Limits limits, boolean wide, int pageLog2) {
        int log2 = (wide ? 64 : 32) - pageLog2;
        long most = log2 == 64 ? -1 : log2 == 32 ? MAX_32 : 1L << log2;
        if (exceeds(limits, most)) {
            String bound = log2 == 16 ? "65536 pages (4GiB)" : Long.toUnsignedString(most) + " pages";
            throw Violation.phrase(MEMORY_SIZE, bound, limits.toString());
        }
    }

    private static boolean exceeds(Limits limits, long most) {
        return Long.compareUnsigned(limits.min(), most) > 0
                || limits.hasMax() && Long.compareUnsigned(limits.max(), most) > 0;
    }

    private static void ordered(Limits limits) {
        if (limits.hasMax() && Long.compareUnsigned(limits.min(), limits.max()) > 0) {
            throw new Violation(LIMITS, limits.toString());
        }
    }
}
