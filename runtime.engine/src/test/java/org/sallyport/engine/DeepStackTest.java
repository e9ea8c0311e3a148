package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.Instance;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.wasm.FuncType;

/**
 * The Java stack ends while guests and hosts call each other: nothing is damaged ({@link DeepStacks}). Each run is a JVM
 * of its own; {@code -Dsallyport.stress=N} makes N times as many.
 */
@Timeout(3600)
class DeepStackTest {
    private static final int STRESS = Math.max(1, Integer.getInteger("sallyport.stress", 1));
    /** In KiB; 0 is a virtual thread, -1 the main thread. The JVM allows none below 136. */
    private static final int[] STACKS = {136, 160, 192, 224, 256, 288, 320, 384, 512, 768, 1024, 0, -1};

    private static final String[] COMPILERS = {"-Xmixed", "-Xint", "-XX:TieredStopAtLevel=1", "-XX:-TieredCompilation"};

    @TempDir
    Path temp;

    @Test
    void everythingWorksAfterTheStackHasEnded() throws Exception {
        List<String> bad = new ArrayList<>();
        int seed = Integer.getInteger("sallyport.seed", 1);
        for (DeepStacks.Kind kind : DeepStacks.Kind.values()) {
            for (int i = 0; i < STRESS; i++, seed++) {
                String stack = String.valueOf(STACKS[seed % STACKS.length]);
                String said = run(COMPILERS[seed / STACKS.length % COMPILERS.length], kind.name(), stack, seed + "");
                if (!said.equals("OK")) {
                    bad.add(kind + ", " + stack + " KiB, seed " + seed + ": " + said);
                }
            }
        }
        assertThat(bad).isEmpty();
        try (Stream<Path> files = Files.list(temp)) {
            assertThat(files.filter(f -> f.getFileName().toString().startsWith("hs_err"))).isEmpty();
        }
    }

    private String run(String compiler, String kind, String stack, String seed) throws Exception {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), compiler, "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                DeepStacks.class.getName(), kind, stack, "2", seed);
        Process process = new ProcessBuilder(command).directory(temp.toFile()).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return process.waitFor() == 0 ? said : said + ", status " + process.waitFor();
    }

    @Test
    void aHostCallIsRefusedBeforeThereIsTooLittleStack() throws Exception {
        int[] begun = new int[1];
        int[] unfinished = new int[1];
        try (Fixture f = new Fixture()) {
            f.linker.define("h", "back", FuncType.EMPTY, (caller, _) -> {
                begun[0]++;
                unfinished[0]++;
                caller.func("f").call();
                unfinished[0]--;
                return new Object[0];
            });
            Instance instance = f.instantiate("(module (import \"h\" \"back\" (func $back)) (func (export \"f\") (call $back)))");
            Throwable[] end = new Throwable[1];
            Thread thread = new Thread(null, () -> {
                try {
                    instance.func("f").call();
                } catch (Throwable t) {
                    end[0] = t;
                }
            }, "small", 192 << 10);
            thread.start();
            thread.join();
            assertThat(end[0]).isInstanceOfSatisfying(TrapException.class, e -> {
                assertThat(e.code()).isEqualTo(TrapCode.STACK_OVERFLOW);
                assertThat(e).hasMessageContaining("too little of the Java stack is left for host function h.back");
                assertThat(e.frames()).isNotEmpty();
            });
            assertThat(begun[0]).isGreaterThan(10);
            assertThatThrownBy(() -> instance.func("f").call()).isInstanceOf(TrapException.class);
        }
    }
}
