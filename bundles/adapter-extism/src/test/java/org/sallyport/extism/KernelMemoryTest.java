package org.sallyport.extism;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.sallyport.LimitExceededException;

class KernelMemoryTest {
    private final KernelMemory memory = new KernelMemory(4096);

    @Test
    void blocksAreDisjointAndHaveTheirLengths() {
        long one = memory.alloc(5);
        long other = memory.alloc(new byte[] {1, 2, 3});
        memory.store(one, 1, 0xff);

        assertThat(memory.length(one)).isEqualTo(5);
        assertThat(memory.block(other)).containsExactly(1, 2, 3);
        assertThat(memory.length(one + 1)).isZero();
        assertThat(memory.length(-1)).isZero();
        assertThat(memory.alloc(0)).isZero();
    }

    @Test
    void numbersAreLittleEndian() {
        long at = memory.alloc(8);
        memory.store(at, 8, 0x0102030405060708L);

        assertThat(memory.load(at, 8)).isEqualTo(0x0102030405060708L);
        assertThat(memory.load(at, 1)).isEqualTo(8);
    }

    @Test
    void nothingOutsideIsWithinReach() {
        long at = memory.alloc(16);
        for (long address : new long[] {-1, at + 9, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32}) {
            assertThatThrownBy(() -> memory.load(address, 8)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> memory.store(address, 8, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThatThrownBy(() -> memory.read(at, -1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.read(at, Long.MAX_VALUE)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void thereIsNoMoreThanTheLimit() {
        for (long length : new long[] {4096, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> memory.alloc(length)).isInstanceOf(LimitExceededException.class);
        }
        assertThat(memory.alloc(2000)).isPositive();
        assertThat(memory.alloc(1900)).isPositive();
        assertThatThrownBy(() -> memory.alloc(1000)).isInstanceOf(LimitExceededException.class);
    }

    @Test
    void aCallFindsNothingOfTheOneBefore() {
        long at = memory.alloc(new byte[] {7, 7, 7});
        memory.reset();
        long again = memory.alloc(3);

        assertThat(again).isEqualTo(at);
        assertThat(memory.block(again)).containsExactly(0, 0, 0);
        memory.free(again);
        memory.free(again);
        assertThat(memory.alloc(3)).isEqualTo(at);
    }
}
