package org.sallyport;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class StoreLimitsTest {

    @Test
    void aNegativeLimitIsNamed() {
        StoreLimits limits = StoreLimits.DEFAULT;
        Map<String, Supplier<StoreLimits>> wrong = Map.of(
                "memoryBytes", () -> limits.withMemoryBytes(-1),
                "tableElements", () -> limits.withTableElements(-1),
                "instances", () -> limits.withInstances(-1),
                "memories", () -> limits.withMemories(-1),
                "tables", () -> limits.withTables(-1),
                "exceptionBytes", () -> limits.withExceptionBytes(-1),
                "fuel", () -> limits.withFuel(-1),
                "sharedMemories", () -> limits.withSharedMemories(-1));
        wrong.forEach((name, made) -> assertThatThrownBy(made::get)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("negative limit: " + name + " -1"));
    }
}
