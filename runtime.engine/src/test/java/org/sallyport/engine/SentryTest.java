package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import org.junit.jupiter.api.Test;
import org.sallyport.CallContext;
import org.sallyport.Config;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.process.LinuxProcess;
import org.sallyport.engine.stop.Sentry;
import org.sallyport.engine.stop.Watch;
import org.sallyport.engine.stop.Watchdog;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.SentryBlock;
import org.sallyport.spi.StoreContext;

/** The thread that ends guests at their deadlines while no Java runs. The watchdog does so, too: here it is kept busy. */
class SentryTest {
    private static final int SCALE = Integer.getInteger("sallyport.stress", 1);
    private static final StoreLimits SMALL = StoreLimits.DEFAULT.withStackBytes(1 << 16);
    private static final String WAT = """
            (module
              (func (export "spin") (loop (br 0)))
              (func (export "nothing"))
              (global $calls (export "calls") (mut i32) (i32.const 0))
              (func (export "count") (global.set $calls (i32.add (global.get $calls) (i32.const 1))))
              (func (export "sum") (param $n i32) (result i64) (local $sum i64)
                (loop $again
                  (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 3)) (i64.extend_i32_u (local.get $n))))
                  (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (local.get $sum)))
            """;
    private static final int ROUNDS = 20_000_000;
    /** Between two signals: who is signalled faster than he can answer does nothing else any more. */
    private static final int PAUSE_NANOS = 50_000;

    private static Instance instantiate(Fixture f) {
        return f.linker.link(f.compile(WAT)).instantiate(f.engine.newStore(SMALL));
    }

    private static void stop(Instance instance, Duration timeout) {
        assertThatThrownBy(() -> CallContext.withTimeout(timeout, () -> instance.func("spin").call()))
                .isInstanceOfSatisfying(
                        GuestInterruptedException.class,
                        e -> assertThat(e.reason()).isEqualTo(GuestInterruptedException.Reason.DEADLINE));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 3_000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private static Sentry sentry(Fixture f) {
        Sentry sentry = Natives.of(f.engine).sentry();
        assertThat(sentry).as("a sentry, on this machine").isNotNull();
        return sentry;
    }

    private static long record(Store store) {
        return NativeMemory.getLong(Natives.of(store).context + StoreContext.RECORD);
    }

    private static long end(Sentry sentry) {
        return NativeMemory.getLong(sentry.looks() - SentryBlock.LOOKS + SentryBlock.END);
    }

    /** Keeps a watchdog from looking at anything until it is released, or replaced because it does not come back. */
    private static final class Kept extends WatchdogTest.Odd implements AutoCloseable {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch over = new CountDownLatch(1);

        Kept(Fixture f) throws InterruptedException {
            stop(instantiate(f), Duration.ofMillis(1)); // it runs, then
            Watchdog dog = f.engine.keeper().watchdog();
            dog.ask(new Watch(this, dog), System.nanoTime());
            dog.ensure();
            begun.await();
        }

        @Override
        public long act(long now) {
            begun.countDown();
            try {
                over.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return NEVER;
        }

        @Override
        public void close() {
            over.countDown();
        }
    }

    @Test
    void aCallThatComesTooLateDoesNotBegin() {
        try (Fixture f = new Fixture()) {
            sentry(f);
            Instance instance = instantiate(f);
            for (int i = 0; i < 200; i++) {
                Store store = f.engine.newStore(SMALL);
                Instance late = f.linker.link(instance.module()).instantiate(store);
                assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofNanos(1), () -> late.func("count").call()))
                        .isInstanceOfSatisfying(
                                GuestInterruptedException.class,
                                e -> assertThat(e.reason()).isEqualTo(GuestInterruptedException.Reason.DEADLINE));
                assertThat(late.global("calls").get()).isEqualTo(0);
            }
        }
    }

    /** Also where an earlier call had it sleep for an hour. */
    @Test
    void endsGuestsWhileTheWatchdogDoesNothing() throws Exception {
        for (int round = 0; round < 30; round++) {
            try (Fixture f = new Fixture()) {
                Instance idle = instantiate(f);
                CallContext.withTimeout(Duration.ofHours(1), () -> idle.func("nothing").call());
                Instance instance = instantiate(f);
                try (Kept _ = new Kept(f)) {
                    Watchdog dog = f.engine.keeper().watchdog();
                    long begin = System.nanoTime();
                    stop(instance, Duration.ofMillis(20));
                    long end = System.nanoTime();
                    long told = ((StoreImpl) instance.store()).execution().told();
                    assertThat(told - begin).isBetween(20_000_000L, end - begin);
                    if (f.engine.keeper().watchdog() == dog) { // else the machine was so slow that it was replaced
                        assertThat(NativeMemory.getLong(record(instance.store()) + SentryBlock.EXPIRED) - begin)
                                .isBetween(20_000_000L, end - begin);
                        return;
                    }
                }
            }
        }
        throw new AssertionError("the watchdog was replaced each time");
    }

    /** A guest that is signalled for nothing goes on as if nothing had been. */
    @Test
    void signalsInErrorChangeNothing() throws Exception {
        long expected = 0;
        for (int i = ROUNDS; i > 0; i--) {
            expected = expected * 3 + i;
        }
        try (Fixture f = new Fixture()) {
            Instance instance = instantiate(f);
            Store store = instance.store();
            long thread = Natives.of(store).context + StoreContext.THREAD;
            int signal = Natives.of(f.engine).codeSpace().interruptSignal();
            AtomicBoolean over = new AtomicBoolean();
            int[] signals = new int[1];
            Thread signaller = Thread.ofPlatform().start(() -> {
                while (!over.get()) {
                    long inside = NativeMemory.getLongVolatile(thread);
                    if (inside != 0) {
                        LinuxProcess.Threads.get().signal(inside, signal);
                        signals[0]++;
                    }
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            });
            for (int i = 0; i < 3 * SCALE; i++) {
                assertThat(instance.func("sum").call(ROUNDS)).containsExactly(expected);
                Object[] sum = CallContext.withTimeout(Duration.ofHours(1), () -> {
                    instance.func("nothing").call();
                    NativeMemory.putLong(record(store) + SentryBlock.EXPIRED, System.nanoTime());
                    return instance.func("sum").call(ROUNDS);
                });
                assertThat(sum).containsExactly(expected);
            }
            over.set(true);
            signaller.join();
            assertThat(signals[0]).isPositive();
            stop(instance, Duration.ofMillis(1));
        }
    }

    @Test
    void recordsAreEachOneStores() {
        try (Fixture f = new Fixture()) {
            Sentry sentry = sentry(f);
            Random random = new Random(42);
            List<Long> taken = new ArrayList<>();
            Set<Long> distinct = new HashSet<>();
            long first = sentry.looks() - SentryBlock.LOOKS + SentryBlock.RECORDS;
            for (int step = 0; step < 200_000 * SCALE; step++) {
                boolean more = random.nextInt(100) < (step / 40_000 % 2 == 0 ? 70 : 30);
                if (more) {
                    long record = sentry.take();
                    if (taken.size() == Sentry.MOST) {
                        assertThat(record).isZero();
                        continue;
                    }
                    assertThat(distinct.add(record)).as("a record that nobody has").isTrue();
                    assertThat((record - first) % SentryBlock.RECORD_SIZE).isZero();
                    assertThat((record - first) / SentryBlock.RECORD_SIZE).isBetween(0L, (long) Sentry.MOST - 1);
                    assertThat(end(sentry)).as("end of what is looked at").isGreaterThan(record);
                    taken.add(record);
                } else if (!taken.isEmpty()) {
                    long record = taken.set(random.nextInt(taken.size()), taken.getLast());
                    taken.removeLast();
                    distinct.remove(record);
                    sentry.giveBack(record);
                }
                assertThat(distinct).hasSize(taken.size());
            }
            long last = taken.stream().mapToLong(Long::longValue).max().orElse(first - SentryBlock.RECORD_SIZE);
            assertThat(end(sentry)).isEqualTo(last + SentryBlock.RECORD_SIZE);
            assertThat(sentry.taken()).isEqualTo(taken.size());
            taken.forEach(sentry::giveBack);
            assertThat(end(sentry)).isEqualTo(first);
        }
    }

    @Test
    void recordsGoBackWithTheirStores() {
        try (Fixture f = new Fixture()) {
            LinkedModule linked = f.linker.link(f.compile(WAT));
            List<Store> stores = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Store store = f.engine.newStore(SMALL);
                Instance instance = linked.instantiate(store);
                stores.add(store);
                instance.func("nothing").call();
                CallContext.withTimeout(Duration.ofHours(1), () -> instance.func("nothing").call());
                CallContext.withTimeout(Duration.ofHours(2), () -> instance.func("nothing").call());
            }
            assertThat(sentry(f).taken()).isEqualTo(100);
            for (Store store : stores) {
                assertThat(NativeMemory.getLong(record(store) + SentryBlock.DEADLINE)).isEqualTo(SentryBlock.NO_DEADLINE);
                assertThat(NativeMemory.getInt(record(store) + SentryBlock.THREAD)).isZero();
            }
            stores.forEach(Store::close);
            assertThat(sentry(f).taken()).isZero();
        }
    }

    @Test
    void whereNoneIsLeftTheWatchdogIsAlone() {
        try (Fixture f = new Fixture()) {
            Sentry sentry = sentry(f);
            List<Long> all = new ArrayList<>();
            for (long record = sentry.take(); record != 0; record = sentry.take()) {
                all.add(record);
            }
            assertThat(all).hasSize(Sentry.MOST);
            Instance instance = instantiate(f);
            stop(instance, Duration.ofMillis(1));
            assertThat(record(instance.store())).isEqualTo(Natives.of(instance.store()).context + StoreContext.OWN_RECORD);
            all.forEach(sentry::giveBack);
            stop(instantiate(f), Duration.ofMillis(1));
        }
    }

    /** A machine without one, and a system that refuses what it needs. */
    @Test
    void whereThereIsNoneTheWatchdogIsAlone() {
        byte[] refuses = {(byte) 0xB8, SentryBlock.REFUSED, 0, 0, 0, (byte) 0xC3}; // mov eax, 1; ret
        for (byte[] loop : new byte[][] {{}, refuses}) {
            try (Fixture f = new Fixture(Config.defaults(), SMALL, new ForwardingGenerator(new NativeCodeGenerator()) {
                @Override
                public byte[] sentry() {
                    return loop;
                }
            })) {
                for (int i = 0; i < 10; i++) {
                    stop(instantiate(f), Duration.ofMillis(1));
                }
                Sentry sentry = Natives.of(f.engine).sentry();
                assertThat(sentry == null).isEqualTo(loop.length == 0);
                assertThat(sentry != null && sentry.isRunning()).isFalse();
            }
        }
    }

    @Test
    void endsWhenNobodyNeedsItAndStartsAgain() throws Exception {
        try (Fixture f = new Fixture()) {
            Instance first = instantiate(f);
            CallContext.withTimeout(Duration.ofMinutes(5), () -> first.func("nothing").call());
            Sentry sentry = sentry(f);
            assertThat(sentry.isRunning()).isTrue();
            await(() -> !sentry.isRunning());
            Instance instance = instantiate(f);
            CallContext.withTimeout(Duration.ofMinutes(5), () -> instance.func("nothing").call());
            assertThat(sentry.isRunning()).isTrue();
            try (Kept _ = new Kept(f)) {
                stop(instance, Duration.ofMillis(10));
            }
        }
    }

    @Test
    void endsWithItsEngine() {
        for (int i = 0; i < 20 * SCALE; i++) {
            Fixture f = new Fixture();
            stop(instantiate(f), Duration.ofNanos(100_000 * (i % 5 + 1)));
            String name = f.engine.name() + "-sentry";
            f.close();
            assertThat(Thread.getAllStackTraces().keySet()).noneMatch(t -> t.getName().equals(name));
        }
    }

    /** The default action of the signal is to end the process: who has not yet seen one must not see it then. */
    @Test
    void aSignalThatComesAfterTheEngineIsForgotten() throws Throwable {
        MethodHandle sigmask = Linker.nativeLinker().downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("pthread_sigmask"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        Fixture f = new Fixture();
        int signal = Natives.of(f.engine).codeSpace().interruptSignal();
        long[] pending = new long[2];
        Throwable[] failure = new Throwable[1];
        Thread thread = Thread.ofPlatform().start(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment set = arena.allocate(128, 8);
                MemorySegment before = arena.allocate(128, 8);
                set.set(ValueLayout.JAVA_LONG, 0, 1L << signal - 1);
                assertThat((int) sigmask.invokeExact(0, set, before)).isZero(); // SIG_BLOCK
                LinuxProcess.Threads.get().signal(LinuxProcess.Threads.get().self(), signal);
                pending[0] = pending();
                f.close();
                pending[1] = pending();
                if (pending[1] == 0) { // else this would be the end
                    assertThat((int) sigmask.invokeExact(2, before, MemorySegment.NULL)).isZero(); // SIG_SETMASK
                }
            } catch (Throwable t) {
                failure[0] = t;
            }
        });
        thread.join();
        assertThat(failure[0]).isNull();
        assertThat(pending[0]).isEqualTo(1L << signal - 1);
        assertThat(pending[1]).isZero();
    }

    private static long pending() throws Exception {
        return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                .filter(line -> line.startsWith("SigPnd:"))
                .mapToLong(line -> Long.parseUnsignedLong(line.substring("SigPnd:".length()).strip(), 16))
                .findFirst()
                .orElseThrow();
    }
}
