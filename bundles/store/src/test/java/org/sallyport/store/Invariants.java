package org.sallyport.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

import org.sallyport.EngineLimits;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.StoreMemory;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Usage;

/**
 * What always holds: all that stores use and pools keep is reserved, each reservation belongs to one of them, none
 * overlaps another, and the account of the process says what is reserved.
 */
final class Invariants {
    /** Limits that no test reaches. */
    static final EngineLimits MUCH = new EngineLimits(1 << 30, 1L << 60, 1L << 60, 1 << 20, 1 << 20, 1L << 60);

    private record Range(String what, long address, long size) {
        @Override
        public String toString() {
            return what + " 0x" + Long.toHexString(address) + " + 0x" + Long.toHexString(size);
        }
    }

    private Invariants() {}

    /** @param stores of the allocators; closed ones do not matter */
    static void check(
            LinuxMemory virtual,
            ResourceAccount process,
            Collection<PoolingAllocator> allocators,
            Collection<StoreMemory> stores) {
        check(virtual::eachRange, virtual, process, allocators, stores);
    }

    /** @param reservations of {@code virtual} */
    static void check(
            Consumer<LinuxMemory.Ranges> reservations,
            VirtualMemory virtual,
            ResourceAccount process,
            Collection<PoolingAllocator> allocators,
            Collection<StoreMemory> stores) {
        List<Range> held = new ArrayList<>();
        allocators.forEach(a -> a.eachFreeRange((what, at, size) -> held.add(new Range(what, at, size))));
        stores.forEach(s -> ((NativeStore) s).eachRange((what, at, size) -> held.add(new Range(what, at, size))));
        Map<Long, Range> reserved = new TreeMap<>();
        reservations.accept((what, at, size) -> reserved.put(at, new Range(what, at, size)));
        disjoint(reserved);
        Map<Long, Range> owned = new TreeMap<>();
        for (Range range : held) {
            assertThat(owned.put(range.address, range)).as("has the place of %s, too", range).isNull();
            Range whole = reserved.get(range.address);
            assertThat(whole).as("the reservation of %s", range).isNotNull();
            assertThat(whole.size).as("size of %s", range).isEqualTo(range.size);
        }
        assertThat(reserved.keySet()).as("reserved and nobody's").isEqualTo(owned.keySet());
        long bytes = reserved.values().stream().mapToLong(Range::size).sum();
        assertThat(virtual.usage()).isEqualTo(new Usage(reserved.size(), bytes));
        assertThat(process.used(Kind.ADDRESS_SPACE)).isEqualTo(bytes);
    }

    private static void disjoint(Map<Long, Range> ranges) {
        Range last = new Range("nothing", 0, 0);
        for (Range range : ranges.values()) {
            assertThat(range.address).as("%s behind %s", range, last).isGreaterThanOrEqualTo(last.address + last.size);
            last = range;
        }
    }

    static void nothingIsLeft(LinuxMemory virtual, ResourceAccount process) {
        assertThat(virtual.usage()).isEqualTo(new Usage(0, 0));
        for (Kind kind : Kind.values()) {
            assertThat(process.used(kind)).as("%s", kind).isZero();
        }
    }
}
