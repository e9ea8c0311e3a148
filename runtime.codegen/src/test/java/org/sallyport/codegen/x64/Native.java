package org.sallyport.codegen.x64;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.sallyport.spi.SentryBlock;
import org.sallyport.spi.StoreContext;

/** What a test needs of the operating system: pages, and the emitted signal handler, installed once per process. */
final class Native {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle MMAP = handle(
            "mmap", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MPROTECT =
            handle("mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle SIGACTION =
            handle("sigaction", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

    static final int NONE = 0;
    static final int READ_WRITE = 3;
    static final int READ_EXECUTE = 5;
    private static final int PRIVATE_ANONYMOUS_NORESERVE = 0x4022;

    /** Modules of all tests live in one region, so that one handler serves them. */
    private static final long REGION = 256L << 20;

    // struct sigaction of glibc
    private static final int SA_FLAGS = 136;
    private static final int SIGACTION_SIZE = 152;
    private static final int SA_SIGINFO = 4;
    private static final int SA_ONSTACK = 0x0800_0000;

    private static final int INTERRUPT_SIGNAL = 50;

    private static final MemorySegment region = map(REGION, NONE);
    private static long used;
    private static final MemorySegment enter;
    private static final long exit;

    static {
        CodeStubs stubs = new CodeStubs();
        enter = stubs.enter;
        exit = stubs.exit;
        stubs.install();
    }

    private Native() {}

    /** Stubs in a place of their own, outside of the region that the handler watches. */
    private static final class CodeStubs {
        private final MemorySegment page = map(1 << 16, READ_WRITE);
        private long end;
        private final MemorySegment enter = MemorySegment.ofAddress(put(Stubs.enter()));
        private final long exit = put(Stubs.exit());
        private final long landing = put(Stubs.landing());
        private final MemorySegment previous = Arena.global().allocate(8 * 64, 8);
        private final MemorySegment range = Arena.global().allocateFrom(JAVA_LONG, region.address(), REGION);
        private final long handler =
                put(Stubs.signalHandler(range.address(), landing, previous.address(), INTERRUPT_SIGNAL));

        private long put(byte[] code) {
            MemorySegment.copy(code, 0, page, ValueLayout.JAVA_BYTE, end, code.length);
            long address = page.address() + end;
            end = end + code.length + 15 & -16;
            return address;
        }

        private void install() {
            protect(page.address(), 1 << 16, READ_EXECUTE);
            for (int signal : new int[] {4, 7, 8, 11}) { // SIGILL, SIGBUS, SIGFPE, SIGSEGV
                MemorySegment action = Arena.global().allocate(SIGACTION_SIZE, 8);
                MemorySegment old = Arena.global().allocate(SIGACTION_SIZE, 8);
                check(sigaction(signal, MemorySegment.NULL, old));
                previous.set(JAVA_LONG, 8L * signal, old.get(JAVA_LONG, 0));
                action.copyFrom(old);
                action.set(JAVA_LONG, 0, handler);
                action.set(JAVA_INT, SA_FLAGS, old.get(JAVA_INT, SA_FLAGS) | SA_SIGINFO | SA_ONSTACK);
                check(sigaction(signal, action, MemorySegment.NULL));
            }
        }
    }

    private static MethodHandle handle(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
    }

    private static void check(int result) {
        if (result != 0) {
            throw new IllegalStateException("system call failed");
        }
    }

    private static int sigaction(int signal, MemorySegment action, MemorySegment old) {
        try {
            return (int) SIGACTION.invokeExact(signal, action, old);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    static MemorySegment map(long bytes, int protection) {
        try {
            MemorySegment at = (MemorySegment)
                    MMAP.invokeExact(MemorySegment.NULL, bytes, protection, PRIVATE_ANONYMOUS_NORESERVE, -1, 0L);
            if (at.address() == -1) {
                throw new IllegalStateException("mmap failed");
            }
            return at.reinterpret(bytes);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    static void protect(long address, long bytes, int protection) {
        try {
            check((int) MPROTECT.invokeExact(MemorySegment.ofAddress(address), bytes, protection));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** How much of the region is used now, for {@link #release}. */
    static synchronized long mark() {
        return used;
    }

    /** Takes back what was published since: for tests that make very many machines, one after the other. */
    static synchronized void release(long mark) {
        used = mark;
    }

    /** Maps code into the region and returns its address. It stays until it is released. */
    static synchronized long publish(byte[] code) {
        long size = code.length + 4095L & -4096L;
        if (used + size > REGION) {
            throw new IllegalStateException("the tests' region for code is full: beyond it nobody handles signals");
        }
        long at = region.address() + used;
        used += size;
        protect(at, size, READ_WRITE);
        MemorySegment.copy(code, 0, MemorySegment.ofAddress(at).reinterpret(size), ValueLayout.JAVA_BYTE, 0,
                code.length);
        protect(at, size, READ_EXECUTE);
        return at;
    }

    private static final MethodHandle ENTER =
            LINKER.downcallHandle(FunctionDescriptor.of(JAVA_INT, ADDRESS));

    /** Enters the guest and returns the exit reason. */
    static int enter(MemorySegment store) {
        try {
            return (int) ENTER.invokeExact(enter, store);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    static MemorySegment newStore() {
        MemorySegment store = Arena.ofAuto().allocate(StoreContext.SIZE, 16);
        store.set(JAVA_LONG, StoreContext.EXIT_STUB, exit);
        store.set(JAVA_LONG, StoreContext.RECORD, store.address() + StoreContext.OWN_RECORD);
        store.set(JAVA_LONG, StoreContext.OWN_RECORD + SentryBlock.DEADLINE, SentryBlock.NO_DEADLINE);
        return store;
    }
}
