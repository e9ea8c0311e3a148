package org.sallyport.host.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A configuration that makes no sense leaves the host with its defaults, and says so. */
class HostSettingsTest {
    private final List<String> faults = new ArrayList<>();

    private HostSettings of(Map<String, ?> config) {
        return HostSettings.of(config, faults::add);
    }

    @Test
    void nothingSaidIsTheDefault() {
        assertThat(of(Map.of("service.pid", "org.sallyport.host", "component.id", 7L))).isEqualTo(HostSettings.DEFAULT);
        assertThat(faults).isEmpty();
    }

    @Test
    void numbersAreReadInEveryForm() {
        HostSettings settings = of(Map.of("pool", " 3 ", "instances", 4, "memory", 5L, "exceptions", 7, "waitMillis", "6"));

        assertThat(faults).isEmpty();
        assertThat(settings.pool()).isEqualTo(3);
        assertThat(settings.instances()).isEqualTo(4);
        assertThat(settings.memoryBytes()).isEqualTo(5);
        assertThat(settings.exceptionBytes()).isEqualTo(7);
        assertThat(settings.patience()).hasMillis(6);
    }

    @ParameterizedTest
    @CsvSource({
        "pool, -1, 'pool must be a number from 1 to 2147483647, found \"-1\"; the default stays in force: 16'",
        "pool, abc, 'pool must be a number from 1 to 2147483647, found \"abc\"; the default stays in force: 16'",
        "pool, 0, 'pool must be a number from 1 '",
        "pool, '', 'pool must be a number from 1 '",
        "pool, 2147483648, 'pool must be a number from 1 '",
        "memory, 16m, 'memory must be a number from 0, found \"16m\"; the default stays in force: 67108864'",
        "memory, 99999999999999999999, 'memory must be a number from 0, '",
        "exceptions, 1m, 'exceptions must be a number from 0, found \"1m\"; the default stays in force: 1048576'",
        "startMillis, 9223372036854775807, 'startMillis must be a number from 1 to '",
        "moduleBytes, 7, 'moduleBytes must be a number from 8 to '",
        "memroy, 1, 'unknown key memroy (did you mean memory?); known are '",
        "TableElements, 1, 'write tableElements instead of TableElements; it counts for nothing'",
    })
    void whatMakesNoSenseIsToldAndTheDefaultStays(String key, String value, String fault) {
        HostSettings settings = of(Map.of(key, value, "imports", "5"));

        assertThat(faults).singleElement().asString().startsWith(fault);
        assertThat(settings).isEqualTo(of(Map.of("imports", 5)));
    }

    @Test
    void valuesOfOtherTypesAreTold() {
        Map<String, Object> config = new HashMap<>();
        config.put("pool", new int[] {1});
        config.put("memory", null);
        config.put("instances", 1.5);
        config.put("imports", List.of(1));

        assertThat(of(config)).isEqualTo(HostSettings.DEFAULT);
        assertThat(faults).hasSize(4);
    }
}
