package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.itests.inputs.RealInputs;

/**
 * Published modules that need more than the first version of WebAssembly compile, each in the settings that can differ. The
 * large ones, a minute of compiling, are there with {@code -Dsallyport.published=all}.
 */
class PublishedModulesTest {
    private static final boolean ALL = "all".equals(System.getProperty("sallyport.published"));

    /** A module, and whether it is so large that the default setting must do. */
    private record Published(String needs, String name, boolean large, Supplier<byte[]> binary) {
        static Published small(String needs, String name, Supplier<byte[]> binary) {
            return new Published(needs, name, false, binary);
        }

        static Published large(String needs, String name, Supplier<byte[]> binary) {
            return new Published(needs, name, true, binary);
        }
    }

    private static final List<Published> MODULES = List.of(
            Published.small("the older exceptions", "clingo", RealInputs::clingo),
            Published.small("the older exceptions", "mupdf", RealInputs::mupdf),
            Published.small("the older exceptions", "rdkit", RealInputs::rdkit),
            Published.small("vectors", "argon2-browser", RealInputs::argon2Vectors),
            Published.small("vectors", "webp", RealInputs::webpEncoder),
            Published.small("vectors", "tensorflow", RealInputs::tensorflowVectors),
            Published.small("vectors and threads", "tensorflow with threads", RealInputs::tensorflowThreads),
            Published.small("vectors", "tesseract", () -> RealInputs.tesseract("simd")),
            Published.small("relaxed vectors", "tesseract relaxed", () -> RealInputs.tesseract("relaxedsimd")),
            Published.small("threads", "argon2", RealInputs::argon2),
            Published.large("vectors", "imagemagick", RealInputs::imageMagick),
            Published.large("vectors and threads", "onnxruntime", RealInputs::onnxRuntime),
            Published.large("vectors", "ffmpeg", () -> RealInputs.ffmpeg("core")),
            Published.large("vectors and threads", "ffmpeg with threads", () -> RealInputs.ffmpeg("core-mt")));

    @TestFactory
    Stream<DynamicTest> compile() {
        return MODULES.stream()
                .filter(module -> ALL || !module.large())
                .map(module -> DynamicTest.dynamicTest(module.name() + ": " + module.needs(), () -> compile(module)));
    }

    private static void compile(Published published) {
        byte[] binary = published.binary().get();
        Config config = Config.defaults();
        List<Config> settings = published.large()
                ? List.of(config)
                : List.of(
                        config,
                        config.withCompile(config.compile().withOptimize(false)),
                        config.withCompilation(Compilation.LAZY));
        for (Config setting : settings) {
            try (Engine engine = Engine.create(setting);
                    Module module = engine.compile(binary, published.name())) {
                assertThat(module.exports()).isNotEmpty();
            }
        }
    }
}
