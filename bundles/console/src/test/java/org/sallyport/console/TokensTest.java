package org.sallyport.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokensTest {
    private static final long HOUR = 3_600_000;

    private final AtomicLong clock = new AtomicLong(1_000 * HOUR);
    private final Tokens tokens = new Tokens(clock::get);

    @Test
    void areOfOneUserAndForAnHour() {
        String token = tokens.of("ann");

        assertThat(tokens.isGood("ann", token)).isTrue();
        assertThat(tokens.isGood("bob", token)).isFalse();
        assertThat(tokens.isGood("ann", null)).isFalse();
        assertThat(tokens.isGood("ann", "")).isFalse();
        assertThat(new Tokens(clock::get).isGood("ann", token)).as("of another page").isFalse();
        clock.addAndGet(HOUR);
        assertThat(tokens.isGood("ann", token)).isTrue();
        clock.addAndGet(HOUR);
        assertThat(tokens.isGood("ann", token)).isFalse();
    }
}
