package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.BackEndKind;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Func;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.plain.PlainPluginHost;
import org.sallyport.text.Wat;
import org.sallyport.wasm.FuncType;

/** WASI programs and plugins whose memories are arrays of Java: what works for guests in machine code works for them. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PortableGuestsTest {
    /** Copies the file {@code in} to {@code out} and to the standard output, in pieces that lie apart. */
    private static final String COPY = """
            (module
              (import "wasi_snapshot_preview1" "path_open"
                (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory (export "memory") 1)
              (data (i32.const 16) "in") (data (i32.const 32) "out")
              (data (i32.const 64) "\\00\\10\\00\\00\\05\\00\\00\\00\\00\\20\\00\\00\\64\\00\\00\\00")
              (func $ok (param i32) (if (local.get 0) (then (call $exit (local.get 0)))))
              (func (export "_start") (local $in i32) (local $out i32)
                (call $ok (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 2) (i32.const 0)
                  (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 8)))
                (local.set $in (i32.load (i32.const 8)))
                (call $ok (call $open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 3) (i32.const 1)
                  (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 8)))
                (local.set $out (i32.load (i32.const 8)))
                (call $ok (call $read (local.get $in) (i32.const 64) (i32.const 2) (i32.const 8)))
                (i32.store (i32.const 76) (i32.sub (i32.load (i32.const 8)) (i32.const 5)))
                (call $ok (call $write (local.get $out) (i32.const 64) (i32.const 2) (i32.const 8)))
                (call $ok (call $write (i32.const 1) (i32.const 64) (i32.const 2) (i32.const 8)))))
            """;

    private Engine engine;

    @BeforeAll
    void engine() {
        engine = Engine.create(Config.defaults().withBackEnd(BackEndKind.PORTABLE));
    }

    @AfterAll
    void close() {
        engine.close();
    }

    @Test
    void filesAreReadAndWritten(@TempDir Path directory) throws Exception {
        String text = "what a guest reads, it reads whole";
        Files.writeString(directory.resolve("in"), text);
        try (Module module = engine.compile(Wat.compile(COPY))) {
            assertThat(WasiCommand.run(engine, module, directory, "copy"))
                    .isEqualTo(new WasiCommand.Result(0, text, ""));
        }
        assertThat(directory.resolve("out")).hasContent(text);
    }

    /** The guest is on the thread's own stack, and chooses how deep it is when it calls. */
    @Test
    void hostFunctionsHaveStackOfTheirOwn() {
        AtomicBoolean cutOff = new AtomicBoolean();
        byte[] wasm = Wat.compile("""
                (module (import "h" "f" (func $f))
                  (func $deeper (export "deeper") (call $f) (call $deeper) (call $f)))
                """);
        try (Module module = engine.compile(wasm);
                Store store = engine.newStore()) {
            Func deeper = engine.newLinker()
                    .define("h", "f", new FuncType(List.of(), List.of()), (_, _) -> {
                        try {
                            assertThat(down(30)).isEqualTo(30);
                        } catch (StackOverflowError e) {
                            cutOff.set(true);
                        }
                        return new Object[0];
                    })
                    .link(module).instantiate(store).func("deeper");
            assertThatThrownBy(deeper::call).isInstanceOfSatisfying(
                    TrapException.class, e -> assertThat(e.code()).isEqualTo(TrapCode.STACK_OVERFLOW));
        }
        assertThat(cutOff).as("a host function was cut off").isFalse();
    }

    private static int down(int depth) {
        return depth == 0 ? 0 : 1 + down(depth - 1);
    }

    @Test
    void aTimeoutHasEverythingCompiledBefore() {
        byte[] wasm = Wat.compile("(module (func (export \"getAsInt\") (result i32) i32.const 42))");
        try (PlainPluginHost host = PlainPluginHost.builder(engine)
                .grant(Map.of("plugin", "answer", "timeout", "5000"))
                .build()) {
            Plugin plugin = host.install(PluginManifest.of("answer"), wasm, "test:answer");
            assertThat(plugin.as(IntSupplier.class).getAsInt()).isEqualTo(42);
            assertThat(plugin.quarantinedBecause()).isNull();
            assertThat(plugin.state()).isEqualTo(PluginState.ACTIVE);
        }
    }
}
