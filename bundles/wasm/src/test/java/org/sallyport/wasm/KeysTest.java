package org.sallyport.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KeysTest {
    private static final List<String> KNOWN = List.of("allow", "offer", "timeout", "max-traps");

    @Test
    void nameTheNearest() {
        assertThat(Keys.unknown("alow", KNOWN))
                .isEqualTo("unknown key alow (did you mean allow?); known are allow, max-traps, offer, timeout");
        assertThat(Keys.unknown("Timeout", KNOWN)).contains("did you mean timeout?");
        assertThat(Keys.unknown("maxtraps", KNOWN)).contains("did you mean max-traps?");
    }

    @Test
    void nameNoneWhereNoneIsNear() {
        assertThat(Keys.unknown("colour", KNOWN)).startsWith("unknown key colour; known are ");
        assertThat(Keys.unknown("a".repeat(100_000), KNOWN)).doesNotContain("did you mean").hasSizeLessThan(400);
    }
}
