package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.CallContext;
import org.sallyport.Config;
import org.sallyport.GuestInterruptedException;
import org.sallyport.GuestInterruptedException.Reason;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.SharedMemory;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.wasm.Feature;

/** {@code memory.atomic.wait} and {@code notify}, and what ends waiting. */
@Timeout(60)
class WaitTest {
    private static final Config CONFIG = Config.defaults().withFeature(Feature.THREADS);
    private static final String WAITS = """
            (module (memory (export "memory") 1 1 shared)
              (func (export "wait32") (param i32 i32 i64) (result i32)
                (memory.atomic.wait32 (local.get 0) (local.get 1) (local.get 2)))
              (func (export "wait64") (param i32 i64 i64) (result i32)
                (memory.atomic.wait64 offset=8 (local.get 0) (local.get 1) (local.get 2)))
              (func (export "notify") (param i32 i32) (result i32)
                (memory.atomic.notify (local.get 0) (local.get 1))))""";

    private static Fixture fixture() {
        return new Fixture(CONFIG, StoreLimits.DEFAULT);
    }

    @Test
    void comparesAndTimesOut() {
        try (Fixture t = fixture()) {
            Instance guest = t.instantiate(WAITS);
            guest.memory("memory").setInt(0, -5);
            assertThat(guest.func("wait32").call(0, 1, -1L)).containsExactly(1);
            assertThat(guest.func("wait32").call(0, -5, 0L)).containsExactly(2);
            assertThat(guest.func("wait32").call(0, -5, 2_000_000L)).containsExactly(2);
            assertThat(guest.func("wait64").call(0, 1L, -1L)).containsExactly(1);
            assertThat(guest.func("wait64").call(0, 0L, 1_000L)).containsExactly(2);
            assertThat(guest.func("notify").call(0, -1)).containsExactly(0);
        }
    }

    @Test
    void trapsBeforeItWaits() {
        try (Fixture t = fixture()) {
            Instance guest = t.instantiate(WAITS);
            assertTraps(guest, TrapCode.UNALIGNED_ATOMIC, "wait32", 2, 0, -1L);
            assertTraps(guest, TrapCode.UNALIGNED_ATOMIC, "wait64", 4, 0L, -1L);
            assertTraps(guest, TrapCode.MEMORY_OUT_OF_BOUNDS, "wait32", 65536, 0, -1L);
            assertTraps(guest, TrapCode.MEMORY_OUT_OF_BOUNDS, "wait64", -8, 0L, -1L);
            assertTraps(guest, TrapCode.MEMORY_OUT_OF_BOUNDS, "notify", -4, 0);
            assertTraps(guest, TrapCode.UNALIGNED_ATOMIC, "notify", 1, 0);
            Instance unshared = t.instantiate(WAITS.replace("1 1 shared", "1 1"));
            assertTraps(unshared, TrapCode.EXPECTED_SHARED_MEMORY, "wait32", 0, 0, -1L);
            assertThat(unshared.func("notify").call(0, 1)).containsExactly(0);
            assertTraps(unshared, TrapCode.MEMORY_OUT_OF_BOUNDS, "notify", 65536, 1);
        }
    }

    private static void assertTraps(Instance guest, TrapCode code, String function, Object... arguments) {
        assertThatThrownBy(() -> guest.func(function).call(arguments))
                .isInstanceOfSatisfying(TrapException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void wakesAsManyAsWantedTheLongestWaitingFirst() throws Exception {
        try (Fixture t = fixture();
                SharedMemory memory = t.engine.newSharedMemory(SharedMemoryTest.type(1, 1));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Module module = t.compile(WAITS.replace("(memory (export \"memory\")", "(memory (import \"m\" \"memory\")"));
            List<Integer> order = java.util.Collections.synchronizedList(new ArrayList<>());
            List<Future<?>> all = new ArrayList<>();
            Memory host = memory.in(t.store);
            for (int i = 0; i < 6; i++) {
                int number = i;
                Store store = t.engine.newStore();
                Instance guest = t.engine.newLinker().define("m", "memory", memory).link(module).instantiate(store);
                Thread[] thread = new Thread[1];
                all.add(threads.submit(() -> {
                    thread[0] = Thread.currentThread();
                    assertThat(guest.func("wait32").call(i(number), 0, -1L)).containsExactly(0);
                    order.add(number);
                }));
                while (thread[0] == null || thread[0].getState() != Thread.State.WAITING) {
                    Thread.sleep(1);
                }
            }
            for (int i = 0; i < 5; i++) {
                assertThat(host.notify(64, 1)).isEqualTo(1);
                while (order.size() < i + 1) {
                    Thread.onSpinWait();
                }
            }
            assertThat(order).containsExactly(0, 1, 2, 3, 4);
            assertThat(host.notify(64, 7)).isZero();
            assertThat(host.notify(128, -1)).isEqualTo(1);
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    /** The last one waits elsewhere. */
    private static int i(int number) {
        return number == 5 ? 128 : 64;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everythingThatStopsCallsEndsIt(boolean virtual) throws Exception {
        for (Reason reason : List.of(Reason.INTERRUPT, Reason.CLOSE, Reason.DEADLINE)) {
            try (Fixture t = fixture()) {
                Instance guest = t.instantiate(WAITS);
                Throwable[] thrown = new Throwable[1];
                Thread.Builder builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
                Thread thread = builder.start(() -> {
                    try {
                        if (reason == Reason.DEADLINE) {
                            CallContext.withTimeout(Duration.ofMillis(20), () -> guest.func("wait32").call(0, 0, -1L));
                        } else {
                            guest.func("wait32").call(0, 0, -1L);
                        }
                    } catch (Throwable e) {
                        thrown[0] = e;
                    }
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                });
                while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
                    Thread.sleep(1);
                }
                switch (reason) {
                    case INTERRUPT -> t.store.interrupt();
                    case CLOSE -> t.store.close();
                    default -> { } // the deadline
                }
                thread.join();
                assertThat(thrown[0]).isInstanceOfSatisfying(
                        GuestInterruptedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
            }
        }
    }

    @Test
    void anInterruptionOfTheThreadEndsItAndStays() throws Exception {
        try (Fixture t = fixture()) {
            Instance guest = t.instantiate(WAITS);
            boolean[] interrupted = new boolean[1];
            Throwable[] thrown = new Throwable[1];
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    guest.func("wait64").call(0, 0L, -1L);
                } catch (Throwable e) {
                    thrown[0] = e;
                }
                interrupted[0] = Thread.currentThread().isInterrupted();
            });
            while (thread.getState() != Thread.State.WAITING) {
                Thread.sleep(1);
            }
            thread.interrupt();
            thread.join();
            assertThat(thrown[0]).isInstanceOfSatisfying(
                    GuestInterruptedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INTERRUPT));
            assertThat(interrupted[0]).isTrue();
            assertThat(t.store.poisonedBecause()).isNotNull();
        }
    }

    @Test
    void closingTheEngineEndsThemAll() throws Exception {
        Fixture t = fixture();
        SharedMemory memory = t.engine.newSharedMemory(SharedMemoryTest.type(1, 1));
        Module module = t.compile(WAITS.replace("(memory (export \"memory\")", "(memory (import \"m\" \"memory\")"));
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Store store = t.engine.newStore();
            Instance guest = t.engine.newLinker().define("m", "memory", memory).link(module).instantiate(store);
            all.add(Thread.ofVirtual().start(() -> {
                try {
                    guest.func("wait32").call(0, 0, -1L);
                } catch (GuestInterruptedException e) {
                    return;
                }
                throw new AssertionError("not stopped");
            }));
        }
        for (Thread thread : all) {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.sleep(1);
            }
        }
        long start = System.nanoTime();
        t.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
        for (Thread thread : all) {
            thread.join();
        }
    }
}
