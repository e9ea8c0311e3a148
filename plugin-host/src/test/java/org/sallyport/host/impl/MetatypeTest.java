package org.sallyport.host.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sallyport.host.core.HostSettings;

/** The metatype tells people of the keys that are read. */
class MetatypeTest {
    /** Defaults would be properties of the component, and {@code Allow=} in one grant would cost all others. */
    @Test
    void grantsHaveEachKeyAndNoDefault() {
        assertThat(GrantConfig.class.getDeclaredMethods()).hasSize(23).allMatch(method -> method.getDefaultValue() == null);
    }

    @Test
    void settingsHaveTheSameKeysAndDefaults() {
        Map<String, Object> described = new HashMap<>();
        for (Method method : HostConfig.class.getDeclaredMethods()) {
            described.put(method.getName(), method.getDefaultValue());
        }
        List<String> faults = new ArrayList<>();

        assertThat(HostSettings.of(described, faults::add)).isEqualTo(HostSettings.DEFAULT);
        assertThat(faults).isEmpty();
        assertThat(described).hasSize(HostSettings.class.getRecordComponents().length);
    }
}
