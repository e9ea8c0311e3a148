package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.ArtefactKey;
import org.sallyport.CacheConfig;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.StoreLimits;
import org.sallyport.TrapException;

class FlightEventsTest {
    @Test
    void recordsCompilationInstantiationAndTraps(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("test.jfr");
        try (Fixture f = new Fixture();
                Recording recording = new Recording()) {
            recording.enable("org.sallyport.Compile").withoutThreshold();
            recording.enable("org.sallyport.Instantiate").withoutThreshold();
            recording.enable("org.sallyport.Trap").withoutThreshold();
            recording.enable("jdk.ExecutionSample").withPeriod(java.time.Duration.ofMillis(1));
            recording.start();
            Instance instance = f.instantiate("""
                    (module $m (func $boom (export "boom") unreachable)
                      (func (export "sum") (param i32) (result i32) (local i32)
                        (loop (local.set 1 (i32.add (local.get 1) (local.get 0)))
                          (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                        (local.get 1)))
                    """);
            for (int i = 0; i < 20; i++) { // samplers interrupt guests and traps
                instance.func("sum").call(10_000_000);
                assertThatThrownBy(() -> instance.func("boom").call()).isInstanceOf(TrapException.class);
            }
            recording.stop();
            recording.dump(file);
        }
        assertThat(Files.size(file)).isPositive();
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(e -> e.getEventType().getName().startsWith("org.sallyport."))
                .toList();
        assertThat(events).filteredOn(e -> e.getEventType().getName().endsWith("Compile")).hasSize(1);
        assertThat(events).filteredOn(e -> e.getEventType().getName().endsWith("Instantiate")).hasSize(1);
        assertThat(events).filteredOn(e -> e.getEventType().getName().endsWith("Trap")).hasSize(20).allSatisfy(e -> {
            assertThat(e.getString("reason")).isEqualTo("unreachable");
            assertThat(e.getString("module")).isEqualTo("m");
            assertThat(e.getString("function")).isEqualTo("boom");
        });
    }

    @Test
    void recordsCompilationInTheBackgroundAndItsFailure(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("test.jfr");
        Config config = Config.defaults().withCompilation(Compilation.BACKGROUND);
        HookedGenerator generator = new HookedGenerator();
        Fixture f = new Fixture(config, StoreLimits.DEFAULT, generator);
        try (Recording recording = new Recording()) {
            recording.enable("org.sallyport.Compile").withoutThreshold();
            recording.start();
            generator.beforeWhole = valid -> {
                if (valid.module().bodies().size() == 2) {
                    throw new LimitExceededException("bytes", 2, 1, "a test");
                }
            };
            f.compile("(module $fails (func) (func))");
            ModuleImpl works = (ModuleImpl) f.compile("(module $works (func))");
            while (!Natives.of(works).lazyCode().isWhole()) { // one thread: the other has failed by then
                Thread.onSpinWait();
            }
            f.close();
            while (Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().contains("-background-"))) {
                Thread.onSpinWait();
            }
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(e -> e.getEventType().getName().equals("org.sallyport.Compile"))
                .toList();
        assertThat(events).filteredOn(e -> !e.getBoolean("background")).hasSize(2).allSatisfy(e -> {
            assertThat(e.getLong("codeSize")).isZero();
            assertThat(e.getString("failure")).isEmpty();
        });
        assertThat(events).filteredOn(e -> e.getBoolean("background")).hasSize(2).allSatisfy(e -> {
            boolean fails = e.getString("module").equals("fails");
            assertThat(e.getLong("codeSize") == 0).isEqualTo(fails);
            assertThat(e.getString("failure").contains("a test")).isEqualTo(fails);
        });
    }

    @Test
    void recordsWhatHappensInTheCodeCache(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("test.jfr");
        MapStore store = new MapStore();
        Config config = Config.defaults().withCache(CacheConfig.store(store, new ArtefactKey(new byte[32])));
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT);
                Recording recording = new Recording()) {
            recording.enable("org.sallyport.CodeCache").withoutThreshold();
            recording.start();
            f.compile("(module (func))");
            f.compile("(module (func))");
            store.entry()[store.entry().length / 2] ^= 1;
            f.compile("(module (func))");
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(e -> e.getEventType().getName().equals("org.sallyport.CodeCache"))
                .toList();
        assertThat(events)
                .extracting(e -> e.getString("outcome"))
                .containsExactly("miss", "stored", "hit", "refused", "miss", "stored");
        assertThat(events).extracting(e -> e.getString("entry")).containsOnly(store.name());
        assertThat(events.get(3).getString("reason")).contains("it was changed");
    }
}
