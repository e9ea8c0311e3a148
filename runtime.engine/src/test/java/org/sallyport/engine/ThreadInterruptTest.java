package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException;
import org.sallyport.GuestInterruptedException.Reason;
import org.sallyport.HostFunctionException;
import org.sallyport.Instance;
import org.sallyport.Store;
import org.sallyport.wasm.FuncType;

/** What becomes of a guest whose thread is interrupted. */
@Timeout(60)
class ThreadInterruptTest {
    private static final String WAT = """
            (module
              (import "h" "f" (func $f))
              (func (export "spin") (loop (br 0)))
              (func (export "callAndSpin") (call $f) (loop (br 0)))
              (func (export "call") (call $f))
              (func (export "count") (param i32)
                (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
              (func (export "nothing")))
            """;

    /** What a host function does. */
    private interface Host {
        void run() throws Exception;
    }

    private static Instance instantiate(Fixture f, Host host, boolean on) {
        f.linker.define("h", "f", new FuncType(List.of(), List.of()), (_, _) -> {
            host.run();
            return new Object[0];
        });
        Store store = f.engine.newStore();
        store.setInterruptible(on);
        return f.linker.link(f.compile(WAT)).instantiate(store);
    }

    /** What a call ends with whose thread is interrupted by another, and whether that stays interrupted. */
    private static Throwable interrupted(Thread.Builder threads, Instance instance, String function) throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        CountDownLatch begun = new CountDownLatch(1);
        Thread thread = threads.start(() -> {
            begun.countDown();
            try {
                instance.func(function).call();
            } catch (Throwable t) {
                thrown.set(t);
                if (!Thread.currentThread().isInterrupted()) {
                    t.addSuppressed(new IllegalStateException("not interrupted any more"));
                }
            }
        });
        begun.await();
        Thread.sleep(20);
        thread.interrupt();
        thread.join();
        return thrown.get();
    }

    private static void assertStopped(Throwable thrown, Reason reason) {
        assertThat(thrown).isInstanceOfSatisfying(
                GuestInterruptedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
        assertThat(thrown).hasNoSuppressedExceptions();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stopsAGuestThatRuns(boolean isVirtual) throws Exception {
        try (Fixture f = new Fixture()) {
            Instance instance = instantiate(f, () -> {}, true);
            assertStopped(interrupted(isVirtual ? Thread.ofVirtual() : Thread.ofPlatform(), instance, "spin"), Reason.THREAD);
            assertThatThrownBy(() -> instance.func("nothing").call()).hasMessageContaining("poisoned");
        }
    }

    @Test
    void aHostFunctionAnswersItself() throws Exception {
        try (Fixture f = new Fixture()) {
            Instance blocked = instantiate(f, () -> Thread.sleep(60_000), true);
            assertThat(interrupted(Thread.ofPlatform(), blocked, "call"))
                    .isInstanceOf(HostFunctionException.class).hasCauseInstanceOf(InterruptedException.class);
            Instance careless = instantiate(f, () -> Thread.currentThread().interrupt(), true);
            assertThatThrownBy(() -> careless.func("callAndSpin").call())
                    .as("what a host function leaves").isInstanceOf(GuestInterruptedException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void whoDoesNotWantItIsLeftAlone() throws Exception {
        try (Fixture f = new Fixture()) {
            Instance instance = instantiate(f, () -> {}, false);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(100), () -> instance.func("spin").call()))
                    .isInstanceOfSatisfying(
                            GuestInterruptedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DEADLINE));
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    /** Whoever has a thread with a method of his own does not have it run by the thread that keeps everybody's deadlines. */
    @Test
    void theWatchdogRunsNothingForeign() throws Exception {
        try (Fixture f = new Fixture()) {
            Instance instance = instantiate(f, () -> {}, true);
            AtomicReference<Thread> asker = new AtomicReference<>();
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread foreign = new Thread(() -> {
                try {
                    CallContext.withTimeout(Duration.ofMillis(200), () -> instance.func("spin").call());
                } catch (Throwable t) {
                    thrown.set(t);
                }
            }) {
                @Override
                public boolean isInterrupted() {
                    asker.set(Thread.currentThread());
                    throw new AssertionError("expected by the test");
                }
            };
            foreign.start();
            Thread.sleep(50);
            foreign.interrupt();
            foreign.join();
            assertThat(asker).hasValue(null);
            assertThat(thrown.get()).isInstanceOfSatisfying(
                    GuestInterruptedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DEADLINE));
        }
    }

    /** The watchdog may have found the one thread interrupted when the other is inside already. */
    @Test
    void theCallOfAnotherThreadIsNotMeant() throws Exception {
        int calls = 0;
        try (Fixture f = new Fixture()) {
            for (int round = 0; round < 40; round++) {
                Instance instance = instantiate(f, () -> {}, true);
                AtomicReference<Throwable> stopped = new AtomicReference<>();
                Thread marked = Thread.ofPlatform().start(() -> {
                    Thread.currentThread().interrupt();
                    try {
                        for (int i = 0; i < 100; i++) {
                            instance.func("count").call(1_000);
                        }
                    } catch (GuestInterruptedException e) {
                        stopped.set(e);
                    }
                });
                marked.join();
                if (stopped.get() == null) {
                    instance.func("count").call(10_000_000);
                    calls++;
                }
            }
        }
        assertThat(calls).as("rounds in which no short call was stopped").isPositive();
    }
}
