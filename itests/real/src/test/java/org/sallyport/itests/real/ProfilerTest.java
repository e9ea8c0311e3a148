package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.Engine;
import org.sallyport.GuestSample;
import org.sallyport.Module;
import org.sallyport.Profiler;
import org.sallyport.itests.inputs.RealInputs;

/** Samples of QuickJS at work. */
@Timeout(300)
class ProfilerTest {
    private static final int ENOUGH = 200;
    private static final int TOP = 10;
    private static final String SUM = "796956";
    /** Functions whose shares differ by less may change places between two samplers: a part of all samples. */
    private static final double NOISE = 0.01;
    private static final Pattern SAMPLES = Pattern.compile("SAMPLES (\\d+) (\\S+)");
    private static final Pattern PERF = Pattern.compile("\\s*(\\d+)\\s+.*\\[.\\]\\s+(quickjs\\.wasm\\.\\S+)\\s*");

    @Test
    void aGuestThatIsWatchedCountsTheSameAndIsSeenWhereItIs() {
        List<GuestSample> samples = Collections.synchronizedList(new ArrayList<>());
        try (Engine engine = Engine.create();
                Module module = engine.compile(RealInputs.quickjs(), "quickjs.wasm");
                QuickJs js = new QuickJs(engine, module, new ByteArrayOutputStream())) {
            Profiler profiler = engine.startProfiler(Duration.ofNanos(200_000), samples::add);
            do {
                assertThat(js.eval(
                        "(() => { let s = 0; for (let i = 0; i < 200000; i++) s = (s * 31 + i) % 1000003; return s })()"))
                        .isEqualTo(SUM);
            } while (samples.size() < ENOUGH);
            profiler.close();
            assertThat(profiler.lost()).isZero();
        }
        assertThat(samples).allSatisfy(sample -> {
            assertThat(sample.frames()).allMatch(frame -> frame.module().equals("quickjs.wasm"));
            assertThat(sample.compiledFrame()).isIn(sample.frames());
            assertThat(sample.thread()).isEqualTo(Thread.currentThread().getName());
        });
        assertThat(samples).as("most are below qjs_eval").filteredOn(sample -> sample.frames().size() > 2)
                .hasSizeGreaterThan(ENOUGH / 2);
    }

    /** {@code -Dsallyport.profile.perf=true}: beside perf(1), which must be installed and allowed. Takes 40 s. */
    @Test
    @EnabledIfSystemProperty(named = "sallyport.profile.perf", matches = "true")
    void theTopTenAreThoseOfPerf(@TempDir Path folder) throws Exception {
        Path data = folder.resolve("perf.data");
        List<String> command = new ArrayList<>(List.of(
                "perf", "record", "-q", "-F", "997", "-e", "cpu-clock", "-o", data.toString(), "--"));
        List<String> java = FreshJvm.command(QuickJsProfile.class, "30000");
        java.add(1, "-Dsallyport.perfMap=true");
        command.addAll(java);
        Map<String, Integer> ours = counts(SAMPLES, output(command));
        Map<String, Integer> theirs = counts(PERF, output(List.of(
                "perf", "report", "-q", "--stdio", "-n", "--sort", "sym", "-F", "sample,dso,sym", "-i", data.toString())));
        System.out.println(table(ours, theirs));
        for (String one : top(ours).keySet()) {
            boolean isNearTheirs = share(theirs, last(theirs)) - share(theirs, one) < NOISE;
            assertThat(isNearTheirs).as(() -> one + " is not among theirs\n" + table(ours, theirs)).isTrue();
        }
        top(theirs).forEach((name, share) -> assertThat(share(ours, name)).as(name).isCloseTo(share, Offset.offset(3 * NOISE)));
    }

    private static Map<String, Integer> counts(Pattern line, String text) {
        Map<String, Integer> counts = new HashMap<>();
        text.lines().map(line::matcher).filter(Matcher::matches)
                .forEach(match -> counts.merge(match.group(2), Integer.parseInt(match.group(1)), Integer::sum));
        assertThat(counts).as(text).hasSizeGreaterThan(TOP);
        return counts;
    }

    private static double share(Map<String, Integer> counts, String function) {
        return (double) counts.getOrDefault(function, 0) / counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    private static Map<String, Double> top(Map<String, Integer> counts) {
        Map<String, Double> top = new LinkedHashMap<>();
        counts.entrySet().stream().sorted(Map.Entry.<String, Integer>comparingByValue().reversed()).limit(TOP)
                .forEach(entry -> top.put(entry.getKey(), share(counts, entry.getKey())));
        return top;
    }

    private static String last(Map<String, Integer> counts) {
        return new ArrayList<>(top(counts).keySet()).getLast();
    }

    private static String table(Map<String, Integer> ours, Map<String, Integer> theirs) {
        StringBuilder out = new StringBuilder("ours | perf\n");
        List<String> left = new ArrayList<>(top(ours).keySet());
        List<String> right = new ArrayList<>(top(theirs).keySet());
        for (int i = 0; i < TOP; i++) {
            out.append(String.format("%5.2f%% %-40s | %5.2f%% %s%n", 100 * share(ours, left.get(i)), left.get(i),
                    100 * share(theirs, right.get(i)), right.get(i)));
        }
        return out.toString();
    }

    private static String output(List<String> command) throws Exception {
        Path err = Files.createTempFile("perf", ".err");
        Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(Files.readString(err)).isZero();
        Files.delete(err);
        return out;
    }
}
