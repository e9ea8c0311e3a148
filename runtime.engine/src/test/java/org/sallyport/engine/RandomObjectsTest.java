package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.Store;
import org.sallyport.TrapException;
import org.sallyport.WasmException;
import org.sallyport.text.Wat;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;

/**
 * Random modules of structures, arrays and casts do the same with all optimizations, with none, and with explicit checks. {@code
 * -Dsallyport.objects=100000} runs more of them, from {@code -Dsallyport.seed} on; with {@code -Dsallyport.gcStress=true} every
 * allocation collects, and the hash that is printed must be the same. {@link #main} prints the module of a seed.
 */
class RandomObjectsTest {
    private static final int MODULES = Integer.getInteger("sallyport.objects", 25);
    private static final long SEED = Long.getLong("sallyport.seed", 1);
    private static final RefType ANY = new RefType(true, HeapType.Abstract.ANY);

    public static void main(String[] seed) {
        System.out.println(new RandomObjects(Long.parseLong(seed[0])).text());
    }

    @Test
    void settingsAgree() {
        Config config = Config.defaults().withCompileThreads(1);
        Map<String, Engine> engines = new LinkedHashMap<>();
        engines.put("plain", Engine.create(config.withCompile(config.compile().withOptimize(false))));
        engines.put("optimized", Engine.create(config));
        engines.put("checked", Engine.create(config.withExplicitBoundsChecks(true)));
        int returned = 0;
        int hash = 0;
        try {
            for (long seed = SEED; seed < SEED + MODULES; seed++) {
                byte[] binary = Wat.compile(new RandomObjects(seed).text());
                List<String> expected = null;
                for (Map.Entry<String, Engine> engine : engines.entrySet()) {
                    List<String> found = run(engine.getValue(), binary);
                    if (expected == null) {
                        expected = found;
                    }
                    assertThat(found).as("seed %d, %s", seed, engine.getKey()).isEqualTo(expected);
                }
                returned += (int) expected.stream().filter(end -> end.startsWith("result")).count();
                hash = 31 * hash + expected.hashCode();
            }
        } finally {
            engines.values().forEach(Engine::close);
        }
        System.out.printf("random objects: %d modules, %d calls returned, hash %x%n", MODULES, returned, hash);
        assertThat(returned).isGreaterThan(MODULES);
    }

    private static List<String> run(Engine engine, byte[] binary) {
        FuncType type = FuncType.of(List.of(NumType.I32, ANY), ANY);
        List<String> ends = new ArrayList<>();
        try (Store store = engine.newStore(); var module = engine.compile(binary)) {
            Instance[] instance = new Instance[1];
            instance[0] = engine.newLinker()
                    .define("host", "h", type, (caller, args) -> {
                        int n = (int) args[0];
                        return (n & 3) == 0
                                ? new Object[] {args[1]}
                                : instance[0].func("r" + (n >>> 2 & 3)).call(n >> 4, args[1]);
                    })
                    .link(module).instantiate(store);
            for (int call = 0; call < 15; call++) {
                String end;
                try {
                    end = "result " + instance[0].func("f" + call % 5).call(call / 5)[0];
                } catch (WasmException e) {
                    end = "exception " + e.values().size() + " " + instance[0].func("sum").call(e.values().get(0), 4)[0];
                } catch (TrapException e) {
                    end = "trap " + e.code();
                }
                ends.add(end + " all " + instance[0].func("all").call()[0]);
            }
            assertThat(store.poisonedBecause()).isNull();
            ((StoreImpl) store).check();
        }
        return ends;
    }
}
