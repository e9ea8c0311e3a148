package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sallyport.ArtefactKey;
import org.sallyport.CacheConfig;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.Tag;
import org.sallyport.TrapException;
import org.sallyport.WasmException;
import org.sallyport.text.Wat;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;

/**
 * Random modules that throw and catch do the same with all optimizations, with none, with explicit bounds checks, compiled at
 * the first call, and from the cache; with room for few exceptions at a time, and with much. {@code
 * -Dsallyport.throws=100000} runs more of them, from {@code -Dsallyport.seed} on; {@link #main} prints the module of a seed.
 */
class RandomThrowsTest {
    private static final int MODULES = Integer.getInteger("sallyport.throws", 60);
    private static final long SEED = Long.getLong("sallyport.seed", 1);
    private static final FuncType I32_I32 = FuncType.of(List.of(NumType.I32), NumType.I32);

    public static void main(String[] seed) {
        System.out.println(new RandomThrows(Long.parseLong(seed[0])).text());
    }

    @Test
    void settingsAgree() {
        Config config = Config.defaults().withCompileThreads(1);
        Map<String, Engine> engines = new LinkedHashMap<>();
        engines.put("plain", Engine.create(config.withCompile(config.compile().withOptimize(false))));
        engines.put("optimized", Engine.create(config));
        engines.put("checked", Engine.create(config.withExplicitBoundsChecks(true)));
        engines.put("lazy", Engine.create(config.withCompilation(Compilation.LAZY)));
        Config cached = config.withCache(CacheConfig.store(new MapStore(), new ArtefactKey(new byte[32])));
        engines.put("cache", Engine.create(cached));
        engines.put("from the cache", Engine.create(cached));
        int caught = 0;
        int thrown = 0;
        try {
            for (long seed = SEED; seed < SEED + MODULES; seed++) {
                byte[] binary = Wat.compile(new RandomThrows(seed).text());
                List<String> expected = null;
                for (Map.Entry<String, Engine> engine : engines.entrySet()) {
                    List<String> found = run(engine.getValue(), binary, seed % 2 == 0);
                    if (expected == null) {
                        expected = found;
                    }
                    assertThat(found).as("seed %d, %s", seed, engine.getKey()).isEqualTo(expected);
                }
                for (String end : expected) {
                    caught += end.startsWith("result") ? 1 : 0;
                    thrown += end.startsWith("exception") ? 1 : 0;
                }
            }
        } finally {
            engines.values().forEach(Engine::close);
        }
        System.out.printf("random throws: %d modules, %d calls returned, %d threw%n", MODULES, caught, thrown);
        assertThat(caught).isPositive();
        assertThat(thrown).isPositive();
    }

    private static List<String> run(Engine engine, byte[] binary, boolean narrow) {
        List<String> ends = new ArrayList<>();
        StoreLimits limits = narrow ? StoreLimits.DEFAULT.withExceptionBytes(64 << 10) : StoreLimits.DEFAULT;
        try (Store store = engine.newStore(limits); var module = engine.compile(binary)) {
            Instance[] instance = new Instance[1];
            Instance made = engine.newLinker()
                    .define("host", "h", I32_I32, (caller, args) -> {
                        int n = (int) args[0];
                        return switch (n & 7) {
                            case 0 -> throw new WasmException((Tag) instance[0].export("e1").orElseThrow(), n);
                            case 1 -> throw new WasmException((Tag) instance[0].export("e0").orElseThrow());
                            case 2, 3 -> instance[0].func("n" + (n & 1)).call(n >>> 3);
                            default -> new Object[] {n * 3};
                        };
                    })
                    .link(module).instantiate(store);
            instance[0] = made;
            for (int call = 0; call < 15; call++) {
                String end;
                try {
                    end = "result " + made.func("f" + call % 5).call(call - 3)[0];
                } catch (WasmException e) {
                    end = "exception " + e.tag().type() + e.values() + " "
                            + e.frames().stream().map(f -> f.functionName() + "@" + f.offset()).toList();
                } catch (TrapException e) {
                    end = "trap " + e.code();
                }
                ends.add(end + " g " + made.global("g").get());
            }
            assertThat(store.poisonedBecause()).isNull();
            ((StoreImpl) store).check();
        }
        return ends;
    }
}
