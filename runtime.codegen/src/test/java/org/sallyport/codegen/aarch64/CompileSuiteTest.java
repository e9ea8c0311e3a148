package org.sallyport.codegen.aarch64;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.sallyport.CompileOptions;
import org.sallyport.LoadLimits;
import org.sallyport.codegen.pipeline.IsaCodeGenerator;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.spi.ValidModule;
import org.sallyport.text.wast.Command;
import org.sallyport.text.wast.Testsuite;
import org.sallyport.validator.ModuleValidator;
import org.sallyport.wasm.Feature;

/**
 * Compiles the modules of the specification's testsuite for AArch64 on whatever machine this is, and has what is between the
 * stages verified: graph, machine instructions, allocation. What the code does is shown where it runs.
 */
class CompileSuiteTest {
    private static final IsaCodeGenerator GENERATOR = new IsaCodeGenerator(new AArch64(CpuFeatures.BASELINE));
    private static final BinaryLoader LOADER = new BinaryLoader();
    private static final ModuleValidator VALIDATOR = new ModuleValidator();

    @Test
    void compilesEveryModule() throws IOException {
        Testsuite suite = Testsuite.find().orElse(null);
        if (suite == null) {
            System.err.println("SKIPPED: no WebAssembly testsuite; set -D" + Testsuite.PROPERTY + "=folder");
            Assumptions.abort("no WebAssembly testsuite");
            return;
        }
        List<String> failures = new ArrayList<>();
        for (String name : suite.names()) {
            script(suite, name, failures);
        }
        assertEquals(List.of(), failures);
    }

    private static void script(Testsuite suite, String name, List<String> failures) throws IOException {
        Set<Feature> features = Testsuite.features(name);
        for (Command command : suite.script(name).commands()) {
            if (command instanceof Command.Module module) {
                ValidModule valid = VALIDATOR.validate(
                        LOADER.load(module.definition().binary(), features, LoadLimits.DEFAULT), features);
                try {
                    CompileOptions options = CompileOptions.DEFAULT.withVerify(true);
                    GENERATOR.compile(valid, options, Runnable::run);
                    GENERATOR.compile(
                            valid, options.withOptimize(false).withExplicitBoundsChecks(true).withFuel(true), Runnable::run);
                } catch (RuntimeException | AssertionError e) {
                    String text = e.toString();
                    failures.add(name + ":" + module.line() + ": " + text.substring(0, Math.min(text.length(), 400)));
                }
            }
        }
    }
}
