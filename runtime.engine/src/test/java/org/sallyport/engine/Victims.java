package org.sallyport.engine;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException;
import org.sallyport.LinkedModule;
import org.sallyport.StoreLimits;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.StoreContext;

/**
 * Threads whose calls end only by their deadlines, and one that only sleeps. Of each call they note when its deadline
 * was, when the guest was made to stop (it may wait for a processor then, but runs no instruction more), when it left machine
 * code, and when the caller saw that; of each sleep when it should have ended and did.
 */
final class Victims {
    private static final String SPIN = "(module (func (export \"spin\") (loop (br 0))))";
    private static final StoreLimits SMALL = StoreLimits.DEFAULT.withStackBytes(1 << 16);
    private static final int SHORTEST = 1_000_000;
    private static final int LATEST = 5;

    /** Times of {@link System#nanoTime}, of what should have happened and when it did. */
    static final class Times {
        final long[] due;
        /** Or 0 if that is not known. */
        final long[] stopped;
        /** Or 0 if it was not machine code that left. */
        final long[] left;

        final long[] seen;
        private final AtomicInteger next = new AtomicInteger();

        Times(int count) {
            due = new long[count];
            stopped = new long[count];
            left = new long[count];
            seen = new long[count];
        }

        void add(long dueAt, long stoppedAt, long leftAt, long seenAt) {
            int i = next.getAndIncrement();
            if (i < due.length) {
                due[i] = dueAt;
                stopped[i] = stoppedAt;
                left[i] = leftAt;
                seen[i] = seenAt;
            }
        }

        boolean isDone() {
            return next.get() >= due.length;
        }

        /** In nanoseconds. */
        long[] late(long[] when) {
            int count = Math.min(next.get(), due.length);
            long[] late = new long[count];
            int known = 0;
            for (int i = 0; i < count; i++) {
                if (when[i] != 0) {
                    late[known++] = Math.max(0, when[i] - due[i]);
                }
            }
            return Arrays.copyOf(late, known);
        }

        void write(Path file, long zero) throws IOException {
            try (PrintWriter out = new PrintWriter(file.toFile())) {
                for (int i = 0; i < Math.min(next.get(), due.length); i++) {
                    out.println((due[i] - zero) + " " + (stopped[i] == 0 ? -1 : stopped[i] - zero) + " " + (seen[i] - zero));
                }
            }
        }
    }

    final Times calls;
    final Times sleeps;
    private final List<Thread> threads = new ArrayList<>();
    private final EngineImpl engine;
    private final LinkedModule linked;
    private final int longest;
    /** Calls whose guests have run no instruction: they count as nothing. */
    private final AtomicInteger neverBegun = new AtomicInteger();
    private volatile @Nullable Throwable failure;

    /** @param longest deadline, in nanoseconds; the shortest is a millisecond */
    Victims(Fixture f, int count, int threads, int longest) {
        engine = f.engine;
        linked = f.linker.link(f.compile(SPIN));
        this.longest = longest;
        calls = new Times(count);
        sleeps = new Times(count);
        for (int i = 0; i < threads; i++) {
            int seed = i;
            this.threads.add(new Thread(() -> beVictim(new Random(seed)), "victim-" + i));
        }
        this.threads.add(new Thread(() -> sleepOnly(new Random(7)), "sleeper"));
    }

    /**
     * Has so many threads begin a call each, the first with a deadline after so many nanoseconds, the others each that much
     * later than the one before. Returns when guests run.
     */
    void beginInTurn(int count, long apart) throws InterruptedException {
        CountDownLatch ready = new CountDownLatch(count);
        List<StoreImpl> stores = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StoreImpl store = (StoreImpl) engine.newStore(SMALL);
            MethodHandle spin = linked.instantiate(store).func("spin").handle();
            Duration timeout = Duration.ofNanos((i + 1) * apart);
            stores.add(store);
            threads.add(new Thread(() -> callOnce(store, spin, timeout, ready), "victim-" + i));
        }
        start();
        ready.await();
        for (StoreImpl store : stores) {
            while (NativeMemory.getLong(Natives.of(store).context + StoreContext.THREAD) == 0 && store.execution().told() == 0) {
                Thread.sleep(1);
            }
        }
    }

    private void callOnce(StoreImpl store, MethodHandle spin, Duration timeout, CountDownLatch ready) {
        ready.countDown();
        try {
            call(store, spin, timeout);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    void start() {
        for (Thread thread : threads) {
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler((_, t) -> failure = t);
            thread.start();
        }
    }

    /** Between two calls there may be no memory. */
    private void beVictim(Random random) {
        StoreImpl store = null;
        while (!calls.isDone()) {
            try {
                if (store != null) {
                    store.close();
                    store = null;
                }
                store = (StoreImpl) engine.newStore(SMALL);
                MethodHandle spin = linked.instantiate(store).func("spin").handle();
                call(store, spin, Duration.ofNanos(SHORTEST + random.nextInt(longest - SHORTEST)));
            } catch (OutOfMemoryError e) {
                LockSupport.parkNanos(SHORTEST);
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        }
    }

    private void call(StoreImpl store, MethodHandle spin, Duration timeout) throws Throwable {
        long due = System.nanoTime() + timeout.toNanos();
        try {
            CallContext.withTimeout(timeout, () -> {
                spin.invokeExact();
                return null;
            });
            throw new AssertionError("an endless loop has ended");
        } catch (GuestInterruptedException | OutOfMemoryError e) {
            long seen = System.nanoTime();
            if (Natives.of(store).left() != 0) {
                calls.add(due, store.execution().told(), Natives.of(store).left(), seen);
            } else { // there was no memory, or its time was over, before any instruction of the guest
                neverBegun.incrementAndGet();
            }
        }
    }

    private void sleepOnly(Random random) {
        while (!sleeps.isDone() && !calls.isDone()) {
            int nanos = SHORTEST + random.nextInt(longest - SHORTEST);
            long due = System.nanoTime() + nanos;
            try {
                TimeUnit.NANOSECONDS.sleep(nanos);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            sleeps.add(due, 0, 0, System.nanoTime());
        }
    }

    /** Needs no memory. @return the thread that has not ended in time, or null */
    @Nullable Thread await(long seconds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (int i = 0; i < threads.size(); i++) { // without an iterator: there may be no heap
            Thread thread = threads.get(i);
            while (thread.isAlive()) {
                if (System.nanoTime() - end > 0) {
                    return thread;
                }
                LockSupport.parkNanos(10_000_000);
            }
        }
        return null;
    }

    @Nullable Throwable failure() {
        return failure;
    }

    /** The calls that were stopped latest: in ms how late that was, when they left machine code, when their callers saw it. */
    String latest() {
        int count = Math.min(calls.next.get(), calls.due.length);
        return IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparingLong(i -> calls.due[i] - calls.stopped[i]))
                .limit(LATEST)
                .map(i -> String.format(
                        "%.1f %.1f %.1f",
                        (calls.stopped[i] - calls.due[i]) / 1e6,
                        (calls.left[i] - calls.due[i]) / 1e6,
                        (calls.seen[i] - calls.due[i]) / 1e6))
                .collect(Collectors.joining("; ", "the latest (stopped, left, seen): ", ""));
    }

    static String summary(String what, long[] late) {
        if (late.length == 0) {
            return what + ": none";
        }
        long[] sorted = late.clone();
        Arrays.sort(sorted);
        return String.format(
                "%s: %d, late by: median %.2f ms, 99.9 %% %.2f ms, most %.2f ms",
                what,
                sorted.length,
                sorted[sorted.length / 2] / 1e6,
                sorted[(int) (sorted.length * 0.999)] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }

    String summary() {
        return summary("guests stopped", calls.late(calls.stopped)) + "; besides " + neverBegun + " that never began; "
                + summary("left machine code", calls.late(calls.left)) + "; "
                + summary("callers saw it", calls.late(calls.seen)) + "; "
                + summary("a thread that only sleeps", sleeps.late(sleeps.seen));
    }
}
