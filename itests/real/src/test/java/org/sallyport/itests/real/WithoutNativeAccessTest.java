package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.sallyport.BackEndKind;
import org.sallyport.CallContext;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.NoBackEndException;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.TrapException;
import org.sallyport.text.Wat;

/** A JVM that forbids native access runs guests all the same, with their limits, and says what runs them. */
class WithoutNativeAccessTest {
    private static final String MODULE = """
            (module
              (memory (export "m") 1)
              (func (export "sum") (param i32) (result i32) (local i32 i32)
                (loop $l
                  (i32.store (i32.const 16) (local.get 2))
                  (local.set 2 (i32.add (i32.load (i32.const 16)) (local.get 1)))
                  (br_if $l (i32.le_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0))))
                (local.get 2))
              (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
              (func (export "grow") (result i32) (memory.grow (i32.const 1000)))
              (func (export "spin") (loop (br 0))))
            """;

    @Test
    void guestsRunWithTheirLimits() throws Exception {
        List<String> command = new ArrayList<>(FreshJvm.command(
                WithoutNativeAccessTest.class, HexFormat.of().formatHex(Wat.compile(MODULE))));
        command.remove("--enable-native-access=ALL-UNNAMED");
        command.add(1, "--illegal-native-access=deny");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(output.lines())
                .containsExactly(
                        "portable, class files 1", "5050", "out of bounds memory access", "-1", "DEADLINE", "no machine code");
    }

    /** In that JVM. */
    public static void main(String[] args) {
        try (Engine engine = Engine.create(Config.defaults());
                Store store = engine.newStore(StoreLimits.DEFAULT.withMemoryBytes(1 << 20))) {
            System.out.println(engine.backEnd());
            Instance instance = engine.newLinker().link(engine.compile(HexFormat.of().parseHex(args[0]))).instantiate(store);
            System.out.println(instance.func("sum").call(100)[0]);
            try {
                instance.func("load").call(-1);
            } catch (TrapException e) {
                System.out.println(e.code().text());
            }
            System.out.println(instance.func("grow").call()[0]);
            try {
                CallContext.withTimeout(Duration.ofMillis(500), () -> instance.func("spin").call());
            } catch (GuestInterruptedException e) {
                System.out.println(e.reason());
            }
        }
        try (Engine engine = Engine.create(Config.defaults().withBackEnd(BackEndKind.NATIVE))) {
            System.out.println(engine.backEnd());
        } catch (NoBackEndException e) {
            System.out.println("no machine code");
        }
    }
}
