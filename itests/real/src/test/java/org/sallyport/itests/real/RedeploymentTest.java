package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;

/**
 * Applications with engines that come and go in class loaders of their own. {@code -Dsallyport.redeployments=1000} has
 * more rounds.
 */
class RedeploymentTest {
    private static final int ROUNDS = Integer.getInteger("sallyport.redeployments", 8);
    private static final String WAT = """
            (module
              (import "host" "half" (func $half (param i32 externref) (result i32)))
              (memory (export "memory") 1)
              (func (export "add") (export "applyAsInt") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
              (func (export "half") (param i32 externref) (result i32)
                (call $half (local.get 0) (local.get 1)))
              (func (export "unreachable") unreachable)
              (func (export "outside") (result i32) (i32.load offset=65536 (i32.const 0)))
              (func (export "divide") (result i32) (i32.div_u (i32.const 1) (i32.load (i32.const 0))))
              (func (export "spin") (loop (br 0))))
            """;

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseZGC", "-XX:+UseG1GC -XX:StartFlightRecording:filename=/dev/null"})
    void leavesNothingBehind(String options) throws Exception {
        byte[] wasm = Wat.compile(WAT.getBytes(StandardCharsets.UTF_8), "test", WatOptions.DEFAULT);
        List<String> command = FreshJvm.command(
                Redeployments.class, String.valueOf(ROUNDS), HexFormat.of().formatHex(wasm));
        command.addAll(1, FreshJvm.LEAVES_NOTHING);
        command.add(1, "-Xmx128m");
        command.addAll(1, List.of(options.split(" ")));
        String output = FreshJvm.start(command).output();
        assertThat(output)
                .contains(ROUNDS + " rounds, ", "was never closed")
                .as("class loaders are closed by then: reclaiming must need no class that is not loaded yet")
                .doesNotContain("giving back what engine");
        System.out.println(options + ": " + output.substring(output.lastIndexOf(ROUNDS + " rounds")).strip());
    }
}
