package org.sallyport.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.sallyport.LimitExceededException;
import org.sallyport.Memory;
import org.sallyport.ValueException;
import org.sallyport.ValueLimits;
import org.sallyport.host.core.Guests;

/** How much comes from a guest's memory to the Java heap. */
class TransfersTest {
    private final Memory memory = Guests.withAllocator().caller().memory();
    private final Transfers transfers = new Transfers(new ValueLimits(1000, 2500), name -> name + " of the test");

    TransfersTest() throws ReflectiveOperationException {}

    private byte[] read(int address, int length) {
        return (byte[]) BlockType.of(byte[].class).read(new Incoming(memory, transfers, "it is"), address, length);
    }

    @Test
    void oneValue() {
        assertThat(read(16, 1000)).hasSize(1000);
        assertThatThrownBy(() -> read(16, 1001))
                .isInstanceOf(LimitExceededException.class)
                .hasMessage("bytes of a value from a guest limit: asked for 1001, allowed 1000"
                        + " (set by valueBytes of the test)");
    }

    @Test
    void allValuesOfOneCall() {
        transfers.begin();
        read(0, 1000);
        read(0, 1000);
        assertThat(read(0, 500)).hasSize(500);
        assertThatThrownBy(() -> read(0, 1))
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("bytes of all values from a guest in one call limit: asked for 2501, allowed 2500")
                .hasMessageContaining("callBytes");
        transfers.end();
        transfers.begin();
        assertThat(read(0, 1)).hasSize(1);
    }

    /** A thread that the store refuses has begun a call all the same. */
    @Test
    void threadsCountForThemselves() throws InterruptedException {
        transfers.begin();
        read(0, 1000);
        Thread other = new Thread(() -> {
            for (int i = 0; i < 100_000; i++) {
                transfers.begin();
                transfers.end();
            }
        });
        other.start();
        for (int i = 0; i < 100_000; i++) {
            transfers.begin();
            transfers.end();
        }
        other.join();
        read(0, 1000);
        assertThatThrownBy(() -> read(0, 501)).hasMessageContaining("asked for 2501");
        transfers.end();
        transfers.begin();
        assertThat(read(0, 1000)).hasSize(1000);
        transfers.end();
    }

    /** What is outside of the memory is no question of limits. */
    @Test
    void rangesOutsideOfTheMemory() {
        for (int[] range : new int[][] {{0, -1}, {65536, 1}, {-1, 2}, {0, 65537}, {65000, Integer.MAX_VALUE}}) {
            assertThatThrownBy(() -> read(range[0], range[1]))
                    .isInstanceOf(ValueException.class);
        }
    }
}
