package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class QuantityTest {

    @Test
    void sizesHaveUnitsOf1024() {
        assertThat(Quantity.bytes("65536")).isEqualTo(65536);
        assertThat(Quantity.bytes("64k")).isEqualTo(65536);
        assertThat(Quantity.bytes("64KiB")).isEqualTo(65536);
        assertThat(Quantity.bytes("1.5 MB")).isEqualTo(1_572_864);
        assertThat(Quantity.bytes("2g")).isEqualTo(2L << 30);
        for (String wrong : new String[] {"", "k", "-1", "1x", "1e9", "99999999999t"}) {
            assertThatThrownBy(() -> Quantity.bytes(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void timesAreSecondsWithoutUnit() {
        assertThat(Quantity.duration("2")).isEqualTo(Duration.ofSeconds(2));
        assertThat(Quantity.duration("500ms")).isEqualTo(Duration.ofMillis(500));
        assertThat(Quantity.duration("1.5m")).isEqualTo(Duration.ofSeconds(90));
        assertThat(Quantity.duration("1h")).isEqualTo(Duration.ofHours(1));
        for (String wrong : new String[] {"", "s", "-1s", "1d", "9999999999h"}) {
            assertThatThrownBy(() -> Quantity.duration(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
