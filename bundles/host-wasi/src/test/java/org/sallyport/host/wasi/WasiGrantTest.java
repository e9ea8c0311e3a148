package org.sallyport.host.wasi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.host.wasi.WasiGrant.Directory;

class WasiGrantTest {
    @Test
    void nothingIsGrantedAtFirst() {
        assertThat(WasiGrant.of(Map.of("prefix", "/data")))
                .isEqualTo(new WasiGrant(List.of(), Map.of(), false, false, false, 100));
    }

    @Test
    void readsAllParts() {
        WasiGrant grant = WasiGrant.of(Map.of(
                "wasi.read", "/srv/a::/a, C:/b::/b", "wasi.write", "memory:::/tmp", "wasi.env.LANG", "C", "wasi.clock", true,
                "wasi.random", "true", "wasi.output", "log", "wasi.lines", 7));

        assertThat(grant).isEqualTo(new WasiGrant(
                List.of(
                        new Directory("/srv/a", "/a", false),
                        new Directory("C:/b", "/b", false),
                        new Directory("memory:", "/tmp", true)),
                Map.of("LANG", "C"), true, true, true, 7));
    }

    @ParameterizedTest
    @CsvSource({
        "wasi.raed, /srv::/a, did you mean wasi.read",
        "wasi.read, /srv, HOST::GUEST",
        "wasi.read, ::/a, HOST::GUEST",
        "wasi.write, /srv::, HOST::GUEST",
        "wasi.clock, yes, wasi.clock",
        "wasi.output, syslog, log or none",
        "wasi.lines, -1, wasi.lines",
        "wasi.sockets, true, unknown key",
    })
    void refusesWhatItCannotRead(String key, String value, String told) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WasiGrant.of(Map.of(key, value)))
                .withMessageContaining(told);
    }

    @Test
    void linesBeyondTheRateAreLeftOutAndCounted() {
        long[] now = {0};
        LineRate rate = new LineRate(2, () -> now[0]);

        assertThat(List.of(rate.take(), rate.take(), rate.take(), rate.take())).containsExactly(0L, 0L, -1L, -1L);
        now[0] = 1_000_000_000;
        assertThat(List.of(rate.take(), rate.take(), rate.take())).containsExactly(2L, 0L, -1L);
    }
}
