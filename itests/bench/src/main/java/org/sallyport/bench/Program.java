package org.sallyport.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.sallyport.Engine;
import org.sallyport.GuestExitException;
import org.sallyport.LinkedModule;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.WasiProcess;

/**
 * Programs that other people wrote, with work to do. {@code main} takes an engine, a program and the folder that
 * {@link #prepare} filled, and prints the median nanoseconds of one piece of work, warm, and the length of its result;
 * {@code node/program.mjs} prints the same of V8.
 */
enum Program {
    JSON("dprint formats JSON", "dprint", "in.json"),
    TOML("dprint formats TOML", "dprint", "in.toml"),
    MARKDOWN("dprint formats Markdown", "dprint", "in.md"),
    QUICKJS("QuickJS runs a script", "quickjs", "in.js"),
    WAT2WASM("wat2wasm assembles", "wasi", "in.wat");

    private static final long WARM_NANOS = 4_000_000_000L;
    private static final int SAMPLES = 9;

    final String title;
    /** How to talk to it. */
    final String protocol;
    final String input;

    Program(String title, String protocol, String input) {
        this.title = title;
        this.protocol = protocol;
        this.input = input;
    }

    /** A piece of work: its result's length. */
    private interface Work {
        int run() throws Exception;
    }

    static void main(String[] args) throws Exception {
        Program program = valueOf(args[1]);
        Path folder = Path.of(args[2]);
        Work work = program.work(args[0], folder);
        long begun = System.nanoTime();
        int length = work.run();
        boolean slow = System.nanoTime() - begun > WARM_NANOS / 2;
        for (long start = System.nanoTime(); System.nanoTime() - start < WARM_NANOS;) {
            work.run();
        }
        double[] samples = new double[slow ? 3 : SAMPLES];
        for (int i = 0; i < samples.length; i++) {
            long start = System.nanoTime();
            work.run();
            samples[i] = System.nanoTime() - start;
        }
        Arrays.sort(samples);
        System.out.printf("%.0f %d%n", samples[samples.length / 2], length);
    }

    byte[] wasm() {
        return switch (this) {
            case JSON -> RealInputs.dprintJson();
            case TOML -> RealInputs.dprintToml();
            case MARKDOWN -> RealInputs.dprintMarkdown();
            case QUICKJS -> RealInputs.quickjs();
            case WAT2WASM -> RealInputs.wat2wasm();
        };
    }

    /** Writes modules and inputs, the same for every engine. */
    static void prepare(Path folder) throws IOException {
        for (Program p : values()) {
            Files.write(folder.resolve(p + ".wasm"), p.wasm());
            Files.writeString(folder.resolve(p.input), p.text());
        }
    }

    private String text() throws IOException {
        StringBuilder out = new StringBuilder();
        switch (this) {
            case JSON -> json(new Random(1), 5, out);
            case TOML -> {
                for (int i = 0; i < 3000; i++) {
                    out.append("[s%d]\na=1\nb   = \"text %d\"\nc=[1,2,   3]\nd={x=1,y=  2}\n# note\n".formatted(i, i));
                }
            }
            case MARKDOWN -> {
                for (int i = 0; i < 1500; i++) {
                    out.append("# Part %d\nSome *text* with __bold__, `code`   and [a link](http://x.y/%d).\n\n* one\n* two\n"
                            .formatted(i, i)).append("   1. first\n   2. second\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n");
                }
            }
            case QUICKJS -> {
                try (var in = Program.class.getResourceAsStream("/programs/work.js")) {
                    out.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
                }
            }
            case WAT2WASM -> {
                out.append("(module (memory 1)\n");
                for (int i = 0; i < 4000; i++) {
                    out.append("(func $f%d (param $x i32) (result i32) (local $i i32)\n".formatted(i))
                            .append("  (loop $again (local.set $i (i32.add (local.get $i) (i32.load offset=8 (local.get $x))))\n")
                            .append("    (br_if $again (i32.lt_u (local.get $i) (i32.const %d))))\n".formatted(i))
                            .append("  (i32.mul (call $f%d (local.get $i)) (i32.const 3)))\n".formatted((i * 7 + 1) % 4000));
                }
                out.append(")");
            }
        }
        return out.toString();
    }

    private static void json(Random random, int depth, StringBuilder out) {
        out.append('{');
        for (int i = 0; i < 10; i++) {
            out.append(i == 0 ? "" : ",").append("\"key").append(i).append("\":");
            if (depth > 0 && i % 2 == 0) {
                json(random, depth - 1, out);
            } else {
                out.append(i % 3 == 0 ? "[1,2,  3,null,true]" : i % 3 == 1 ? "\"some text\"" : "" + random.nextInt(1000));
            }
        }
        out.append('}');
    }

    private Work work(String engine, Path folder) throws IOException {
        byte[] wasm = Files.readAllBytes(folder.resolve(this + ".wasm"));
        byte[] in = Files.readAllBytes(folder.resolve(input));
        return switch (protocol) {
            case "dprint" -> dprint(Exports.of(engine, wasm), in);
            case "quickjs" -> quickjs(Exports.of(engine, wasm), in);
            default -> command(wasm, folder);
        };
    }

    /** The plugin ABI of dprint, version 4. */
    private Work dprint(Exports plugin, byte[] text) {
        send(plugin, "{\"plugin\":{},\"global\":{}}".getBytes(StandardCharsets.UTF_8));
        plugin.call("register_config", 1);
        byte[] path = ("/x/" + input).getBytes(StandardCharsets.UTF_8);
        return () -> {
            send(plugin, path);
            plugin.call("set_file_path");
            send(plugin, text);
            if (plugin.call("format", 1) != 1) {
                throw new IllegalStateException(this + " was not formatted");
            }
            int length = plugin.call("get_formatted_text");
            return plugin.read(plugin.call("get_shared_bytes_ptr"), length).length;
        };
    }

    private static void send(Exports plugin, byte[] bytes) {
        plugin.write(plugin.call("clear_shared_bytes", bytes.length), bytes);
    }

    private static Work quickjs(Exports js, byte[] script) {
        js.call("_initialize");
        js.call("qjs_init");
        int code = js.call("wasm_malloc", script.length + 1);
        js.write(code, Arrays.copyOf(script, script.length + 1));
        int file = js.call("wasm_malloc", 4);
        js.write(file, new byte[] {'x', 0, 0, 0});
        int length = js.call("wasm_malloc", 4);
        return () -> {
            int value = js.call("qjs_eval", code, script.length, file, 0);
            if (js.call("qjs_is_exception", value) != 0) {
                throw new IllegalStateException("the script failed");
            }
            js.call("qjs_free_cstring", js.call("qjs_get_string_len", value, length));
            js.call("qjs_free_value", value);
            return js.read(length, 4)[0];
        };
    }

    private Work command(byte[] wasm, Path folder) {
        Engine engine = Engine.create();
        Module module = engine.compile(wasm);
        Wasi wasi = Wasi.defaults()
                .withArgs("wat2wasm", input, "-o", "out.wasm")
                .withPreopen(new Preopen(folder, ".", Preopen.Access.READ_WRITE));
        LinkedModule program = wasi.addTo(engine.newLinker()).link(module);
        return () -> {
            try (Store store = engine.newStore();
                    WasiProcess _ = wasi.attachTo(store)) {
                program.instantiate(store).func("_start").call();
            } catch (GuestExitException e) {
                if (e.status() != 0) {
                    throw new IllegalStateException("wat2wasm ended with " + e.status());
                }
            }
            try {
                return (int) Files.size(folder.resolve("out.wasm"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    /** Programs that the peer among the JVM's engines runs here, too. */
    List<String> engines() {
        return protocol.equals("wasi") ? List.of("sallyport") : List.of("sallyport", "chicory");
    }
}
