package org.sallyport.host.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
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
import org.sallyport.GuestInterruptedException;
import org.sallyport.LimitExceededException;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.PluginUnavailableException;

@Timeout(60)
class GuestPoolTest {
    private final List<Guests> made = new ArrayList<>();
    private final Places places = new Places(100);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private GuestPool pool(EntryPolicy policy, int size) {
        return new GuestPool("p", policy, size, HostSettings.DEFAULT, places, (generation, begun) -> {
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

    private void whileWaiting(GuestPool pool, int waiters) throws InterruptedException {
        while (pool.waiting() != waiters) {
            Thread.sleep(1);
        }
    }

    @Test
    void reusesTheInstanceGivenBackLast() {
        GuestPool pool = pool(EntryPolicy.POOLED, 3);
        GuestInstance a = pool.take(null);
        GuestInstance b = pool.take(null);
        pool.give(b, true);
        pool.give(a, true);

        assertThat(pool.take(null)).isSameAs(a);
        assertThat(pool.take(null)).isSameAs(b);
        assertThat(pool.size()).isEqualTo(2);
        assertThat(pool.calls()).isEqualTo(2);
        assertThat(pool.memoryBytes()).isEqualTo(2 * 65536);
    }

    @Test
    void freshLendsNoInstanceTwice() throws Exception {
        GuestPool pool = pool(EntryPolicy.FRESH, 2);
        GuestInstance a = pool.take(null);
        GuestInstance b = pool.take(null);
        Future<GuestInstance> third = inAnotherThread(() -> pool.take(null));
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
        GuestPool pool = pool(EntryPolicy.SERIALIZED, 1);
        GuestInstance first = pool.take(null);
        pool.give(first, false);

        assertThat(made.getFirst().closed).isTrue();
        assertThat(pool.size()).isZero();
        assertThat(pool.take(null)).isNotSameAs(first);
    }

    @Test
    void failedMakingGivesThePermitBack() {
        AtomicInteger tries = new AtomicInteger();
        GuestPool pool = new GuestPool("p", EntryPolicy.POOLED, 1, HostSettings.DEFAULT, places, (generation, begun) -> {
            if (tries.incrementAndGet() < 4) {
                throw new IllegalStateException("no");
            }
            return new Guests().instance(generation);
        });
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> pool.take(null)).hasMessage("no");
        }
        assertThat(pool.take(null)).isNotNull();
    }

    @Test
    void confinedRefusesAtOnceAndNamesBothThreads() throws Exception {
        GuestPool pool = pool(EntryPolicy.CONFINED, 8);
        GuestInstance held = pool.take(null);
        Thread.currentThread().setName("the-one-inside");

        Future<GuestInstance> other = inAnotherThread(() -> {
            Thread.currentThread().setName("the-other");
            return pool.take(null);
        });
        assertThatThrownBy(other::get)
                .hasCauseInstanceOf(ConcurrentEntryException.class)
                .hasMessageContaining("the-one-inside")
                .hasMessageContaining("the-other");
        pool.give(held, true);
        assertThat(pool.take(null)).isSameAs(held);
    }

    @Test
    void serializedLetsInInOrderOfArrival() throws Exception {
        GuestPool pool = pool(EntryPolicy.SERIALIZED, 8);
        GuestInstance held = pool.take(null);
        List<Integer> order = new ArrayList<>();
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int number = i;
            done.add(inAnotherThread(() -> {
                GuestInstance mine = pool.take(null);
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
        GuestPool pool = pool(EntryPolicy.POOLED, 1);
        GuestInstance held = inAnotherThread(() -> pool.take(null)).get();
        long start = System.nanoTime();

        assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(50), () -> pool.take(null)))
                .isInstanceOf(PluginUnavailableException.class)
                .hasMessage("plugin p is busy: no instance became free in time");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(49), Duration.ofSeconds(5));
        assertThat(pool.waiting()).isZero();
        pool.give(held, true);
        assertThat(pool.take(null)).isSameAs(held);
    }

    @Test
    void interruptedWaiterLeavesTheQueueInOrder() throws Exception {
        GuestPool pool = pool(EntryPolicy.SERIALIZED, 1);
        GuestInstance held = inAnotherThread(() -> pool.take(null)).get();
        Future<GuestInstance> first = inAnotherThread(() -> pool.take(null));
        whileWaiting(pool, 1);
        Future<GuestInstance> second = inAnotherThread(() -> pool.take(null));
        whileWaiting(pool, 2);
        first.cancel(true);
        whileWaiting(pool, 1);

        pool.give(held, true);
        assertThat(second.get()).isSameAs(held);
    }

    @Test
    void nestedCallThatWouldWaitForItselfFailsAtOnce() {
        GuestPool pool = pool(EntryPolicy.SERIALIZED, 1);
        pool.take(null);

        assertThatThrownBy(() -> pool.take(null))
                .isInstanceOf(PluginUnavailableException.class)
                .hasMessageContaining("called again from inside of its own call");
    }

    @Test
    void nestedCallTakesAnotherInstanceWhileThereIsOne() {
        GuestPool pool = pool(EntryPolicy.POOLED, 2);

        assertThat(pool.take(null)).isNotSameAs(pool.take(null));
    }

    @Test
    void drainEndsOldInstancesAsTheyComeBack() {
        GuestPool pool = pool(EntryPolicy.POOLED, 2);
        GuestInstance out = pool.take(null);
        pool.give(pool.take(null), true);
        pool.drain();

        assertThat(made).extracting(g -> g.closed).containsExactly(false, true);
        GuestInstance fresh = pool.take(null);
        assertThat(fresh.generation).isEqualTo(1);
        pool.give(out, true);
        assertThat(made.getFirst().closed).isTrue();
        pool.give(fresh, true);
        assertThat(pool.take(null)).isSameAs(fresh);
    }

    @Test
    void closeWaitsForCallsWithinItsGrace() throws Exception {
        GuestPool pool = pool(EntryPolicy.POOLED, 2);
        GuestInstance held = inAnotherThread(() -> pool.take(null)).get();
        inAnotherThread(() -> {
            Thread.sleep(50);
            assertThat(made.getFirst().closed).isFalse();
            pool.give(held, true);
            return null;
        });
        pool.close(TimeUnit.SECONDS.toNanos(30));

        assertThat(made.getFirst().closed).isTrue();
        assertThat(pool.size()).isZero();
        assertThatThrownBy(() -> pool.take(null))
                .isInstanceOf(PluginUnavailableException.class)
                .hasMessage("plugin p is uninstalled");
    }

    @Test
    void closeEndsCallsThatStay() throws Exception {
        GuestPool pool = pool(EntryPolicy.POOLED, 1);
        inAnotherThread(() -> pool.take(null)).get();
        Future<GuestInstance> waiter = inAnotherThread(() -> pool.take(null));
        whileWaiting(pool, 1);
        pool.close(TimeUnit.MILLISECONDS.toNanos(20));

        assertThat(made.getFirst().closed).isTrue();
        assertThatThrownBy(waiter::get).hasCauseInstanceOf(PluginUnavailableException.class);
    }

    @Test
    void closeDoesNotWaitForItsOwnThread() {
        GuestPool pool = pool(EntryPolicy.POOLED, 1);
        pool.take(null);
        long start = System.nanoTime();
        pool.close(TimeUnit.SECONDS.toNanos(30));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void instanceMadeDuringCloseIsClosedToo() {
        GuestPool[] pool = new GuestPool[1];
        Guests late = new Guests();
        pool[0] = new GuestPool("p", EntryPolicy.POOLED, 1, HostSettings.DEFAULT, places, (generation, begun) -> {
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

        assertThatThrownBy(() -> pool[0].take(null)).isInstanceOf(PluginUnavailableException.class);
        assertThat(late.closed).isTrue();
    }

    private static HostSettings settings(int pool, int waiting, Duration patience, Duration start) {
        HostSettings d = HostSettings.DEFAULT;
        return new HostSettings(
                d.memoryBytes(), d.exceptionBytes(), d.tableElements(), pool, d.instances(), waiting, patience, start,
                d.compile(), d.moduleBytes(), d.imports(), d.valueBytes(), d.callBytes());
    }

    /** A manifest asks for fewer instances than the host allows, never for more. */
    @Test
    void isNoLargerThanTheHostAllows() {
        HostSettings few = settings(3, 1, Duration.ofMillis(1), Duration.ofSeconds(10));
        GuestPool pool = new GuestPool(
                "p", EntryPolicy.POOLED, 1024, few, places, (generation, _) -> new Guests().instance(generation));

        assertThat(pool.capacity()).isEqualTo(3);
        assertThat(new GuestPool("p", EntryPolicy.POOLED, 2, few, places, (_, _) -> null).capacity()).isEqualTo(2);
    }

    @Test
    void refusesWhoFindsTooManyWaiting() throws Exception {
        HostSettings twoWait = settings(1, 2, Duration.ofSeconds(10), Duration.ofSeconds(10));
        GuestPool pool = new GuestPool(
                "p", EntryPolicy.SERIALIZED, 1, twoWait, places, (generation, _) -> new Guests().instance(generation));
        GuestInstance held = pool.take(null);
        Future<GuestInstance> first = inAnotherThread(() -> pool.take(null));
        whileWaiting(pool, 1);
        inAnotherThread(() -> pool.take(null));
        whileWaiting(pool, 2);

        Future<GuestInstance> third = inAnotherThread(() -> pool.take(null));
        assertThatThrownBy(third::get)
                .hasCauseInstanceOf(PluginUnavailableException.class)
                .hasMessageContaining("2 calls wait for an instance already")
                .hasMessageContaining("waitingCalls of the configuration org.sallyport.host");
        pool.give(held, true);
        assertThat(first.get()).isSameAs(held);
    }

    @Test
    void waitsNoLongerThanThePluginsTimeoutOrTheHostsPatience() throws Exception {
        GuestPool pool = pool(EntryPolicy.POOLED, 1);
        inAnotherThread(() -> pool.take(null)).get();
        HostSettings hasty = settings(1, 2, Duration.ofMillis(20), Duration.ofSeconds(10));
        GuestPool other = new GuestPool(
                "p", EntryPolicy.POOLED, 1, hasty, places, (generation, _) -> new Guests().instance(generation));
        inAnotherThread(() -> other.take(null)).get();

        assertThatThrownBy(() -> pool.take(Duration.ofMillis(20))).hasMessageContaining("is busy");
        assertThatThrownBy(() -> other.take(null)).hasMessageContaining("is busy");
    }

    /** All plugins together; what is closed makes room again. */
    @Test
    void countsAgainstTheInstancesOfAllPlugins() {
        Places two = new Places(2);
        GuestPool one = new GuestPool("p", EntryPolicy.POOLED, 2, HostSettings.DEFAULT, two,
                (generation, _) -> new Guests().instance(generation));
        GuestPool other = new GuestPool("q", EntryPolicy.POOLED, 2, HostSettings.DEFAULT, two,
                (generation, _) -> new Guests().instance(generation));
        GuestInstance a = one.take(null);
        GuestInstance b = one.take(null);

        assertThatThrownBy(() -> other.take(null))
                .isInstanceOf(LimitExceededException.class)
                .hasMessage("live instances of all plugins limit: asked for 3, allowed 2"
                        + " (set by instances of the configuration org.sallyport.host)");
        one.give(a, false);
        GuestInstance c = other.take(null);
        one.give(b, true);
        assertThat(two.taken()).isEqualTo(2);
        one.close(0);
        one.close(0);
        assertThat(two.taken()).isEqualTo(1);
        other.give(c, true);
        other.drain();
        other.close(0);
        assertThat(two.taken()).isZero();
    }

    @Test
    void preparesOneInstanceThatNoCallHasSeen() {
        GuestPool pool = pool(EntryPolicy.FRESH, 2);
        pool.prepare(1);
        pool.prepare(1);

        assertThat(pool.size()).isEqualTo(1);
        assertThat(pool.calls()).isZero();
        GuestInstance first = pool.take(null);
        assertThat(made).hasSize(1);
        pool.give(first, true);
        assertThat(pool.size()).isZero();
        assertThat(pool.take(null)).isNotSameAs(first);
    }

    /** Its store is closed, which ends guest code; a store that comes later is refused. */
    @Test
    void closingEndsWhatIsBeingMade() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Guests slow = new Guests();
        slow.whenClosed = ended::countDown;
        GuestPool pool = new GuestPool("p", EntryPolicy.POOLED, 1, HostSettings.DEFAULT, places, (n, begun) -> {
            GuestInstance guest = slow.instance(n);
            begun.accept(guest.store());
            running.countDown();
            await(ended);
            throw new IllegalStateException("ended");
        });
        Future<GuestInstance> call = inAnotherThread(() -> pool.take(null));
        running.await();
        pool.close(TimeUnit.MINUTES.toNanos(10));

        assertThatThrownBy(call::get).hasMessageContaining("ended");
        assertThat(places.taken()).isZero();
    }

    /** A host function that does not answer an interruption. */
    @Test
    void closingDoesNotWaitForEverForAStoreThatDoesNotClose() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Guests stuck = new Guests();
        stuck.whenClosed = () -> await(never);
        GuestPool pool = new GuestPool(
                "p", EntryPolicy.POOLED, 1, HostSettings.DEFAULT, places, (n, _) -> stuck.instance(n));
        inAnotherThread(() -> pool.take(null)).get();
        long start = System.nanoTime();
        pool.close(0);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
        never.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void makingHasATimeOfItsOwn() {
        HostSettings hasty = settings(1, 2, Duration.ofSeconds(10), Duration.ofMillis(20));
        GuestPool pool = new GuestPool("p", EntryPolicy.POOLED, 1, hasty, places, (_, _) -> {
            while (CallContext.current().remainingNanos() > 0) {
                Thread.onSpinWait();
            }
            throw new GuestInterruptedException(GuestInterruptedException.Reason.DEADLINE, List.of());
        });

        assertThatThrownBy(() -> pool.take(Duration.ofNanos(1)))
                .isInstanceOf(PluginUnavailableException.class)
                .hasMessage("plugin p made no instance within 20 ms: its start function or _initialize did not end"
                        + " (set by startMillis of the configuration org.sallyport.host)")
                .hasCauseInstanceOf(GuestInterruptedException.class);
        assertThat(places.taken()).isZero();
    }

    /** Never more out than the size, never one instance with two threads, every thread gets its turn. */
    @Test
    void holdsUnderLoad() throws Exception {
        GuestPool pool = pool(EntryPolicy.POOLED, 3);
        Set<GuestInstance> inUse = ConcurrentHashMap.newKeySet();
        List<Future<?>> done = new ArrayList<>();
        AtomicInteger spoilt = new AtomicInteger();
        for (int t = 0; t < 12; t++) {
            int seed = t;
            done.add(inAnotherThread(() -> {
                java.util.Random random = new java.util.Random(seed);
                for (int i = 0; i < 500; i++) {
                    GuestInstance mine = pool.take(null);
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
        assertThat(places.taken()).isZero();
    }
}
