package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.CallContext;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.GuestExitException;
import org.sallyport.GuestInterruptedException;
import org.sallyport.GuestInterruptedException.Reason;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.LinkException;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.text.Wat;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.WasiProcess;

/** Threads of WASI programs (wasi-threads): how they start, what they share, and what ends them. */
@Timeout(60)
class WasiThreadsTest {
    /** The parts that all have; {@code $start} gets number and argument. */
    private static final String FRAME = """
            (module
              (import "env" "memory" (memory 1 4 shared)) (export "memory" (memory 0))
              (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (func $join (param $n i32)
                (local $done i32)
                (loop $again
                  (local.set $done (i32.atomic.load (i32.const 0)))
                  (if (i32.lt_s (local.get $done) (local.get $n)) (then
                    (drop (memory.atomic.wait32 (i32.const 0) (local.get $done) (i64.const -1)))
                    (br $again)))))
              (func $done
                (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
                (drop (memory.atomic.notify (i32.const 0) (i32.const -1))))
              (func $forever (drop (memory.atomic.wait32 (i32.const 512) (i32.const 0) (i64.const -1))))
              (func (export "wasi_thread_start") (param $tid i32) (param $arg i32) %s)
              (func (export "_start") %s))""";

    /** Of the engines that run them. */
    Config config() {
        return Config.defaults();
    }

    private void with(Wasi wasi, StoreLimits limits, String thread, String main, Consumer<Run> test) {
        try (Engine engine = Engine.create(config());
                Module module = engine.compile(Wat.compile(FRAME.formatted(thread, main)));
                Store store = engine.newStore(limits);
                WasiProcess process = wasi.attachTo(store)) {
            long own = engine.resources().used(Kind.THREADS);
            test.accept(new Run(engine, store, process, wasi.instantiate(engine.newLinker(), module, store)));
            assertThat(engine.resources().used(Kind.THREADS)).as("threads").isEqualTo(own);
        }
    }

    private record Run(Engine engine, Store store, WasiProcess process, Instance instance) {
        void start() {
            process.run(() -> instance.func("_start").call());
        }

        int word(int address) {
            return instance.memory("memory").getIntVolatile(address);
        }
    }

    private static final Wasi EIGHT = Wasi.defaults().withThreads(8);

    @Test
    void threadsShareTheMemoryAndHaveNumbers() {
        with(EIGHT, StoreLimits.DEFAULT,
                "(drop (i32.atomic.rmw.add (i32.const 4) (local.get $arg)))"
                        + "(drop (i32.atomic.rmw.or (i32.const 8) (i32.shl (i32.const 1) (local.get $tid)))) (call $done)",
                "(drop (call $spawn (i32.const 10))) (drop (call $spawn (i32.const 20))) (drop (call $spawn (i32.const 30)))"
                        + "(call $join (i32.const 3))",
                run -> {
                    run.start();
                    assertThat(run.word(4)).isEqualTo(60);
                    assertThat(run.word(8)).isEqualTo(0b1110);
                });
    }

    @Test
    void moreThanAllowedAreRefused() {
        with(Wasi.defaults().withThreads(2), StoreLimits.DEFAULT,
                "(call $forever)",
                "(i32.store (i32.const 4) (call $spawn (i32.const 0))) (i32.store (i32.const 8) (call $spawn (i32.const 0)))"
                        + "(i32.store (i32.const 12) (call $spawn (i32.const 0)))",
                run -> {
                    run.start();
                    assertThat(run.word(4)).isEqualTo(1);
                    assertThat(run.word(8)).isEqualTo(2);
                    assertThat(run.word(12)).isEqualTo(-6);
                });
    }

    @Test
    void theyEndWithTheMainThread() {
        with(EIGHT, StoreLimits.DEFAULT,
                "(loop $l (br $l))",
                "(drop (call $spawn (i32.const 0))) (drop (call $spawn (i32.const 0)))",
                run -> {
                    run.start();
                    assertThat(Thread.getAllStackTraces().keySet())
                            .noneMatch(t -> t.getName().startsWith("sallyport-wasi-thread"));
                });
    }

    @Test
    void exitOfAThreadEndsTheProgram() {
        with(EIGHT, StoreLimits.DEFAULT,
                "(if (i32.eq (local.get $arg) (i32.const 1)) (then (call $exit (i32.const 7)))) (call $forever)",
                "(drop (call $spawn (i32.const 0))) (drop (call $spawn (i32.const 1))) (call $forever)",
                run -> assertThatThrownBy(run::start)
                        .isInstanceOfSatisfying(GuestExitException.class, e -> assertThat(e.status()).isEqualTo(7)));
    }

    @Test
    void exitOfTheMainThreadEndsTheOthers() {
        with(EIGHT, StoreLimits.DEFAULT,
                "(call $forever)",
                "(drop (call $spawn (i32.const 0))) (call $exit (i32.const 3))",
                run -> assertThatThrownBy(run::start)
                        .isInstanceOfSatisfying(GuestExitException.class, e -> assertThat(e.status()).isEqualTo(3)));
    }

    @Test
    void aTrapOfAThreadEndsTheProgram() {
        with(EIGHT, StoreLimits.DEFAULT,
                "(unreachable)",
                "(drop (call $spawn (i32.const 0))) (loop $l (br $l))",
                run -> assertThatThrownBy(run::start)
                        .isInstanceOfSatisfying(TrapException.class, e -> assertThat(e.code()).isEqualTo(TrapCode.UNREACHABLE)));
    }

    @Test
    void deadlinesReachThem() {
        with(EIGHT, StoreLimits.DEFAULT,
                "(loop $l (br $l))",
                "(drop (call $spawn (i32.const 0))) (call $join (i32.const 1))",
                run -> assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(50), () -> {
                    run.start();
                    return 0;
                })).isInstanceOfSatisfying(
                        GuestInterruptedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DEADLINE)));
    }

    @Test
    void anInterruptionEndsAll() {
        with(EIGHT, StoreLimits.DEFAULT,
                "(call $done) (call $forever)",
                "(drop (call $spawn (i32.const 0))) (call $forever)",
                run -> {
                    Thread.ofVirtual().start(() -> {
                        while (run.word(0) == 0) {
                            Thread.onSpinWait();
                        }
                        run.store.interrupt();
                    });
                    assertThatThrownBy(run::start).isInstanceOfSatisfying(
                            GuestInterruptedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INTERRUPT));
                });
    }

    @Test
    void outputOfAllComesWhole() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        with(EIGHT.withStdout(out), StoreLimits.DEFAULT,
                "(local $i i32) (loop $l (drop (call $write (i32.const 1) (i32.const 64) (i32.const 1)"
                        + " (i32.add (i32.const 128) (i32.shl (local.get $tid) (i32.const 2)))))"
                        + "(br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))"
                        + "(call $done)",
                "(i32.store (i32.const 64) (i32.const 80)) (i32.store (i32.const 68) (i32.const 8))"
                        + "(i64.store (i32.const 80) (i64.const 0x0a67666564636261))"
                        + "(drop (call $spawn (i32.const 0))) (drop (call $spawn (i32.const 0)))"
                        + "(drop (call $spawn (i32.const 0))) (call $join (i32.const 3))",
                run -> {
                    run.start();
                    assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("abcdefg\n".repeat(300));
                });
    }

    @Test
    void theMemoryCountsForTheProgram() {
        assertThatThrownBy(() -> with(EIGHT, StoreLimits.DEFAULT.withMemoryBytes(100), "", "", run -> { }))
                .isInstanceOf(LimitExceededException.class);
        with(EIGHT, StoreLimits.DEFAULT.withMemoryBytes(2 << 16), "",
                "(i32.store (i32.const 4) (memory.grow (i32.const 1))) (i32.store (i32.const 8) (memory.grow (i32.const 1)))",
                run -> {
                    run.start();
                    assertThat(run.word(4)).isEqualTo(1);
                    assertThat(run.word(8)).isEqualTo(-1);
                });
    }

    @Test
    void withoutPermissionThereAreNoThreads() {
        assertThatThrownBy(() -> with(Wasi.defaults(), StoreLimits.DEFAULT, "", "", run -> { }))
                .isInstanceOf(LinkException.class)
                .hasMessageContaining("thread-spawn");
    }

    /** None keeps the JVM from its end. */
    @Test
    void threadsOfGuestsAreDaemons() {
        with(EIGHT, StoreLimits.DEFAULT,
                "(call $done) (call $forever)",
                "(drop (call $spawn (i32.const 0))) (call $join (i32.const 1)) (call $forever)",
                run -> {
                    Thread.ofVirtual().start(() -> {
                        while (run.word(0) == 0) {
                            Thread.onSpinWait();
                        }
                        boolean daemons = Thread.getAllStackTraces().keySet().stream()
                                .filter(t -> t.getName().startsWith("sallyport-wasi-thread"))
                                .allMatch(Thread::isDaemon);
                        run.instance.memory("memory").setIntVolatile(16, daemons ? 1 : 2);
                        run.store.interrupt();
                    });
                    assertThatThrownBy(run::start).isInstanceOf(GuestInterruptedException.class);
                    assertThat(run.word(16)).isEqualTo(1);
                });
    }

    /** A published module that imports a shared memory, and uses threads by Node-API. */
    @Test
    void argon2Compiles() {
        try (Engine engine = Engine.create();
                Module module = engine.compile(RealInputs.argon2())) {
            assertThat(module.imports()).anyMatch(i -> i.type().toString().endsWith(" shared"));
            assertThat(module.imports()).anyMatch(i -> i.module().equals("wasi") && i.name().equals("thread-spawn"));
        }
    }

    /** Many threads come and go: none is left, and the numbers go on. */
    @Test
    void threadsComeAndGo() {
        with(EIGHT, StoreLimits.DEFAULT,
                "(call $done)",
                """
                (local $i i32)
                (loop $next
                  (br_if $next (i32.lt_s (call $spawn (i32.const 0)) (i32.const 0)))
                  (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 200))))
                (call $join (i32.const 200))""",
                run -> {
                    run.start();
                    assertThat(run.word(0)).isEqualTo(200);
                });
    }
}
