package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandle;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

import org.junit.jupiter.api.Test;
import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException;
import org.sallyport.LinkedModule;
import org.sallyport.Store;

/** Which call an interruption stops. Counts grow with the property {@code sallyport.stress}. */
class InterruptionTest {
    private static final int ROUNDS = 500 * Integer.getInteger("sallyport.stress", 1);
    private static final String WAT = """
            (module
              (func (export "sum") (param i32) (result i32) (local i32)
                (loop (local.set 1 (i32.add (local.get 1) (local.get 0)))
                  (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (local.get 1)))
            """;

    private static void spinUntil(BooleanSupplier condition) {
        for (int i = 0; !condition.getAsBoolean(); i++) {
            if (i < 1_000) {
                Thread.onSpinWait();
            } else {
                Thread.yield(); // there are more threads than processors
            }
        }
    }

    /** Interrupts once when asked, and says when it has returned. */
    private static final class Interrupter implements AutoCloseable {
        private final AtomicInteger asked = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();
        private volatile Store store;

        Interrupter() {
            Thread.ofPlatform().start(this::run);
        }

        private void run() {
            for (int round = 1; ; round++) {
                int wanted = round;
                spinUntil(() -> asked.get() >= wanted || asked.get() < 0);
                if (asked.get() < 0) {
                    return;
                }
                store.interrupt();
                done.set(round);
            }
        }

        void ask(Store of, int round) {
            store = of;
            asked.set(round);
        }

        void await(int round) {
            spinUntil(() -> isDone(round));
        }

        boolean isDone(int round) {
            return done.get() == round;
        }

        @Override
        public void close() {
            asked.set(-1);
        }
    }

    private static boolean isStopped(MethodHandle sum, int count) throws Throwable {
        try {
            int ignored = (int) sum.invokeExact(count);
            return false;
        } catch (GuestInterruptedException e) {
            return true;
        }
    }

    /** Calls of 1 to 200 rounds meet the interruption; the one that counts begins when that has returned. */
    @Test
    void anInterruptionThatHasReturnedNeverStopsTheNextCall() throws Throwable {
        Random random = new Random(1);
        int met = 0;
        int wrong = 0;
        try (Fixture f = new Fixture();
                Interrupter interrupter = new Interrupter()) {
            LinkedModule linked = f.linker.link(f.compile(WAT));
            Store store = f.engine.newStore();
            MethodHandle sum = linked.instantiate(store).func("sum").handle();
            for (int round = 1; round <= ROUNDS; round++) {
                interrupter.ask(store, round);
                boolean stopped = false;
                while (!stopped && !interrupter.isDone(round)) {
                    stopped = isStopped(sum, 1 + random.nextInt(200));
                }
                interrupter.await(round);
                if (stopped) {
                    met++;
                } else if (isStopped(sum, 1) || store.poisonedBecause() != null) {
                    wrong++;
                    stopped = true;
                }
                if (stopped) {
                    store.close();
                    store = f.engine.newStore();
                    sum = linked.instantiate(store).func("sum").handle();
                }
            }
            store.close();
        }
        System.out.println("interruptions: " + ROUNDS + ", of a running call: " + met + ", of the next: " + wrong);
        assertThat(met).isPositive();
        assertThat(wrong).isZero();
    }

    /** The same with a deadline in force, whose end takes other ways. */
    @Test
    void norWithADeadline() throws Throwable {
        CallContext.withTimeout(java.time.Duration.ofHours(1), () -> {
            anInterruptionThatHasReturnedNeverStopsTheNextCall();
            return null;
        });
    }

    @Test
    void timeoutsOfAnyLengthAreTimeouts() throws Exception {
        for (java.time.Duration timeout : java.util.List.of(
                java.time.temporal.ChronoUnit.FOREVER.getDuration(), java.time.Duration.ofDays(200_000))) {
            assertThat(CallContext.withTimeout(timeout, () -> CallContext.current().remainingNanos())).isPositive();
        }
        long left = CallContext.withTimeout(
                java.time.temporal.ChronoUnit.FOREVER.getDuration().negated(),
                () -> CallContext.current().remainingNanos());
        assertThat(left).isNotPositive();
    }
}
