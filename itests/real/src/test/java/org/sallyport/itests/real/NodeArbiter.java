package org.sallyport.itests.real;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Node.js, where it is installed, says who is right when two engines differ: {@code node}, or what the property {@code
 * sallyport.node} says.
 */
final class NodeArbiter {
    private static final String SCRIPT = """
            const fs = require('fs');
            const [plan, ...modules] = process.argv.slice(2);
            const view = new DataView(new ArrayBuffer(8));
            const bits = {
              i32: v => { view.setInt32(0, v); return view.getUint32(0).toString(16); },
              i64: v => BigInt.asUintN(64, v).toString(16),
              f32: v => { view.setFloat32(0, v); return isNaN(v) ? 'nan' : view.getUint32(0).toString(16); },
              f64: v => { view.setFloat64(0, v); return isNaN(v) ? 'nan' : view.getBigUint64(0).toString(16); }};
            const value = {
              i32: s => Number(BigInt.asIntN(32, BigInt(s))),
              i64: s => BigInt(s),
              f32: s => { view.setUint32(0, Number(BigInt.asUintN(32, BigInt(s)))); return view.getFloat32(0); },
              f64: s => { view.setBigInt64(0, BigInt(s)); return view.getFloat64(0); }};
            const table = Array.from({length: 256}, (_, n) => {
              for (let k = 0; k < 8; k++) n = n & 1 ? n >>> 1 ^ 0xEDB88320 : n >>> 1;
              return n;
            });
            const imports = {host: {
              h0: (a, b) => Math.imul(a, 31) + (b << 5 | b >>> 27) | 0,
              h1: a => BigInt.asIntN(64, a ^ BigInt.asUintN(64, a) >> 7n),
              h2: (a, b) => a * 0.5 - b}};
            const instances = [];
            for (const wasm of modules) {
              imports.lib = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(wasm)), imports).exports;
              instances.unshift(imports.lib);
            }
            const x = instances[0];
            const memories = new Set(instances.map(i => i.m)); // in that order
            for (const line of fs.readFileSync(plan, 'utf8').split('\\n').filter(l => l)) {
              const [name, results, ...args] = line.split(' ');
              let end = '';
              try {
                const found = x[name](...args.map(a => value[a.slice(0, 3)](a.slice(4))));
                const types = results.split(',').filter(t => t);
                const list = types.length == 0 ? [] : types.length == 1 ? [found] : found;
                types.forEach((t, i) => end += ' ' + t + ' ' + bits[t](list[i]));
              } catch (e) {
                if (!(e instanceof WebAssembly.RuntimeError)) throw e;
                end = 'trap';
              }
              let crc = -1;
              let size = 0;
              for (const memory of memories) {
                const bytes = new Uint8Array(memory.buffer);
                for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]) & 255] ^ crc >>> 8;
                size += bytes.length;
              }
              const globals = ['i32', 'i64', 'f32', 'f64'].map((t, i) => bits[t](x['g' + i].value)).join(',');
              console.log([end, globals, (crc ^ -1) >>> 0, size].join('|'));
            }
            """;

    private static final String NODE = System.getProperty("sallyport.node", "node");
    /** The first version with typed references. */
    private static final int TYPED_REFERENCES = 22;

    private NodeArbiter() {}

    /** Whether it is there and understands typed references. */
    static boolean hasTypedReferences() throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(NODE, "--version").start();
            String version = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
            return process.waitFor() == 0
                    && Integer.parseInt(version.substring(1, version.indexOf('.'))) >= TYPED_REFERENCES;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * One line for each call of the last module: results, globals, CRC-32 and size of the memories, its own first.
     *
     * @param modules in the order in which they are instantiated; each may import the one before as {@code lib}
     * @param plan lines of an export's name, the types of its results with commas, and {@code type:bits} of each
     *     argument
     * @return empty if there is no Node.js
     */
    static Optional<List<String>> run(List<byte[]> modules, List<String> plan) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("sallyport-arbiter");
        try {
            Path script = Files.writeString(folder.resolve("arbiter.js"), SCRIPT);
            Path calls = Files.write(folder.resolve("plan"), plan);
            List<String> command = new ArrayList<>(List.of(NODE, script.toString(), calls.toString()));
            for (int i = 0; i < modules.size(); i++) {
                command.add(Files.write(folder.resolve("module" + i), modules.get(i)).toString());
            }
            Path out = folder.resolve("out");
            Process process;
            try {
                process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
            } catch (IOException e) {
                return Optional.empty();
            }
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
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
