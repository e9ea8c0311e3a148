package org.sallyport.store;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.sallyport.spi.LinuxCall;

/** What machines differ in, for {@link LinuxMemory}: the size of pages, and whether what was written is what is executed. */
final class Machine {
    private static final boolean IS_AARCH64 = System.getProperty("os.arch").equals("aarch64");
    private static final int X64_PAGE = 4096;

    private Machine() {}

    /** Bytes of a page of address space: 4 KiB on x86-64; 4, 16 or 64 KiB on AArch64, as the kernel was built. */
    static int pageSize() {
        return IS_AARCH64 ? Caches.PAGE : X64_PAGE;
    }

    /**
     * Makes what was written to pages what processors execute there. On x86-64 it always is.
     *
     * @param address of pages that may be read
     */
    static void synchronizeCaches(long address, long size) {
        if (IS_AARCH64) {
            Caches.synchronize(address, size);
        }
    }

    /**
     * The way of AArch64 (Arm ARM, B2.4.4): each line of the data cache is cleaned to where the instruction caches of all
     * processors look, each line of those is forgotten, and then, by the kernel, every processor that runs this process
     * forgets what it has fetched.
     */
    private static final class Caches {
        private static final long MEMBARRIER_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 5;
        private static final long MEMBARRIER_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 6;
        private static final int READ_WRITE = 3;
        private static final int READ_EXECUTE = 5;
        private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

        /** {@code void f(long start, long end)}. */
        private static final int[] CODE = {
            0xD53B0022, // mrs x2, ctr_el0
            0xD3504C43, // ubfx x3, x2, #16, #4    logarithm of the words of a line, data
            0xD2800084, // mov x4, #4
            0x9AC32084, // lsl x4, x4, x3          bytes of a line
            0xD1000485, // sub x5, x4, #1
            0x8A250005, // bic x5, x0, x5
            0xD50B7B25, // dc cvau, x5
            0x8B0400A5, // add x5, x5, x4
            0xEB0100BF, // cmp x5, x1
            0x54FFFFA3, // b.lo 3 before
            0xD5033B9F, // dsb ish
            0x92400C43, // and x3, x2, #15         the same, instructions
            0xD2800084, // mov x4, #4
            0x9AC32084, // lsl x4, x4, x3
            0xD1000485, // sub x5, x4, #1
            0x8A250005, // bic x5, x0, x5
            0xD50B7525, // ic ivau, x5
            0x8B0400A5, // add x5, x5, x4
            0xEB0100BF, // cmp x5, x1
            0x54FFFFA3, // b.lo 3 before
            0xD5033B9F, // dsb ish
            0xD5033FDF, // isb
            0xD65F03C0, // ret
        };

        private static final LinuxMemory.Libc SYSTEM = new LinuxMemory.Libc();
        static final int PAGE = page();
        private static final MethodHandle ROUTINE = routine();

        static {
            SYSTEM.call(LinuxCall.MEMBARRIER.number(), MEMBARRIER_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0, 0, 0, 0);
        }

        private static int page() {
            Linker linker = Linker.nativeLinker();
            MethodHandle function = linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("getpagesize"), FunctionDescriptor.of(ValueLayout.JAVA_INT));
            try {
                return (int) function.invokeExact();
            } catch (Throwable t) {
                throw new AssertionError("BUG: getpagesize", t);
            }
        }

        /** Its page stays for as long as the process. Pages that are executed for the first time, the kernel sees to. */
        private static MethodHandle routine() {
            long address = SYSTEM.call(LinuxCall.MMAP.number(), 0, PAGE, READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
            if (address < 0) {
                throw new IllegalStateException("no page for code: errno " + -address);
            }
            MemorySegment.ofAddress(address).reinterpret(PAGE, Arena.global(), null)
                    .copyFrom(MemorySegment.ofArray(CODE));
            if (SYSTEM.call(LinuxCall.MPROTECT.number(), address, PAGE, READ_EXECUTE, 0, 0, 0) != 0) {
                throw new IllegalStateException("this process may not execute code that it has written");
            }
            return Linker.nativeLinker().downcallHandle(
                    MemorySegment.ofAddress(address),
                    FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
        }

        static void synchronize(long address, long size) {
            try {
                ROUTINE.invokeExact(address, address + size);
            } catch (Error | RuntimeException e) {
                throw e;
            } catch (Throwable t) {
                throw new AssertionError("BUG: machine code", t);
            }
            SYSTEM.call(LinuxCall.MEMBARRIER.number(), MEMBARRIER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0, 0, 0, 0);
        }
    }
}
