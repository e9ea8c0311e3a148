package org.sallyport.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.sun.management.ThreadMXBean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.StoreLimits;
import org.sallyport.spi.MachineMemory;
import org.sallyport.spi.LinuxCall;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.StoreMemory;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;

/** What is given back while there is no Java heap or no stack: each piece once, nothing is forgotten. */
class GivingBackTest {
    private static final long PAGE = 64 << 10;
    private static final StoreLimits LIMITS = StoreLimits.DEFAULT.withStackBytes(1 << 16);

    private final ResourceAccount process = ResourceAccount.root(Invariants.MUCH);

    /** Throws at the n-th system call, before or after the system has done it; counts what is unmapped. */
    private static final class Failing implements LinuxMemory.SystemCalls {
        private final LinuxMemory.Libc libc = new LinuxMemory.Libc();
        private final Map<Long, Long> mapped = new HashMap<>();
        private @Nullable Error failure;
        private int left;

        void failAt(int n, Error error) {
            left = n;
            failure = error;
        }

        @Override
        public long call(long number, long a, long b, long c, long d, long e, long f) {
            if (failure != null && --left == 0) {
                throw failure;
            }
            long result = libc.call(number, a, b, c, d, e, f);
            if (number == LinuxCall.MMAP.number() && a == 0 && result > 0) {
                assertThat(mapped.put(result, b)).isNull();
            } else if (number == LinuxCall.MUNMAP.number() && b != 0) {
                assertThat(mapped.remove(a)).as("was reserved").isEqualTo(b);
            }
            return result;
        }
    }

    private final Failing system = new Failing();
    private final LinuxMemory memory = new LinuxMemory(process, system);

    @AfterEach
    void nothingIsLeft() {
        Invariants.nothingIsLeft(memory, process);
        assertThat(system.mapped).isEmpty();
    }

    private static MemoryType memory(AddressType address) {
        return new MemoryType(address, Limits.between(1, 4), false, MemoryType.PAGE_SIZE_LOG2);
    }

    private static StoreMemory open(PoolingAllocator allocator, ResourceAccount account, MemoryImage image) {
        StoreMemory store = allocator.open(LIMITS, false, account);
        MachineMemory first = store.newMemory(memory(AddressType.I32), image);
        first.load(image);
        NativeMemory.putLong(first.base(), 1);
        store.newMemory(memory(AddressType.I64), null);
        store.newMemory(memory(AddressType.I32), null);
        store.allocate(100_000);
        store.allocate(100);
        store.allocate(60_000);
        return store;
    }

    /** Whatever call fails, again and again until none does any more. */
    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void closingGoesOnWhereItFailed(int pool) {
        int failed = 0;
        for (int n = 1; n < 200; n++) {
            PoolingAllocator allocator = new PoolingAllocator(memory, pool);
            ResourceAccount account = process.newEngine(Invariants.MUCH);
            MemoryImage image = allocator.newImage(0, new byte[(int) PAGE], account);
            StoreMemory store = open(allocator, account, image);
            Error error = n % 2 == 0 ? new OutOfMemoryError("the test") : new StackOverflowError("the test");
            system.failAt(n, error);
            for (AutoCloseable part : new AutoCloseable[] {store, image, allocator::trim}) {
                failed += closeTwice(part);
            }
            system.failAt(0, error);
            account.close();
            Invariants.nothingIsLeft(memory, process);
        }
        assertThat(failed).as("failures that were told").isPositive();
    }

    private static int closeTwice(AutoCloseable part) {
        int failures = 0;
        for (int i = 0; i < 2; i++) {
            try {
                part.close();
            } catch (VirtualMachineError e) {
                failures++;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        assertThat(failures).isLessThan(2);
        return failures;
    }

    /** Once it is compiled well, that is; before, what is given back without heap is given back later. */
    @Test
    void releasingAllocatesNothing() {
        LinuxMemory real = new LinuxMemory(process);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        long start = System.nanoTime();
        while (least > 0 && System.nanoTime() - start < TimeUnit.MINUTES.toNanos(2)) {
            long[] addresses = new long[1000];
            for (int i = 0; i < addresses.length; i++) {
                addresses[i] = real.reserve(PAGE);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            for (long address : addresses) {
                real.release(address, PAGE);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("bytes for 1000 reservations").isZero();
        Invariants.nothingIsLeft(real, process);
    }
}
