package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sallyport.CodeLimits;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.EngineLimits;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;
import org.sallyport.StoreLimits;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.code.CodeShare;
import org.sallyport.engine.code.CodeSpace;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.store.LinuxMemory;

class CodeSpaceTest {
    private static final String WAT = "(module (func (export \"f\") (result i32) (i32.const 3)))";

    /** No page of the code space is writable and executable at any sample, while modules come and go. */
    @ParameterizedTest
    @EnumSource
    void pagesAreNeverWritableAndExecutable(Compilation compilation) throws Exception {
        try (Fixture f = new Fixture(Config.defaults().withCompilation(compilation), StoreLimits.DEFAULT)) {
            CodeSpace space = Natives.of(f.engine).codeSpace();
            CodeShare share = space.newShare("the test");
            long start = space.map(share, new byte[1]);
            space.unmap(share, start);
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
                bases[i] = Natives.code(f.linker.link(module).instantiate(f.engine.newStore()).func("f"));
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

    /** A module of so many pages of code, whose function {@code f} returns {@code number}. */
    private static Module compile(Fixture f, int pages, int number) {
        String store = "(i32.store (i32.const 0) (i32.const 1))(i32.store (i32.const 8) (i32.const 2))";
        Module module = f.compile("(module (memory 1) (func (export \"f\") (result i32) %s (i32.const %d)))"
                .formatted(store.repeat(270 * (pages - 1) + 30), number));
        if (!Natives.of(module).isLazy()) {
            assertThat(module.compiledModule().code().length).isBetween(pages * 4096 - 4095, pages * 4096);
        }
        return module;
    }

    /** Holes are filled in an order in which removing one hole changed another: two modules then had one address. */
    @ParameterizedTest
    @EnumSource
    void noTwoModulesShareAnAddress(Compilation compilation) {
        try (Fixture f = new Fixture(Config.defaults().withCompilation(compilation), StoreLimits.DEFAULT)) {
            Module[] first = new Module[4];
            int[] pages = {1, 1, 3, 1};
            for (int i = 0; i < first.length; i++) {
                first[i] = compile(f, pages[i], i);
                assertThat(first[i].compiledModule().functionCount()).isEqualTo(1); // mapped in any case
            }
            first[0].close();
            first[2].close();
            List<Module> modules = new ArrayList<>(List.of(first[1], first[3], compile(f, 3, 10)));
            for (int i = 0; i < 5; i++) {
                modules.add(compile(f, 1, 20 + i));
            }
            List<Object> results = new ArrayList<>();
            for (Module module : modules) {
                module.compiledModule();
                results.add(f.linker.link(module).instantiate(f.store).func("f").call()[0]);
            }
            assertThat(results).containsExactly(1, 3, 10, 20, 21, 22, 23, 24);
        }
    }

    /** Modules of many sizes come and go in any order; each export runs its own module's code throughout. */
    @ParameterizedTest
    @EnumSource
    void modulesComeAndGoInAnyOrder(Compilation compilation) {
        Random random = new Random(9);
        try (Fixture f = new Fixture(Config.defaults().withCompilation(compilation), StoreLimits.DEFAULT)) {
            List<Module> open = new ArrayList<>();
            List<Integer> numbers = new ArrayList<>();
            for (int step = 0; step < 300; step++) {
                if (open.size() < 3 || open.size() < 20 && random.nextInt(5) < 3) {
                    open.add(compile(f, 1 + random.nextInt(4), step));
                    numbers.add(step);
                } else {
                    int i = random.nextInt(open.size());
                    open.remove(i).close();
                    numbers.remove(i);
                }
                int i = random.nextInt(open.size());
                try (Store store = f.engine.newStore()) {
                    assertThat(f.linker.link(open.get(i)).instantiate(store).func("f").call()[0]).isEqualTo(numbers.get(i));
                }
                Natives.of(f.engine).codeSpace().check();
            }
        }
    }

    /** While an engine closes, another thread may be mapping what it has compiled: that is in no next engine's way. */
    @Test
    void aSpaceIsPassedOnOnlyWhenAllCodeIsUnmapped() {
        VirtualMemory memory = new LinuxMemory();
        CodeGenerator generator = new NativeCodeGenerator();
        ResourceAccount account = memory.account().newEngine(EngineLimits.DEFAULT);
        CodeSpace closing = new CodeSpace(memory, generator, CodeLimits.DEFAULT, account);
        CodeShare share = closing.newShare("the test");
        long address = closing.map(share, new byte[1]);
        closing.close();
        assertThatThrownBy(() -> closing.map(share, new byte[1])).isInstanceOf(StoreClosedException.class);
        CodeSpace next = new CodeSpace(memory, generator, CodeLimits.DEFAULT, account);
        assertThat(next.enter()).isNotEqualTo(closing.enter());
        closing.unmap(share, address);
        CodeSpace third = new CodeSpace(memory, generator, CodeLimits.DEFAULT, account);
        assertThat(third.enter()).isEqualTo(closing.enter());
        next.close();
        third.close();
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
