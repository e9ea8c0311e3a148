package org.sallyport.engine.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.sallyport.CodeCache;
import org.sallyport.CodeCacheException;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.store.LinuxMemory;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.validator.ModuleValidator;
import org.sallyport.wasm.Feature;

/** The component's configuration: what cannot be read, the code cache, and when functions are compiled. */
class EngineComponentTest {
    @TempDir Path temporary;

    private final Map<String, Object> settings = new HashMap<>();
    private @Nullable Engine registered;

    private EngineComponent activate() {
        ClassLoader loader = getClass().getClassLoader();
        Object registration =
                Proxy.newProxyInstance(loader, new Class<?>[] {ServiceRegistration.class}, (_, _, _) -> null);
        BundleContext context = (BundleContext) Proxy.newProxyInstance(
                loader, new Class<?>[] {BundleContext.class}, (_, method, args) -> switch (method.getName()) {
                    case "getDataFile" -> new File(temporary.toFile(), (String) args[0]);
                    case "registerService" -> {
                        registered = (Engine) args[1];
                        yield registration;
                    }
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        return new EngineComponent(context, settings, new BinaryLoader(), new ModuleValidator(),
                List.of(new NativeCodeGenerator()), new PoolingAllocator(new LinuxMemory(), 4));
    }

    private @Nullable CodeCache cache() {
        EngineComponent component = activate();
        try {
            assertThat(registered).isNotNull();
            return registered.codeCache();
        } finally {
            component.deactivate();
        }
    }

    @Test
    void thereIsNoCacheAtFirst() {
        assertThat(cache()).isNull();
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void cacheIsInTheBundlesData() {
        settings.put("cache", true);
        assertThat(cache()).isNotNull();
        assertThat(temporary.resolve("code/key")).exists();
    }

    @Test
    void cacheIsWhereTheOperatorSays() {
        settings.put("cache", true);
        settings.put("cacheDirectory", temporary.resolve("elsewhere").toString());
        assertThat(cache()).isNotNull();
        assertThat(temporary.resolve("elsewhere/key")).exists();
        assertThat(temporary.resolve("code")).doesNotExist();
    }

    @Test
    void compilesWhenTheOperatorSays() {
        assertThat(compilation()).isEqualTo(Compilation.EAGER);
        for (Compilation compilation : Compilation.values()) {
            settings.put("compilation", compilation.name());
            assertThat(compilation()).isEqualTo(compilation);
        }
        settings.put("compilation", "soon");
        assertThatThrownBy(this::activate)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("compilation: no compilation \"soon\"; there are [EAGER, LAZY, BACKGROUND]");
    }

    @Test
    void textsOfFilesAreRead() {
        settings.putAll(Map.of(
                "optimize", "false", "storeMemoryBytes", " 1024 ", "storeExceptionBytes", "77", "features", "THREADS",
                "withoutFeatures", new String[] {"MEMORY64"}, "compileMillis", "7", "service.pid", EngineSettingsReader.PID));
        EngineComponent component = activate();
        Config config = Objects.requireNonNull(registered).config();
        component.deactivate();
        assertThat(config.compile().optimize()).isFalse();
        assertThat(config.defaultLimits().memoryBytes()).isEqualTo(1024);
        assertThat(config.defaultLimits().exceptionBytes()).isEqualTo(77);
        assertThat(config.features()).contains(Feature.THREADS).doesNotContain(Feature.MEMORY64);
        assertThat(config.compileLimits().time()).hasMillis(7);
    }

    /** A limit that cannot be read must not become another one: there is no engine, and the message says why. */
    @ParameterizedTest
    @CsvSource({
        "storeMemoryBytes, 16m, 'storeMemoryBytes must be a number from 0, found \"16m\"'",
        "storeMemoryBytes, '', 'storeMemoryBytes must be a number from 0, found '",
        "storeStackBytes, 1, 'storeStackBytes must be a number from 65536 to 1073741824, '",
        "storeExceptionBytes, -1, 'storeExceptionBytes must be a number from 0, '",
        "compileThreads, -1, 'compileThreads must be a number from 0 '",
        "heapBytes, 1e9, 'heapBytes must be a number from 0, '",
        "sharedMemoryBytes, -1, 'sharedMemoryBytes must be a number from 0, '",
        "cacheMaxBytes, 0, 'cacheMaxBytes must be a number from 1, '",
        "explicitBoundsChecks, yes, 'explicitBoundsChecks must be true or false, found \"yes\"'",
        "withoutFeatures, MEMROY64, 'withoutFeatures: no feature \"MEMROY64\"; there are '",
        "StoreMemoryBytes, 1, 'write storeMemoryBytes instead of StoreMemoryBytes'",
        "storeMemoryByte, 1, 'unknown key storeMemoryByte (did you mean storeMemoryBytes?)'",
    })
    void whatCannotBeReadIsRefusedWithItsKey(String key, String value, String fault) {
        settings.put(key, value);
        settings.put("mappings", new int[] {1});
        assertThatThrownBy(this::activate)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("configuration org.sallyport.engine: ")
                .hasMessageContaining(fault)
                .hasMessageContaining("mappings must be a number from 0, found an array of int")
                .hasMessageEndingWith("; there is no engine until that is mended");
        assertThat(registered).isNull();
    }

    private Compilation compilation() {
        EngineComponent component = activate();
        try {
            assertThat(registered).isNotNull();
            return registered.config().compilation();
        } finally {
            component.deactivate();
        }
    }

    @Test
    void anUnsafePlaceForTheCacheIsRefused() throws Exception {
        Files.createSymbolicLink(temporary.resolve("link"), temporary);
        settings.put("cache", true);
        settings.put("cacheDirectory", temporary.resolve("link").toString());
        assertThatThrownBy(this::activate).isInstanceOf(CodeCacheException.class);
    }
}
