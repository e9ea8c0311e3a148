package org.sallyport.host.impl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.sallyport.LimitExceededException;
import org.sallyport.Memory;

/** How much comes from a guest's memory to the Java heap. */
class TransfersTest {
    private final Memory memory = Guests.withAllocator().caller().memory();
    private final Transfers transfers = new Transfers(new HostSettings(
            0, 0, 0, 1, 1, 0, Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(1), 8, 1, 1000, 2500));

    TransfersTest() throws ReflectiveOperationException {}

    @Test
    void oneValue() {
        assertThat(transfers.read(memory, 16, 1000)).hasSize(1000);
        assertThatThrownBy(() -> transfers.read(memory, 16, 1001))
                .isInstanceOf(LimitExceededException.class)
                .hasMessage("bytes of a value from a plugin limit: asked for 1001, allowed 1000"
                        + " (set by valueBytes of the configuration org.sallyport.host)");
    }

    @Test
    void allValuesOfOneCall() {
        transfers.begin();
        transfers.read(memory, 0, 1000);
        transfers.read(memory, 0, 1000);
        assertThat(transfers.read(memory, 0, 500)).hasSize(500);
        assertThatThrownBy(() -> transfers.read(memory, 0, 1))
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("bytes of all values from a plugin in one call limit: asked for 2501, allowed 2500")
                .hasMessageContaining("callBytes");
        transfers.begin();
        assertThat(transfers.read(memory, 0, 1)).hasSize(1);
    }

    /** What is outside of the memory is no question of limits. */
    @Test
    void rangesOutsideOfTheMemory() {
        for (int[] range : new int[][] {{0, -1}, {65536, 1}, {-1, 2}, {0, 65537}, {65000, Integer.MAX_VALUE}}) {
            assertThatThrownBy(() -> transfers.read(memory, range[0], range[1]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
