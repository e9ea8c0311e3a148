package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.sallyport.ArtefactKey;
import org.sallyport.CallContext;
import org.sallyport.Caller;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.ExternRef;
import org.sallyport.Func;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunctionException;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.Linker;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;
import org.sallyport.StoreLimits;
import org.sallyport.Table;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.text.Wat;
import org.sallyport.text.wast.EngineHost;
import org.sallyport.text.wast.Report;
import org.sallyport.text.wast.Testsuite;
import org.sallyport.text.wast.WastRunner;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.StructType;

/**
 * Back ends without machine code behind the same API: the specification's testsuite as far as they have it, host functions,
 * limits, traps, deadlines.
 */
abstract class ObjectBackEndContract {
    private final Map<Set<Feature>, Engine> engines = new HashMap<>();
    final Engine engine = create(Config.defaults().withCompileThreads(1));
    private final Store store = engine.newStore();
    final Linker linker = engine.newLinker();

    @AfterEach
    void close() {
        engines.values().forEach(Engine::close);
        engine.close();
    }

    /** An engine of the back end. */
    abstract Engine create(Config config);

    /** What it says it is. */
    abstract String target();

    /** Whether a store knows how many objects of the host guests refer to: where that are the objects, it does not. */
    boolean countsHostObjects() {
        return false;
    }

    /** Whether a script of the testsuite, a path in it, uses what the back end lacks. */
    abstract boolean isBeyond(String script);

    /** Whether commands of the other scripts may be refused for the lack of that feature. */
    boolean mayLack(String feature) {
        return true;
    }

    final Instance instantiate(String wat) {
        return linker.link(engine.compile(Wat.compile(wat))).instantiate(store);
    }

    // ---- the testsuite

    /** What is refused by name is not counted; all else passes. */
    @TestFactory
    Stream<DynamicTest> testsuite() throws Exception {
        Testsuite suite = Testsuite.find().orElse(null);
        Assumptions.assumeTrue(suite != null, "no WebAssembly testsuite");
        return suite.names().stream()
                .filter(name -> !isBeyond(name))
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    Engine one = engines.computeIfAbsent(
                            Testsuite.features(name), f -> create(EngineHost.config(f).withCompileThreads(1)));
                    try (EngineHost host = new EngineHost(one)) {
                        Report report = WastRunner.run(suite.script(name), host);
                        assertThat(report.failures()).isEmpty();
                        assertThat(report.missing().keySet()).allMatch(this::mayLack);
                    }
                }));
    }

    // ---- the API

    @Test
    void isChosenAndSaysSo() {
        assertThat(engine.backEnd()).startsWith(target());
        assertThat(engine.codeCache()).isNull();
        Module module = engine.compile(Wat.compile("(module)"));
        assertThatThrownBy(() -> module.serialize(new ArtefactKey(new byte[32])))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining(target());
    }

    /** These two need no atomic access: nobody waits at a memory that is not shared, and nobody may. */
    @Test
    void nobodyWaitsAtAMemoryOfOneStore() {
        Instance instance = instantiate("""
                (module
                  (memory 1)
                  (func (export "notify") (param i32) (result i32) (memory.atomic.notify (local.get 0) (i32.const 1)))
                  (func (export "wait") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))
                """);
        assertThat(instance.func("notify").call(8)).containsExactly(0);
        assertThatThrownBy(() -> instance.func("wait").call()).isInstanceOf(TrapException.class);
    }

    static int twice(int a) {
        return 2 * a;
    }

    static int through(Caller caller, int a) throws Throwable {
        caller.memory().setInt(8, a);
        return (int) caller.func("double").handle().invokeExact(a) + caller.memory().getInt(8);
    }

    private static MethodHandle host(String name, Class<?>... params) throws ReflectiveOperationException {
        return MethodHandles.lookup().findStatic(ObjectBackEndContract.class, name, MethodType.methodType(int.class, params));
    }

    interface Calculator {
        int outer(int a);

        long sum(long a, long b);
    }

    @Test
    void hostFunctionsCallBack() throws Throwable {
        linker.define("h", "twice", host("twice", int.class))
                .define("h", "through", host("through", Caller.class, int.class));
        Instance instance = instantiate("""
                (module
                  (import "h" "twice" (func $twice (param i32) (result i32)))
                  (import "h" "through" (func $through (param i32) (result i32)))
                  (memory (export "memory") 1)
                  (func (export "double") (param i32) (result i32) (call $twice (local.get 0)))
                  (func (export "outer") (param i32) (result i32) (call $through (local.get 0)))
                  (func (export "sum") (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1)))
                  (func (export "swap") (param i32 f64) (result f64 i32) (local.get 1) (local.get 0)))
                """);
        assertThat(instance.func("outer").call(7)).containsExactly(21);
        assertThat(instance.func("swap").call(7, 2.5)).containsExactly(2.5, 7);
        Calculator calculator = instance.bind(Calculator.class);
        assertThat(calculator.outer(5)).isEqualTo(15);
        assertThat(calculator.sum(1L << 40, 2)).isEqualTo((1L << 40) + 2);
    }

    public interface Echo {
        ExternRef echo(ExternRef value);

        Object twice(Object value);
    }

    static ExternRef wrapped(ExternRef value) {
        return new ExternRef(List.of(value.value()));
    }

    @Test
    void objectsOfTheHostAreReferences() throws Throwable {
        linker.define("h", "wrap", MethodHandles.lookup().findStatic(
                ObjectBackEndContract.class, "wrapped", MethodType.methodType(ExternRef.class, ExternRef.class)));
        Echo echo = instantiate("""
                (module
                  (import "h" "wrap" (func $wrap (param externref) (result externref)))
                  (func (export "echo") (param externref) (result externref) (local.get 0))
                  (func (export "twice") (param externref) (result externref)
                    (call $wrap (call $wrap (local.get 0)))))
                """).bind(Echo.class);
        assertThat(echo.echo(new ExternRef("text"))).isEqualTo(new ExternRef("text"));
        assertThat(echo.echo(null)).isNull();
        assertThat(echo.twice("text")).isEqualTo(List.of(List.of("text")));
        assertThat(store.heap().statistics().hostObjects() > 0).isEqualTo(countsHostObjects());
        if (countsHostObjects()) { // there are no structures, either
            HeapType.Concrete type = store.newType(new StructType(List.of()));
            assertThatThrownBy(() -> store.newStruct(type)).isInstanceOf(UnsupportedFeatureException.class);
            assertThatThrownBy(store::openScope).isInstanceOf(UnsupportedFeatureException.class);
        }
    }

    @Test
    void memoriesTablesAndGlobalsAreObjectsOfTheStore() {
        Instance instance = instantiate("""
                (module
                  (memory (export "m") 1 3) (data (i32.const 4) "\\01\\02\\03\\04")
                  (table (export "t") 2 8 funcref) (elem (i32.const 1) $f)
                  (global (export "g") (mut i64) (i64.const 5))
                  (func $f (export "f") (result i32) (i32.load (i32.const 4)))
                  (func (export "grow") (result i32) (memory.grow (i32.const 1))))
                """);
        Memory memory = instance.memory("m");
        assertThat(memory.getInt(4)).isEqualTo(0x04030201);
        assertThat(instance.func("f").call()).containsExactly(0x04030201);
        assertThat(instance.func("grow").call()).containsExactly(1);
        assertThat(memory.byteSize()).isEqualTo(2 << 16);
        memory.write((2 << 16) - 2, new byte[] {5, 6}, 0, 2);
        assertThat(memory.getShort((2 << 16) - 2)).isEqualTo((short) 0x0605);
        assertThatThrownBy(() -> memory.getInt((2 << 16) - 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(memory.grow(2)).isEqualTo(-1);
        Table table = instance.table("t");
        assertThat(table.get(0)).isNull();
        assertThat(((Func) table.get(1)).call()).containsExactly(0x04030201);
        table.set(0, table.get(1));
        assertThat(table.get(0)).isSameAs(table.get(1));
        assertThat(table.grow(3, null)).isEqualTo(2);
        instance.global("g").set(9L);
        assertThat(instance.global("g").get()).isEqualTo(9L);
        assertThat(store.memoryBytes()).isEqualTo(2 << 16);
    }

    @Test
    void limitsHold() {
        try (Store small = engine.newStore(StoreLimits.DEFAULT.withMemoryBytes(3 << 16))) {
            Module module = engine.compile(Wat.compile("""
                    (module (memory (export "m") 2) (func (export "grow") (result i32) (memory.grow (i32.const 2))))
                    """));
            Instance instance = linker.link(module).instantiate(small);
            assertThat(instance.func("grow").call()).containsExactly(-1);
            assertThatThrownBy(() -> instance.memory("m").grow(2))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("StoreLimits.memoryBytes");
            assertThatThrownBy(() -> linker.link(module).instantiate(small)).isInstanceOf(LimitExceededException.class);
        }
    }

    @Test
    void trapsHaveABacktraceAndTheStoreGoesOn() {
        Instance instance = instantiate("""
                (module
                  (memory 1)
                  (func $load (param i32) (result i32) (i32.load (local.get 0)) (loop $l) )
                  (func $outer (export "outer") (param i32) (result i32) (i32.add (call $load (local.get 0)) (i32.const 0)))
                  (func $deep (export "deep") (result i32) (i32.add (i32.const 1) (call $deep))))
                """);
        assertThatThrownBy(() -> instance.func("outer").call(1 << 16))
                .isInstanceOfSatisfying(TrapException.class, e -> {
                    assertThat(e.code()).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
                    assertThat(e.frames().stream().map(f -> f.function())).containsExactly(0, 1);
                });
        assertThatThrownBy(() -> instance.func("deep").call())
                .isInstanceOfSatisfying(TrapException.class, e ->
                        assertThat(e.code()).isEqualTo(TrapCode.STACK_OVERFLOW));
        assertThat(instance.func("outer").call(0)).containsExactly(0);
    }

    private static final String SPIN = """
            (module (import "h" "f" (func $f)) (func (export "spin") (loop (br 0))) (func (export "host") (call $f)))
            """;

    @Test
    void deadlinesAndInterruptionStopGuests() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        linker.define("h", "f", org.sallyport.wasm.FuncType.EMPTY, (_, _) -> {
            inside.countDown();
            new CountDownLatch(1).await();
            return new Object[0];
        });
        Module module = engine.compile(Wat.compile(SPIN));
        int stopped = 0;
        for (int i = 0; i < 50; i++) {
            try (Store one = engine.newStore()) {
                Func spin = linker.link(module).instantiate(one).func("spin");
                long start = System.nanoTime();
                assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(10), () -> spin.call()))
                        .isInstanceOfSatisfying(GuestInterruptedException.class, e ->
                                assertThat(e.reason()).isEqualTo(GuestInterruptedException.Reason.DEADLINE));
                assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
                if (one.poisonedBecause() != null) { // else the time was over before the call began
                    assertThatThrownBy(spin::call).isInstanceOf(StoreClosedException.class);
                    stopped++;
                }
            }
        }
        assertThat(stopped).isPositive();
        Func blocked = linker.link(module).instantiate(store).func("host");
        Thread interrupter = Thread.ofPlatform().start(() -> {
            try {
                inside.await();
            } catch (InterruptedException e) {
                return;
            }
            store.interrupt();
        });
        assertThatThrownBy(blocked::call).isInstanceOf(GuestInterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
        interrupter.join();
    }

    @Test
    void closingWaitsForTheCallInside() throws Exception {
        linker.define("h", "f", org.sallyport.wasm.FuncType.EMPTY, (_, _) -> new Object[0]);
        Store other = engine.newStore();
        Func spin = linker.link(engine.compile(Wat.compile(SPIN))).instantiate(other).func("spin");
        CountDownLatch begun = new CountDownLatch(1);
        Thread thread = Thread.ofPlatform().start(() -> {
            begun.countDown();
            assertThatThrownBy(spin::call).isInstanceOfAny(GuestInterruptedException.class, StoreClosedException.class);
        });
        begun.await();
        Thread.sleep(20);
        other.close();
        thread.join();
        assertThatThrownBy(spin::call).isInstanceOf(StoreClosedException.class);
    }

    @Test
    void whatAHostThrowsIsNamed() {
        linker.define("h", "f", org.sallyport.wasm.FuncType.EMPTY, (_, _) -> {
            throw new java.io.IOException("expected");
        });
        Instance instance = instantiate(SPIN);
        assertThatThrownBy(() -> instance.func("host").call())
                .isInstanceOf(HostFunctionException.class)
                .hasMessageContaining("h.f")
                .hasRootCauseMessage("expected");
        assertThat(List.of(instance.exportNames())).isNotEmpty();
    }
}
