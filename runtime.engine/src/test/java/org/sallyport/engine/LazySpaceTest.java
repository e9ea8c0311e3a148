package org.sallyport.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sallyport.CodeLimits;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Func;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;

/** Code space and mappings that machine code takes, above all where functions are compiled when they are called. */
@Timeout(600)
class LazySpaceTest {
    private static final int SCALE = Integer.getInteger("sallyport.stress", 1);
    private static final Config LAZY = Config.defaults().withLazy(true);

    /** So many functions that differ, with two that call them by their number. */
    private static String many(int functions, int stores) {
        StringBuilder wat = new StringBuilder("(module (memory 1) (type $t (func (param i32) (result i32)))");
        wat.append("(table ").append(functions).append(" funcref) (elem (i32.const 0)");
        for (int i = 0; i < functions; i++) {
            wat.append(" $f").append(i);
        }
        wat.append(")");
        for (int i = 0; i < functions; i++) {
            wat.append("(func $f").append(i).append(" (type $t)");
            wat.append("(i32.store offset=4 (local.get 0) (local.get 0))(i32.store offset=12 (local.get 0) (i32.const 1))"
                    .repeat(stores));
            wat.append("(i32.add (local.get 0) (i32.const ").append(i).append(")))");
        }
        return wat.append("""
                (func (export "one") (param i32 i32) (result i32) (call_indirect (type $t) (local.get 1) (local.get 0)))
                (func (export "all") (param $from i32) (param $to i32) (result i32) (local $sum i32)
                  (loop $next
                    (local.set $sum (i32.add (local.get $sum)
                      (call_indirect (type $t) (i32.const 0) (local.get $from))))
                    (local.set $from (i32.add (local.get $from) (i32.const 1)))
                    (br_if $next (i32.lt_u (local.get $from) (local.get $to))))
                  (local.get $sum)))
                """).toString();
    }

    private static int sum(int from, int to) {
        return IntStream.range(from, to).sum();
    }

    @Test
    void functionsShareAPage() {
        int functions = 3_000 * SCALE;
        try (Fixture f = new Fixture(LAZY, StoreLimits.DEFAULT)) {
            int before = Mappings.count();
            Instance instance = f.instantiate(many(functions, 2));
            NativeModule module = (NativeModule) instance.module();
            long stubs = module.share().used();
            assertThat(instance.func("all").call(0, functions)[0]).isEqualTo(sum(0, functions));
            long bytes = module.share().used() - stubs;
            int mappings = Mappings.count() - before;
            System.out.printf("%d functions compiled at calls: %d bytes each, %d mappings%n", functions, bytes / functions,
                    mappings);
            assertThat(bytes / functions).isLessThan(400);
            assertThat(mappings).isLessThan(100 + functions / 1000);
            module.lazyCode().check();
        }
    }

    /** What is executable is replaced under those who run in it. */
    @Test
    void guestsRunWhileTheirPagesAreReplaced() throws Exception {
        int functions = 2_000 * SCALE;
        int first = 20;
        try (Fixture f = new Fixture(LAZY, StoreLimits.DEFAULT);
                ExecutorService pool = Executors.newFixedThreadPool(3)) {
            var linked = f.linker.link(f.compile(many(functions, 2)));
            linked.instantiate(f.store).func("all").call(0, first);
            AtomicBoolean done = new AtomicBoolean();
            Callable<Long> running = () -> {
                long calls = 0;
                try (Store store = f.engine.newStore()) {
                    Func all = linked.instantiate(store).func("all");
                    while (!done.get()) {
                        assertThat(all.call(0, first)[0]).isEqualTo(sum(0, first));
                        calls++;
                    }
                }
                return calls;
            };
            List<Future<Long>> runners = List.of(pool.submit(running), pool.submit(running));
            Future<?> compiling = pool.submit(() -> {
                try (Store store = f.engine.newStore()) {
                    Func one = linked.instantiate(store).func("one");
                    for (int i = first; i < functions; i++) {
                        assertThat(one.call(i, 7)[0]).isEqualTo(i + 7);
                    }
                } finally {
                    done.set(true);
                }
            });
            compiling.get();
            for (Future<Long> runner : runners) {
                assertThat(runner.get()).isPositive();
            }
        }
    }

    // ---- limits

    private static Config within(Compilation compilation, long moduleBytes) {
        return Config.defaults()
                .withCompilation(compilation)
                .withCodeLimits(CodeLimits.DEFAULT.withModuleBytes(moduleBytes));
    }

    /** Functions that find no place end the call; those that are there, and the store, go on. */
    @ParameterizedTest
    @EnumSource(names = {"LAZY", "BACKGROUND"})
    void aFunctionWithoutAPlaceEndsTheCall(Compilation compilation) {
        int functions = 200;
        try (Fixture f = new Fixture(within(compilation, 100 << 10), StoreLimits.DEFAULT)) {
            Instance instance = f.instantiate(many(functions, 60));
            NativeModule module = (NativeModule) instance.module();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> instance.func("all").call(0, functions))
                        .isInstanceOfSatisfying(LimitExceededException.class, e -> assertThat(e.allowed())
                                .isEqualTo(100 << 10))
                        .hasMessageContainingAll("code bytes (module module)", "CodeLimits.moduleBytes");
            }
            assertThat(f.store.poisonedBecause()).isNull();
            assertThat(instance.func("all").call(0, 20)[0]).isEqualTo(sum(0, 20));
            assertThat(module.share().used()).isLessThanOrEqualTo(100 << 10);
            assertThat(module.lazyCode().isWhole()).isFalse();
            module.lazyCode().check();
        }
    }

    @Test
    void aModuleWithoutAPlaceIsRefused() {
        try (Fixture f = new Fixture(within(Compilation.EAGER, 20 << 10), StoreLimits.DEFAULT)) {
            long before = Natives.of(f.engine).codeSpace().bytes();
            assertThatThrownBy(() -> f.compile(many(300, 60)))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContainingAll("code bytes (module module)", "allowed 20480", "CodeLimits.moduleBytes");
            assertThat(Natives.of(f.engine).codeSpace().bytes()).isEqualTo(before);
            f.compile(LazyTest.WAT).close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEngineHasALimit(Compilation compilation) {
        Config config = Config.defaults()
                .withCompilation(compilation)
                .withCodeLimits(CodeLimits.DEFAULT.withEngineBytes(400 << 10));
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT)) {
            List<Module> modules = new ArrayList<>();
            assertThatThrownBy(() -> {
                for (int i = 0; i < 100; i++) {
                    Module module = f.compile(many(20, 60));
                    modules.add(module);
                    f.linker.link(module).instantiate(f.store).func("all").call(0, 20);
                }
            }).isInstanceOf(LimitExceededException.class).hasMessageContaining("CodeLimits.engineBytes");
            assertThat(modules).hasSizeGreaterThan(3);
            f.store.close();
            modules.forEach(Module::close);
            try (Store store = f.engine.newStore()) {
                assertThat(f.linker.link(f.compile(many(20, 60))).instantiate(store).func("all").call(0, 20)[0])
                        .isEqualTo(sum(0, 20));
            }
        }
    }

    // ---- both forms of a module

    /** What was compiled at calls goes when the whole is there and no store can be in it any more. */
    @Test
    void supersededCodeGoesWithTheLastStore() {
        HookedGenerator generator = new HookedGenerator();
        try (Fixture f = new Fixture(LAZY, StoreLimits.DEFAULT, generator)) {
            NativeModule module = (NativeModule) f.compile(many(300, 20));
            var linked = f.linker.link(module);
            long stubs = module.share().used();
            Store store = f.engine.newStore();
            try (Store second = f.engine.newStore()) {
                Func all = linked.instantiate(store).func("all");
                linked.instantiate(second);
                all.call(0, 300);
                long lazily = module.share().used() - stubs;
                var budget = f.engine.compilers().beginBackground(1 << 20);
                assertThat(module.lazyCode().install(module.lazyCode().compileAll(budget, Runnable::run))).isTrue();
                f.engine.compilers().end(budget);
                module.discardSuperseded();
                assertThat(module.share().used()).as("both").isGreaterThan(stubs + lazily);
                assertThat(module.lazyCode().compiled()).isPositive();
                assertThat(all.call(0, 300)[0]).isEqualTo(sum(0, 300));
                store.close();
                assertThat(module.lazyCode().compiled()).as("one store left").isPositive();
            }
            assertThat(module.lazyCode().compiled()).isZero();
            module.lazyCode().check();
            Natives.of(f.engine).codeSpace().check();
            try (Store third = f.engine.newStore()) {
                assertThat(linked.instantiate(third).func("all").call(0, 300)[0]).isEqualTo(sum(0, 300));
            }
        }
    }

    // ---- trampolines

    /** A module whose exports and imports have that many shapes, each of its own. */
    private static String signatures(int count, int length, int module) {
        StringBuilder wat = new StringBuilder("(module");
        String[] letters = {"i32", "i64", "f32", "f64"};
        for (int kind = 0; kind < 2; kind++) {
            for (int i = 0; i < count; i++) {
                StringBuilder params = new StringBuilder();
                for (int bits = i * 64 + module; bits != 0; bits >>>= 2) {
                    params.append(letters[bits & 3]).append(' ');
                }
                params.append("i32 ".repeat(length));
                wat.append(kind == 0
                        ? "(import \"h\" \"f%d\" (func (param %s)))".formatted(i, params)
                        : "(func (export \"e%d\") (param %s))".formatted(i, params));
            }
        }
        return wat.append(")").toString();
    }

    /** They go with their module, however many there were. */
    @ParameterizedTest
    @EnumSource
    void trampolinesGoWithTheirModule(Compilation compilation) {
        try (Fixture f = new Fixture(Config.defaults().withCompilation(compilation), StoreLimits.DEFAULT)) {
            long before = Natives.of(f.engine).codeSpace().bytes();
            for (int i = 0; i < 4 * SCALE; i++) {
                NativeModule module = (NativeModule) f.compile(signatures(120, 100, i & 63));
                assertThat(module.share().used()).isGreaterThan(120 * 100 * 8);
                module.close();
                assertThat(module.share().used()).isZero();
                assertThat(Natives.of(f.engine).codeSpace().bytes()).isEqualTo(before);
            }
        }
    }

    /** With sallyport.stress, all the 2 GiB. */
    @Test
    void modulesFillTheSpace() {
        long most = SCALE > 1 ? 2L << 30 : 16 << 20;
        Config config = Config.defaults().withCodeLimits(CodeLimits.DEFAULT.withEngineBytes(most));
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT)) {
            long before = Natives.of(f.engine).codeSpace().bytes();
            byte[] wasm = Wat.compile(signatures(120, 900, 0).getBytes(UTF_8), "signatures", WatOptions.DEFAULT);
            List<Module> modules = new ArrayList<>();
            assertThatThrownBy(() -> {
                while (true) {
                    modules.add(f.engine.compile(wasm));
                }
            }).isInstanceOf(LimitExceededException.class);
            Natives.of(f.engine).codeSpace().check();
            long full = Natives.of(f.engine).codeSpace().bytes();
            System.out.printf("%d modules of %d bytes: %d bytes of code%n", modules.size(), wasm.length, full);
            assertThat(full).isGreaterThan(most * 7 / 8);
            modules.forEach(Module::close);
            assertThat(Natives.of(f.engine).codeSpace().bytes()).isEqualTo(before);
            f.instantiate(LazyTest.WAT).func("copy").call();
        }
    }

    @Test
    void trampolinesCountForTheirModule() {
        try (Fixture f = new Fixture(within(Compilation.EAGER, 100 << 10), StoreLimits.DEFAULT)) {
            long before = Natives.of(f.engine).codeSpace().bytes();
            assertThatThrownBy(() -> f.compile(signatures(200, 100, 0)))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("CodeLimits.moduleBytes");
            assertThat(Natives.of(f.engine).codeSpace().bytes()).isEqualTo(before);
        }
    }

    /** Functions that are no exports are entered by trampolines made when they are wanted, and so are a host's. */
    @Test
    void trampolinesThatAreWantedLater() {
        int functions = 30;
        StringBuilder wat = new StringBuilder("(module (table (export \"t\") 30 funcref)");
        for (int i = 0; i < functions; i++) {
            wat.append("(elem (i32.const %d) $f%d) (func $f%d (param %s) (result i32) (local.get %d))"
                    .formatted(i, i, i, "i32 ".repeat(10 * i + 1), 10 * i));
        }
        try (Fixture f = new Fixture()) {
            long before = Natives.of(f.engine).codeSpace().bytes();
            Store store = f.engine.newStore();
            Module module = f.compile(wat.append(")").toString());
            Instance instance = f.linker.link(module).instantiate(store);
            for (int i = 0; i < functions; i++) {
                Object[] args = IntStream.rangeClosed(0, 10 * i).boxed().toArray();
                Func func = (Func) instance.table("t").get(i);
                assertThat(func.call(args)[0]).isEqualTo(10 * i);
                Func host = store.newFunc(func.type(), (_, values) -> new Object[] {values.length});
                assertThat(host.call(args)[0]).isEqualTo(10 * i + 1);
            }
            Natives.of(f.engine).codeSpace().check();
            store.close();
            module.close();
            assertThat(Natives.of(f.engine).codeSpace().bytes()).isEqualTo(before);
        }
    }
}
