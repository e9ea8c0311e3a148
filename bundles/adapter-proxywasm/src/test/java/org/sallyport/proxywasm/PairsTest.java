package org.sallyport.proxywasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.proxywasm.HttpMessage.Header;

class PairsTest {
    private static final List<Header> HEADERS = List.of(new Header("a", "1"), new Header("b", ""), new Header("a", "ü"));

    @Test
    void areReadAsWritten() {
        assertThat(Pairs.read(Pairs.write(HEADERS))).isEqualTo(HEADERS);
        assertThat(Pairs.read(Pairs.write(List.of()))).isEmpty();
        assertThat(Pairs.read(new byte[0])).isEmpty();
    }

    @Test
    void haveTheLayoutOfTheAbi() {
        assertThat(Pairs.write(List.of(new Header("k", "vw"))))
                .containsExactly(1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 'k', 0, 'v', 'w', 0);
    }

    @Test
    void ofAnyOtherKindAreRefused() {
        byte[] good = Pairs.write(HEADERS);
        for (int length = 1; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatIllegalArgumentException().as("%s bytes", length).isThrownBy(() -> Pairs.read(cut));
        }
        for (int at = 0; at < 28; at++) { // count and lengths
            byte[] bad = good.clone();
            bad[at] = -1;
            assertThatIllegalArgumentException().as("byte %s", at).isThrownBy(() -> Pairs.read(bad));
        }
    }
}
