package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.StoreLimits;
import org.sallyport.WasmException;
import org.sallyport.engine.code.Unwinder;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.StoreContext;
import org.sallyport.wasm.FuncType;

/** Stopping a guest in the middle of one unwinding: {@link Unwinder} looks at the deadline while it walks. */
class UnwindingTest {
    private static final FuncType NOTHING = new FuncType(List.of(), List.of());
    private static final int MANY = 1_000_000;
    private static final int ATTEMPTS = 50;

    /** Goes down n calls, passes the host there, and throws. */
    private static final String DEEP = """
            (module
              (import "m" "host" (func $host))
              (tag $e)
              (func $down (param $n i32) (result i32)
                (if (i32.eqz (local.get $n)) (then (call $host) (throw $e)))
                (i32.add (i32.const 1) (call $down (i32.sub (local.get $n) (i32.const 1)))))
              (func $catch (export "catch") (param $n i32) (result i32)
                (block $h (try_table (catch_all $h) (return (call $down (local.get $n)))))
                (i32.const -1))
              (func (export "pass") (param $n i32) (result i32) (call $down (local.get $n))))
            """;

    /** When the guest was about to throw; 0 before that. */
    private volatile long started;

    private static Fixture fixture() {
        return new Fixture(StoreLimits.DEFAULT.withStackBytes(256 << 20));
    }

    /** Whoever is asked to stop while an exception is on its way to a far handler stops where it was thrown. */
    @Test
    void interruptionOnTheWayToAFarHandler() throws Exception {
        int between = 0;
        for (int i = 0; i < ATTEMPTS && between < 3; i++) { // now and then the other thread comes too late
            try (Fixture f = fixture()) {
                f.linker.define("m", "host", NOTHING, (caller, args) -> {
                    started = System.nanoTime();
                    return new Object[0];
                });
                Instance deep = f.instantiate(DEEP);
                assertThat(deep.func("catch").call(MANY)).containsExactly(-1);
                long whole = System.nanoTime() - started;
                String innermost = stoppedIn(f, deep, whole / 3);
                assertThat(innermost).isIn("down", "catch", "nothing");
                between += innermost.equals("down") ? 1 : 0;
            }
        }
        assertThat(between).as("stops between throw and catch").isEqualTo(3);
    }

    /** @return the innermost function then; "nothing" if none was left, or the call had ended */
    private String stoppedIn(Fixture f, Instance deep, long nanos) throws InterruptedException {
        started = 0;
        Thread other = Thread.ofPlatform().start(() -> {
            while (started == 0) {
                Thread.onSpinWait();
            }
            LockSupport.parkNanos(nanos);
            f.store.interrupt();
        });
        try {
            deep.func("catch").call(MANY);
            return "nothing";
        } catch (GuestInterruptedException e) {
            return e.frames().isEmpty() ? "nothing" : String.valueOf(e.frames().getFirst().functionName());
        } finally {
            other.join();
        }
    }

    /** The walk itself, while the guest waits at its deepest place: it sees that the guest is to stop, and finds no handler. */
    @ParameterizedTest
    @ValueSource(strings = {"catch", "pass"})
    void theWalkLooksBeforeItFindsAnybody(String export) {
        try (Fixture f = fixture()) {
            NativeExecution execution = Natives.of(f.store);
            @Nullable Throwable[] seen = new @Nullable Throwable[1];
            long[] places = new long[2];
            f.linker.define("m", "host", NOTHING, (caller, args) -> {
                caller.store().interrupt();
                places[0] = NativeMemory.getLong(execution.context + StoreContext.RESUME_PC);
                try {
                    new Unwinder(execution.space, execution.memory, execution::checkpoint)
                            .unwind(NativeMemory.getLong(execution.context + StoreContext.EXIT_FP));
                } catch (GuestInterruptedException e) {
                    seen[0] = e;
                }
                places[1] = NativeMemory.getLong(execution.context + StoreContext.RESUME_PC);
                return new Object[0];
            });
            Instance deep = f.instantiate(DEEP);
            assertThatThrownBy(() -> deep.func(export).call(5_000)).isInstanceOf(GuestInterruptedException.class);
            assertThat(seen[0]).as("of the walk").isNotNull();
            assertThat(places[1]).as("no handler was entered").isEqualTo(places[0]);
        }
    }

    /** Without anybody who wants to stop it, the same depth is no hindrance. */
    @Test
    void aMillionFramesAreNoHindrance() {
        try (Fixture f = fixture()) {
            f.linker.define("m", "host", NOTHING, (caller, args) -> new Object[0]);
            Instance deep = f.instantiate(DEEP);
            assertThat(deep.func("catch").call(MANY)).containsExactly(-1);
            assertThatThrownBy(() -> deep.func("pass").call(MANY)).isInstanceOf(WasmException.class);
        }
    }
}
