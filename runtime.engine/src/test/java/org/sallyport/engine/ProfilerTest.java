package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.CompileOptions;
import org.sallyport.Config;
import org.sallyport.GuestException;
import org.sallyport.GuestFrame;
import org.sallyport.GuestSample;
import org.sallyport.Instance;
import org.sallyport.Profiler;
import org.sallyport.Store;
import org.sallyport.StoreLimits;

/** Guests go on as they would while they are sampled, and are seen where they are. */
@Timeout(120)
class ProfilerTest {
    private static final Duration OFTEN = Duration.ofNanos(100_000);
    private static final int ENOUGH = 100;
    private static final String GUEST = """
            (module $guest
              (import "env" "pass" (func $pass (param i32) (result i32)))
              (func $leaf (param $n i32) (result i32) (i32.mul (local.get $n) (i32.const 31)))
              (func $inner (param $n i32) (result i32) (local $x i32)
                (loop $more
                  (local.set $x (i32.add (call $leaf (local.get $x)) (local.get $n)))
                  (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (local.get $x))
              (func (export "work") (param i32) (result i32) (call $pass (call $inner (local.get 0))))
              (func $deep (export "deep") (param i32) (result i32)
                (if (result i32) (local.get 0)
                  (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
                  (else (call $inner (i32.const 100))))))
            """;
    private static final int N = 20_000;

    private static int expected() {
        int x = 0;
        for (int n = N; n > 0; n--) {
            x = x * 31 + n;
        }
        return x;
    }

    private static Fixture fixture() {
        Config plain = Config.defaults().withCompile(new CompileOptions(false, false, false)); // nothing is copied into others
        Fixture fixture = new Fixture(plain, StoreLimits.DEFAULT);
        fixture.linker.define("env", Pass.class, x -> x);
        return fixture;
    }

    public interface Pass {
        int pass(int x);
    }

    private static Profiler start(Fixture fixture, List<GuestSample> samples) {
        return fixture.engine.startProfiler(OFTEN, samples::add);
    }

    @Test
    void theStackIsThatOfTheCalls() {
        List<GuestSample> samples = Collections.synchronizedList(new ArrayList<>());
        try (Fixture fixture = fixture()) {
            Instance guest = fixture.instantiate(GUEST);
            try (Profiler _ = start(fixture, samples)) {
                while (samples.size() < ENOUGH) {
                    assertThat(guest.func("work").call(N)).containsExactly(expected());
                }
            }
        }
        assertThat(samples).allSatisfy(sample -> {
            List<String> names = sample.frames().stream().map(GuestFrame::functionName).toList();
            List<String> whole = List.of("leaf", "inner", "work");
            assertThat(names).as("%s", sample).hasSizeBetween(1, 3);
            assertThat(whole.subList(3 - names.size(), 3)).as("%s", sample).isEqualTo(names);
            assertThat(sample.compiledFrame()).isEqualTo(sample.frames().getFirst());
            assertThat(sample.thread()).isEqualTo(Thread.currentThread().getName());
        });
        assertThat(samples).anyMatch(sample -> sample.frames().size() == 3).anyMatch(sample -> sample.frames().size() == 2);
    }

    @Test
    void deepStacksAreCutAndHarmNobody() {
        List<GuestSample> samples = Collections.synchronizedList(new ArrayList<>());
        try (Fixture fixture = fixture()) {
            Instance guest = fixture.instantiate(GUEST);
            int depth = 5_000;
            Object first = guest.func("deep").call(depth)[0];
            try (Profiler _ = start(fixture, samples)) {
                while (samples.size() < ENOUGH) {
                    assertThat(guest.func("deep").call(depth)).containsExactly(first);
                }
            }
        }
        assertThat(samples).anyMatch(sample -> sample.frames().size() == GuestException.MAX_FRAMES)
                .allMatch(sample -> sample.frames().size() <= GuestException.MAX_FRAMES);
    }

    /** Stores come and go, threads are many and virtual, too; the profiler looks at whoever is there. */
    @Test
    void storesThatComeAndGoOnManyThreads() throws Exception {
        AtomicInteger seen = new AtomicInteger();
        try (Fixture fixture = fixture()) {
            var linked = fixture.linker.link(fixture.compile(GUEST));
            try (Profiler _ = fixture.engine.startProfiler(OFTEN, _ -> seen.incrementAndGet())) {
                List<Thread> threads = new ArrayList<>();
                AtomicInteger wrong = new AtomicInteger();
                for (int i = 0; i < 4; i++) {
                    Runnable work = () -> {
                        do {
                            try (Store store = fixture.engine.newStore()) {
                                Instance guest = linked.instantiate(store);
                                for (int k = 0; k < 20; k++) {
                                    if ((int) guest.func("work").call(N)[0] != expected()) {
                                        wrong.incrementAndGet();
                                    }
                                }
                            }
                        } while (seen.get() < ENOUGH / 4);
                    };
                    threads.add(i % 2 == 0 ? Thread.ofVirtual().start(work) : Thread.ofPlatform().start(work));
                }
                for (Thread thread : threads) {
                    thread.join();
                }
                assertThat(wrong).hasValue(0);
            }
        }
    }

    @Test
    void oneAtATimeAndNotTooOften() {
        try (Fixture fixture = fixture()) {
            try (Profiler _ = start(fixture, new ArrayList<>())) {
                assertThatThrownBy(() -> start(fixture, new ArrayList<>())).isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("already");
            }
            start(fixture, new ArrayList<>()).close();
            assertThatThrownBy(() -> fixture.engine.startProfiler(Duration.ofNanos(99_999), _ -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** Who forgets it loses the engine's samples, not the engine. */
    @Test
    void anEngineIsClosedUnderItsProfiler() {
        Profiler profiler;
        try (Fixture fixture = fixture()) {
            profiler = start(fixture, new ArrayList<>());
            fixture.instantiate(GUEST).func("work").call(N);
        }
        profiler.close();
        assertThat(profiler.lost()).isZero();
    }
}
