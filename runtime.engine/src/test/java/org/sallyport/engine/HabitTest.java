package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.CallContext;
import org.sallyport.ConcurrentEntryException;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;

/** Stores that one thread has entered so often that it needs no compare-and-set any more, and what ends that. */
class HabitTest {
    private static final int SCALE = Integer.getInteger("sallyport.stress", 1);
    private static final String WAT = """
            (module
              (import "h" "host" (func $host))
              (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
              (func (export "host") (call $host))
              (func (export "spin") (loop (br 0))))
            """;

    private final Fixture f = new Fixture();
    private final ExecutorService resident =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().name("resident").factory());
    private volatile Runnable host = () -> {};
    private Instance instance;

    @BeforeEach
    void instantiate() throws Exception {
        f.linker.define("h", "host", MethodHandles.lookup()
                .findVirtual(HabitTest.class, "host", MethodType.methodType(void.class)).bindTo(this));
        instance = f.linker.link(f.compile(WAT)).instantiate(f.store);
    }

    @AfterEach
    void close() {
        resident.shutdownNow();
        f.close();
    }

    @SuppressWarnings("unused")
    private void host() {
        host.run();
    }

    private static void getUsed(Instance instance) {
        for (int i = 0; i <= Occupancy.STREAK + 1; i++) {
            assertThat(instance.func("add").call(i, 1)).containsExactly(i + 1);
        }
        assertThat(((StoreImpl) instance.store()).execution().byHabit).isTrue();
    }

    private void inResident(Runnable action) throws Exception {
        resident.submit(action).get();
    }

    @Test
    void anotherThreadEntersWhenTheHabitualOneIsOutside() throws Exception {
        inResident(() -> getUsed(instance));
        assertThat(instance.func("add").call(2, 3)).containsExactly(5);
        assertThat(((StoreImpl) f.store).execution().byHabit).isFalse();
        inResident(() -> assertThat(instance.func("add").call(3, 4)).containsExactly(7));
        for (int i = 0; i < 2 * Occupancy.STREAK; i++) {
            instance.func("add").call(i, i);
        }
        assertThat(((StoreImpl) f.store).execution().byHabit).as("a habit, once ended, does not come back").isFalse();
    }

    @Test
    void anotherThreadIsRefusedWhileTheHabitualOneIsInside() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch refused = new CountDownLatch(1);
        inResident(() -> getUsed(instance));
        host = () -> {
            inside.countDown();
            await(refused);
        };
        Future<?> call = resident.submit(() -> instance.func("host").call());
        inside.await();
        for (int i = 0; i < 2; i++) { // the second time there is no habit any more
            assertThatThrownBy(() -> instance.func("add").call(1, 1))
                    .isInstanceOf(ConcurrentEntryException.class)
                    .hasMessageContaining("resident");
        }
        refused.countDown();
        call.get();
        assertThat(instance.func("add").call(2, 2)).containsExactly(4);
    }

    @Test
    void callsNestWhenEnteredByHabit() throws Exception {
        inResident(() -> {
            getUsed(instance);
            host = () -> assertThat(instance.func("add").call(20, 22)).containsExactly(42);
            instance.func("host").call();
            assertThat(((StoreImpl) f.store).execution().isInside()).isFalse();
            assertThat(((StoreImpl) f.store).execution().level).isZero();
        });
    }

    @Test
    void closingWaitsForTheHabitualThread() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        inResident(() -> getUsed(instance));
        host = () -> {
            inside.countDown();
            await(new CountDownLatch(1));
        };
        Future<?> call = resident.submit(() -> instance.func("host").call());
        inside.await();
        f.store.close();
        assertThatThrownBy(call::get).hasCauseInstanceOf(GuestInterruptedException.class);
        assertThat(((StoreImpl) f.store).execution().isClosed()).isTrue();
        assertThatThrownBy(() -> inResident(() -> instance.func("add").call(1, 1)))
                .hasCauseInstanceOf(StoreClosedException.class);
    }

    @Test
    void theHabitualThreadClosesFromInside() throws Exception {
        inResident(() -> {
            getUsed(instance);
            host = f.store::close;
            assertThatThrownBy(() -> instance.func("host").call()).isInstanceOf(GuestInterruptedException.class);
            assertThat(((StoreImpl) f.store).execution().isClosed()).isTrue();
        });
    }

    @Test
    void deadlinesAndInterruptionsFindTheHabitualThread() throws Exception {
        inResident(() -> {
            getUsed(instance);
            assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(20), () -> instance.func("spin").call()))
                    .isInstanceOf(GuestInterruptedException.class);
        });
        try (Store store = f.engine.newStore()) {
            Instance other = f.linker.link(f.compile(WAT)).instantiate(store);
            inResident(() -> getUsed(other));
            Future<?> call = resident.submit(() -> other.func("spin").call());
            while (!call.isDone()) {
                store.interrupt(); // does nothing before the call is inside
                Thread.onSpinWait();
            }
            assertThatThrownBy(call::get).hasCauseInstanceOf(GuestInterruptedException.class);
        }
    }

    /** It would stop the next one, which nobody asked for. */
    @Test
    void anInterruptionThatComesTooLateIsForgotten() {
        ((StoreImpl) f.store).execution().stay(() -> {
            f.store.interrupt();
            return true;
        });
        assertThat(instance.func("add").call(1, 2)).containsExactly(3);
        assertThat(f.store.poisonedBecause()).isNull();
    }

    @Test
    void aHabitualThreadWithoutStackLeavesTheStoreUsable() throws Exception {
        AtomicInteger overflows = new AtomicInteger();
        inResident(() -> {
            getUsed(instance);
            MethodHandle add = instance.func("add").handle();
            for (int i = 0; i < 20; i++) {
                deepen(add, overflows);
            }
            assertThat(((StoreImpl) f.store).execution().isInside()).isFalse();
            assertThat(instance.func("add").call(4, 5)).containsExactly(9);
        });
        assertThat(overflows).hasPositiveValue();
        assertThat(instance.func("add").call(5, 6)).containsExactly(11);
    }

    private static int deepen(MethodHandle add, AtomicInteger overflows) {
        try {
            int deeper = deepen(add, overflows);
            return deeper + (int) add.invokeExact(deeper, 1);
        } catch (StackOverflowError e) {
            overflows.incrementAndGet();
            return 0;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** The habitual thread calls without a pause when another comes. */
    @Test
    void nobodyMeetsInside() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger meetings = new AtomicInteger();
        host = () -> {
            if (inside.incrementAndGet() != 1) {
                meetings.incrementAndGet();
            }
            inside.decrementAndGet();
        };
        LinkedModule linked = f.linker.link(f.compile(WAT));
        int refused = 0;
        int rounds = 500 * SCALE;
        for (int round = 0; round < rounds; round++) {
            try (Store store = f.engine.newStore()) {
                Instance mine = linked.instantiate(store);
                MethodHandle call = mine.func("host").handle();
                AtomicInteger begun = new AtomicInteger();
                AtomicBoolean done = new AtomicBoolean();
                Future<?> caller = resident.submit(() -> {
                    getUsed(mine);
                    while (!done.get()) {
                        enter(call);
                        begun.incrementAndGet();
                    }
                });
                while (begun.get() <= round % 50) {
                    Thread.onSpinWait();
                }
                refused += enter(call) ? 0 : 1;
                done.set(true);
                caller.get();
            }
        }
        assertThat(meetings).hasValue(0);
        assertThat(refused).as("refused entries of %d", rounds).isBetween(1, rounds - 1);
    }

    private static boolean enter(MethodHandle call) {
        try {
            call.invokeExact();
            return true;
        } catch (ConcurrentEntryException e) {
            return false;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
