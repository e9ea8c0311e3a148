package org.sallyport.itests.real;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.sallyport.CacheConfig;
import org.sallyport.CodeCache;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.itests.inputs.RealInputs;

/**
 * A process that compiles with a code cache and checks what comes of it: {@code dprint} formats once with the real
 * plugin; {@code small N SEED} runs that many modules out of 40. The last line on standard output is the cache's
 * statistics.
 */
final class CodeCacheUser {
    private static final int MODULES = 40;

    private CodeCacheUser() {}

    /** @param args directory, its maximum of bytes, what to do */
    public static void main(String[] args) {
        CacheConfig cache = new CacheConfig.Directory(Path.of(args[0]), Long.parseLong(args[1]));
        try (Engine engine = Engine.create(Config.defaults().withCache(cache))) {
            switch (args[2]) {
                case "dprint" -> dprint(engine);
                case "small" -> small(engine, Integer.parseInt(args[3]), Long.parseLong(args[4]));
                default -> throw new IllegalArgumentException(Arrays.toString(args));
            }
            CodeCache used = engine.codeCache();
            System.out.println(used == null ? "none" : used.statistics());
        }
    }

    private static void dprint(Engine engine) {
        try (Module module = engine.compile(RealInputs.dprintJson(), "json.wasm");
                Store store = engine.newStore()) {
            String text = DprintPlugin.in(store, module).format("a.json", "{\"a\":[1,2]}").text();
            if (!text.equals("{ \"a\": [1, 2] }\n")) {
                throw new AssertionError(text);
            }
        }
    }

    private static void small(Engine engine, int runs, long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < runs; i++) {
            int number = random.nextInt(MODULES);
            try (Module module = engine.compile(module(number));
                    Store store = engine.newStore()) {
                Instance instance = engine.newLinker().link(module).instantiate(store);
                Object[] results = instance.func("f").call();
                if (!results[0].equals(number)) {
                    throw new AssertionError("module " + number + " returned " + Arrays.toString(results));
                }
            }
        }
    }

    /** {@code (module (func (export "f") (result i32) (i32.const N)))}, with a custom section of so many bytes. */
    private static byte[] module(int number) {
        byte[] name = String.valueOf(number).getBytes(StandardCharsets.US_ASCII);
        byte[] head = {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 7, 5, 1, 1, 'f', 0, 0,
            10, 6, 1, 4, 0, 0x41, (byte) number, 0x0b, 0, (byte) (1 + name.length), (byte) name.length};
        byte[] module = Arrays.copyOf(head, head.length + name.length);
        System.arraycopy(name, 0, module, head.length, name.length);
        return module;
    }
}
