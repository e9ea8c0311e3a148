package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.sallyport.ArtefactKey;
import org.sallyport.CacheConfig;
import org.sallyport.CodeCache;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.text.wast.EngineHost;
import org.sallyport.text.wast.Report;
import org.sallyport.text.wast.Report.Outcome;
import org.sallyport.text.wast.Script;
import org.sallyport.text.wast.Testsuite;
import org.sallyport.text.wast.WastRunner;
import org.sallyport.wasm.Feature;

/**
 * The specification's testsuite, run: every command passes or uses a feature that the back end refuses by name. The
 * numbers are kept in {@code docs/conformance.md}; {@code -Dbless=true} rewrites it. The same without optimization,
 * with explicit bounds checks, counting fuel, lazily, in the background and from the code cache, all of which {@code
 * -Dsallyport.conformance=one} leaves out.
 */
class SuiteTest {
    private record Key(
            Set<Feature> features, boolean explicitChecks, boolean optimize, Compilation compilation, boolean fuel) {}

    private static final Map<Key, Engine> ENGINES = new HashMap<>();
    private static final boolean ALL = !System.getProperty("sallyport.conformance", "all").equals("one");

    @AfterAll
    static void close() {
        ENGINES.values().forEach(Engine::close);
        ENGINES.clear();
    }

    private static Engine engine(Key key) {
        return ENGINES.computeIfAbsent(key, k -> {
            Config config = EngineHost.config(k.features)
                    .withExplicitBoundsChecks(k.explicitChecks)
                    .withCompilation(k.compilation);
            return Engine.create(config.withCompile(config.compile().withOptimize(k.optimize).withFuel(k.fuel)));
        });
    }

    @TestFactory
    Stream<DynamicTest> guardPages() throws Exception {
        Conformance conformance = new Conformance();
        DynamicTest document = DynamicTest.dynamicTest("docs/conformance.md", () -> compare(conformance.document()));
        return Stream.concat(run(false, true, Compilation.EAGER, conformance), Stream.of(document));
    }

    @TestFactory
    Stream<DynamicTest> explicitBoundsChecks() throws Exception {
        Assumptions.assumeTrue(ALL, "-Dsallyport.conformance=one");
        return run(true, true, Compilation.EAGER, new Conformance());
    }

    @TestFactory
    Stream<DynamicTest> withoutOptimization() throws Exception {
        Assumptions.assumeTrue(ALL, "-Dsallyport.conformance=one");
        return run(false, false, Compilation.EAGER, new Conformance());
    }

    @TestFactory
    Stream<DynamicTest> countingFuel() throws Exception {
        Assumptions.assumeTrue(ALL, "-Dsallyport.conformance=one");
        return run(false, true, Compilation.EAGER, true, new Conformance());
    }

    /** Each function when it is first called. */
    @TestFactory
    Stream<DynamicTest> lazily() throws Exception {
        Assumptions.assumeTrue(ALL, "-Dsallyport.conformance=one");
        return run(false, true, Compilation.LAZY, new Conformance());
    }

    /** At first each function when it is called; then all of the module, at some time in the script. */
    @TestFactory
    Stream<DynamicTest> inTheBackground() throws Exception {
        Assumptions.assumeTrue(ALL, "-Dsallyport.conformance=one");
        return run(false, true, Compilation.BACKGROUND, new Conformance());
    }

    /** Modules that were compiled by one engine and come from the cache for another. */
    @TestFactory
    Stream<DynamicTest> fromTheCache() throws Exception {
        Assumptions.assumeTrue(ALL, "-Dsallyport.conformance=one");
        Testsuite suite = suite();
        return suite.names().stream().map(name -> DynamicTest.dynamicTest(name, () -> {
            Script script = suite.script(name);
            Config config = EngineHost.config(Testsuite.features(name))
                    .withCache(CacheConfig.store(new MapStore(), new ArtefactKey(new byte[32])));
            config = config.withCompile(config.compile().withOptimize(false));
            CodeCache.Statistics first = statisticsOf(script, config);
            CodeCache.Statistics second = statisticsOf(script, config);
            assertThat(second.hits()).isEqualTo(first.stored() + first.hits());
            assertThat(second.stored() + second.refused() + second.failures()).isZero();
        }));
    }

    private static CodeCache.Statistics statisticsOf(Script script, Config config) throws Exception {
        try (Engine engine = Engine.create(config);
                EngineHost host = new EngineHost(engine)) {
            assertThat(WastRunner.run(script, host).failures()).isEmpty();
            CodeCache cache = engine.codeCache();
            assertThat(cache).isNotNull();
            return cache.statistics();
        }
    }

    private static Testsuite suite() throws IOException {
        Testsuite suite = Testsuite.find().orElse(null);
        if (suite == null) {
            System.err.println("SKIPPED: no WebAssembly testsuite; set -D" + Testsuite.PROPERTY + "=folder");
            return Assumptions.<Testsuite>abort("no WebAssembly testsuite");
        }
        return suite;
    }

    private static Stream<DynamicTest> run(
            boolean explicitChecks, boolean optimize, Compilation compilation, Conformance conformance)
            throws IOException {
        return run(explicitChecks, optimize, compilation, false, conformance);
    }

    private static Stream<DynamicTest> run(
            boolean explicitChecks, boolean optimize, Compilation compilation, boolean fuel, Conformance conformance)
            throws IOException {
        Testsuite suite = suite();
        return suite.names().stream().map(name -> DynamicTest.dynamicTest(name, () -> {
            Script script = suite.script(name);
            Key key = new Key(Testsuite.features(name), explicitChecks, optimize, compilation, fuel);
            try (EngineHost host = new EngineHost(engine(key))) {
                Report report = WastRunner.run(script, host);
                conformance.add(name, report);
                assertThat(report.failures()).isEmpty();
                assertStaticPartIsComplete(report);
                assertThat(host.store().poisonedBecause()).isNull();
            }
        }));
    }

    /** What needs no compiler is never unsupported. */
    private static void assertStaticPartIsComplete(Report report) {
        for (String kind : report.kinds()) {
            if (kind.startsWith("assert_malformed") || kind.startsWith("assert_invalid")) {
                assertThat(report.count(kind, Outcome.UNSUPPORTED)).as(kind).isZero();
            }
        }
    }

    private static void compare(String document) throws IOException {
        Path file = Conformance.file();
        if (Boolean.getBoolean("bless")) {
            Files.writeString(file, document);
            return;
        }
        assertThat(Files.exists(file) ? Files.readString(file) : "")
                .as("%s; rewrite it with -Dbless=true and read the difference", file)
                .isEqualTo(document);
    }
}
