package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.sallyport.CodeCache;
import org.sallyport.CodeCacheException;
import org.sallyport.Compilation;
import org.sallyport.Engine;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.store.LinuxMemory;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.validator.ModuleValidator;

/** The component's configuration, as far as it is about the code cache and about when functions are compiled. */
class EngineComponentTest {
    @TempDir Path temporary;

    private final Map<String, Object> settings = new HashMap<>();
    private @Nullable Engine registered;

    private EngineComponent activate() {
        ClassLoader loader = getClass().getClassLoader();
        EngineComponent.Settings annotation = (EngineComponent.Settings) Proxy.newProxyInstance(
                loader, new Class<?>[] {EngineComponent.Settings.class}, (_, method, _) ->
                        settings.getOrDefault(method.getName(), method.getDefaultValue()));
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
        return new EngineComponent(context, annotation, new BinaryLoader(), new ModuleValidator(),
                new NativeCodeGenerator(), new PoolingAllocator(new LinuxMemory(), 4));
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
                .hasMessage("no compilation \"soon\"; there are [EAGER, LAZY, BACKGROUND]");
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
