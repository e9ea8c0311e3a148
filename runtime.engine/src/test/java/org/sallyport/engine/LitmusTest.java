package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.Config;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.SharedMemory;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.wasm.Feature;

/**
 * What two threads can see of each other (litmus tests). Each round has cells of its own, x and y; both threads begin it
 * together. More rounds by hand: {@code -Dsallyport.litmus=1000000}.
 */
@Timeout(600)
class LitmusTest {
    private static final int ROUNDS = Integer.getInteger("sallyport.litmus", 8_192);
    /** Rounds between two looks of the host. */
    private static final int CHUNK = 4096;
    private static final int CELLS = 1024;
    private static final int RESULTS = CELLS + CHUNK * 16;

    /** First thread and second thread, each leaving something in its result. */
    private enum Test {
        MESSAGE_PASSING(
                "(i32.store (local.get $x) (i32.const 1)) (STORE (local.get $y) (i32.const 1))",
                "(local.set $r (LOAD (local.get $y))) (local.set $s (i32.load (local.get $x)))"),
        STORE_BUFFERING(
                "(STORE (local.get $x) (i32.const 1)) (local.set $r (LOAD (local.get $y)))",
                "(STORE (local.get $y) (i32.const 1)) (local.set $r (LOAD (local.get $x)))"),
        LOAD_BUFFERING(
                "(local.set $r (LOAD (local.get $x))) (STORE (local.get $y) (i32.const 1))",
                "(local.set $r (LOAD (local.get $y))) (STORE (local.get $x) (i32.const 1))");

        private final String first;
        private final String second;

        Test(String first, String second) {
            this.first = first;
            this.second = second;
        }

        String module(boolean atomic) {
            return """
                    (module (import "m" "memory" (memory 4 4 shared))
                      %s %s)""".formatted(function("first", first, 0), function("second", second, 8))
                    .replace("STORE", atomic ? "i32.atomic.store" : "i32.store")
                    .replace("LOAD", atomic ? "i32.atomic.load" : "i32.load");
        }

        private static String function(String name, String body, int result) {
            return """
                    (func (export "%s") (param $n i32) (local $i i32) (local $x i32) (local $y i32) (local $r i32) (local $s i32)
                      (loop $round
                        (local.set $x (i32.add (i32.const %d) (i32.shl (local.get $i) (i32.const 4))))
                        (local.set $y (i32.add (local.get $x) (i32.const 8)))
                        (local.set $i (i32.add (local.get $i) (i32.const 1)))
                        (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
                        (loop $wait (br_if $wait
                          (i32.lt_u (i32.atomic.load (i32.const 0)) (i32.shl (local.get $i) (i32.const 1)))))
                        %s
                        (i32.store offset=%d (local.get $x) (local.get $r))
                        (i32.store offset=%d (local.get $x) (local.get $s))
                        (br_if $round (i32.lt_u (local.get $i) (local.get $n)))))"""
                    .formatted(name, CELLS, body, RESULTS - CELLS + result, RESULTS - CELLS + result + 4);
        }

        /** What an execution in any single order of the accesses cannot leave. */
        boolean isForbidden(int r1, int r2, int s2) {
            return switch (this) {
                case MESSAGE_PASSING -> r2 == 1 && s2 == 0;
                case STORE_BUFFERING -> r1 == 0 && r2 == 0;
                case LOAD_BUFFERING -> r1 == 1 && r2 == 1;
            };
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MESSAGE_PASSING, true", "STORE_BUFFERING, true", "LOAD_BUFFERING, true",
        "MESSAGE_PASSING, false", "STORE_BUFFERING, false", "LOAD_BUFFERING, false"})
    void twoThreads(Test test, boolean atomic) throws Exception {
        try (Fixture t = new Fixture(Config.defaults().withFeature(Feature.THREADS), StoreLimits.DEFAULT);
                SharedMemory shared = t.engine.newSharedMemory(SharedMemoryTest.type(4, 4));
                Store other = t.engine.newStore();
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Module module = t.compile(test.module(atomic));
            Instance one = t.engine.newLinker().define("m", "memory", shared).link(module).instantiate(t.store);
            Instance two = t.engine.newLinker().define("m", "memory", shared).link(module).instantiate(other);
            Memory memory = shared.in(t.store);
            int forbidden = 0;
            int[] outcomes = new int[8];
            for (int done = 0; done < ROUNDS; done += CHUNK) {
                memory.write(0, new byte[RESULTS + CHUNK * 16], 0, RESULTS + CHUNK * 16);
                Future<?> first = threads.submit(() -> one.func("first").call(CHUNK));
                Future<?> second = threads.submit(() -> two.func("second").call(CHUNK));
                first.get();
                second.get();
                for (int i = 0; i < CHUNK; i++) {
                    int r1 = memory.getInt(RESULTS + 16 * i);
                    int r2 = memory.getInt(RESULTS + 16 * i + 8);
                    int s2 = memory.getInt(RESULTS + 16 * i + 12);
                    assertThat(r1 | r2 | s2).isBetween(0, 1);
                    outcomes[r1 | r2 << 1 | s2 << 2]++;
                    forbidden += test.isForbidden(r1, r2, s2) ? 1 : 0;
                }
            }
            System.out.println(test + (atomic ? ", atomic: " : ", plain: ") + java.util.Arrays.toString(outcomes)
                    + " by r1 + 2 r2 + 4 s2; " + forbidden + " in no single order");
            if (atomic) {
                assertThat(forbidden).isZero();
            }
        }
    }

    /** Two threads hand a number to and fro; whoever does not have it waits. A lost notification would be the end of it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noWakeUpIsLost(boolean virtual) throws Exception {
        try (Fixture t = new Fixture(Config.defaults().withFeature(Feature.THREADS), StoreLimits.DEFAULT);
                SharedMemory shared = t.engine.newSharedMemory(SharedMemoryTest.type(4, 4));
                ExecutorService threads = Executors.newThreadPerTaskExecutor(
                        virtual ? Thread.ofVirtual().factory() : Thread.ofPlatform().factory())) {
            Module module = t.compile("""
                    (module (import "m" "memory" (memory 4 4 shared))
                      (func (export "play") (param $mine i32) (param $n i32) (local $now i32)
                        (loop $round
                          (block $turn
                            (loop $wait
                              (local.set $now (i32.atomic.load (i32.const 0)))
                              (br_if $turn (i32.eq (i32.and (local.get $now) (i32.const 1)) (local.get $mine)))
                              (drop (memory.atomic.wait32 (i32.const 0) (local.get $now) (i64.const -1)))
                              (br $wait)))
                          (i32.atomic.store (i32.const 0) (i32.add (local.get $now) (i32.const 1)))
                          (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
                          (br_if $round (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))""");
            List<Future<?>> players = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int mine = i;
                players.add(threads.submit(() -> {
                    try (Store store = t.engine.newStore()) {
                        t.engine.newLinker().define("m", "memory", shared).link(module).instantiate(store)
                                .func("play").call(mine, ROUNDS / 2);
                    }
                }));
            }
            for (Future<?> player : players) {
                player.get();
            }
            assertThat(shared.in(t.store).getInt(0)).isEqualTo(ROUNDS / 2 * 2);
        }
    }
}
