package org.sallyport.engine;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;

import org.sallyport.CallContext;
import org.sallyport.Caller;
import org.sallyport.Config;
import org.sallyport.Instance;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.TrapException;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.service.Engines;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.text.Wat;
import org.sallyport.validator.ModuleValidator;

/** Prints what the ways into and out of the guest cost. Not a test: run it by hand on a quiet machine. */
public final class MeasureCalls {
    private static final String WAT = """
            (module $m
              (import "env" "host" (func $host (param i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
              (func (export "boom") unreachable)
              (func (export "call") (param i32) (result i32) (call $host (local.get 0)))
              (func (export "calls") (param i32) (result i32)
                (loop (drop (call $host (local.get 0)))
                  (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (i32.const 0))
              (func $far (param i32 i32) (result i32)
                (if (result i32) (local.get 0)
                  (then (call $far (i32.sub (local.get 0) (i32.const 1)) (local.get 1)))
                  (else (call $host (local.get 1)))))
              (func (export "deep") (param i32) (result i32)
                (loop (drop (call $far (i32.const 5) (local.get 0)))
                  (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (i32.const 0))
              (tag $e (param i32))
              (func $thrower (param i32)
                (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 1))))
                (call $thrower (i32.sub (local.get 0) (i32.const 1))))
              (func (export "throws") (param i32 i32) (result i32)
                (loop
                  (block (result i32) (try_table (catch $e 0) (call $thrower (local.get 1))) (unreachable))
                  (drop)
                  (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (i32.const 0))
              (func (export "keeps") (param i32 i32) (result i32)
                (loop
                  (block (result i32 exnref) (try_table (catch_ref $e 0) (call $thrower (local.get 1))) (unreachable))
                  (drop) (drop)
                  (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (i32.const 0))
              (func (export "grows") (param i32) (result i32)
                (loop (drop (memory.grow (i32.const 0)))
                  (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (i32.const 0)))
            """;

    /** For {@code bind}. */
    public interface Adder {
        int add(int a, int b);
    }

    private interface Body {
        long run() throws Throwable;
    }

    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final Setup SETUP = new Setup();
    private static final MethodHandle ADD = SETUP.instance.func("add").handle();
    private static final MethodHandle CALL = SETUP.instance.func("call").handle();
    private static final Adder ADDER = SETUP.instance.bind(Adder.class);

    private static final class Setup {
        final EngineImpl engine = Engines.make(
                Config.defaults(), new BinaryLoader(), new ModuleValidator(), new NativeCodeGenerator(),
                new PoolingAllocator());
        final Module module = engine.compile(Wat.compile(WAT));
        final Store store = engine.newStore();
        final Linker linker;
        final Instance instance;

        Setup() {
            try {
                linker = engine.newLinker().define("env", "host", MethodHandles.lookup().findStatic(
                        MeasureCalls.class, "host", MethodType.methodType(int.class, Caller.class, int.class)));
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
            instance = linker.link(module).instantiate(store);
        }
    }

    private MeasureCalls() {}

    @SuppressWarnings("unused")
    private static int host(Caller caller, int x) {
        return x + 1;
    }

    private static void time(String what, int calls, Body body) throws Throwable {
        double best = Double.MAX_VALUE;
        int count = calls / 100;
        for (int round = 0; round < 400; round++) {
            long start = System.nanoTime();
            long sum = 0;
            for (int i = 0; i < count; i++) {
                sum += body.run();
            }
            best = Math.min(best, System.nanoTime() - start);
            if (sum == 42) {
                System.out.print(' ');
            }
        }
        System.out.printf("%-44s %10.1f ns%n", what, best / count);
    }

    /** Prints one line per way. */
    public static void main(String[] args) throws Throwable {
        MethodHandle add = SETUP.instance.func("add").handle();
        time("call in, constant handle", 20_000_000, () -> (int) ADD.invokeExact(1, 2));
        time("call in, handle in a local", 20_000_000, () -> (int) add.invokeExact(1, 2));
        time("call in, bound interface", 20_000_000, () -> ADDER.add(1, 2));
        time("the same in a scope with a deadline, new", 5_000_000, () ->
                CallContext.withTimeout(TIMEOUT, () -> ADDER.add(1, 2)));
        CallContext.withTimeout(TIMEOUT, () -> {
            time("the same with the deadline around it", 5_000_000, () -> ADDER.add(1, 2));
            return null;
        });
        time("call in, boxed", 5_000_000, () -> (int) SETUP.instance.func("add").call(1, 2)[0]);
        time("call in and one host call", 10_000_000, () -> (int) CALL.invokeExact(1));
        MethodHandle calls = SETUP.instance.func("calls").handle();
        time("1000 host calls in a loop", 20_000, () -> (int) calls.invokeExact(1000));
        MethodHandle deep = SETUP.instance.func("deep").handle();
        time("1000 host calls, each 6 frames deep", 20_000, () -> (int) deep.invokeExact(1000));
        MethodHandle grows = SETUP.instance.func("grows").handle();
        time("1000 memory.grow(0)", 20_000, () -> (int) grows.invokeExact(1000));
        MethodHandle throwing = SETUP.instance.func("throws").handle();
        time("1000 exceptions, caught one frame up", 2_000, () -> (int) throwing.invokeExact(1000, 0));
        time("1000 exceptions, caught ten frames up", 2_000, () -> (int) throwing.invokeExact(1000, 9));
        MethodHandle keeping = SETUP.instance.func("keeps").handle();
        time("1000 exceptions, ten frames up, by reference", 2_000, () -> (int) keeping.invokeExact(1000, 9));
        time("memory.getInt from outside", 20_000_000, () -> SETUP.instance.memory("memory").getInt(8));
        time("trap", 20_000, () -> {
            try {
                SETUP.instance.func("boom").call();
                return 0;
            } catch (TrapException e) {
                return 1;
            }
        });
        var linked = SETUP.linker.link(SETUP.module);
        time("open store, instantiate, close", 5_000, () -> {
            try (Store store = SETUP.engine.newStore()) {
                return linked.instantiate(store).exportNames().size();
            }
        });
        var large = SETUP.linker.link(SETUP.engine.compile(Wat.compile(
                "(module (memory (export \"m\") 32) (data (i32.const 4096) \""
                        + "0123456789abcdef".repeat(65536) + "\"))")));
        time("the same with 1 MiB of data", 5_000, () -> {
            try (Store store = SETUP.engine.newStore()) {
                return large.instantiate(store).memory("m").getByte(500_000);
            }
        });
        SETUP.engine.close();
    }
}
