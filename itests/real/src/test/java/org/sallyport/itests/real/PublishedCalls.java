package org.sallyport.itests.real;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.EntityType;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Linker;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.wasm.FuncType;

/**
 * Calls of one module, written down once and made by Sallyport and by Node.js alike. An argument is a number or the name of
 * what {@link #allocate} was given. Of its imports, {@code (dest, source, length) -> …} copies, as Emscripten's {@code
 * emscripten_memcpy_big}; no other may be called.
 */
final class PublishedCalls {
    /** Lines {@code allocate NAME HEX}, {@code call EXPORT ARG…}, {@code report EXPORT ARG…}, {@code read NAME LENGTH}. */
    private final List<String> plan = new ArrayList<>();

    private final byte[] wasm;
    private final String memory;
    private final String allocator;

    /** @param allocator export that takes a length and gives an address */
    PublishedCalls(byte[] wasm, String memory, String allocator) {
        this.wasm = wasm;
        this.memory = memory;
        this.allocator = allocator;
    }

    void allocate(String name, byte[] content) {
        plan.add("allocate " + name + " " + HexFormat.of().formatHex(content));
    }

    void call(String export, Object... arguments) {
        plan.add(line("call " + export, arguments));
    }

    /** A call whose result is reported, a decimal number. */
    void report(String export, Object... arguments) {
        plan.add(line("report " + export, arguments));
    }

    /** Reports bytes, in hexadecimal digits. */
    void read(String name, int length) {
        plan.add("read " + name + " " + length);
    }

    private static String line(String start, Object... arguments) {
        StringBuilder line = new StringBuilder(start);
        for (Object argument : arguments) {
            line.append(' ').append(argument);
        }
        return line.toString();
    }

    /** Makes the calls in a fresh engine; what was reported, in that order. */
    List<String> run(Config config) {
        try (Engine engine = Engine.create(config);
                Module module = engine.compile(wasm);
                Store store = engine.newStore()) {
            Run run = new Run(link(engine, module).instantiate(store));
            plan.forEach(run::step);
            return run.reports;
        }
    }

    private LinkedModule link(Engine engine, Module module) {
        Linker linker = engine.newLinker();
        module.imports().forEach(wanted -> {
            if (wanted.type() instanceof EntityType.Func(FuncType type)) {
                linker.define(wanted.module(), wanted.name(), type, (caller, arguments) -> {
                    if (type.params().size() != 3) {
                        throw new AssertionError("called " + wanted);
                    }
                    Memory bytes = (Memory) caller.export(memory).orElseThrow();
                    bytes.writeBytes((int) arguments[0], bytes.readBytes((int) arguments[1], (int) arguments[2]));
                    return type.results().isEmpty() ? new Object[0] : new Object[] {arguments[0]};
                });
            }
        });
        return linker.link(module);
    }

    private final class Run {
        final List<String> reports = new ArrayList<>();
        private final Map<String, Integer> addresses = new HashMap<>();
        private final Instance instance;

        Run(Instance instance) {
            this.instance = instance;
        }

        void step(String line) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "allocate" -> {
                    byte[] content = HexFormat.of().parseHex(words[2]);
                    int address = (int) instance.func(allocator).call(Math.max(1, content.length))[0];
                    instance.memory(memory).writeBytes(address, content);
                    addresses.put(words[1], address);
                }
                case "call" -> call(words);
                case "report" -> reports.add(String.valueOf(call(words)[0]));
                case "read" -> reports.add(HexFormat.of()
                        .formatHex(instance.memory(memory).readBytes(addresses.get(words[1]), Integer.parseInt(words[2]))));
                default -> throw new AssertionError(line);
            }
        }

        private Object[] call(String[] words) {
            Object[] arguments = new Object[words.length - 2];
            for (int i = 0; i < arguments.length; i++) {
                String word = words[i + 2];
                arguments[i] = addresses.containsKey(word) ? addresses.get(word) : Integer.valueOf(word);
            }
            return instance.func(words[1]).call(arguments);
        }
    }

    private static final String SCRIPT = """
            const fs = require('fs');
            const [file, memory, allocator, plan] = process.argv.slice(2);
            const compiled = new WebAssembly.Module(fs.readFileSync(file));
            let instance;
            const bytes = () => Buffer.from(instance.exports[memory].buffer);
            const copy = (...a) => {
              if (a.length != 3) throw new Error('called with ' + a);
              bytes().copyWithin(a[0], a[1], a[1] + a[2]);
              return a[0];
            };
            const imports = {};
            for (const i of WebAssembly.Module.imports(compiled)) (imports[i.module] ??= {})[i.name] = copy;
            instance = new WebAssembly.Instance(compiled, imports);
            const addresses = {};
            const call = (name, ...args) => instance.exports[name](...args.map(a => a in addresses ? addresses[a] : Number(a)));
            for (const line of fs.readFileSync(plan, 'utf8').split('\\n').filter(l => l)) {
              const [what, ...words] = line.split(' ');
              if (what == 'allocate') {
                const content = Buffer.from(words[1], 'hex');
                addresses[words[0]] = call(allocator, Math.max(1, content.length));
                content.copy(bytes(), addresses[words[0]]);
              } else if (what == 'read') {
                const at = addresses[words[0]];
                console.log(bytes().subarray(at, at + Number(words[1])).toString('hex'));
              } else {
                const result = call(...words);
                if (what == 'report') console.log(String(result));
              }
            }
            """;

    /** The same calls in Node.js; empty if there is none. */
    Optional<List<String>> runInNode() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("sallyport-published");
        try {
            Path out = folder.resolve("out");
            List<String> command = List.of(
                    System.getProperty("sallyport.node", "node"),
                    Files.writeString(folder.resolve("script.cjs"), SCRIPT).toString(),
                    Files.write(folder.resolve("module.wasm"), wasm).toString(),
                    memory,
                    allocator,
                    Files.write(folder.resolve("plan"), plan).toString());
            Process process;
            try {
                process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
            } catch (IOException e) {
                return Optional.empty();
            }
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            return Optional.of(Files.readAllLines(out, UTF_8));
        } finally {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }
}
