package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.BindException;
import org.sallyport.Caller;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.host.plain.PlainPluginHost;
import org.sallyport.host.wasi.WasiCommand;
import org.sallyport.host.wasi.WasiModule;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.text.Wat;

/** WASI programs as plugins: commands and reactors have of the host what their grant says. */
@Timeout(240)
class WasiPluginTest {
    private static final int NOTSUP = 58;
    private static final int BADF = 8;

    /** Each export asks the host for one thing and returns the error number. */
    private static final String PROBE = """
            (module
              (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
              (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "sock_shutdown" (func $socket (param i32 i32) (result i32)))
              (memory (export "memory") 1)
              (data (i32.const 100) "hello\\1b[31m\\n")
              (data (i32.const 200) "\\64\\00\\00\\00\\0b\\00\\00\\00")
              (func (export "time") (result i32) (call $time (i32.const 0) (i64.const 0) (i32.const 0)))
              (func (export "random") (result i32) (call $random (i32.const 0) (i32.const 8)))
              (func (export "variables") (result i32)
                (drop (call $env (i32.const 0) (i32.const 4))) (i32.load (i32.const 0)))
              (func (export "say") (result i32)
                (call $write (i32.const 1) (i32.const 200) (i32.const 1) (i32.const 0)))
              (func (export "directory") (result i32) (call $prestat (i32.const 3) (i32.const 0)))
              (func (export "socket") (result i32) (call $socket (i32.const 3) (i32.const 0))))
            """;

    interface Probe {
        int time();

        int random();

        int variables();

        int say();

        int directory();

        int socket();
    }

    /** What QuickJS wants of the host besides WASI; scripts here use none of it. */
    private static final class NoHost implements QuickJs.Imports {
        @Override
        public int host_call(Caller caller, int name, int nameLength, int self, int argCount, int args) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int host_interrupt() {
            return 0;
        }

        @Override
        public void host_promise_rejection(int promise, int reason, int handled) {}

        @Override
        public int host_module_normalize(int base, int name) {
            return 0;
        }

        @Override
        public int host_module_load(int name, int lengthAddress) {
            return 0;
        }

        @Override
        public int host_get_timezone_offset(int high, int low) {
            return 0;
        }
    }

    private final Engine engine = Engine.create();
    private final PlainPluginHost host = PlainPluginHost.builder(engine)
            .module("env", QuickJs.Imports.class, new NoHost())
            .build();

    @TempDir
    private Path files;

    @AfterEach
    void close() {
        host.close();
        engine.close();
    }

    private void grant(String plugin, String... attributes) {
        Map<String, Object> terms = new HashMap<>(
                Map.of("plugin", plugin, "allow", "(|(sallyport.module=wasi_snapshot_preview1)(sallyport.module=env))"));
        for (int i = 0; i < attributes.length; i += 2) {
            terms.put("attribute." + attributes[i], attributes[i + 1]);
        }
        host.grant(terms);
    }

    private Plugin command(byte[] wasm) {
        return host.install(PluginManifest.of("tool").withPolicy(EntryPolicy.FRESH), wasm, "test:tool");
    }

    private Probe probe(String... attributes) {
        grant("probe", attributes);
        return host.install(PluginManifest.of("probe"), Wat.compile(PROBE), "test:probe").as(Probe.class);
    }

    @Test
    void aReactorIsAPlugin() {
        grant("js", "wasi.clock", "true", "wasi.random", "true");
        Plugin js = host.install(PluginManifest.of("js"), RealInputs.quickjs(), "npm:quickjs-wasi");

        String squares = js.use(instance -> eval(instance, "[1, 2, 3].map(x => x * x).join() + typeof Math.random()"));
        String time = js.use(instance -> eval(instance, "Date.now() > 1.7e12"));

        assertThat(squares).isEqualTo("1,4,9number");
        assertThat(time).isEqualTo("true");
    }

    private static String eval(Instance instance, String code) {
        QuickJs.Exports js = instance.bind(QuickJs.Exports.class);
        Memory memory = instance.memory("memory");
        js.qjs_init();
        int text = write(js, memory, code);
        int value = js.qjs_eval(text, code.length(), write(js, memory, "test"), 0);
        int length = js.wasm_malloc(4);
        int result = js.qjs_get_string_len(value, length);
        return memory.readString(Integer.toUnsignedLong(result), memory.getInt(Integer.toUnsignedLong(length)));
    }

    private static int write(QuickJs.Exports js, Memory memory, String text) {
        byte[] bytes = (text + "\0").getBytes(StandardCharsets.UTF_8);
        int at = js.wasm_malloc(bytes.length);
        memory.writeBytes(Integer.toUnsignedLong(at), bytes);
        return at;
    }

    @Test
    void aCommandIsAPluginAndWritesWhereItMay() throws Exception {
        Files.writeString(files.resolve("in.wat"), "(module (func (export \"f\")))");
        grant("tool", "wasi.write", files + "::.");
        WasiCommand tool = command(RealInputs.wat2wasm()).as(WasiCommand.class);

        assertThat(tool.run("in.wat", "-o", "out.wasm").status()).isZero();
        assertThat(files.resolve("out.wasm")).hasBinaryContent(Wat.compile("(module (func (export \"f\")))"));
        WasiCommand.Result failed = tool.run("none.wat");
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.errorText()).contains("none.wat");
        assertThat(tool.run("--version").text()).startsWith("1.");
    }

    @Test
    void whatMayBeReadMayNotBeWritten() throws Exception {
        Files.writeString(files.resolve("in.wat"), "(module)");
        grant("tool", "wasi.read", files + "::.");

        WasiCommand tool = command(RealInputs.wat2wasm()).as(WasiCommand.class);

        assertThat(tool.run("in.wat", "-o", "out.wasm").errorText()).contains("out.wasm");
        assertThat(files.resolve("out.wasm")).doesNotExist();
    }

    @Test
    void whatIsNotGrantedIsNotThere() {
        Probe probe = probe();

        assertThat(probe.time()).isEqualTo(NOTSUP);
        assertThat(probe.random()).isEqualTo(NOTSUP);
        assertThat(probe.variables()).isZero();
        assertThat(probe.directory()).isEqualTo(BADF);
        assertThat(probe.socket()).isEqualTo(BADF);
        assertThat(probe.say()).as("output goes nowhere").isZero();
    }

    @Test
    void partsAreGrantedOneByOne() {
        Probe probe = probe("wasi.clock", "true", "wasi.env.LANG", "C", "wasi.read", files + "::/data");

        assertThat(probe.time()).isZero();
        assertThat(probe.random()).isEqualTo(NOTSUP);
        assertThat(probe.variables()).isEqualTo(1);
        assertThat(probe.directory()).isZero();
        assertThat(probe.socket()).as("a directory is no socket").isNotZero();
    }

    @Test
    void outputGoesToTheLogWithoutControlCharacters() {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("org.sallyport.host.wasi");
        logger.addHandler(handler);
        try {
            assertThat(probe("wasi.output", "log").say()).isZero();
            assertThat(lines).singleElement().asString().startsWith("plugin probe: hello").doesNotContain("\u001b");
        } finally {
            logger.removeHandler(handler);
        }
    }

    @Test
    void aGrantThatMakesNoSenseGrantsNothingAndSaysSo() {
        grant("probe", "wasi.raed", files + "::/data");
        Plugin plugin = host.install(PluginManifest.of("probe"), Wat.compile(PROBE), "test:probe");

        assertThat(plugin.state()).isEqualTo(PluginState.UNSATISFIED);
        assertThat(plugin.unsatisfied()).allSatisfy(reason ->
                assertThat(reason.reason()).contains("did you mean wasi.read"));
    }

    /** It is not on the class path here. */
    @Test
    void aDirectoryInMemoryWithoutJimfsIsRefusedWithTheReason() {
        grant("probe", "wasi.write", "memory:::/tmp");
        Plugin plugin = host.install(PluginManifest.of("probe"), Wat.compile(PROBE), "test:probe");

        assertThat(plugin.unsatisfied()).isNotEmpty().allSatisfy(reason ->
                assertThat(reason.reason()).contains("com.google.jimfs:jimfs"));
    }

    @Test
    void eachPluginHasADirectoryOfItsOwnForData() throws Exception {
        try (PlainPluginHost own = PlainPluginHost.builder(engine)
                .module(WasiModule.NAME, new WasiModule(files))
                .grant(Map.of(
                        "plugin", "*", "allow", "(sallyport.module=wasi_snapshot_preview1)",
                        "attribute.wasi.write", "data:::/data"))
                .build()) {
            for (String id : List.of("one", "other")) {
                Plugin plugin = own.install(PluginManifest.of(id), Wat.compile(PROBE), "test:" + id);
                assertThat(plugin.as(Probe.class).directory()).isZero();
            }
        }
        try (var made = Files.list(files)) {
            assertThat(made.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder("one", "other");
        }
    }

    @Test
    void withoutAGrantNothingIsBound() {
        Plugin plugin = host.install(PluginManifest.of("probe"), Wat.compile(PROBE), "test:probe");

        assertThat(plugin.state()).isEqualTo(PluginState.UNSATISFIED);
        assertThat(plugin.unsatisfied()).hasSize(6);
    }

    @Test
    void aCommandNeedsAFreshInstanceForEachRun() {
        Plugin plugin = host.install(
                PluginManifest.of("tool"), Wat.compile("(module (func (export \"run\")))"), "test:tool");

        assertThatThrownBy(() -> plugin.as(WasiCommand.class))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("_start")
                .hasMessageContaining("policy=fresh");
    }
}
