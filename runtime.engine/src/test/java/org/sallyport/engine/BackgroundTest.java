package org.sallyport.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.ArtefactKey;
import org.sallyport.CacheConfig;
import org.sallyport.CallContext;
import org.sallyport.Compilation;
import org.sallyport.CompilationException;
import org.sallyport.CompilationException.Reason;
import org.sallyport.CompileLimits;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Func;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Module;
import org.sallyport.StoreLimits;
import org.sallyport.TrapException;
import org.sallyport.engine.code.CodeSpace;
import org.sallyport.engine.code.LazyCode;
import org.sallyport.spi.CompileBudget;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;
import org.sallyport.wasm.FuncType;

/** Modules that are called lazily while the background compiles them whole. The testsuite runs so, too. */
@Timeout(120)
class BackgroundTest {
    private static final Config BACKGROUND = Config.defaults().withCompilation(Compilation.BACKGROUND);
    private static final ArtefactKey KEY = new ArtefactKey(new byte[32]);

    private final HookedGenerator generator = new HookedGenerator();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch mayGoOn = new CountDownLatch(1);

    private final Logger log = Logger.getLogger(Engine.class.getName());
    private final BlockingQueue<LogRecord> logged = new LinkedBlockingQueue<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            logged.add(entry);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        log.addHandler(handler);
    }

    @AfterEach
    void leaveNothingBehind() {
        mayGoOn.countDown();
        log.removeHandler(handler);
    }

    private Fixture fixture(Config config) {
        return new Fixture(config, StoreLimits.DEFAULT, generator);
    }

    /** The background begins, and waits for {@link #mayGoOn}. */
    private void holdUp() {
        generator.beforeWhole = _ -> {
            begun.countDown();
            await(mayGoOn);
        };
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait(); // the timeout of the class ends it
        }
    }

    private static LazyCode code(Module module) {
        return Natives.of(module).lazyCode();
    }

    private static void awaitWhole(Module module) {
        await(code(module)::isWhole);
    }

    /** Those of closed engines. */
    private static void awaitEndOfThreads() {
        await(() -> Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().contains("-background-")));
    }

    private static byte[] binary(String wat) {
        return Wat.compile(wat.getBytes(UTF_8), "test", WatOptions.DEFAULT.withNames(true));
    }

    // ---- the switch

    @Test
    void isCalledLazilyUntilItIsWhole() {
        holdUp();
        try (Fixture f = fixture(BACKGROUND)) {
            Module module = f.compile(LazyTest.WAT);
            LinkedModule linked = f.linker.link(module);
            Instance instance = linked.instantiate(f.store);
            assertThat(instance.func("leaf").call(41)[0]).isEqualTo(42);
            assertThat(code(module).compiled()).isEqualTo(1);
            assertThat(code(module).isWhole()).isFalse();

            mayGoOn.countDown();
            awaitWhole(module);
            assertThat(instance.func("leaf").call(41)[0]).isEqualTo(42);
            assertThat(instance.func("middle").call(2)[0]).isEqualTo(34);
            assertThat(instance.func("unused").call()[0]).isEqualTo(9);
            assertThat(instance.func("through").call(0, 5)[0]).isEqualTo(6);
            assertThat(code(module).compiled()).isEqualTo(1);
        }
    }

    @Test
    void addressesOfFunctionsDoNotChange() {
        holdUp();
        try (Fixture f = fixture(BACKGROUND)) {
            Module module = f.compile(LazyTest.WAT);
            LinkedModule linked = f.linker.link(module);
            Instance before = linked.instantiate(f.store);
            long address = address(before.func("leaf"));
            assertThat(address((Func) before.table("t").get(0))).isEqualTo(address);
            mayGoOn.countDown();
            awaitWhole(module);
            Instance after = linked.instantiate(f.store);
            assertThat(address(before.func("leaf"))).isEqualTo(address);
            assertThat(address(after.func("leaf"))).isEqualTo(address);
            assertThat(address((Func) after.table("t").get(0))).isEqualTo(address);
            assertThat(((Func) before.table("t").get(0)).call(7)[0]).isEqualTo(8);
        }
    }

    private static long address(Func func) {
        return Natives.code(func);
    }

    @Test
    void behavesLikeEagerCodeInBothForms() {
        List<Object> eager;
        try (Fixture f = new Fixture()) {
            eager = LazyTest.observe(f.instantiate(LazyTest.WAT));
        }
        holdUp();
        try (Fixture f = fixture(BACKGROUND)) {
            Instance instance = f.instantiate(LazyTest.WAT);
            assertThat(LazyTest.observe(instance)).isEqualTo(eager);
            mayGoOn.countDown();
            awaitWhole(instance.module());
            assertThat(LazyTest.observe(instance)).isEqualTo(eager);
        }
    }

    /** A frame of a function that was compiled at a call, and in it calls into the eager form. */
    @Test
    void aBacktraceHasFramesOfBothForms() {
        // @formatter:off
        String wat = """
                (module (import "h" "wait" (func $wait)) (memory 1)
                  (func $trap (param i32) %s (unreachable))
                  (func $outer (export "outer") (param i32)
                    (call $wait)
                    (if (local.get 0) (then (call $outer (i32.const 0))) (else (call $trap (i32.const 0))))))
                """.formatted("(i32.store (local.get 0) (i32.const 1))".repeat(40)); // too large to inline
        // @formatter:on
        AtomicReference<Module> made = new AtomicReference<>();
        List<List<?>> seen = new ArrayList<>();
        for (Config config : new Config[] {Config.defaults(), BACKGROUND}) {
            boolean background = config == BACKGROUND;
            if (background) {
                holdUp();
            }
            try (Fixture f = fixture(config)) {
                f.linker.define("h", "wait", FuncType.EMPTY, (_, _) -> {
                    if (background) {
                        mayGoOn.countDown();
                        awaitWhole(made.get());
                    }
                    return new Object[0];
                });
                made.set(f.compile(wat));
                Instance instance = f.linker.link(made.get()).instantiate(f.store);
                TrapException e = catchThrowableOfType(TrapException.class, () -> instance.func("outer").call(1));
                seen.add(e.frames());
                if (background) {
                    assertThat(code(made.get()).compiled()).as("functions compiled at calls").isEqualTo(1);
                }
            }
        }
        assertThat(seen.get(0)).hasSize(3);
        assertThat(seen.get(1)).isEqualTo(seen.get(0));
    }

    /** What was compiled at a call and comes after the whole changes nothing. */
    @Test
    void aFunctionThatComesTooLateIsDropped() throws Exception {
        holdUp();
        CountDownLatch compiledAtCall = new CountDownLatch(1);
        CountDownLatch whole = new CountDownLatch(1);
        generator.afterFunction = () -> {
            compiledAtCall.countDown();
            await(whole);
        };
        try (Fixture f = fixture(BACKGROUND);
                ExecutorService pool = Executors.newSingleThreadExecutor()) {
            Module module = f.compile(LazyTest.WAT);
            Instance instance = f.linker.link(module).instantiate(f.store);
            Future<Object[]> call = pool.submit(() -> instance.func("leaf").call(41));
            await(compiledAtCall);
            mayGoOn.countDown();
            awaitWhole(module);
            whole.countDown();
            assertThat(call.get()).containsExactly(42);
            assertThat(code(module).compiled()).isZero();
            long address = code(module).code(0, CompileBudget.unlimited());
            CodeSpace.Mapping mapping = Natives.of(f.engine).codeSpace().moduleAt(address);
            assertThat(mapping).isNotNull();
            assertThat(mapping.code()).isSameAs(module.compiledModule());
        }
    }

    @Test
    void manyThreadsCallWhileItBecomesWhole() throws Exception {
        int functions = 60;
        int threads = 4;
        byte[] wasm = binary(LazyTest.chain(functions));
        try (Fixture f = fixture(BACKGROUND);
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int round = 0; round < 20; round++) {
                Module module = f.engine.compile(wasm);
                LinkedModule linked = f.linker.link(module);
                CyclicBarrier start = new CyclicBarrier(threads);
                List<Callable<Integer>> calls = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    int first = t;
                    calls.add(() -> LazyTest.callAll(linked, functions, first % 2 == 0, f.engine, start));
                }
                for (Future<Integer> call : pool.invokeAll(calls)) {
                    assertThat(call.get()).isZero();
                }
                if (round % 2 == 0) { // else it is closed in the middle
                    awaitWhole(module);
                }
                module.close();
            }
        }
    }

    @Test
    void anInterruptionOfWhoCompiledIsNoneOfTheBackground() {
        holdUp();
        try (Fixture f = fixture(BACKGROUND)) {
            Module module = f.compile(LazyTest.WAT);
            await(begun);
            Thread.currentThread().interrupt();
            try {
                mayGoOn.countDown();
                awaitWhole(module);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
        }
    }

    @Test
    void modulesTakeTurnsInTheOrderInWhichTheyCome() {
        int modules = 20;
        AtomicInteger active = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Integer> order = new ArrayList<>(); // one thread at a time, as is asserted
        generator.beforeWhole = valid -> {
            most.accumulateAndGet(active.incrementAndGet(), Math::max);
            await(mayGoOn);
            order.add(valid.module().bodies().size());
        };
        generator.afterWhole = active::decrementAndGet;
        try (Fixture f = fixture(BACKGROUND)) { // one compiling thread
            List<Module> made = IntStream.rangeClosed(1, modules)
                    .mapToObj(i -> f.compile("(module " + "(func)".repeat(i) + ")"))
                    .toList();
            mayGoOn.countDown();
            made.forEach(BackgroundTest::awaitWhole);
            assertThat(most).hasValue(1);
            assertThat(order).containsExactlyElementsOf(IntStream.rangeClosed(1, modules).boxed().toList());
        }
    }

    @Test
    void threadsThatNobodyWaitsForAreNice() throws Exception {
        AtomicReference<String> stat = new AtomicReference<>();
        generator.beforeWhole = _ -> {
            try {
                stat.set(Files.readString(Path.of("/proc/thread-self/stat")));
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        };
        try (Fixture f = fixture(BACKGROUND)) {
            awaitWhole(f.compile(LazyTest.WAT));
            String behindName = stat.get().substring(stat.get().lastIndexOf(')') + 2);
            assertThat(behindName.split(" ")[16]).as("nice value").isEqualTo("10");
        }
    }

    // ---- who needs it all

    @Test
    void whoNeedsItAllWaitsForTheBackground() throws Exception {
        holdUp();
        try (Fixture f = fixture(BACKGROUND)) {
            Module module = f.compile(LazyTest.WAT);
            await(begun);
            AtomicReference<Object> result = new AtomicReference<>();
            Thread thread = Thread.ofPlatform().start(() -> result.set(module.compiledModule()));
            await(() -> thread.getState() == Thread.State.TIMED_WAITING);
            mayGoOn.countDown();
            thread.join();
            assertThat(result.get()).isSameAs(module.compiledModule());
            assertThat(f.engine.deserialize(module.serialize(KEY), KEY).compiledModule().code())
                    .isEqualTo(module.compiledModule().code());
            assertThat(generator.begun).hasValue(1);
        }
    }

    @Test
    void whoWaitsDoesSoWithinHisOwnLimits() {
        holdUp();
        try (Fixture f = fixture(BACKGROUND)) {
            Module module = f.compile(LazyTest.WAT);
            await(begun);
            assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(20), module::compiledModule))
                    .isInstanceOfSatisfying(
                            CompilationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DEADLINE));
            assertThat(generator.begun).hasValue(1);
            mayGoOn.countDown();
            awaitWhole(module);
        }
    }

    /** A module whose compilation has begun and is {@linkplain #holdUp held up}, unlike what comes behind it. */
    private Module keepBusy(Fixture f) {
        Module module = f.compile("(module (func))");
        await(begun);
        generator.beforeWhole = _ -> {};
        return module;
    }

    @Test
    void whoNeedsItAllDoesNotWaitForOthersToBeDone() {
        holdUp();
        try (Fixture f = fixture(BACKGROUND)) {
            Module other = keepBusy(f);
            Module module = f.compile(LazyTest.WAT);
            assertThat(module.compiledModule().functionCount()).isPositive();
            assertThat(code(module).isWhole()).isTrue();
            assertThat(code(other).isWhole()).isFalse();
            mayGoOn.countDown();
            awaitWhole(other);
            Module last = f.compile("(module (func))");
            awaitWhole(last); // and so the one before had its turn
            assertThat(generator.begun).hasValue(3);
        }
    }

    @Test
    void whoNeedsItAllAndFailsLeavesItToTheBackground() {
        holdUp();
        try (Fixture f = fixture(BACKGROUND)) {
            Module other = keepBusy(f);
            Module module = f.compile(LazyTest.WAT);
            Thread.currentThread().interrupt();
            assertThatThrownBy(module::compiledModule)
                    .isInstanceOfSatisfying(
                            CompilationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INTERRUPTED));
            assertThat(Thread.interrupted()).isTrue();
            mayGoOn.countDown();
            awaitWhole(other);
            awaitWhole(module);
        }
    }

    // ---- closing

    /** Compiles until the budget ends it. */
    private CountDownLatch compileForEver() {
        CountDownLatch ended = new CountDownLatch(1);
        generator.duringWhole = budget -> {
            begun.countDown();
            try {
                while (true) {
                    budget.check();
                    Thread.onSpinWait();
                }
            } catch (CompilationException e) {
                assertThat(e.reason()).isEqualTo(Reason.CLOSED);
                ended.countDown();
                throw e;
            }
        };
        return ended;
    }

    @Test
    void closingTheModuleEndsIt() {
        CountDownLatch ended = compileForEver();
        try (Fixture f = fixture(BACKGROUND)) {
            Module module = f.compile(LazyTest.WAT);
            await(begun);
            module.close();
            await(ended);
            generator.duringWhole = _ -> {};
            awaitWhole(f.compile(LazyTest.WAT));
            assertThat(logged).isEmpty();
        }
    }

    @Test
    void closingTheEngineEndsItAndWhatHasNotBegun() {
        CountDownLatch ended = compileForEver();
        Fixture f = fixture(BACKGROUND);
        for (int i = 0; i < 10; i++) {
            f.compile(LazyTest.WAT);
        }
        await(begun);
        f.close();
        await(ended);
        awaitEndOfThreads();
        assertThat(generator.begun).hasValue(1);
        assertThat(logged).isEmpty();
    }

    @Test
    void whatIsDoneTooLateIsNotMapped() {
        CountDownLatch compiled = new CountDownLatch(1);
        generator.afterWhole = () -> {
            compiled.countDown();
            await(mayGoOn);
        };
        MapStore store = new MapStore();
        Fixture f = fixture(BACKGROUND.withCache(CacheConfig.store(store, KEY)));
        NativeModule module = (NativeModule) f.compile(LazyTest.WAT);
        await(compiled);
        f.close();
        mayGoOn.countDown();
        awaitEndOfThreads();
        assertThat(code(module).isWhole()).isFalse();
        assertThat(store.entries).isEmpty();
    }

    @Test
    void aModuleClosedWhileStoresUseItStillBecomesWhole() {
        holdUp();
        try (Fixture f = fixture(BACKGROUND)) {
            Module module = f.compile(LazyTest.WAT);
            Instance instance = f.linker.link(module).instantiate(f.store);
            await(begun);
            module.close();
            mayGoOn.countDown();
            awaitWhole(module);
            assertThat(instance.func("middle").call(2)[0]).isEqualTo(34);
            assertThat(code(module).compiled()).isZero();
        }
    }

    // ---- failure

    @Test
    void limitsInTheBackgroundAreSaidAndHarmNoCall() throws Exception {
        String wat = """
                (module $m (func $large (export "large") (param i32) (result i32) (local.get 0) %s)
                  (func (export "small") (result i32) (i32.const 7)))
                """.formatted("i32.eqz ".repeat(200_000));
        Config config = BACKGROUND.withCompileLimits(CompileLimits.DEFAULT.withMemoryBytes(8 << 20));
        MapStore store = new MapStore();
        try (Fixture f = fixture(config.withCache(CacheConfig.store(store, KEY)))) {
            Instance instance = f.instantiate(wat);
            LogRecord entry = logged.take();
            assertThat(entry.getLevel()).isEqualTo(Level.WARNING);
            assertThat(entry.getMessage())
                    .startsWith("module m: compiling it in the background failed: ")
                    .contains("large", "CompileLimits.memoryBytes");
            assertThat(instance.func("small").call()[0]).isEqualTo(7);
            assertThat(code(instance.module()).isWhole()).isFalse();
            assertThat(store.entries).isEmpty();
            assertThat(logged).isEmpty();
        }
    }

    @Test
    void faultsOfTheCompilerAreSaidAndHarmNoCall() throws Exception {
        generator.beforeWhole = _ -> {
            throw new AssertionError("BUG: made up");
        };
        try (Fixture f = fixture(BACKGROUND)) {
            Instance instance = f.instantiate(LazyTest.WAT);
            LogRecord entry = logged.take();
            assertThat(entry.getMessage()).contains("BUG: made up");
            assertThat(entry.getThrown()).isInstanceOf(AssertionError.class);
            assertThat(instance.func("middle").call(2)[0]).isEqualTo(34);
            generator.beforeWhole = _ -> {};
            assertThat(instance.module().compiledModule().functionCount()).isPositive(); // who needs it may try
            assertThat(code(instance.module()).isWhole()).isTrue();
        }
    }

    // ---- the code cache

    @Test
    void theCacheGetsTheEagerFormOnce() {
        MapStore eager = new MapStore();
        try (Fixture f = fixture(Config.defaults().withCache(CacheConfig.store(eager, KEY)))) {
            f.compile(LazyTest.WAT);
        }
        MapStore store = new MapStore();
        Config config = BACKGROUND.withCache(CacheConfig.store(store, KEY));
        try (Fixture f = fixture(config)) {
            Module module = f.compile(LazyTest.WAT);
            await(() -> f.engine.codeCache().statistics().stored() > 0);
            module.serialize(KEY);
            Module again = f.compile(LazyTest.WAT);
            assertThat(Natives.of(again).isLazy()).isFalse();
            assertThat(f.engine.codeCache().statistics()).isEqualTo(
                    new org.sallyport.CodeCache.Statistics(1, 1, 1, 0, 0, 0, 0, 0));
        }
        assertThat(store.name()).isEqualTo(eager.name());
        assertThat(store.entry()).isEqualTo(eager.entry());
        try (Fixture f = fixture(config)) {
            Instance instance = f.instantiate(LazyTest.WAT);
            assertThat(Natives.of(instance.module()).isLazy()).isFalse();
            assertThat(instance.func("middle").call(2)[0]).isEqualTo(34);
            assertThat(f.engine.codeCache().statistics().hits()).isEqualTo(1);
        }
        assertThat(generator.begun).hasValue(2);
    }

    /** The class loader may be closed by then: any class that is not there yet is missing, and nobody wants to know. */
    @Test
    void whatFailsAfterTheEngineIsClosedIsNotTold() throws Exception {
        holdUp();
        generator.duringWhole = _ -> {
            throw new NoClassDefFoundError("expected by the test");
        };
        Thread worker;
        try (Fixture f = fixture(BACKGROUND)) {
            f.compile("(module $m (func (export \"f\")))");
            begun.await();
            String name = f.engine.name() + "-background-0";
            worker = Thread.getAllStackTraces().keySet().stream()
                    .filter(t -> t.getName().equals(name))
                    .findFirst()
                    .orElseThrow();
        }
        mayGoOn.countDown();
        worker.join();
        assertThat(logged).isEmpty();
    }
}
