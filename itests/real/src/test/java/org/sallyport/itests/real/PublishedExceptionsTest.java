package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.itests.inputs.RealInputs;

/** Published modules with the older exceptions compile: what switched them off would have to refuse them. */
class PublishedExceptionsTest {
    @TestFactory
    Stream<DynamicTest> compile() {
        return Stream.of("clingo", "mupdf", "rdkit").map(name -> DynamicTest.dynamicTest(name, () -> compile(name)));
    }

    private static void compile(String name) {
        Supplier<byte[]> binary = switch (name) {
            case "clingo" -> RealInputs::clingo;
            case "mupdf" -> RealInputs::mupdf;
            default -> RealInputs::rdkit;
        };
        Config config = Config.defaults();
        try (Engine optimized = Engine.create(config);
                Engine plain = Engine.create(config.withCompile(config.compile().withOptimize(false)));
                Engine lazy = Engine.create(config.withCompilation(Compilation.LAZY))) {
            for (Engine engine : new Engine[] {optimized, plain, lazy}) {
                try (Module module = engine.compile(binary.get(), name)) {
                    assertThat(module.exports()).isNotEmpty();
                }
            }
        }
    }
}
