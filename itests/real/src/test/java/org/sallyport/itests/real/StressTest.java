package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.sallyport.CallContext;
import org.sallyport.ConcurrentEntryException;
import org.sallyport.Engine;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunctionException;
import org.sallyport.LinkedModule;
import org.sallyport.Module;
import org.sallyport.SallyportException;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.text.Wat;

/**
 * Traps, deadlines and closing, often and from several threads, with garbage collection and ordinary Java exceptions
 * beside; afterwards nothing may be left of it: no crash report, no native memory. {@code -Dsallyport.stress=10} is the
 * full run (10 000 traps, 1 000 stops, 1 000 races); without it a tenth of that.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class StressTest {
    private static final int SCALE = Integer.getInteger("sallyport.stress", 1);
    private static final TrapCode[] TRAPS = {
        TrapCode.UNREACHABLE,
        TrapCode.INTEGER_DIVIDE_BY_ZERO,
        TrapCode.INTEGER_OVERFLOW,
        TrapCode.MEMORY_OUT_OF_BOUNDS,
        TrapCode.MEMORY_OUT_OF_BOUNDS,
        TrapCode.UNINITIALIZED_ELEMENT,
        TrapCode.INDIRECT_CALL_TYPE_MISMATCH,
        TrapCode.INVALID_CONVERSION,
        TrapCode.STACK_OVERFLOW,
    };
    private static final int HOST_EXCEPTION = 9;
    private static final int RETURNS = 10;

    private final long started = System.currentTimeMillis();
    private Engine engine;
    private Module module;
    private LinkedModule linked;

    @BeforeAll
    void compile() throws ReflectiveOperationException {
        engine = Engine.create();
        module = engine.compile(Wat.compile(Texts.read("stress/faults.wat")), "faults");
        MethodHandle touch = MethodHandles.lookup()
                .findStatic(StressTest.class, "touch", MethodType.methodType(int.class, int.class));
        linked = engine.newLinker().define("host", "touch", touch).link(module);
        fillPools();
    }

    @AfterAll
    void close() {
        if (engine != null) {
            engine.close();
        }
    }

    static int touch(int x) {
        if (x < 0) {
            throw new IllegalStateException("told to fail");
        }
        return x & 1;
    }

    /** What is made once for a process, or kept ready for the next store, does not count as left behind. */
    private void fillPools() {
        List<Store> stores = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            Store store = engine.newStore();
            assertThat(linked.instantiate(store).func("fail").call(RETURNS, 7)).containsExactly(7);
            stores.add(store);
        }
        stores.forEach(Store::close);
    }

    @Test
    void trapsFromManyThreads() throws Exception {
        Mappings before = Mappings.now();
        int threads = 4;
        int each = 1_000 * SCALE / threads;
        AtomicInteger counted = new AtomicInteger();
        List<Callable<Void>> work = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            work.add(() -> {
                trapOften(each, counted);
                return null;
            });
        }
        withGarbageCollection(() -> inThreads(work, threads / 2));

        assertThat(counted).hasValue(threads * each);
        assertNothingIsLeft(before);
    }

    private void trapOften(int times, AtomicInteger counted) {
        Store store = engine.newStore();
        MethodHandle fail = linked.instantiate(store).func("fail").handle();
        for (int i = 0; i < times; i++) {
            int kind = i % (RETURNS + 1);
            int depth = i % 97;
            check(kind, depth, fail);
            javaFailsToo(i);
            counted.incrementAndGet();
            if (i % 50 == 49) { // a trap does not spoil a store, but fresh ones are tried too
                store.close();
                store = engine.newStore();
                fail = linked.instantiate(store).func("fail").handle();
            }
        }
        store.close();
    }

    private static void check(int kind, int depth, MethodHandle fail) {
        if (kind == RETURNS) {
            assertThat(call(fail, kind, depth)).isEqualTo(depth);
            return;
        }
        try {
            int unexpected = call(fail, kind, depth);
            throw new AssertionError("returned " + unexpected + " instead of failing in way " + kind);
        } catch (TrapException trap) {
            assertThat(trap.code()).as("way %s", kind).isEqualTo(TRAPS[kind]);
            assertThat(trap.frames()).as("way %s, depth %s", kind, depth).hasSizeGreaterThan(Math.min(depth, 60));
            assertThat(trap.frames().getLast().module()).isEqualTo("faults");
        } catch (HostFunctionException failure) {
            assertThat(kind).isEqualTo(HOST_EXCEPTION);
            assertThat(failure).hasCauseInstanceOf(IllegalStateException.class);
        }
    }

    private static int call(MethodHandle fail, int kind, int depth) {
        try {
            return (int) fail.invokeExact(kind, depth);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError("guests throw no checked exceptions", t);
        }
    }

    /** The JVM's own use of the same signals, between ours. */
    private static void javaFailsToo(int i) {
        Object nothing = i < 0 ? "" : null;
        assertThatThrownBy(() -> nothing.hashCode()).isInstanceOf(NullPointerException.class);
        if (i % 100 == 0) {
            assertThatThrownBy(() -> recurse(0)).isInstanceOf(StackOverflowError.class);
        }
    }

    private static int recurse(int n) {
        return 1 + recurse(n + 1);
    }

    @Test
    void deadlines() throws Exception {
        Mappings before = Mappings.now();
        int threads = 4;
        int each = 100 * SCALE / threads;
        AtomicInteger stopped = new AtomicInteger();
        AtomicInteger inside = new AtomicInteger();
        List<Callable<Void>> work = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            work.add(() -> {
                for (int i = 0; i < each; i++) {
                    stopOnce(i % 2 == 0 ? "spin" : "touchAll", inside);
                    stopped.incrementAndGet();
                }
                return null;
            });
        }
        withGarbageCollection(() -> inThreads(work, 2));

        assertThat(stopped).hasValue(threads * each);
        assertThat(inside.get()).as("stopped inside of the guest").isGreaterThan(threads * each / 2);
        assertNothingIsLeft(before);
    }

    private void stopOnce(String name, AtomicInteger stoppedInside) {
        try (Store store = engine.newStore()) {
            var func = linked.instantiate(store).func(name);
            Object[] args = name.equals("spin") ? new Object[] {} : new Object[] {Integer.MAX_VALUE};
            long micros = ThreadLocalRandom.current().nextLong(50, 5_000);
            long start = System.nanoTime();
            assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofNanos(micros * 1000), () -> func.call(args)))
                    .isInstanceOfSatisfying(GuestInterruptedException.class, e -> assertThat(e.reason())
                            .isEqualTo(GuestInterruptedException.Reason.DEADLINE));
            assertThat(System.nanoTime() - start).as("stopped not before its time").isGreaterThan(micros * 1000);
            if (store.poisonedBecause() != null) { // null: the deadline passed before the guest was entered
                assertThatThrownBy(() -> func.call(args)).isInstanceOf(StoreClosedException.class);
                stoppedInside.incrementAndGet();
            }
        }
    }

    /** Stores are closed while calls run in them, begin and end: every call returns, is stopped, or is refused. */
    @Test
    void closesRaceWithCalls() throws Exception {
        Mappings before = Mappings.now();
        int races = 100 * SCALE;
        AtomicInteger interrupted = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger finished = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            withGarbageCollection(() -> {
                for (int i = 0; i < races; i++) {
                    race(i, threads, interrupted, refused, finished);
                }
                return null;
            });
        } finally {
            threads.shutdown();
        }

        System.out.printf(
                "stress: %d races: %d calls finished, %d were stopped, %d were refused%n",
                races, finished.get(), interrupted.get(), refused.get());
        assertThat(finished.get() + interrupted.get() + refused.get()).isEqualTo(2 * races);
        assertThat(interrupted).hasPositiveValue();
        assertNothingIsLeft(before);
    }

    private void race(
            int number,
            ExecutorService threads,
            AtomicInteger interrupted,
            AtomicInteger refused,
            AtomicInteger finished)
            throws Exception {
        Store store = engine.newStore();
        var instance = linked.instantiate(store);
        var func = instance.func(number % 2 == 0 ? "spin" : "touchAll");
        Object[] args = number % 2 == 0 ? new Object[] {} : new Object[] {1 + number % 1000};
        List<Future<?>> calls = new ArrayList<>();
        for (int c = 0; c < 2; c++) {
            calls.add(threads.submit(() -> {
                try {
                    func.call(args);
                    finished.incrementAndGet();
                } catch (GuestInterruptedException e) {
                    assertThat(e.reason()).isEqualTo(GuestInterruptedException.Reason.CLOSE);
                    interrupted.incrementAndGet();
                } catch (StoreClosedException | ConcurrentEntryException e) {
                    refused.incrementAndGet();
                }
            }));
        }
        Future<?> closing = threads.submit(() -> {
            long until = System.nanoTime() + ThreadLocalRandom.current().nextLong(500_000);
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            store.close();
        });
        for (Future<?> call : calls) {
            call.get(60, TimeUnit.SECONDS);
        }
        closing.get(60, TimeUnit.SECONDS);
        assertThatThrownBy(() -> func.call(args)).isInstanceOf(StoreClosedException.class);
        assertThatThrownBy(() -> instance.memory("memory").getByte(0)).isInstanceOf(SallyportException.class);
    }

    /** Opens and closes engines, each with its own code and stores. */
    @Test
    void enginesComeAndGo() throws Exception {
        byte[] binary = Wat.compile(Texts.read("stress/faults.wat"));
        MethodHandle touch = MethodHandles.lookup()
                .findStatic(StressTest.class, "touch", MethodType.methodType(int.class, int.class));
        Mappings before = Mappings.now();
        for (int i = 0; i < 5 * SCALE; i++) {
            Engine own = Engine.create();
            LinkedModule program = own.newLinker().define("host", "touch", touch).link(own.compile(binary));
            for (int s = 0; s < 4; s++) {
                assertThat(program.instantiate(own.newStore()).func("grow").call(3)).containsExactly(2);
            }
            own.close(); // with everything that is in it
        }
        assertNothingIsLeft(before);
    }

    /** @param platform how many of them run in platform threads; the rest are virtual */
    private static Void inThreads(List<Callable<Void>> work, int platform) throws Exception {
        ExecutorService heavy = Executors.newFixedThreadPool(Math.max(1, platform));
        ExecutorService light = Executors.newVirtualThreadPerTaskExecutor();
        try {
            List<Future<Void>> running = new ArrayList<>();
            for (int i = 0; i < work.size(); i++) {
                running.add((i < platform ? heavy : light).submit(work.get(i)));
            }
            for (Future<Void> one : running) {
                one.get();
            }
            return null;
        } finally {
            heavy.shutdownNow();
            light.shutdownNow();
        }
    }

    private static void withGarbageCollection(Callable<Void> work) throws Exception {
        Thread collector = Thread.ofPlatform().daemon().start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                System.gc();
                try {
                    Thread.sleep(5);
                } catch (InterruptedException e) {
                    return;
                }
            }
        });
        try {
            work.call();
        } finally {
            collector.interrupt();
            collector.join();
        }
    }

    private void assertNothingIsLeft(Mappings before) throws IOException {
        Mappings after = Mappings.now();
        // The JVM maps memory of its own (threads, compiled code, malloc arenas), but never as much as one wasm memory.
        assertThat(after.bytes() - before.bytes()).as("bytes mapped more than before").isLessThan(4L << 30);
        assertThat(after.count() - before.count()).as("mappings more than before").isLessThan(150);
        try (Stream<Path> files = Files.list(Path.of(""))) {
            assertThat(files.filter(f -> f.getFileName().toString().startsWith("hs_err_pid"))
                            .filter(f -> f.toFile().lastModified() >= started))
                    .as("crash reports")
                    .isEmpty();
        }
    }

    /** What /proc/self/maps says. */
    private record Mappings(int count, long bytes) {
        static Mappings now() throws IOException {
            List<String> lines = Files.readAllLines(Path.of("/proc/self/maps"));
            long bytes = 0;
            for (String line : lines) {
                int dash = line.indexOf('-');
                long start = Long.parseUnsignedLong(line.substring(0, dash), 16);
                bytes += Long.parseUnsignedLong(line.substring(dash + 1, line.indexOf(' ')), 16) - start;
            }
            return new Mappings(lines.size(), bytes);
        }
    }
}
