package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.itests.inputs.RealInputs;

/**
 * Prints the medians of {@link ColdStart} over fresh JVMs: {@code -Dsallyport.cold.runs=9} for figures to speak of, one
 * run without it. What is tested is only that a fresh JVM comes to the right result.
 */
class ColdStartTest {
    private static final int RUNS = Integer.getInteger("sallyport.cold.runs", 1);

    @ParameterizedTest
    @ValueSource(strings = {"whole", "stages"})
    void freshJvm(String mode) throws Exception {
        assertThat(RealInputs.dprintJson()).isNotEmpty(); // in the cache from here on
        Map<String, List<Double>> runs = new LinkedHashMap<>();
        for (int i = 0; i < RUNS; i++) {
            run(mode).forEach((name, value) -> runs.computeIfAbsent(name, _ -> new ArrayList<>()).add(value));
        }

        assertThat(runs).hasSizeGreaterThan(4);
        System.out.printf("cold start, %s, dprint json, median of %d fresh JVMs:%n", mode, RUNS);
        runs.forEach((name, values) -> {
            values.sort(null);
            System.out.printf("  %-30s %9.2f%n", name, values.get(values.size() / 2));
        });
    }

    private static Map<String, Double> run(String mode) throws IOException, InterruptedException {
        String output = FreshJvm.run(ColdStart.class, mode);
        Map<String, Double> figures = new LinkedHashMap<>();
        for (String line : output.split("\n")) {
            int blank = line.lastIndexOf(' ');
            figures.put(line.substring(0, blank), Double.parseDouble(line.substring(blank + 1)));
        }
        return figures;
    }
}
