package org.sallyport.engine.service;

import java.io.File;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.sallyport.BackEndKind;
import org.sallyport.CacheConfig;
import org.sallyport.CodeLimits;
import org.sallyport.Compilation;
import org.sallyport.CompileLimits;
import org.sallyport.Config;
import org.sallyport.EngineLimits;
import org.sallyport.StoreLimits;
import org.sallyport.spi.ConfigValues;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Printable;

/**
 * Reads one configuration of the engine, by itself: Declarative Services would take a text that is none for a false, and
 * with an unreadable number its message names no key. What cannot be read is refused, all of it in one message.
 */
final class EngineSettingsReader {
    static final String PID = "org.sallyport.engine";

    private static final int LEAST_STACK = 1 << 16;
    private static final int LARGEST_STACK = 1 << 30;

    private final Map<String, ?> configuration;
    private final Map<String, Object> defaults = new HashMap<>();
    private final List<String> faults = new ArrayList<>();

    EngineSettingsReader(Map<String, ?> configuration) {
        this.configuration = configuration;
        for (var setting : EngineSettings.class.getDeclaredMethods()) {
            defaults.put(setting.getName(), setting.getDefaultValue());
        }
    }

    /** @throws IllegalArgumentException names each key that is not known or whose value cannot be read */
    Config read(BundleContext context) {
        for (String key : new TreeSet<>(configuration.keySet())) {
            String fault = ConfigValues.keyFault(key, defaults.keySet());
            if (fault != null) {
                faults.add(fault);
            }
        }
        Config config = limits(Config.defaults())
                .withExplicitBoundsChecks(flag("explicitBoundsChecks"))
                .withCompileThreads((int) number("compileThreads", 0, Integer.MAX_VALUE))
                .withBackEnd(constant(BackEndKind.class, "backEnd", text("backEnd"), BackEndKind.AUTOMATIC))
                .withCompilation(constant(Compilation.class, "compilation", text("compilation"), Compilation.EAGER));
        config = config.withCompile(config.compile().withOptimize(flag("optimize")).withFuel(flag("fuel"))
                .withDeterministicVectors(flag("deterministicVectors")));
        for (Feature feature : features("features")) {
            config = config.withFeature(feature);
        }
        for (Feature feature : features("withoutFeatures")) {
            config = config.withoutFeature(feature);
        }
        CacheConfig cache = cache(context);
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(
                    "configuration " + PID + ": " + String.join("; ", faults) + "; there is no engine until that is mended");
        }
        return config.withCache(cache);
    }

    private Config limits(Config config) {
        return config
                .withCompileLimits(new CompileLimits(
                        Duration.ofMillis(number("compileMillis", 0, ConfigValues.LONGEST_MILLIS)),
                        bytes("compileMemoryBytes")))
                .withCodeLimits(new CodeLimits(bytes("moduleCodeBytes"), bytes("codeBytes")))
                .withDefaultLimits(StoreLimits.DEFAULT
                        .withMemoryBytes(bytes("storeMemoryBytes"))
                        .withStackBytes((int) number("storeStackBytes", LEAST_STACK, LARGEST_STACK))
                        .withMemories((int) number("storeMemories", 0, Integer.MAX_VALUE))
                        .withExceptionBytes(bytes("storeExceptionBytes")))
                .withEngineLimits(EngineLimits.DEFAULT
                        .withMappings(bytes("mappings"))
                        .withCommitted(bytes("committedBytes"))
                        .withHeap(bytes("heapBytes"))
                        .withSharedMemory(bytes("sharedMemoryBytes")));
    }

    private @Nullable CacheConfig cache(BundleContext context) {
        long most = number("cacheMaxBytes", 1, Long.MAX_VALUE);
        String directory = text("cacheDirectory");
        Path path = null;
        try {
            path = Path.of(directory);
        } catch (InvalidPathException e) {
            faults.add("cacheDirectory must be the path of a directory, found \"" + Printable.name(directory) + "\"");
        }
        if (!flag("cache") || path == null || !faults.isEmpty()) {
            return null;
        }
        if (!directory.isEmpty()) {
            return new CacheConfig.Directory(path, most);
        }
        File data = context.getDataFile("code");
        if (data == null) {
            faults.add("this framework gives bundles no data area; set cacheDirectory");
            return null;
        }
        return new CacheConfig.Directory(data.toPath(), most);
    }

    private long bytes(String key) {
        return number(key, 0, Long.MAX_VALUE);
    }

    private long number(String key, long least, long most) {
        return value(key, (name, value) -> ConfigValues.number(name, value, least, most));
    }

    private boolean flag(String key) {
        return value(key, ConfigValues::flag);
    }

    private String text(String key) {
        return value(key, ConfigValues::text);
    }

    private List<Feature> features(String key) {
        List<Feature> features = new ArrayList<>();
        for (String name : value(key, ConfigValues::names)) {
            Feature feature = constant(Feature.class, key, name, null);
            if (feature != null) {
                features.add(feature);
            }
        }
        return features;
    }

    /** The value, or, after a fault, that of the default: nothing comes of it then. */
    private <T> T value(String key, BiFunction<String, @Nullable Object, T> read) {
        if (configuration.containsKey(key)) {
            try {
                return read.apply(key, configuration.get(key));
            } catch (IllegalArgumentException e) {
                faults.add(e.getMessage());
            }
        }
        return read.apply(key, defaults.get(key));
    }

    private <E extends Enum<E>> @Nullable E constant(Class<E> type, String key, String name, @Nullable E otherwise) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(name)) {
                return constant;
            }
        }
        faults.add(key + ": no " + type.getSimpleName().toLowerCase(Locale.ROOT) + " \"" + Printable.name(name)
                + "\"; there are " + Arrays.toString(type.getEnumConstants()));
        return otherwise;
    }
}
