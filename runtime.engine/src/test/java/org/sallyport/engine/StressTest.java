package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.sallyport.CallContext;
import org.sallyport.ConcurrentEntryException;
import org.sallyport.GuestInterruptedException;
import org.sallyport.GuestInterruptedException.Reason;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;
import org.sallyport.StoreLimits;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.engine.process.Signals;
import org.sallyport.wasm.FuncType;

/**
 * Signals, garbage collection, deadlines and closing, all at once. Counts grow with the property {@code
 * sallyport.stress} (1 unless set; 10 for a long run).
 */
class StressTest {
    private static final int SCALE = Integer.getInteger("sallyport.stress", 1);
    private static final String WAT = """
            (module $s
              (import "h" "host" (func $host))
              (memory 1)
              (func (export "unreachable") unreachable)
              (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
              (func (export "div") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
              (func $deep (export "deep") (param i32) (result i32)
                (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
              (func (export "spin") (loop (br 0)))
              (func (export "fill") (loop (memory.fill (i32.const 0) (i32.const 7) (i32.const 65536)) (br 0)))
              (func (export "grow") (loop (drop (memory.grow (i32.const 0))) (br 0)))
              (func (export "hosts") (loop (call $host) (br 0)))
              (func (export "host") (call $host))
              (func (export "sum") (param i32) (result i32) (local i32)
                (loop (local.set 1 (i32.add (local.get 1) (local.get 0)))
                  (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (local.get 1)))
            """;

    private static LinkedModule link(Fixture f) {
        f.linker.define("h", "host", FuncType.EMPTY, (_, _) -> new Object[0]);
        return f.linker.link(f.compile(WAT));
    }

    /** Runs the action on threads of that kind and rethrows what goes wrong. */
    private static void together(List<ThreadFactory> factories, Runnable action) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (ThreadFactory factory : factories) {
            Thread thread = factory.newThread(action);
            thread.setUncaughtExceptionHandler((_, t) -> failure.compareAndSet(null, t));
            threads.add(thread);
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
    }

    private static final ThreadFactory PLATFORM = Thread.ofPlatform().factory();
    private static final ThreadFactory VIRTUAL = Thread.ofVirtual().factory();

    private static TrapCode trap(Instance instance, String function, Object... args) {
        try {
            instance.func(function).call(args);
        } catch (TrapException e) {
            return e.code();
        }
        return fail(function + " did not trap");
    }

    private static int length(String s) {
        return s.length();
    }

    private static int endless(int n) {
        return n + endless(n + 1);
    }

    @Test
    void trapsAmongTheFaultsOfTheJvm() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread collector = PLATFORM.newThread(() -> {
            while (!done.get()) {
                System.gc();
            }
        });
        collector.start();
        try (Fixture f = new Fixture()) {
            LinkedModule linked = link(f);
            together(List.of(PLATFORM, PLATFORM, VIRTUAL, VIRTUAL), () -> {
                try (Store store = f.engine.newStore()) {
                    Instance instance = linked.instantiate(store);
                    for (int i = 0; i < 250 * SCALE; i++) {
                        assertThat(trap(instance, "unreachable")).isEqualTo(TrapCode.UNREACHABLE);
                        assertThat(trap(instance, "load", -1)).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
                        assertThat(trap(instance, "div", 0)).isEqualTo(TrapCode.INTEGER_DIVIDE_BY_ZERO);
                        assertThatThrownBy(() -> length(null)).isInstanceOf(NullPointerException.class);
                        if (i % 10 == 0) {
                            assertThat(trap(instance, "deep", 0)).isEqualTo(TrapCode.STACK_OVERFLOW);
                            assertThatThrownBy(() -> endless(0)).isInstanceOf(StackOverflowError.class);
                        }
                        assertThat(instance.func("sum").call(10)).containsExactly(55);
                    }
                }
            });
        } finally {
            done.set(true);
            collector.join();
        }
    }

    @Test
    void deadlinesEndEveryKindOfLoop() throws Exception {
        try (Fixture f = new Fixture()) {
            LinkedModule linked = link(f);
            AtomicLong slowest = new AtomicLong();
            together(List.of(PLATFORM, VIRTUAL), () -> {
                Random random = new Random(Thread.currentThread().threadId());
                String[] loops = {"spin", "fill", "grow", "hosts"};
                for (int i = 0; i < 50 * SCALE; i++) {
                    try (Store store = f.engine.newStore()) {
                        Instance instance = linked.instantiate(store);
                        String loop = loops[random.nextInt(loops.length)];
                        Duration timeout = Duration.ofNanos(1 + random.nextInt(3_000_000));
                        long start = System.nanoTime();
                        assertThatThrownBy(() -> CallContext.withTimeout(timeout, () -> instance.func(loop).call()))
                                .as(loop)
                                .isInstanceOfSatisfying(GuestInterruptedException.class, e ->
                                        assertThat(e.reason()).isEqualTo(Reason.DEADLINE));
                        slowest.accumulateAndGet(System.nanoTime() - start - timeout.toNanos(), Math::max);
                        assertThat(Thread.interrupted()).isFalse();
                    }
                }
            });
            assertThat(Duration.ofNanos(slowest.get())).isLessThan(Duration.ofSeconds(5)); // of a loaded machine
        }
    }

    /** Short calls whose deadlines pass around their end: each is done or stopped, and never the next one. */
    @Test
    void deadlinesHitTheirOwnCallOnly() throws Exception {
        try (Fixture f = new Fixture()) {
            LinkedModule linked = link(f);
            together(List.of(PLATFORM, VIRTUAL), () -> {
                Store store = f.engine.newStore();
                Instance instance = linked.instantiate(store);
                int stopped = 0;
                for (int i = 0; i < 3_000 * SCALE; i++) {
                    int rounds = 1 + ThreadLocalRandom.current().nextInt(200_000);
                    try {
                        Instance current = instance;
                        CallContext.withTimeout(Duration.ofNanos(100_000), () -> current.func("sum").call(rounds));
                        assertThat(instance.func("sum").call(10)).containsExactly(55);
                    } catch (GuestInterruptedException e) {
                        stopped++;
                        if (store.poisonedBecause() == null) {
                            assertThat(instance.func("sum").call(10)).containsExactly(55); // it had not begun
                        } else {
                            store.close();
                            store = f.engine.newStore();
                            instance = linked.instantiate(store);
                        }
                    }
                }
                assertThat(stopped).isLessThan(3_000 * SCALE);
                store.close();
            });
        }
    }

    /**
     * A call that was stopped in a blocked host function leaves at once; whoever goes on looking for what the host
     * function called into must not take the thread's next call for that. The many other stores make the look slow.
     */
    @Test
    void stoppingABlockedHostSparesTheNextCall() throws Exception {
        List<Store> others = new ArrayList<>();
        try (Fixture f = new Fixture(StoreLimits.DEFAULT.withStackBytes(1 << 16))) {
            f.linker.define("h", "host", FuncType.EMPTY, (_, _) -> {
                Thread.sleep(60_000);
                return new Object[0];
            });
            LinkedModule linked = f.linker.link(f.compile(WAT));
            for (int i = 0; i < 2_000; i++) {
                others.add(f.engine.newStore());
            }
            together(List.of(PLATFORM, PLATFORM), () -> {
                for (int i = 0; i < 100 * SCALE; i++) {
                    try (Store store = f.engine.newStore();
                            Store next = f.engine.newStore()) {
                        Instance blocked = linked.instantiate(store);
                        Instance innocent = linked.instantiate(next);
                        assertThatThrownBy(() -> CallContext.withTimeout(
                                        Duration.ofNanos(300_000), () -> blocked.func("host").call()))
                                .isInstanceOfSatisfying(GuestInterruptedException.class, e ->
                                        assertThat(e.reason()).isEqualTo(Reason.DEADLINE));
                        assertThatCode(() -> innocent.func("sum").call(1_000_000)).doesNotThrowAnyException();
                    }
                }
            });
            others.forEach(Store::close);
        }
    }

    @Test
    void interruptionsReachBlockedHosts() throws Exception {
        try (Fixture f = new Fixture()) {
            f.linker.define("h", "host", FuncType.EMPTY, (_, _) -> {
                Thread.sleep(60_000);
                return new Object[0];
            });
            LinkedModule linked = f.linker.link(f.compile(WAT));
            together(List.of(PLATFORM, VIRTUAL), () -> {
                for (int i = 0; i < 30 * SCALE; i++) {
                    Store store = f.engine.newStore();
                    Instance instance = linked.instantiate(store);
                    Thread killer = VIRTUAL.newThread(() -> {
                        pause(ThreadLocalRandom.current().nextInt(1_000_000));
                        while (store.poisonedBecause() == null) {
                            store.interrupt(); // has no effect as long as the call has not begun
                            pause(100_000);
                        }
                    });
                    killer.start();
                    assertThatThrownBy(() -> instance.func("host").call())
                            .isInstanceOfSatisfying(GuestInterruptedException.class, e -> {
                                assertThat(e.reason()).isEqualTo(Reason.INTERRUPT);
                                assertThat(e.frames()).extracting(x -> x.functionName()).containsExactly("host");
                            });
                    assertThat(Thread.interrupted()).isFalse();
                    join(killer);
                    assertThat(Thread.interrupted()).isFalse();
                    store.close();
                }
            });
        }
    }

    @Test
    void closingRacesWithCalls() throws Exception {
        try (Fixture f = new Fixture(StoreLimits.DEFAULT.withStackBytes(1 << 16))) {
            LinkedModule linked = link(f);
            together(List.of(PLATFORM, VIRTUAL), () -> {
                Random random = new Random(Thread.currentThread().threadId());
                for (int i = 0; i < 250 * SCALE; i++) {
                    Store store = f.engine.newStore();
                    Instance instance = linked.instantiate(store);
                    Thread closer = (random.nextBoolean() ? VIRTUAL : PLATFORM).newThread(() -> {
                        pause(ThreadLocalRandom.current().nextInt(300_000));
                        store.close();
                    });
                    closer.start();
                    try {
                        while (true) {
                            switch (random.nextInt(6)) {
                                case 0 -> instance.func("spin").call();
                                case 1 -> instance.func("sum").call(1 + random.nextInt(100_000));
                                case 2 -> instance.func("host").call();
                                case 3 -> trap(instance, "load", -1);
                                case 4 -> linked.instantiate(store);
                                default -> trap(instance, "deep", 0);
                            }
                        }
                    } catch (StoreClosedException e) {
                        assertThat(e).hasMessageContaining("closed");
                    } catch (GuestInterruptedException e) {
                        assertThat(e.reason()).isEqualTo(Reason.CLOSE);
                    }
                    join(closer);
                    assertThatThrownBy(() -> instance.func("sum").call(1)).isInstanceOf(StoreClosedException.class);
                }
            });
        }
    }

    @Test
    void memoryAccessRacesWithClosing() throws Exception {
        try (Fixture f = new Fixture()) {
            LinkedModule linked = f.linker.link(f.compile("(module (memory (export \"m\") 1))"));
            for (int i = 0; i < 100 * SCALE; i++) {
                Store store = f.engine.newStore();
                var memory = linked.instantiate(store).memory("m");
                var segment = memory.segment();
                Thread closer = PLATFORM.newThread(() -> {
                    pause(ThreadLocalRandom.current().nextInt(200_000));
                    store.close();
                });
                closer.start();
                assertThatThrownBy(() -> {
                    while (true) {
                        memory.setInt(0, memory.getInt(4) + 1);
                        memory.writeBytes(0, memory.readBytes(8, 100));
                    }
                }).isInstanceOf(StoreClosedException.class);
                join(closer);
                assertThatThrownBy(() -> segment.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0))
                        .isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void refusesASecondThread() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch refused = new CountDownLatch(1);
        try (Fixture f = new Fixture()) {
            f.linker.define("h", "host", FuncType.EMPTY, (_, _) -> {
                inside.countDown();
                refused.await();
                return new Object[0];
            });
            Instance instance = f.linker.link(f.compile(WAT)).instantiate(f.store);
            Thread first = PLATFORM.newThread(() -> instance.func("host").call());
            first.start();
            inside.await();
            assertThatThrownBy(() -> instance.func("sum").call(1000))
                    .isInstanceOf(ConcurrentEntryException.class)
                    .hasMessageContaining("thread \"");
            refused.countDown();
            join(first);
            assertThat(instance.func("sum").call(4)).containsExactly(10);
        }
    }

    /** Whether they happen to meet or not, nobody gets a wrong result. */
    @Test
    void threadsThatMeetAreRefusedOrServed() throws Exception {
        try (Fixture f = new Fixture()) {
            Instance instance = link(f).instantiate(f.store);
            together(List.of(PLATFORM, PLATFORM, VIRTUAL), () -> {
                for (int i = 0; i < 2_000 * SCALE; i++) {
                    try {
                        assertThat(instance.func("sum").call(1000)).containsExactly(500_500);
                    } catch (ConcurrentEntryException e) {
                        assertThat(e).hasMessageContaining("thread \"");
                    }
                }
            });
            assertThat(instance.func("sum").call(4)).containsExactly(10);
        }
    }

    @Test
    void enginesComeAndGoBesideEachOther() throws Exception {
        together(List.of(PLATFORM, PLATFORM, VIRTUAL), () -> {
            for (int i = 0; i < 15 * SCALE; i++) {
                try (Fixture f = new Fixture()) {
                    Instance instance = link(f).instantiate(f.store);
                    for (int j = 0; j < 20; j++) {
                        assertThat(trap(instance, "load", -1)).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
                        assertThatThrownBy(() -> length(null)).isInstanceOf(NullPointerException.class);
                    }
                    if (i % 2 == 0) {
                        assertThatThrownBy(() -> CallContext.withTimeout(
                                        Duration.ofMillis(1), () -> instance.func("spin").call()))
                                .isInstanceOf(GuestInterruptedException.class);
                    }
                }
            }
        });
    }

    @Test
    void stoppingACallStopsTheCallsInsideIt() throws Exception {
        try (Fixture f = new Fixture()) {
            LinkedModule inner = link(f);
            for (int i = 0; i < 20 * SCALE; i++) {
                Store outerStore = f.engine.newStore();
                Store innerStore = f.engine.newStore();
                Instance looping = inner.instantiate(innerStore);
                var linker = f.engine.newLinker().define("h", "host", FuncType.EMPTY, (_, _) -> {
                    looping.func("spin").call();
                    return new Object[0];
                });
                Instance outer = linker.link(f.compile(WAT)).instantiate(outerStore);
                Thread killer = PLATFORM.newThread(() -> {
                    pause(500_000);
                    while (outerStore.poisonedBecause() == null) {
                        outerStore.interrupt();
                        pause(200_000);
                    }
                });
                killer.start();
                assertThatThrownBy(() -> outer.func("host").call()).isInstanceOf(GuestInterruptedException.class);
                join(killer);
                assertThat(outerStore.poisonedBecause()).isNotNull();
                outerStore.close();
                innerStore.close();
            }
        }
    }

    private static void pause(int nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError("an interruption was left behind", e);
        }
    }
}
