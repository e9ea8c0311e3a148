package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;
import org.sallyport.StoreLimits;
import org.sallyport.spi.CompiledModule;

class CodeSpaceTest {
    private static final String WAT = "(module (func (export \"f\") (result i32) (i32.const 3)))";

    /** No page of the code space is writable and executable at any sample, while modules come and go. */
    @ParameterizedTest
    @EnumSource
    void pagesAreNeverWritableAndExecutable(Compilation compilation) throws Exception {
        try (Fixture f = new Fixture(Config.defaults().withCompilation(compilation), StoreLimits.DEFAULT)) {
            long start = f.engine.codeSpace().map(
                    new CompiledModule(
                            "", "", new byte[1], 0, new int[0], new int[0], new int[0], new byte[0], new int[0],
                            new int[0], new int[0], new int[0], new int[0]),
                    (ModuleImpl) f.compile(WAT));
            f.engine.codeSpace().unmap(start);
            AtomicBoolean done = new AtomicBoolean();
            Thread compiler = Thread.ofPlatform().start(() -> {
                while (!done.get()) {
                    try (Module module = f.compile(WAT);
                            Store store = f.engine.newStore()) {
                        Instance instance = f.linker.link(module).instantiate(store);
                        instance.func("f").call();
                        assertThat(module.compiledModule().functionCount()).isEqualTo(1); // mapped, too
                        instance.func("f").call();
                    }
                }
            });
            int seen = 0;
            for (int i = 0; i < 200; i++) {
                for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
                    String[] words = line.split(" ");
                    long address = Long.parseUnsignedLong(words[0].split("-")[0], 16);
                    if (address >= start - (1 << 20) && address < start + (1L << 30)) {
                        assertThat(words[1]).as(line).doesNotMatch(".wx.");
                        seen += words[1].startsWith("r-x") ? 1 : 0;
                    }
                }
            }
            done.set(true);
            compiler.join();
            assertThat(seen).as("samples with code in them").isPositive();
        }
    }

    @Test
    void placesOfClosedModulesAreUsedAgain() {
        try (Fixture f = new Fixture()) {
            long[] bases = new long[5];
            for (int i = 0; i < bases.length; i++) {
                Module module = f.compile(WAT);
                bases[i] = ((FuncImpl) f.linker.link(module).instantiate(f.engine.newStore()).func("f")).code();
                f.engine.stores().forEach(s -> {
                    if (s != f.store) {
                        s.close();
                    }
                });
                module.close();
            }
            assertThat(bases).containsOnly(bases[0]);
        }
    }

    @Test
    void aClosedEngineIsGarbage() throws Throwable {
        List<WeakReference<Object>> parts = useAndClose();
        for (int i = 0; i < 50 && parts.stream().anyMatch(p -> p.get() != null); i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertThat(parts).allSatisfy(p -> assertThat(p.get()).isNull());
    }

    private static List<WeakReference<Object>> useAndClose() throws Throwable {
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate(WAT);
            assertThat((int) instance.func("f").handle().invoke()).isEqualTo(3);
            return List.of(new WeakReference<>(f.engine), new WeakReference<>(f.allocator));
        }
    }

    @Test
    void aClosedEngineRefusesEverything() {
        Fixture f = new Fixture();
        Module module = f.compile(WAT);
        var linked = f.linker.link(module);
        f.close();
        f.engine.close();
        assertThatThrownBy(() -> f.compile(WAT)).isInstanceOf(StoreClosedException.class);
        assertThatThrownBy(f.engine::newStore).isInstanceOf(StoreClosedException.class);
        assertThatThrownBy(() -> linked.instantiate(f.store)).isInstanceOf(StoreClosedException.class);
        f.store.close();
        module.close();
    }
}
