package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import com.sun.management.ThreadMXBean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.engine.stop.Watch;
import org.sallyport.engine.stop.Watchdog;
import org.sallyport.engine.stop.Watched;
import org.sallyport.wasm.FuncType;

/** The thread that enforces deadlines where there is no {@link Sentry}, or it misses something, and who looks after it. */
class WatchdogTest {
    private static final int SCALE = Integer.getInteger("sallyport.stress", 1);
    private static final String WAT = """
            (module
              (import "h" "host" (func $host))
              (memory (export "m") 1)
              (func (export "host") (call $host))
              (func (export "spin") (loop (br 0))))
            """;

    private final Fixture f = new Fixture(StoreLimits.DEFAULT.withStackBytes(1 << 16)).withoutSentry();
    private volatile Runnable host = () -> {};
    private LinkedModule linked;

    @AfterEach
    void close() {
        f.close();
    }

    private LinkedModule link() {
        if (linked == null) {
            f.linker.define("h", "host", FuncType.EMPTY, (_, _) -> {
                host.run();
                return new Object[0];
            });
            linked = f.linker.link(f.compile(WAT));
        }
        return linked;
    }

    private void stopOne(Duration timeout) {
        try (Store store = f.engine.newStore(StoreLimits.DEFAULT.withStackBytes(1 << 16))) {
            Instance instance = link().instantiate(store);
            assertThatThrownBy(() -> CallContext.withTimeout(timeout, () -> instance.func("spin").call()))
                    .isInstanceOf(GuestInterruptedException.class);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 3_000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private static Thread thread(String end) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().endsWith(end))
                .findFirst()
                .orElseThrow();
    }

    /** What the watchdog looks at beside the stores of the test. */
    static class Odd implements Watched {
        final AtomicInteger looks = new AtomicInteger();

        @Override
        public boolean mark(long now) {
            return false;
        }

        @Override
        public long act(long now) {
            looks.incrementAndGet();
            return NEVER;
        }

        @Override
        public long nextLook(long now) {
            return now;
        }
    }

    /** Now and then the JVM leaves optimized code and makes an object that it had saved; so not all lots need be clean. */
    @Test
    void allocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        for (int lot = 0; lot < 8 && allocated != 0; lot++) {
            stopOne(Duration.ofNanos(300_000));
            long id = thread(f.engine.name() + "-watchdog").threadId();
            long before = threads.getThreadAllocatedBytes(id);
            for (int i = 0; i < 100 * SCALE; i++) {
                stopOne(Duration.ofNanos(300_000));
            }
            allocated = threads.getThreadAllocatedBytes(id) - before;
        }
        assertThat(allocated).as("bytes in the cleanest lot").isZero();
    }

    @Test
    void goesOnWhateverIsThrown() throws Exception {
        stopOne(Duration.ofMillis(100));
        Watchdog dog = f.engine.keeper().watchdog();
        Thread before = thread(f.engine.name() + "-watchdog");
        List<Odd> odd = new ArrayList<>();
        for (Error error : List.of(
                new OutOfMemoryError("expected by the test"),
                new StackOverflowError("expected by the test"),
                new AssertionError("expected by the test"))) {
            odd.add(new Odd() {
                @Override
                public long act(long now) {
                    if (looks.incrementAndGet() < 5) {
                        throw error;
                    }
                    return NEVER;
                }
            });
        }
        odd.forEach(o -> dog.ask(new Watch(o, dog), System.nanoTime()));
        stopOne(Duration.ofMillis(20));
        await(() -> odd.stream().allMatch(o -> o.looks.get() == 5));
        assertThat(thread(f.engine.name() + "-watchdog")).isSameAs(before);
        assertThat(f.engine.keeper().watchdog()).isSameAs(dog);
    }

    @Test
    void isReplacedWhenItIsStuck() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        Instance instance = link().instantiate(f.store);
        host = () -> {
            begun.countDown();
            instance.func("spin").call();
        };
        Thread caller = Thread.ofPlatform().start(() -> assertThatThrownBy(
                        () -> CallContext.withTimeout(Duration.ofMillis(600), () -> instance.func("host").call()))
                .isInstanceOf(GuestInterruptedException.class));
        begun.await();
        Watchdog dog = f.engine.keeper().watchdog();
        dog.ask(new Watch(new Odd() {
            @Override
            public long act(long now) {
                looks.incrementAndGet();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                return NEVER;
            }
        }, dog), System.nanoTime());
        caller.join(); // though the old one never looks again
        assertThat(f.engine.keeper().watchdog()).isNotSameAs(dog);
        stopOne(Duration.ofMillis(1));
        release.countDown();
        await(() -> !dog.isRunning());
        stopOne(Duration.ofMillis(1));
    }

    @Test
    void idleStoresAreNotHeld() throws Exception {
        List<Store> stores = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            Store store = f.engine.newStore(StoreLimits.DEFAULT.withStackBytes(1 << 16));
            stores.add(store);
            Instance instance = link().instantiate(store);
            CallContext.withTimeout(Duration.ofHours(1), () -> instance.func("host").call());
        }
        await(() -> f.engine.keeper().watchdog().watched() == 0);
        stores.forEach(Store::close);
    }

    @Test
    void endsWhenNobodyNeedsItAndStartsAgain() throws Exception {
        stopOne(Duration.ofMillis(100));
        Watchdog dog = f.engine.keeper().watchdog();
        assertThat(dog.isRunning()).isTrue();
        await(() -> !dog.isRunning() && !f.engine.keeper().isRunning());
        stopOne(Duration.ofMillis(1));
        assertThat(f.engine.keeper().watchdog()).isSameAs(dog);
    }

    /** A store whose memory is in use is left to the keeper, with what was attached to it. */
    @Test
    void closingReturnsAndGoesOnElsewhere() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        Pipe pipe = Pipe.open();
        StoreImpl store = (StoreImpl) f.engine.newStore();
        store.attach(AutoCloseable.class, closed::incrementAndGet);
        MemorySegment segment = link().instantiate(store).memory("m").segment();
        Thread reader = Thread.ofPlatform().start(() -> assertThatThrownBy(
                () -> pipe.source().read(segment.asByteBuffer())).isInstanceOf(java.io.IOException.class));
        await(() -> reader.getState() == Thread.State.RUNNABLE
                && List.of(reader.getStackTrace()).toString().contains("read0"));
        assertThat(store.execution().beginClosing()).isTrue();
        store.execution().finishClosing(System.nanoTime() + 20_000_000, true);
        assertThat(f.engine.stores()).contains(store);
        assertThat(closed).hasValue(0);
        stopOne(Duration.ofMillis(1));
        pipe.source().close();
        reader.join();
        await(() -> !f.engine.stores().contains(store));
        await(() -> closed.get() == 1);
        store.close();
        assertThat(closed).hasValue(1);
        pipe.sink().close();
    }

    /** One that does not come back keeps neither the others nor who closes the engine. */
    @Test
    void attachedObjectsThatBlockKeepOnlyThemselves() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger closed = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            StoreImpl store = (StoreImpl) f.engine.newStore();
            store.attach(AutoCloseable.class, () -> {
                closed.incrementAndGet();
                release.await();
                throw new AssertionError("expected by the test");
            });
            f.engine.keeper().closeLater(store.execution());
        }
        await(() -> closed.get() == 3);
        assertThat(f.engine.stores()).containsExactly((StoreImpl) f.store);
        stopOne(Duration.ofMillis(1));
        release.countDown();
    }

    /** What was interrupted is not so any more when the call has ended, however slow the interrupter is. */
    @Test
    void aSlowInterrupterDoesNotHitWhatComesNext() throws Exception {
        AtomicInteger interruptions = new AtomicInteger();
        Instance instance = link().instantiate(f.store);
        AtomicInteger left = new AtomicInteger();
        Thread thread = new Thread(() -> {
            assertThatThrownBy(
                            () -> CallContext.withTimeout(Duration.ofMillis(100), () -> instance.func("host").call()))
                    .isInstanceOf(GuestInterruptedException.class);
            left.set(Thread.currentThread().isInterrupted() ? 2 : 1);
        }) {
            @Override
            public void interrupt() {
                interruptions.incrementAndGet();
                try {
                    Thread.sleep(100);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                super.interrupt();
            }
        };
        host = () -> {
            while (interruptions.get() == 0) {
                Thread.onSpinWait();
            }
        };
        thread.start();
        thread.join();
        assertThat(left).hasValue(1);
        assertThat(interruptions).hasValue(1);
    }
}
