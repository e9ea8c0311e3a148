package org.sallyport.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.text.wast.EngineHost;
import org.sallyport.text.wast.Report;
import org.sallyport.text.wast.Report.Outcome;
import org.sallyport.text.wast.Testsuite;
import org.sallyport.text.wast.WastRunner;
import org.sallyport.wasm.Feature;

/**
 * Runs scripts of the testsuite in this JVM, whatever its machine, and says what failed: for machines that are emulated, where a
 * test framework takes longer than the tests. Arguments are the scripts' names, or none for all; {@code -plain} leaves the
 * optimizer out, {@code -checks} compares with bounds, {@code -fuel} counts, {@code -lazy} compiles at calls.
 */
final class RunScripts {
    private final Map<Set<Feature>, Engine> engines = new HashMap<>();
    private final Set<String> options;

    private RunScripts(Set<String> options) {
        this.options = options;
    }

    public static void main(String[] args) throws IOException {
        Testsuite suite = Testsuite.find().orElseThrow();
        List<String> names = new ArrayList<>(List.of(args));
        names.removeIf(name -> name.startsWith("-"));
        var run = new RunScripts(Set.of(args));
        int failed = 0;
        for (String name : names.isEmpty() ? suite.names() : names) {
            failed += run.script(suite, name) ? 0 : 1;
        }
        System.out.println(failed + " scripts failed");
        System.exit(failed == 0 ? 0 : 1);
    }

    private Engine engine(Set<Feature> features) {
        return engines.computeIfAbsent(features, f -> {
            Config config = EngineHost.config(f).withExplicitBoundsChecks(options.contains("-checks"));
            if (options.contains("-lazy")) {
                config = config.withCompilation(Compilation.LAZY);
            }
            boolean optimizes = !options.contains("-plain");
            return Engine.create(config.withCompile(
                    config.compile().withOptimize(optimizes).withFuel(options.contains("-fuel"))));
        });
    }

    private boolean script(Testsuite suite, String name) {
        long start = System.nanoTime();
        List<String> wrong = new ArrayList<>();
        int passed = 0;
        try (EngineHost host = new EngineHost(engine(Testsuite.features(name)))) {
            Report report = WastRunner.run(suite.script(name), host);
            report.failures().forEach(failure -> wrong.add(failure.toString()));
            passed = report.count("assert_return", Outcome.PASSED) + report.count("assert_trap", Outcome.PASSED);
        } catch (IOException | RuntimeException | AssertionError e) {
            wrong.add(e.toString());
        }
        long millis = (System.nanoTime() - start) / 1_000_000;
        System.out.println((wrong.isEmpty() ? "ok   " : "FAIL ") + name + " " + passed + " assertions, " + millis + " ms");
        wrong.stream().limit(8).forEach(failure -> System.out.println("    " + failure));
        return wrong.isEmpty();
    }
}
