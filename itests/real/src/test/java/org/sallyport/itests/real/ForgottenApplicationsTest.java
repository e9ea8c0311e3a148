package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;

/**
 * Applications that are forgotten with the class loader that leads to their engine. {@code -Dsallyport.redeployments=1000}
 * has more rounds.
 */
class ForgottenApplicationsTest {
    private static final int ROUNDS = Integer.getInteger("sallyport.redeployments", 6);
    private static final String WAT = """
            (module
              (import "host" "half" (func $half (param i32) (result i32)))
              (memory (export "memory") 1)
              (data (i32.const 1024) "an image")
              (func (export "add") (export "applyAsInt") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
              (func (export "half") (param i32) (result i32) (call $half (local.get 0)))
              (func (export "unreachable") unreachable)
              (func (export "spin") (loop (br 0))))
            """;

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseG1GC", "-XX:+UseSerialGC", "-XX:+UseZGC"})
    void leaveNothingBehind(String collector) throws Exception {
        byte[] wasm = Wat.compile(WAT.getBytes(StandardCharsets.UTF_8), "test", WatOptions.DEFAULT);
        List<String> command = FreshJvm.command(
                ForgottenApplications.class, String.valueOf(ROUNDS), HexFormat.of().formatHex(wasm));
        command.addAll(1, FreshJvm.LEAVES_NOTHING);
        command.addAll(1, List.of(collector, "-Xmx256m"));
        String output = FreshJvm.start(command).output();
        assertThat(output).contains(ROUNDS + " rounds, ").doesNotContain("Exception in thread");
        System.out.println(collector + ": " + output.substring(output.lastIndexOf(ROUNDS + " rounds")).strip());
    }

    @Test
    void whereNoStewardCanBeSharedEachLoaderHasItsOwn() throws Exception {
        assertThat(FreshJvm.run(OwnSteward.class))
                .contains("allow memfd_create and /proc/self/fd", "sallyport-own-steward", "inherited")
                .doesNotContain("sallyport-steward-2");
    }
}
