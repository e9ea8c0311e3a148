package org.sallyport.itests.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.acme.itests.Gate;
import com.acme.itests.Worker;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sallyport.ConcurrentEntryException;
import org.sallyport.host.PluginUnavailableException;

/** How several threads share a plugin. */
class EntryPoliciesTest extends PluginTest {
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private Worker worker(String attributes, Gate gate) throws Exception {
        offer("gate", Gate.class, gate);
        grant("worker", "(sallyport.module=gate)");
        start("worker", services(Worker.class) + attributes);
        return service(Worker.class, "worker");
    }

    @Test
    void pooledRunsInParallel() throws Exception {
        CyclicBarrier together = new CyclicBarrier(3);
        Worker worker = worker(";policy=pooled;pool=3", ticket -> {
            try {
                together.await(); // passed only if three calls are inside at once
                return ticket;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        List<Future<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int ticket = i;
            calls.add(threads.submit(() -> worker.passTwice(ticket)));
        }
        int sum = 0;
        for (Future<Integer> call : calls) {
            sum += call.get();
        }

        assertThat(sum).isEqualTo(2 * (0 + 1 + 2 + 3 + 4 + 5) + 6);
        assertThat(plugin("worker").counters().instances()).isEqualTo(3);
        assertThat(plugin("worker").counters().calls()).isEqualTo(6);
    }

    @Test
    void freshShowsNoCallWhatAnotherLeft() throws Exception {
        Worker worker = worker(";policy=fresh;pool=3", ticket -> ticket);
        List<Future<List<Integer>>> calls = new ArrayList<>();
        for (int t = 0; t < 6; t++) {
            calls.add(threads.submit(() -> {
                List<Integer> mine = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    mine.add(worker.next());
                }
                return mine;
            }));
        }
        for (Future<List<Integer>> call : calls) {
            assertThat(call.get()).containsOnly(worker.next());
        }
        assertThat(worker.next()).as("the first call of its instance").isEqualTo(1);
        assertThat(plugin("worker").counters().instances()).isZero();
        assertThat(plugin("worker").counters().memoryBytes()).isZero();
    }

    @Test
    void serializedKeepsStateAndLosesNothing() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Worker worker = worker(";policy=serialized", ticket -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            Thread.yield();
            inside.decrementAndGet();
            return ticket;
        });
        List<Future<List<Integer>>> calls = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            calls.add(threads.submit(() -> {
                List<Integer> mine = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    mine.add(worker.next());
                    worker.passTwice(1);
                }
                return mine;
            }));
        }
        Set<Integer> numbers = new HashSet<>();
        for (Future<List<Integer>> call : calls) {
            assertThat(call.get()).isSorted();
            numbers.addAll(call.get());
        }

        assertThat(numbers).hasSize(800).contains(1, 800);
        assertThat(most).hasValue(1);
        assertThat(plugin("worker").counters().instances()).isEqualTo(1);
    }

    @Test
    void confinedRefusesTheSecondThread() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Worker worker = worker(";policy=confined", ticket -> {
            inside.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return ticket;
        });
        Future<Integer> first = threads.submit(() -> worker.passTwice(1));
        inside.await();

        assertThatThrownBy(worker::next).isInstanceOf(ConcurrentEntryException.class);
        goOn.countDown();
        assertThat(first.get()).isEqualTo(3);
        assertThat(worker.next()).isEqualTo(1);
    }

    /** Plugin, host, the same plugin again: a pool gives another instance, one instance refuses at once. */
    @Test
    void reentryIsDecidedAtOnce() throws Exception {
        AtomicReference<Worker> again = new AtomicReference<>();
        Worker worker = worker(";policy=pooled;pool=2", ticket -> ticket == 1 ? again.get().passTwice(10) : ticket);
        again.set(worker);
        assertThat(worker.passTwice(1)).isEqualTo(10 + 11 + 2);

        start("lonely", ";policy=serialized", PluginBundles.wasm("worker"));
        grant("lonely", "(sallyport.module=gate)");
        becomes("lonely", org.sallyport.host.PluginState.ACTIVE);
        Worker lonely = plugin("lonely").as(Worker.class);
        again.set(lonely);
        assertThatThrownBy(() -> lonely.passTwice(1))
                .cause()
                .isInstanceOf(PluginUnavailableException.class)
                .hasMessageContaining("called again from inside of its own call");
        assertThat(lonely.next()).isEqualTo(1);
    }
}
