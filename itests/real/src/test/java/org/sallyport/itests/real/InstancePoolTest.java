package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.BindException;
import org.sallyport.ConcurrentEntryException;
import org.sallyport.Engine;
import org.sallyport.GuestInterruptedException;
import org.sallyport.LinkedModule;
import org.sallyport.Module;
import org.sallyport.TrapException;
import org.sallyport.host.EntryPolicy;
import org.sallyport.host.plain.InstancePool;
import org.sallyport.host.plain.NoInstanceException;
import org.sallyport.text.Wat;

/** Pools of instances in plain Java. */
@Timeout(120)
class InstancePoolTest {
    interface Counter {
        int next();

        int waiting(int n);

        void trap();

        void spin();

        String echo(String text);
    }

    private final Engine engine = Engine.create();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final Module module = engine.compile(Wat.compile("""
            (module $counter
              (import "host" "wait" (func $wait))
              (memory (export "memory") 1)
              (global $count (mut i32) (i32.const 0))
              (global $top (mut i32) (i32.const 64))
              (func (export "_initialize") (global.set $count (i32.const 100)))
              (func (export "next") (result i32)
                (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count))
              (func (export "waiting") (param i32) (result i32) (call $wait) (local.get 0))
              (func (export "trap") unreachable)
              (func (export "spin") (loop $l (br $l)))
              (func (export "sallyport_alloc") (param i32) (result i32) (i32.const 64))
              (func (export "echo") (param i32 i32) (result i64)
                (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))))
            """), "counter");
    private final LinkedModule linked = engine.newLinker()
            .define("host", Wait.class, this::await)
            .link(module);

    interface Wait {
        @org.sallyport.WasmName("wait")
        void await() throws InterruptedException;
    }

    private void await() throws InterruptedException {
        entered.countDown();
        goOn.await();
    }

    @AfterEach
    void close() {
        goOn.countDown();
        engine.close();
    }

    private InstancePool.Builder pool() {
        return InstancePool.builder(engine, linked);
    }

    @Test
    void keepsItsInstancesOrMakesThemAnew() {
        try (InstancePool kept = pool().size(1).build();
                InstancePool fresh = pool().policy(EntryPolicy.FRESH).build()) {
            Counter one = kept.as(Counter.class);
            Counter other = fresh.as(Counter.class);
            for (int i = 1; i <= 10; i++) {
                assertThat(one.next()).isEqualTo(100 + i);
                assertThat(other.next()).isEqualTo(101);
                assertThat(one.echo("grüß " + i)).isEqualTo("grüß " + i);
            }
            assertThat(kept.size()).isEqualTo(1);
            assertThat(kept.calls()).isEqualTo(20);
            kept.reset();
            assertThat(one.next()).as("after a reset").isEqualTo(101);
        }
    }

    @Test
    void servesManyThreads() throws Exception {
        try (InstancePool pool = pool().size(4).waiting(1_000, Duration.ofMinutes(1)).build();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Counter counter = pool.as(Counter.class);
            List<Future<Integer>> sums = new java.util.ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                sums.add(threads.submit(counter::next));
            }
            Set<Integer> seen = new HashSet<>();
            for (Future<Integer> sum : sums) {
                seen.add(sum.get());
            }
            assertThat(pool.size()).isBetween(1, 4);
            assertThat(pool.calls()).isEqualTo(1_000);
            assertThat(seen).hasSizeGreaterThanOrEqualTo(250);
        }
    }

    @Test
    void whoFindsNoneWaitsNoLongerThanItIsSaid() throws Exception {
        try (InstancePool pool = pool().size(1).waiting(1, Duration.ofMillis(30)).build();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Counter counter = pool.as(Counter.class);
            Future<Integer> inside = threads.submit(() -> counter.waiting(5));
            entered.await();
            assertThatThrownBy(counter::next).isInstanceOf(NoInstanceException.class)
                    .hasMessage("pool of counter is busy: no instance became free in time");
            goOn.countDown();
            assertThat(inside.get()).isEqualTo(5);
            assertThat(counter.next()).isEqualTo(101);
        }
        try (InstancePool full = pool().size(1).waiting(0, Duration.ofSeconds(9)).build()) {
            Counter counter = full.as(Counter.class);
            assertThatThrownBy(() -> full.use(_ -> counter.next())).isInstanceOf(NoInstanceException.class)
                    .hasMessageContaining("from inside of its own call");
        }
    }

    @Test
    void confinedRefusesAtOnce() throws Exception {
        try (InstancePool pool = pool().policy(EntryPolicy.CONFINED).build();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Counter counter = pool.as(Counter.class);
            Future<Integer> inside = threads.submit(() -> counter.waiting(5));
            entered.await();
            assertThatThrownBy(counter::next).isInstanceOf(ConcurrentEntryException.class);
            goOn.countDown();
            assertThat(inside.get()).isEqualTo(5);
        }
    }

    @Test
    void whatFailedIsNotUsedAgain() {
        try (InstancePool pool = pool().size(1).timeout(Duration.ofMillis(200)).build()) {
            Counter counter = pool.as(Counter.class);
            counter.next();
            assertThatThrownBy(counter::trap).isInstanceOf(TrapException.class);
            assertThat(counter.next()).isEqualTo(101);
            assertThatThrownBy(counter::spin).isInstanceOf(GuestInterruptedException.class);
            assertThat(counter.next()).isEqualTo(101);
            assertThatThrownBy(() -> pool.use(_ -> {
                throw new IllegalStateException("no");
            })).hasMessage("no");
            assertThat(counter.next()).isEqualTo(101);
        }
    }

    @Test
    void closingEndsCalls() throws Exception {
        InstancePool pool = pool().size(1).build();
        Counter counter = pool.as(Counter.class);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> inside = threads.submit(() -> counter.waiting(5));
            entered.await();
            pool.close();
            assertThatThrownBy(inside::get).isNotNull();
            assertThatThrownBy(counter::next).isInstanceOf(NoInstanceException.class).hasMessage("pool of counter is closed");
        }
        assertThat(pool.size()).isZero();
        pool.close();
    }

    @Test
    void isReadFromAMap() {
        Map<String, Object> settings = Map.of("pool", "1", "policy", "fresh", "timeout", 100, "memory", 1 << 16);
        try (InstancePool pool = pool().settings(settings).build()) {
            Counter counter = pool.as(Counter.class);
            assertThat(counter.next()).isEqualTo(101);
            assertThat(counter.next()).isEqualTo(101);
            assertThatThrownBy(counter::spin).isInstanceOf(GuestInterruptedException.class);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> pool().settings(Map.of("Pool", 1)))
                .withMessage("write pool instead of Pool");
        assertThatIllegalArgumentException().isThrownBy(() -> pool().settings(Map.of("policy", "any")))
                .withMessageContaining("policy must be confined, serialized, pooled or fresh");
    }

    interface Misfit {
        String next();
    }

    @Test
    void checksTheInterface() {
        try (InstancePool pool = pool().build()) {
            assertThatThrownBy(() -> pool.as(Misfit.class)).isInstanceOf(BindException.class);
            pool.prepare();
            assertThat(pool.size()).isEqualTo(1);
        }
    }
}
