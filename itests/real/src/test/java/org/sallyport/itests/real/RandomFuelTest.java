package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.CacheConfig;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.engine.service.GraphEngines;
import org.sallyport.engine.service.PortableEngines;
import org.sallyport.itests.real.RandomModulesTest.State;

/**
 * Random modules use the same fuel, and are stopped at the same place, with all optimizations, with none, with explicit
 * bounds checks, compiled when they are called or in the background, from the cache, as class files, and
 * interpreted ({@code GraphBackEnd}). Runs for {@code sallyport.oracle.seconds} (5) over at most {@code sallyport.modules} (150)
 * modules, from {@code sallyport.seed} (1) on.
 */
class RandomFuelTest {
    private static final long SECONDS = Long.getLong("sallyport.oracle.seconds", 5);
    /** In whatever time: fewer may have no trap. */
    private static final long LEAST = 25;
    private static final long MODULES = Long.getLong("sallyport.modules", 150);
    private static final long SEED = Long.getLong("sallyport.seed", 1);

    private final Map<String, Engine> engines = new LinkedHashMap<>();
    private long calls;
    private long stopped;
    private long trapped;

    @Test
    void settingsCountAlike(@TempDir Path folder) throws Exception {
        Path cache = Files.createDirectory(
                folder.resolve("cache"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Config config = Config.defaults().withCompileThreads(1).withFuel(true);
        Config cached = config.withCache(new CacheConfig.Directory(cache, 64 << 20));
        long done = 0;
        try (Engine plain = Engine.create(config.withCompile(config.compile().withOptimize(false)));
                Engine optimized = Engine.create(config);
                Engine checked = Engine.create(config.withExplicitBoundsChecks(true));
                Engine lazy = Engine.create(config.withLazy(true));
                Engine background = Engine.create(config.withCompilation(Compilation.BACKGROUND));
                Engine portable = PortableEngines.create(config);
                Engine graph = GraphEngines.create(config);
                Engine writes = Engine.create(cached);
                Engine reads = Engine.create(cached)) {
            engines.put("optimized", optimized);
            engines.put("checked", checked);
            engines.put("lazy", lazy);
            engines.put("background", background);
            engines.put("portable", portable);
            engines.put("graph", graph);
            engines.put("to the cache", writes);
            engines.put("from the cache", reads);
            long end = System.nanoTime() + SECONDS * 1_000_000_000L;
            for (; done < LEAST || done < MODULES && System.nanoTime() - end < 0; done++) {
                long seed = SEED + done;
                try {
                    compare(plain, seed);
                } catch (RuntimeException | AssertionError e) {
                    throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
                }
            }
            assertThat(reads.codeCache().statistics().hits()).as("modules from the cache").isPositive();
        }
        System.out.printf("fuel: %d random modules from seed %d in 8 settings, %d calls, %d out of fuel, %d trapped%n",
                done, SEED, calls, stopped, trapped);
        assertThat(stopped).isPositive();
        assertThat(trapped).isPositive();
    }

    private void compare(Engine plain, long seed) {
        RandomModule module = new RandomModule(seed);
        List<byte[]> binaries = RandomModulesTest.binaries(module);
        List<State> expected = RandomModulesTest.run(plain, binaries, module, seed);
        engines.forEach((name, engine) -> assertThat(RandomModulesTest.run(engine, binaries, module, seed))
                .as("%s, seed %d", name, seed).isEqualTo(expected));
        calls += expected.size();
        stopped += expected.stream().filter(s -> s.end().startsWith("out of fuel")).count();
        trapped += expected.stream().filter(s -> s.end().startsWith("trap")).count();
    }
}
