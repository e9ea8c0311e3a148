package org.sallyport.host.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.sallyport.CompilationException;
import org.sallyport.LoadLimits;
import org.sallyport.host.PluginManifest;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.Loader;
import org.sallyport.spi.ModuleDescription;
import org.sallyport.spi.Validator;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Names;
import org.sallyport.wasm.WasmModule;

class WasmArtifactsTest {
    private static final byte[] BINARY = {0, 'a', 's', 'm', 1, 0, 0, 0};

    @TempDir
    Path folder;

    /** Takes as long as the budget lets it. */
    private static CompilationException slow(CompileBudget budget) {
        long tooLong = System.nanoTime() + 20_000_000_000L;
        while (System.nanoTime() < tooLong) {
            try {
                budget.check();
                Thread.sleep(10);
            } catch (CompilationException e) {
                return e;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        throw new AssertionError("the budget has no end");
    }

    private Attributes headers(boolean slowLoader) throws IOException {
        Loader loader = new Loader() {
            @Override
            public WasmModule load(byte[] binary, Set<Feature> features, LoadLimits limits, CompileBudget budget) {
                if (slowLoader) {
                    throw slow(budget);
                }
                return new WasmModule(binary, List.of(), List.of(), List.of(), new int[0], List.of(), List.of(), List.of(),
                        List.of(), List.of(), WasmModule.NO_START, List.of(), List.of(), -1, List.of(), List.of(),
                        WasmModule.Range.EMPTY, Names.NONE);
            }

            @Override
            public ModuleDescription describe(byte[] binary, LoadLimits limits) {
                throw new UnsupportedOperationException();
            }
        };
        Validator validator = (_, _, _, budget, _) -> {
            throw slow(budget);
        };
        BundleContext none = (BundleContext) Proxy.newProxyInstance(
                BundleContext.class.getClassLoader(), new Class<?>[] {BundleContext.class}, (_, _, _) -> null);
        Path file = Files.write(folder.resolve("acme.wasm"), BINARY);
        byte[] jar = new WasmArtifacts(none, loader, validator, Map.of()).bundle(file.toFile());
        try (JarInputStream bundle = new JarInputStream(new ByteArrayInputStream(jar))) {
            return bundle.getManifest().getMainAttributes();
        }
    }

    @Test
    void whatTakesLongToCheckGoesOnToThePluginHost() throws IOException {
        Attributes headers = headers(false);
        assertThat(headers.getValue(PluginManifest.HEADER)).startsWith("acme;");
        assertThat(headers.getValue(PluginBundle.FAULT)).isNull();
    }

    @Test
    void whatTakesLongToReadIsRefused() throws IOException {
        assertThat(headers(true).getValue(PluginBundle.FAULT)).contains("longer than 2 s");
    }
}
