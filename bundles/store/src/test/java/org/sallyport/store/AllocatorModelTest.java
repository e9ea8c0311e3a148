package org.sallyport.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;

import org.junit.jupiter.api.Test;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.ResourceAccount.Kind;

/**
 * Random models of the allocators of stores. The number of steps against the plain list grows with the property {@code
 * sallyport.stress}.
 */
class AllocatorModelTest {
    private static final int SCALE = Integer.getInteger("sallyport.stress", 1);
    private static final int ENOMEM = 12;

    private static void run(ListedMemory memory, int steps, long seed) {
        AllocatorModel model = new AllocatorModel(memory, memory::eachRange, seed);
        for (int i = 0; i < steps; i++) {
            model.step();
            if (i % 500 == 0) {
                model.check();
            }
        }
        memory.refuseEvery = 0;
        model.end();
        assertThat(memory.usage().reservations()).isZero();
        assertThat(memory.openFiles()).isZero();
        memory.close();
    }

    @Test
    void nothingOverlapsAndNothingIsLeft() {
        run(new ListedMemory(ResourceAccount.root(Invariants.MUCH)), 200_000 * SCALE, 1);
    }

    @Test
    void whateverIsRefused() {
        for (int every : new int[] {1, 2, 3, 5, 7, 11, 29, 101}) {
            ListedMemory memory = new ListedMemory(ResourceAccount.root(Invariants.MUCH));
            memory.refuseEvery = every;
            run(memory, 20_000 * SCALE, every);
            assertThat(memory.refused).isPositive();
        }
    }

    /** Accounts with little room: stores and images are refused before the operating system is asked. */
    @Test
    void whateverIsNotAllowed() {
        for (int mappings : new int[] {3, 9, 20, 60}) {
            ListedMemory memory = new ListedMemory(ResourceAccount.root(
                    Invariants.MUCH.withMappings(mappings).withDescriptors(2).withCommitted(mappings * 200_000L)));
            run(memory, 20_000 * SCALE, mappings);
        }
    }

    @Test
    void theSameWithTheOperatingSystem() {
        refusing(0, 20_000 * SCALE);
    }

    /** Every call that changes mappings may be refused, at any time; nobody gets half of anything. */
    @Test
    void whateverTheOperatingSystemRefuses() {
        for (int every : new int[] {2, 3, 7, 31}) {
            refusing(every, 4_000 * SCALE);
        }
    }

    private static void refusing(int every, int steps) {
        LinuxMemory.Libc libc = new LinuxMemory.Libc();
        Random random = new Random(every);
        boolean[] refuses = {every > 0};
        ResourceAccount process = ResourceAccount.root(Invariants.MUCH);
        LinuxMemory memory = new LinuxMemory(process, (number, a, b, c, d, e, f) -> {
            boolean isMapping = number >= 9 && number <= 11 || number == 28; // mmap, mprotect, munmap; madvise
            if (refuses[0] && number != 3 && random.nextInt(every) == 0) { // close never fails
                return number == 28 ? -11 : isMapping ? -ENOMEM : -24;
            }
            return libc.call(number, a, b, c, d, e, f);
        });
        AllocatorModel model = new AllocatorModel(memory, memory::eachRange, every);
        for (int i = 0; i < steps; i++) {
            model.step();
            if (i % 500 == 0 && every == 0) {
                model.check();
            }
        }
        refuses[0] = false;
        memory.release(memory.reserve(4096), 4096); // what was refused is taken back now
        model.check();
        model.end();
        assertThat(process.used(Kind.MAPPINGS)).isZero();
        Invariants.nothingIsLeft(memory, process);
    }
}
