package org.sallyport.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.CallContext;
import org.sallyport.CompileLimits;
import org.sallyport.Config;
import org.sallyport.Func;
import org.sallyport.GuestException;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.LinkedModule;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.TrapException;
import org.sallyport.engine.code.LazyCode;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;

/** Functions compiled when they are first called. The testsuite runs in this way, too ({@link SuiteTest}). */
@Timeout(120)
class LazyTest {
    private static final Config LAZY = Config.defaults().withLazy(true);

    // @formatter:off
    static final String WAT = """
            (module
              (type $mix (func (param i32 i64 f32 f64 i32 i64 i32 i64 i32 i64 i32 i64 f32 f64 v128) (result f64)))
              (memory (export "memory") 1) (table (export "t") 4 funcref)
              (elem (i32.const 0) $leaf $trap)
              (func $leaf (export "leaf") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
              (func $middle (export "middle") (param i32) (result i32)
                (if (i32.eqz (local.get 0)) (then (return (i32.const 7))))
                (i32.mul (call $leaf (call $middle (i32.sub (local.get 0) (i32.const 1)))) (i32.const 2)))
              (func $unused (export "unused") (result i32) (call $never))
              (func $never (result i32) (i32.const 9))
              (func $trap (export "trap") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
              (func $outer (export "outer") (param i32) (result i32) (call $trap (local.get 0)))
              (func (export "through") (param i32 i32) (result i32)
                (call_indirect (param i32) (result i32) (local.get 1) (local.get 0)))
              (func (export "copy") (memory.copy (i32.const 10) (i32.const 0) (i32.const 100))
                (memory.fill (i32.const 0) (i32.const 1) (i32.const 10))))
            """;
    // @formatter:on

    private static LazyCode code(Module module) {
        return Natives.of(module).lazyCode();
    }

    /** For whoever does not want calls to compile. */
    @Test
    void runsTheWholeModuleOnceSomebodyHadItMade() {
        try (Fixture f = new Fixture(LAZY, StoreLimits.DEFAULT)) {
            Module module = f.compile(WAT);
            Instance instance = f.linker.link(module).instantiate(f.store);
            assertThat(instance.func("leaf").call(41)[0]).isEqualTo(42);
            module.compiledModule();
            assertThat(code(module).isWhole()).isTrue();
            assertThat(instance.func("leaf").call(41)[0]).isEqualTo(42);
            assertThat(instance.func("middle").call(2)[0]).isEqualTo(34);
            assertThat(instance.func("through").call(0, 5)[0]).isEqualTo(6);
            assertThat(code(module).compiled()).as("compiled at calls").isEqualTo(1);
        }
    }

    @Test
    void compilesWhatIsCalledOnceAndNothingElse() {
        try (Fixture f = new Fixture(LAZY, StoreLimits.DEFAULT)) {
            Module module = f.compile(WAT);
            LinkedModule linked = f.linker.link(module);
            Instance instance = linked.instantiate(f.store);
            assertThat(code(module).compiled()).isZero();
            assertThat(instance.func("leaf").call(41)[0]).isEqualTo(42);
            assertThat(code(module).compiled()).isEqualTo(1);
            for (int i = 0; i < 3; i++) {
                assertThat(instance.func("middle").call(2)[0]).isEqualTo(34);
                assertThat(instance.func("through").call(0, 5)[0]).isEqualTo(6);
            }
            assertThat(code(module).compiled()).isBetween(2, 3); // small functions are inlined
            try (Store other = f.engine.newStore()) {
                assertThat(linked.instantiate(other).func("leaf").call(1)[0]).isEqualTo(2);
            }
            assertThat(((Func) instance.table("t").get(0)).call(7)[0]).isEqualTo(8);
            assertThat(code(module).compiled()).isBetween(2, 3);
            instance.func("copy").call();
        }
    }

    @Test
    void behavesLikeEagerCode() {
        List<List<Object>> seen = new ArrayList<>();
        for (boolean lazy : new boolean[] {true, false}) {
            try (Fixture f = new Fixture(Config.defaults().withLazy(lazy), StoreLimits.DEFAULT)) {
                Instance instance = f.instantiate(WAT);
                seen.add(observe(instance));
                seen.add(observe(instance));
            }
        }
        assertThat(seen).hasSize(4).allMatch(seen.getFirst()::equals);
    }

    /** Results, traps and backtraces of an instance of {@link #WAT}. */
    static List<Object> observe(Instance instance) {
        List<Object> seen = new ArrayList<>();
        seen.add(instance.func("middle").call(5)[0]);
        for (String name : new String[] {"trap", "outer", "middle"}) {
            int argument = name.equals("middle") ? 10_000_000 : 0;
            GuestException e = catchThrowableOfType(GuestException.class, () -> instance.func(name).call(argument));
            seen.add(e.getMessage());
            seen.add(e.frames().subList(0, Math.min(e.frames().size(), 50)));
        }
        assertThatThrownBy(() -> instance.func("through").call(1, 0)).isInstanceOf(TrapException.class);
        assertThatThrownBy(() -> instance.func("through").call(3, 0)).isInstanceOf(TrapException.class);
        return seen;
    }

    /** Every register and stack slot that arguments can be in survives the compilation. */
    @Test
    void argumentsSurvive() {
        // @formatter:off
        String wat = """
                (module
                  (func $all (param i32 i64 f32 f64 i32 i64 i32 i64 i32 i64 i32 i64 f32 f64 f64 f64 f64 f64 f64 f64 f32)
                    (result f64 i64)
                    (local f64)
                    %s
                    (f64.add (f64.add (f64.add (f64.promote_f32 (local.get 2)) (f64.mul (local.get 3) (f64.const 3)))
                      (f64.add (f64.promote_f32 (local.get 12)) (f64.mul (local.get 13) (f64.const 5))))
                      (f64.add (f64.sub (local.get 14) (f64.mul (local.get 15) (f64.const 7)))
                      (f64.add (f64.sub (local.get 16) (f64.mul (local.get 17) (f64.const 9)))
                      (f64.sub (f64.promote_f32 (local.get 20)) (f64.sub (local.get 18) (local.get 19))))))
                    (i64.add (i64.add (i64.extend_i32_u (local.get 0)) (i64.mul (local.get 1) (i64.const 3)))
                     (i64.add (i64.sub (i64.extend_i32_u (local.get 4)) (i64.mul (local.get 5) (i64.const 5)))
                     (i64.add (i64.sub (i64.extend_i32_u (local.get 6)) (i64.mul (local.get 7) (i64.const 7)))
                     (i64.add (i64.sub (i64.extend_i32_u (local.get 8)) (i64.mul (local.get 9) (i64.const 9)))
                     (i64.sub (i64.extend_i32_u (local.get 10)) (i64.mul (local.get 11) (i64.const 11))))))))
                  (func (export "f") (result f64 i64)
                    (call $all (i32.const -1) (i64.const -2) (f32.const 0.5) (f64.const 1.5) (i32.const 5) (i64.const 6)
                      (i32.const 7) (i64.const 8) (i32.const 9) (i64.const 10) (i32.const 11) (i64.const 12)
                      (f32.const 2.5) (f64.const 3.5) (f64.const 4.5) (f64.const 5.5) (f64.const 6.5) (f64.const 7.5)
                      (f64.const 8.5) (f64.const 9.5) (f32.const 10.5))))
                """.formatted("(local.set 21 (f64.add (local.get 3) (f64.const 1)))".repeat(40)); // too large to inline
        // @formatter:on
        List<List<Object>> seen = new ArrayList<>();
        for (boolean lazy : new boolean[] {true, false}) {
            Config config = Config.defaults().withLazy(lazy);
            for (boolean optimize : new boolean[] {true, false}) {
                try (Fixture f = new Fixture(
                        config.withCompile(config.compile().withOptimize(optimize)), StoreLimits.DEFAULT)) {
                    Func func = f.instantiate(wat).func("f");
                    seen.add(List.of(func.call()));
                    seen.add(List.of(func.call()));
                }
            }
        }
        assertThat(seen).hasSize(8).allMatch(seen.getFirst()::equals);
    }

    static String chain(int functions) {
        StringBuilder wat = new StringBuilder("(module (memory 1)");
        for (int i = 0; i < functions; i++) {
            wat.append("(func $f%d (export \"f%d\") (param i32) (result i32)".formatted(i, i));
            wat.append("(i32.store (i32.const %d) (local.get 0))".formatted(4 * i).repeat(20));
            wat.append(i == 0
                    ? "(i32.const 0))"
                    : "(i32.add (i32.const 1) (call $f%d (local.get 0))))".formatted(i - 1));
        }
        return wat.append(")").toString();
    }

    /**
     * Calls each function of a {@link #chain} in a store of its own, once all are there.
     *
     * @return 0 if all results are right
     */
    static int callAll(
            LinkedModule linked, int functions, boolean forwards, EngineImpl engine, CyclicBarrier start)
            throws Exception {
        try (Store store = engine.newStore()) {
            Instance instance = linked.instantiate(store);
            start.await();
            return IntStream.range(0, functions)
                    .map(i -> forwards ? i : functions - 1 - i)
                    .map(i -> (int) instance.func("f" + i).call(3)[0] - i)
                    .sum();
        }
    }

    /** Many threads, each in a store of its own, call the same functions for the first time. */
    @Test
    void manyThreadsCallAtOnce() throws Exception {
        int functions = 60;
        int threads = 8;
        byte[] wasm = Wat.compile(chain(functions).getBytes(UTF_8), "chain", WatOptions.DEFAULT);
        try (Fixture f = new Fixture(LAZY, StoreLimits.DEFAULT);
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int round = 0; round < 10; round++) {
                Module module = f.engine.compile(wasm);
                LinkedModule linked = f.linker.link(module);
                CyclicBarrier start = new CyclicBarrier(threads);
                List<Callable<Integer>> calls = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    int first = t;
                    calls.add(() -> callAll(linked, functions, first % 2 == 0, f.engine, start));
                }
                for (Future<Integer> call : pool.invokeAll(calls)) {
                    assertThat(call.get()).isZero();
                }
                assertThat(code(module).compiled()).isEqualTo(functions);
                module.close();
            }
        }
    }

    private static byte[] huge() {
        return CompileLimitsTest.hugeFunction();
    }

    @Test
    void anInterruptedThreadMayCallFunctionsForTheFirstTime() {
        try (Fixture f = new Fixture(LAZY, StoreLimits.DEFAULT)) {
            Instance instance = f.instantiate(WAT);
            Thread.currentThread().interrupt();
            try {
                assertThat(instance.func("middle").call(2)[0]).isEqualTo(34);
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            } finally {
                Thread.interrupted();
            }
        }
    }

    /** Validation is over soon, compilation is not: the call ends at its deadline all the same. */
    @Test
    void deadlinesHoldWhileAFunctionIsCompiled() {
        try (Fixture f = new Fixture(LAZY, StoreLimits.DEFAULT)) {
            Module module = f.engine.compile(huge());
            Instance instance = f.linker.link(module).instantiate(f.store);
            Func func = instance.func("f");
            long start = System.nanoTime();
            assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(50), () -> func.call(1)))
                    .isInstanceOfSatisfying(GuestInterruptedException.class, e -> assertThat(e.reason())
                            .isEqualTo(GuestInterruptedException.Reason.DEADLINE));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
            assertThat(f.store.poisonedBecause()).isNotNull();
            assertThat(code(module).compiled()).isZero();
        }
    }

    @Test
    void closingAStoreEndsTheCompilationInIt() throws Exception {
        try (Fixture f = new Fixture(LAZY, StoreLimits.DEFAULT)) {
            Module module = f.engine.compile(huge());
            Store store = f.engine.newStore();
            Func func = f.linker.link(module).instantiate(store).func("f");
            var failure = new java.util.concurrent.atomic.AtomicReference<Throwable>();
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    func.call(1);
                } catch (Throwable t) {
                    failure.set(t);
                }
            });
            while (((StoreImpl) store).execution().inside() == null) {
                assertThat(thread.isAlive()).isTrue();
                Thread.sleep(1);
            }
            module.close();
            store.close();
            assertThat(thread.join(Duration.ofSeconds(5))).isTrue();
            assertThat(failure.get()).isInstanceOfSatisfying(GuestInterruptedException.class, e -> assertThat(e.reason())
                    .isEqualTo(GuestInterruptedException.Reason.CLOSE));
        }
    }

    @Test
    void aFunctionThatCannotBeCompiledFailsThatCall() {
        Config config = LAZY.withCompileLimits(CompileLimits.DEFAULT.withMemoryBytes(32 << 20));
        try (Fixture f = new Fixture(config, StoreLimits.DEFAULT)) {
            Instance instance = f.linker.link(f.engine.compile(huge())).instantiate(f.store);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> instance.func("f").call(1))
                        .isInstanceOf(LimitExceededException.class)
                        .hasMessageContaining("func[0]")
                        .hasMessageContaining("CompileLimits.memoryBytes");
            }
            assertThat(f.store.poisonedBecause()).isNull();
        }
    }
}
