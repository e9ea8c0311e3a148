package org.sallyport.engine.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AddressRangesTest {
    private static final int STEPS = 1_000_000;
    private static final long START = 0x7000_0000_0000L;

    private AddressRanges ranges = new AddressRanges(START, START + 100);

    @AfterEach
    void isSound() {
        ranges.check();
    }

    /** What a list of the taken parts in ascending order says. */
    private static final class Model {
        private record Part(long start, long end) {}

        private final List<Part> parts = new ArrayList<>();
        private final long end;

        Model(long end) {
            this.end = end;
        }

        /** Where the next one of this size must be. Best fit, the lowest of several. */
        long take(long size) {
            long best = -1;
            long smallest = Long.MAX_VALUE;
            int where = 0;
            long at = START;
            for (int i = 0; i <= parts.size(); i++) {
                long hole = (i == parts.size() ? end : parts.get(i).start) - at;
                if (hole >= size && hole < smallest) {
                    best = at;
                    smallest = hole;
                    where = i;
                }
                at = i == parts.size() ? end : parts.get(i).end;
            }
            if (best >= 0) {
                parts.add(where, new Part(best, best + size));
            }
            return best;
        }

        long used() {
            return parts.stream().mapToLong(p -> p.end - p.start).sum();
        }
    }

    /** A million steps, from almost empty to full and back, against a plain list. */
    @Test
    void doesWhatAListDoes() {
        Random random = new Random(9);
        long end = START + 4000;
        ranges = new AddressRanges(START, end);
        Model model = new Model(end);
        int refused = 0;
        for (int step = 0; step < STEPS; step++) {
            boolean grows = step / 5000 % 2 == 0;
            if (model.parts.isEmpty() || random.nextInt(100) < (grows ? 58 : 42)) {
                long size = random.nextInt(20) == 0 ? 1 + random.nextInt(400) : 1 + random.nextInt(40);
                long taken = ranges.take(size);
                assertThat(taken).isEqualTo(model.take(size));
                refused += taken < 0 ? 1 : 0;
            } else {
                int i = random.nextInt(model.parts.size());
                Model.Part part = model.parts.remove(i);
                assertThat(ranges.end(part.start)).isEqualTo(part.end);
                if (random.nextInt(8) == 0) {
                    long last = part.start + 1 + random.nextLong(part.end - part.start);
                    ranges.shrink(part.start, last);
                    model.parts.add(i, new Model.Part(part.start, last));
                } else {
                    ranges.giveBack(part.start);
                }
            }
            if (step % 1000 == 0) {
                ranges.check();
                assertThat(ranges.used()).isEqualTo(model.used());
                assertThat(ranges.count()).isEqualTo(model.parts.size());
            }
        }
        assertThat(refused).as("requests that found no place").isBetween(STEPS / 1000, STEPS / 2);
        model.parts.forEach(p -> ranges.giveBack(p.start));
        assertThat(ranges.largest()).isEqualTo(4000);
    }

    @Test
    void aHoleWithNeighboursOnBothSidesGoesAlone() {
        long[] taken = new long[4];
        int[] sizes = {1, 1, 3, 1};
        for (int i = 0; i < 4; i++) {
            taken[i] = ranges.take(sizes[i]);
        }
        ranges.giveBack(taken[0]);
        ranges.giveBack(taken[2]);
        assertThat(ranges.take(3)).isEqualTo(taken[2]);
        assertThat(ranges.take(1)).isEqualTo(taken[0]);
        assertThat(ranges.take(1)).isEqualTo(taken[3] + 1);
    }

    @Test
    void isFullAndEmptyAgain() {
        assertThat(ranges.take(101)).isEqualTo(-1);
        assertThat(ranges.take(100)).isEqualTo(START);
        assertThat(ranges.largest()).isZero();
        assertThat(ranges.take(1)).isEqualTo(-1);
        ranges.giveBack(START);
        assertThat(ranges.used()).isZero();
        assertThat(ranges.largest()).isEqualTo(100);
    }

    @Test
    void refusesWhatWasNotTaken() {
        long first = ranges.take(10);
        ranges.giveBack(first);
        assertThatThrownBy(() -> ranges.giveBack(first)).isInstanceOf(AssertionError.class).hasMessageStartingWith("BUG:");
        assertThatThrownBy(() -> ranges.giveBack(first + 1)).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> ranges.take(0)).isInstanceOf(AssertionError.class);
        long second = ranges.take(10);
        assertThatThrownBy(() -> ranges.shrink(second, second)).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> ranges.shrink(second, second + 11)).isInstanceOf(AssertionError.class);
    }

    /** With holes as many as a code space can have, a request is still found at once. */
    @Test
    void manyHolesDoNotMakeItSlow() {
        int pairs = 50_000;
        ranges = new AddressRanges(START, START + 4L * pairs);
        long[] taken = new long[2 * pairs];
        for (int i = 0; i < taken.length; i++) {
            taken[i] = ranges.take(1);
        }
        for (int i = 0; i < taken.length; i += 2) {
            ranges.giveBack(taken[i]);
        }
        for (int i = 0; i < pairs; i++) { // each would pass all holes of size 1
            long first = ranges.take(2);
            assertThat(first).isEqualTo(START + 2L * pairs);
            ranges.giveBack(first);
        }
    }
}
