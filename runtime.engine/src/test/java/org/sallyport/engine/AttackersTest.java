package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sallyport.CallContext;
import org.sallyport.Config;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.text.Wat;
import org.sallyport.validator.ModuleValidator;

/**
 * Nothing that a tenant, a host function or an attached object does keeps the deadlines of others from being kept ({@link
 * Attackers}). Counts grow with the property {@code sallyport.stress}.
 */
class AttackersTest {
    private static final int SCALE = Integer.getInteger("sallyport.stress", 1);
    private static final int VICTIMS = 2;
    private static final String SPIN = "(module (func (export \"spin\") (loop (br 0))))";

    /** How late calls were stopped, in nanoseconds. */
    private static final class Lateness {
        final long[] nanos;
        private final AtomicInteger next = new AtomicInteger();

        Lateness(int count) {
            nanos = new long[count];
        }

        boolean add(long late) {
            int i = next.getAndIncrement();
            if (i < nanos.length) {
                nanos[i] = late;
            }
            return i < nanos.length - 1;
        }

        boolean isDone() {
            return next.get() >= nanos.length;
        }

        long most() {
            return Arrays.stream(nanos).max().orElse(0);
        }

        String summary(String what) {
            long[] sorted = nanos.clone();
            Arrays.sort(sorted);
            return String.format(
                    "%s: %d, late by: median %.2f ms, 99.9 %% %.2f ms, most %.2f ms",
                    what,
                    sorted.length,
                    sorted[sorted.length / 2] / 1e6,
                    sorted[(int) (sorted.length * 0.999)] / 1e6,
                    sorted[sorted.length - 1] / 1e6);
        }
    }

    /** Calls with deadlines of 1 to 40 ms that end only by them; between them there may be no memory. */
    private static void beVictim(EngineImpl engine, LinkedModule linked, Lateness late, int seed) {
        Random random = new Random(seed);
        Store store = null;
        while (!late.isDone()) {
            try {
                if (store != null) {
                    store.close();
                    store = null;
                }
                store = engine.newStore(StoreLimits.DEFAULT.withStackBytes(1 << 16));
                MethodHandle spin = linked.instantiate(store).func("spin").handle();
                callOnce(spin, Duration.ofNanos(1_000_000 + random.nextInt(39_000_000)), late);
            } catch (OutOfMemoryError e) {
                sleep(1_000_000);
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        }
    }

    private static void callOnce(MethodHandle spin, Duration timeout, Lateness late) throws Throwable {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            CallContext.withTimeout(timeout, () -> {
                spin.invokeExact();
                return null;
            });
            throw new AssertionError("an endless loop has ended");
        } catch (GuestInterruptedException | OutOfMemoryError e) {
            long end = System.nanoTime();
            if (end - deadline > 0) { // else there was no memory before it began
                late.add(end - deadline);
            }
        }
    }

    private static void sleep(int nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What the machine itself is late by: a thread that only sleeps. */
    private static void sleepOnly(Lateness late) {
        Random random = new Random(7);
        boolean more = true;
        while (more) {
            int nanos = 1_000_000 + random.nextInt(39_000_000);
            long deadline = System.nanoTime() + nanos;
            sleep(nanos);
            more = late.add(System.nanoTime() - deadline);
        }
    }

    /** Threads whose calls end only by deadlines, and what they found. */
    private static final class Victims {
        private final Lateness late;
        private final Lateness bare;
        private final List<Thread> threads = new ArrayList<>();
        private volatile Throwable failure;

        Victims(Fixture f, int count) {
            LinkedModule linked = f.linker.link(f.compile(SPIN));
            late = new Lateness(count);
            bare = new Lateness(Math.max(1, count / VICTIMS));
            for (int i = 0; i < VICTIMS; i++) {
                int seed = i;
                threads.add(new Thread(() -> beVictim(f.engine, linked, late, seed), "victim-" + i));
            }
            threads.add(new Thread(() -> sleepOnly(bare), "sleeper"));
        }

        void start() {
            for (Thread thread : threads) {
                thread.setDaemon(true);
                thread.setUncaughtExceptionHandler((_, t) -> failure = t);
                thread.start();
            }
        }

        /** Needs no memory. @return the thread that has not ended in time, or null */
        Thread await(long seconds) {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            for (Thread thread : threads) {
                while (thread.isAlive()) {
                    if (System.nanoTime() - end > 0) {
                        return thread;
                    }
                    LockSupport.parkNanos(10_000_000);
                }
            }
            return null;
        }

        void report() {
            System.out.println(late.summary("deadlines") + "; " + bare.summary("a thread that only sleeps"));
            assertThat(failure).isNull();
            assertThat(Duration.ofNanos(late.most())).isLessThan(Duration.ofSeconds(60)); // of a loaded machine
        }
    }

    enum Attack {
        THROWING_INTERRUPT(Attackers::throwingInterrupt),
        BLOCKING_INTERRUPT(Attackers::blockingInterrupt),
        TRANSFER(Attackers::transfer),
        ATTACHMENTS(Attackers::attachments),
        HELD_SEGMENT(Attackers::heldSegment),
        BLOCKED_HOSTS(a -> a.manyBlockedHosts(200)),
        HAMMER(Attackers::hammer),
        MONITORS(Attackers::monitors);

        final Consumer<Attackers> begin;

        Attack(Consumer<Attackers> begin) {
            this.begin = begin;
        }
    }

    @ParameterizedTest
    @EnumSource(Attack.class)
    void deadlinesOfOthersAreKept(Attack attack) throws Exception {
        try (Fixture f = new Fixture();
                Attackers attackers = new Attackers(f.engine, f::compile)) {
            attack.begin.accept(attackers);
            Victims victims = new Victims(f, 20 * SCALE);
            victims.start();
            assertThat(victims.await(60 + SCALE)).isNull();
            victims.report();
        }
    }

    /** What embedders can reach they can lock, for as long as they like. */
    @Test
    void monitorsOfOthersKeepNobody() throws Exception {
        try (Fixture f = new Fixture()) {
            Module module = f.compile(SPIN);
            Store store = f.engine.newStore();
            Instance instance = f.linker.link(module).instantiate(store);
            Thread user = new Thread(() -> {
                f.compile("(module (func (export \"f\")))").close();
                f.linker.link(module).instantiate(f.store);
                assertThatThrownBy(() -> CallContext.withTimeout(
                                Duration.ofMillis(20), () -> instance.func("spin").call()))
                        .isInstanceOf(GuestInterruptedException.class);
                store.close();
                module.close();
            });
            user.setDaemon(true);
            synchronized (f.engine) {
                synchronized (module) {
                    synchronized (store) {
                        synchronized (instance) {
                            user.start();
                            assertThat(user.join(Duration.ofSeconds(60))).isTrue();
                        }
                    }
                }
            }
        }
    }

    /** A thread's class may be foreign: compilations ask it from nowhere else. */
    @Test
    void compilingAsksNoForeignThreadFromAnother() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        StringBuilder wat = new StringBuilder("(module");
        for (int i = 0; i < 3_000; i++) {
            wat.append("(func (param i32) (result i32) (i32.add (local.get 0) (i32.const ").append(i).append(")))");
        }
        byte[] binary = Wat.compile(wat.append(')').toString());
        Config config = Config.defaults().withCompileThreads(2);
        try (EngineImpl engine = new EngineImpl(
                config, new BinaryLoader(), new ModuleValidator(), new NativeCodeGenerator(), new PoolingAllocator())) {
            Thread thread = new Thread(() -> {
                engine.compile(binary).close();
                done.incrementAndGet();
            }) {
                @Override
                public boolean isInterrupted() {
                    if (Thread.currentThread() != this) {
                        asked.incrementAndGet();
                    }
                    return super.isInterrupted();
                }
            };
            thread.start();
            thread.join();
        }
        assertThat(done).hasValue(1);
        assertThat(asked).hasValue(0);
    }

    /** All at once, in a small heap of its own. */
    @Test
    void deadlinesAreKeptUnderAllOfThemAtOnce() throws Exception {
        int count = 20 * SCALE;
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-Dsallyport.stress=" + SCALE,
                        "-cp",
                        System.getProperty("java.class.path"),
                        AttackersTest.class.getName(),
                        String.valueOf(count))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        System.out.println(output.lines().filter(l -> l.startsWith("deadlines")).toList());
        assertThat(process.waitFor()).as(output).isZero();
    }

    /** The child of {@link #deadlinesAreKeptUnderAllOfThemAtOnce}. */
    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[0]);
        try (Fixture f = new Fixture()) {
            Victims victims = new Victims(f, count);
            Thread notEnded;
            try (Attackers attackers = new Attackers(f.engine, f::compile)) {
                attackers.throwingInterrupt();
                attackers.blockingInterrupt();
                attackers.transfer();
                attackers.attachments();
                attackers.heldSegment();
                victims.start();
                attackers.fillHeap();
                notEnded = victims.await(60 + count / 10);
            }
            if (notEnded != null) {
                System.out.println(notEnded + " has not ended");
                System.exit(1);
            }
            victims.report();
        }
        System.exit(0);
    }
}
