package org.sallyport.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The first call of a plugin with {@code timeout=50} in cold JVMs, by policy and framework: none is stopped. By hand, since it
 * is about time: {@code -Dsallyport.first.calls=10}; {@code FirstCallTest} counts in every build what such a call does besides.
 */
@EnabledIfSystemProperty(named = "sallyport.first.calls", matches = "[1-9][0-9]*")
@Timeout(1_200)
class FirstCallsIT {
    private static final Pattern SAID = Pattern.compile("first (\\d+) later (\\d+)");

    @TempDir
    Path folder;

    static Stream<Arguments> all() {
        return Stream.of("felix", "equinox").flatMap(framework -> Stream.of("confined", "serialized", "pooled", "fresh")
                .map(policy -> Arguments.of(framework, policy)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void isNotStopped(String framework, String policy) throws Exception {
        List<Long> firsts = new ArrayList<>();
        long later = Long.MAX_VALUE;
        for (int i = 0; i < Integer.getInteger("sallyport.first.calls"); i++) {
            String said = run(framework, policy, folder.resolve(framework + policy + i));
            Matcher figures = SAID.matcher(said);
            assertThat(figures.find()).as(said).isTrue();
            firsts.add(Long.parseLong(figures.group(1)));
            later = Math.min(later, Long.parseLong(figures.group(2)));
        }
        firsts.sort(null);
        System.out.printf("%s %s: first call in us median %d, most %d of %d; later ones from %d%n",
                framework, policy, firsts.get(firsts.size() / 2), firsts.getLast(), firsts.size(), later);
    }

    private static String run(String framework, String policy, Path storage) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp", System.getProperty("java.class.path"),
                        FirstCalls.class.getName(), framework, policy, storage.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return said;
    }
}
