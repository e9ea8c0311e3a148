package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.text.wast.EngineHost;
import org.sallyport.text.wast.Report;
import org.sallyport.text.wast.Script;
import org.sallyport.text.wast.Testsuite;
import org.sallyport.text.wast.WastRunner;
import org.sallyport.wasm.Feature;

/** The specification's testsuite, run: every command passes or uses a feature that the back end refuses by name. */
class SuiteTest {
    private record Key(Set<Feature> features, boolean explicitChecks, boolean optimize) {}

    private static final Map<Key, Engine> ENGINES = new HashMap<>();

    @AfterAll
    static void close() {
        ENGINES.values().forEach(Engine::close);
        ENGINES.clear();
    }

    private static Engine engine(Key key) {
        return ENGINES.computeIfAbsent(key, k -> {
            Config config = EngineHost.config(k.features).withExplicitBoundsChecks(k.explicitChecks);
            return Engine.create(config.withCompile(config.compile().withOptimize(k.optimize)));
        });
    }

    @TestFactory
    Stream<DynamicTest> guardPages() throws Exception {
        return run(false, true);
    }

    @TestFactory
    Stream<DynamicTest> explicitBoundsChecks() throws Exception {
        return run(true, true);
    }

    @TestFactory
    Stream<DynamicTest> withoutOptimization() throws Exception {
        return run(false, false);
    }

    private static Stream<DynamicTest> run(boolean explicitChecks, boolean optimize) throws Exception {
        Testsuite suite = Testsuite.find().orElse(null);
        if (suite == null) {
            System.err.println("SKIPPED: no WebAssembly testsuite; set -D" + Testsuite.PROPERTY + "=folder");
            Assumptions.abort("no WebAssembly testsuite");
        }
        List<String> names = suite.names();
        return names.stream().map(name -> DynamicTest.dynamicTest(name, () -> {
            Script script = suite.script(name);
            Key key = new Key(Testsuite.features(name), explicitChecks, optimize);
            try (EngineHost host = new EngineHost(engine(key))) {
                Report report = WastRunner.run(script, host);
                assertThat(report.failures()).isEmpty();
                assertThat(host.store().poisonedBecause()).isNull();
            }
        }));
    }
}
