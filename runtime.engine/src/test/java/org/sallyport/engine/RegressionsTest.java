package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.text.WatOptions;
import org.sallyport.text.wast.EngineHost;
import org.sallyport.text.wast.Report;
import org.sallyport.text.wast.Script;
import org.sallyport.text.wast.WastRunner;

/** Scripts of faults that were found and mended ({@code src/test/resources/regressions}), in every setting. */
class RegressionsTest {
    private record Setting(boolean explicitChecks, boolean optimize) {
        Config config() {
            Config config = Config.defaults().withExplicitBoundsChecks(explicitChecks);
            return config.withCompile(config.compile().withOptimize(optimize));
        }
    }

    private static final List<Setting> SETTINGS = List.of(
            new Setting(false, true), new Setting(false, false), new Setting(true, true), new Setting(true, false));

    @TestFactory
    Stream<DynamicTest> staysMended() throws Exception {
        Path folder = Path.of(Objects.requireNonNull(RegressionsTest.class.getResource("/regressions")).toURI());
        List<Path> scripts;
        try (Stream<Path> files = Files.list(folder)) {
            scripts = files.filter(f -> f.toString().endsWith(".wast")).sorted().toList();
        }
        assertThat(scripts).isNotEmpty();
        return scripts.stream().flatMap(script -> SETTINGS.stream().map(setting ->
                DynamicTest.dynamicTest(script.getFileName() + " " + setting, () -> run(script, setting))));
    }

    private static void run(Path file, Setting setting) throws Exception {
        Script script = Script.parse(Files.readAllBytes(file), file.getFileName().toString(), WatOptions.DEFAULT);
        try (Engine engine = Engine.create(setting.config());
                EngineHost host = new EngineHost(engine)) {
            Report report = WastRunner.run(script, host);
            assertThat(report.findings()).isEmpty();
        }
    }
}
