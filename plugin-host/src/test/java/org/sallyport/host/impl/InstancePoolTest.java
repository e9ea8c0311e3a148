package org.sallyport.host.impl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.CallContext;
import org.sallyport.ConcurrentEntryException;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.PluginUnavailableException;

@Timeout(60)
class InstancePoolTest {
    private final List<Guests> made = new ArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private InstancePool pool(EntryPolicy policy, int size) {
        return new InstancePool("p", policy, size, generation -> {
            Guests guest = new Guests();
            synchronized (made) {
                made.add(guest);
            }
            return guest.instance(generation);
        });
    }

    private <T> Future<T> inAnotherThread(Callable<T> task) {
        return threads.submit(task);
    }

    private void whileWaiting(InstancePool pool, int waiters) throws InterruptedException {
        while (pool.waiting() != waiters) {
            Thread.sleep(1);
        }
    }

    @Test
    void reusesTheInstanceGivenBackLast() {
        InstancePool pool = pool(EntryPolicy.POOLED, 3);
        GuestInstance a = pool.take();
        GuestInstance b = pool.take();
        pool.give(b, true);
        pool.give(a, true);

        assertThat(pool.take()).isSameAs(a);
        assertThat(pool.take()).isSameAs(b);
        assertThat(pool.size()).isEqualTo(2);
        assertThat(pool.calls()).isEqualTo(2);
        assertThat(pool.memoryBytes()).isEqualTo(2 * 65536);
    }

    @Test
    void freshLendsNoInstanceTwice() throws Exception {
        InstancePool pool = pool(EntryPolicy.FRESH, 2);
        GuestInstance a = pool.take();
        GuestInstance b = pool.take();
        Future<GuestInstance> third = inAnotherThread(pool::take);
        whileWaiting(pool, 1);
        pool.give(a, true);

        assertThat(third.get()).isNotSameAs(a).isNotSameAs(b);
        assertThat(made.getFirst().closed).as("given back").isTrue();
        assertThat(made.get(1).closed).isFalse();
        pool.give(b, true);
        pool.give(third.get(), false);
        assertThat(made).hasSize(3).allMatch(guest -> guest.closed);
        assertThat(pool.size()).isZero();
        assertThat(pool.calls()).isEqualTo(3);
    }

    @Test
    void spoiltInstanceIsClosedAndReplaced() {
        InstancePool pool = pool(EntryPolicy.SERIALIZED, 1);
        GuestInstance first = pool.take();
        pool.give(first, false);

        assertThat(made.getFirst().closed).isTrue();
        assertThat(pool.size()).isZero();
        assertThat(pool.take()).isNotSameAs(first);
    }

    @Test
    void failedMakingGivesThePermitBack() {
        AtomicInteger tries = new AtomicInteger();
        InstancePool pool = new InstancePool("p", EntryPolicy.POOLED, 1, generation -> {
            if (tries.incrementAndGet() < 4) {
                throw new IllegalStateException("no");
            }
            return new Guests().instance(generation);
        });
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(pool::take).hasMessage("no");
        }
        assertThat(pool.take()).isNotNull();
    }

    @Test
    void confinedRefusesAtOnceAndNamesBothThreads() throws Exception {
        InstancePool pool = pool(EntryPolicy.CONFINED, 8);
        GuestInstance held = pool.take();
        Thread.currentThread().setName("the-one-inside");

        Future<GuestInstance> other = inAnotherThread(() -> {
            Thread.currentThread().setName("the-other");
            return pool.take();
        });
        assertThatThrownBy(other::get)
                .hasCauseInstanceOf(ConcurrentEntryException.class)
                .hasMessageContaining("the-one-inside")
                .hasMessageContaining("the-other");
        pool.give(held, true);
        assertThat(pool.take()).isSameAs(held);
    }

    @Test
    void serializedLetsInInOrderOfArrival() throws Exception {
        InstancePool pool = pool(EntryPolicy.SERIALIZED, 8);
        GuestInstance held = pool.take();
        List<Integer> order = new ArrayList<>();
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int number = i;
            done.add(inAnotherThread(() -> {
                GuestInstance mine = pool.take();
                order.add(number);
                pool.give(mine, true);
                return null;
            }));
            whileWaiting(pool, i + 1);
        }
        pool.give(held, true);
        for (Future<?> one : done) {
            one.get();
        }

        assertThat(order).isSorted().hasSize(20);
        assertThat(made).hasSize(1);
    }

    @Test
    void waitsNoLongerThanTheDeadline() throws Exception {
        InstancePool pool = pool(EntryPolicy.POOLED, 1);
        GuestInstance held = inAnotherThread(pool::take).get();
        long start = System.nanoTime();

        assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(50), pool::take))
                .isInstanceOf(PluginUnavailableException.class)
                .hasMessage("plugin p is busy: no instance became free in time");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(49), Duration.ofSeconds(5));
        assertThat(pool.waiting()).isZero();
        pool.give(held, true);
        assertThat(pool.take()).isSameAs(held);
    }

    @Test
    void interruptedWaiterLeavesTheQueueInOrder() throws Exception {
        InstancePool pool = pool(EntryPolicy.SERIALIZED, 1);
        GuestInstance held = inAnotherThread(pool::take).get();
        Future<GuestInstance> first = inAnotherThread(pool::take);
        whileWaiting(pool, 1);
        Future<GuestInstance> second = inAnotherThread(pool::take);
        whileWaiting(pool, 2);
        first.cancel(true);
        whileWaiting(pool, 1);

        pool.give(held, true);
        assertThat(second.get()).isSameAs(held);
    }

    @Test
    void nestedCallThatWouldWaitForItselfFailsAtOnce() {
        InstancePool pool = pool(EntryPolicy.SERIALIZED, 1);
        pool.take();

        assertThatThrownBy(pool::take)
                .isInstanceOf(PluginUnavailableException.class)
                .hasMessageContaining("called again from inside of its own call");
    }

    @Test
    void nestedCallTakesAnotherInstanceWhileThereIsOne() {
        InstancePool pool = pool(EntryPolicy.POOLED, 2);

        assertThat(pool.take()).isNotSameAs(pool.take());
    }

    @Test
    void drainEndsOldInstancesAsTheyComeBack() {
        InstancePool pool = pool(EntryPolicy.POOLED, 2);
        GuestInstance out = pool.take();
        pool.give(pool.take(), true);
        pool.drain();

        assertThat(made).extracting(g -> g.closed).containsExactly(false, true);
        GuestInstance fresh = pool.take();
        assertThat(fresh.generation).isEqualTo(1);
        pool.give(out, true);
        assertThat(made.getFirst().closed).isTrue();
        pool.give(fresh, true);
        assertThat(pool.take()).isSameAs(fresh);
    }

    @Test
    void closeWaitsForCallsWithinItsGrace() throws Exception {
        InstancePool pool = pool(EntryPolicy.POOLED, 2);
        GuestInstance held = inAnotherThread(pool::take).get();
        inAnotherThread(() -> {
            Thread.sleep(50);
            assertThat(made.getFirst().closed).isFalse();
            pool.give(held, true);
            return null;
        });
        pool.close(TimeUnit.SECONDS.toNanos(30));

        assertThat(made.getFirst().closed).isTrue();
        assertThat(pool.size()).isZero();
        assertThatThrownBy(pool::take)
                .isInstanceOf(PluginUnavailableException.class)
                .hasMessage("plugin p is uninstalled");
    }

    @Test
    void closeEndsCallsThatStay() throws Exception {
        InstancePool pool = pool(EntryPolicy.POOLED, 1);
        inAnotherThread(pool::take).get();
        Future<GuestInstance> waiter = inAnotherThread(pool::take);
        whileWaiting(pool, 1);
        pool.close(TimeUnit.MILLISECONDS.toNanos(20));

        assertThat(made.getFirst().closed).isTrue();
        assertThatThrownBy(waiter::get).hasCauseInstanceOf(PluginUnavailableException.class);
    }

    @Test
    void closeDoesNotWaitForItsOwnThread() {
        InstancePool pool = pool(EntryPolicy.POOLED, 1);
        pool.take();
        long start = System.nanoTime();
        pool.close(TimeUnit.SECONDS.toNanos(30));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void instanceMadeDuringCloseIsClosedToo() {
        InstancePool[] pool = new InstancePool[1];
        Guests late = new Guests();
        pool[0] = new InstancePool("p", EntryPolicy.POOLED, 1, generation -> {
            try {
                inAnotherThread(() -> {
                    pool[0].close(0);
                    return null;
                }).get();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            return late.instance(generation);
        });

        assertThatThrownBy(pool[0]::take).isInstanceOf(PluginUnavailableException.class);
        assertThat(late.closed).isTrue();
    }

    /** Never more out than the size, never one instance with two threads, every thread gets its turn. */
    @Test
    void holdsUnderLoad() throws Exception {
        InstancePool pool = pool(EntryPolicy.POOLED, 3);
        Set<GuestInstance> inUse = ConcurrentHashMap.newKeySet();
        List<Future<?>> done = new ArrayList<>();
        AtomicInteger spoilt = new AtomicInteger();
        for (int t = 0; t < 12; t++) {
            int seed = t;
            done.add(inAnotherThread(() -> {
                java.util.Random random = new java.util.Random(seed);
                for (int i = 0; i < 500; i++) {
                    GuestInstance mine = pool.take();
                    assertThat(inUse.add(mine)).isTrue();
                    assertThat(inUse.size()).isLessThanOrEqualTo(3);
                    if (random.nextInt(4) == 0) {
                        Thread.yield();
                    }
                    inUse.remove(mine);
                    boolean good = random.nextInt(50) != 0;
                    spoilt.addAndGet(good ? 0 : 1);
                    pool.give(mine, good);
                    if (random.nextInt(100) == 0) {
                        pool.drain();
                    }
                }
                return null;
            }));
        }
        for (Future<?> one : done) {
            one.get();
        }

        assertThat(pool.calls()).isEqualTo(6000);
        assertThat(spoilt).hasPositiveValue();
        pool.close(0);
        assertThat(made).allMatch(g -> g.closed);
    }
}
