package org.sallyport.itests.real.random;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sallyport.ArtefactKey;
import org.sallyport.CacheConfig;
import org.sallyport.CodeStore;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.engine.service.GraphEngines;
import org.sallyport.engine.service.PortableEngines;
import org.sallyport.itests.support.random.Topic;

/** Our engines, one for each setting, made when they are first asked for. */
final class Settings implements AutoCloseable {
    /** What the graph's interpreter has nothing of. */
    private static final Set<Topic> NATIVE_ONLY = EnumSet.of(Topic.VECTORS, Topic.ATOMICS, Topic.EXCEPTIONS,
            Topic.OLD_EXCEPTIONS, Topic.OBJECTS);
    private static final Set<Topic> NOT_PORTABLE = EnumSet.of(Topic.EXCEPTIONS, Topic.OLD_EXCEPTIONS, Topic.OBJECTS);
    private static final String CPU = "sallyport.cpu";

    private final Map<String, Supplier<Engine>> makers = new LinkedHashMap<>();
    private final Map<String, Engine> engines = new LinkedHashMap<>();

    Settings() {
        Config config = Config.defaults().withCompileThreads(1);
        Config plain = config.withCompile(config.compile().withOptimize(false));
        Config cached = config.withCache(CacheConfig.store(new Cache(), new ArtefactKey(new byte[32])));
        makers.put("optimized", () -> Engine.create(config));
        makers.put("plain", () -> Engine.create(plain));
        makers.put("checked", () -> Engine.create(config.withExplicitBoundsChecks(true)));
        makers.put("plain checked", () -> Engine.create(plain.withExplicitBoundsChecks(true)));
        makers.put("verified", () -> Engine.create(config.withCompile(config.compile().withVerify(true))));
        makers.put("floor", () -> on("none", config));
        makers.put("avx", () -> on("avx", config));
        makers.put("plain floor", () -> on("none", plain));
        makers.put("deterministic", () -> Engine.create(config.withDeterministicVectors(true)));
        makers.put("lazy", () -> Engine.create(config.withLazy(true)));
        makers.put("background", () -> Engine.create(config.withCompilation(Compilation.BACKGROUND)));
        makers.put("to the cache", () -> Engine.create(cached));
        makers.put("from the cache", () -> Engine.create(cached));
        makers.put("fuel", () -> Engine.create(config.withFuel(true)));
        makers.put("plain fuel", () -> Engine.create(plain.withFuel(true)));
        makers.put("graph", () -> GraphEngines.create(config));
        makers.put("portable", () -> PortableEngines.create(config));
        makers.put("portable cut", () -> PortableEngines.createCutting(config));
    }

    /** What the processor has is looked at when the engine is made. */
    private static Engine on(String cpu, Config config) {
        String before = System.getProperty(CPU);
        System.setProperty(CPU, cpu);
        try {
            return Engine.create(config);
        } finally {
            if (before == null) {
                System.clearProperty(CPU);
            } else {
                System.setProperty(CPU, before);
            }
        }
    }

    Set<String> names() {
        return makers.keySet();
    }

    /** Whether the setting can run modules of these topics. */
    boolean has(String name, Set<Topic> topics) {
        Set<Topic> lacks = name.equals("graph") ? NATIVE_ONLY : name.startsWith("portable") ? NOT_PORTABLE : Set.of();
        return topics.stream().noneMatch(lacks::contains);
    }

    Engine engine(String name) {
        return engines.computeIfAbsent(name, n -> makers.get(n).get());
    }

    @Override
    public void close() {
        engines.values().forEach(Engine::close);
    }

    /** Forgets all when it has become large. */
    private static final class Cache implements CodeStore {
        private static final int MANY = 100;

        private final Map<String, byte[]> entries = new ConcurrentHashMap<>();

        @Override
        public byte @Nullable [] read(String name) {
            return entries.get(name);
        }

        @Override
        public void write(String name, byte[] entry) {
            if (entries.size() > MANY) {
                entries.clear();
            }
            entries.put(name, entry);
        }

        @Override
        public void remove(String name) {
            entries.remove(name);
        }
    }
}
