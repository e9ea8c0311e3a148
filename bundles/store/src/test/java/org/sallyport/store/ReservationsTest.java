package org.sallyport.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.Test;

class ReservationsTest {
    private static final int STEPS = 1_000_000;
    private static final long PAGE = 4096;

    private final Reservations reserved = new Reservations();

    private void add(long address, long size, long mappings) {
        reserved.makeRoom();
        reserved.add(address, size, mappings);
    }

    private Map<Long, Long> all() {
        Map<Long, Long> all = new TreeMap<>();
        reserved.eachRange((_, address, size) -> assertThat(all.put(address, size)).isNull());
        return all;
    }

    /** Few addresses, so that they come again; close together and far apart, as the system gives them. */
    @Test
    void holdsWhatAMapHolds() {
        Random random = new Random(5);
        Map<Long, Long> model = new HashMap<>();
        long bytes = 0;
        for (int i = 0; i < STEPS; i++) {
            long address = PAGE * (1 + random.nextInt(200)) << random.nextInt(2) * 21;
            Long known = model.get(address);
            int at = reserved.find(address);
            assertThat(at >= 0).isEqualTo(known != null);
            if (known == null) {
                long size = PAGE * (1 + random.nextInt(9));
                add(address, size, i);
                model.put(address, size);
                bytes += size;
            } else if (random.nextInt(8) == 0) {
                reserved.refuse(at);
            } else {
                assertThat(reserved.bytes(at)).isEqualTo(known);
                reserved.remove(at);
                model.remove(address);
                bytes -= known;
            }
            assertThat(reserved.count()).isEqualTo(model.size());
            assertThat(reserved.bytes()).isEqualTo(bytes);
            if (i % 10_000 == 0) {
                assertThat(all()).isEqualTo(new TreeMap<>(model));
            }
        }
    }

    @Test
    void knowsWhatWasRefused() {
        for (int i = 1; i <= 100; i++) {
            add(i * PAGE, PAGE, 1);
        }
        assertThat(reserved.anyRefused()).isEqualTo(-1);
        for (int i = 10; i <= 100; i += 10) {
            reserved.refuse(reserved.find(i * PAGE));
            reserved.refuse(reserved.find(i * PAGE));
        }
        for (int i = 0; i < 10; i++) {
            int at = reserved.anyRefused();
            assertThat(reserved.address(at) % (10 * PAGE)).isZero();
            reserved.remove(at);
        }
        assertThat(reserved.anyRefused()).isEqualTo(-1);
        assertThat(reserved.count()).isEqualTo(90);
    }

    @Test
    void refusesAnAddressTwice() {
        add(PAGE, PAGE, 1);
        assertThatThrownBy(() -> add(PAGE, 2 * PAGE, 1)).isInstanceOf(AssertionError.class).hasMessageContaining("twice");
        assertThat(reserved.find(0)).isEqualTo(-1);
    }

    @Test
    void removingAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int round = 0; round < 2; round++) {
            for (int i = 1; i <= 10_000; i++) {
                add(i * PAGE, PAGE, 1);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 1; i <= 10_000; i++) {
                reserved.refuse(reserved.find(i * PAGE));
                reserved.remove(reserved.anyRefused());
            }
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1000);
        }
    }
}
