package org.sallyport.validator;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.sallyport.CompilationException;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.ValidModule.FunctionFacts;
import org.sallyport.wasm.WasmModule.Body;

/**
 * Checks all function bodies, in parallel where it pays. Threads take chunks of neighbouring functions from a counter.
 * The calling thread is one of them and only waits for chunks that another thread is at work on, so that an executor
 * that never runs anything costs nothing but time. The failure that counts is the one in the lowest function, whoever
 * finds it.
 */
final class CheckBodies {
    /** Bytes of code below which a thread is not worth its start. */
    private static final int CHUNK_BYTES = 1 << 16;

    private final Context context;
    private final Uses uses;
    private final CompileBudget budget;
    private final List<Body> bodies;
    private final int imported;
    private final FunctionFacts[] facts;
    private final int[] chunkStarts;
    private final AtomicInteger next = new AtomicInteger();
    private final CountDownLatch unfinished;

    private volatile int failedFunction = Integer.MAX_VALUE;
    private volatile @Nullable Throwable failure;
    private volatile int failureOffset;

    CheckBodies(Context context, Uses uses, CompileBudget budget) {
        this.budget = budget;
        this.context = context;
        this.uses = uses;
        bodies = context.module.bodies();
        imported = context.spaces.importedFuncs();
        facts = new FunctionFacts[bodies.size()];
        chunkStarts = chunks();
        unfinished = new CountDownLatch(chunkStarts.length - 1);
    }

    /** First function of each chunk, and the number of functions at the end. */
    private int[] chunks() {
        int[] starts = new int[bodies.size() + 1];
        int chunks = 0;
        int bytes = CHUNK_BYTES;
        for (int i = 0; i < bodies.size(); i++) {
            if (bytes >= CHUNK_BYTES) {
                starts[chunks++] = i;
                bytes = 0;
            }
            bytes += bodies.get(i).end() - bodies.get(i).start();
        }
        starts[chunks++] = bodies.size();
        return java.util.Arrays.copyOf(starts, chunks);
    }

    /** Checks all; a failure is then in {@link #failure()}. */
    void run(Executor executor) {
        int helpers = Math.min(chunkStarts.length - 2, Runtime.getRuntime().availableProcessors() - 1);
        for (int i = 0; i < helpers; i++) {
            try {
                executor.execute(this::work);
            } catch (RejectedExecutionException e) {
                break;
            }
        }
        work();
        awaitOthers();
    }

    private void awaitOthers() {
        boolean interrupted = false;
        while (true) {
            try {
                unfinished.await();
                break;
            } catch (InterruptedException e) {
                budget.interruptedInWaiting(); // they look at it often
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        if (next.get() >= chunkStarts.length - 1) {
            return;
        }
        CheckBody body = new CheckBody(context, new Uses(uses), budget);
        int chunk = next.getAndIncrement();
        while (chunk < chunkStarts.length - 1) {
            check(body, chunkStarts[chunk], chunkStarts[chunk + 1]);
            merge(body.met());
            unfinished.countDown();
            chunk = next.getAndIncrement();
        }
    }

    private void check(CheckBody body, int from, int to) {
        for (int i = from; i < to && imported + i < failedFunction; i++) {
            try {
                budget.check();
                facts[i] = body.check(imported + i);
            } catch (CompilationException e) {
                fail(-1, e, 0); // nobody goes on
                return;
            } catch (Throwable e) {
                fail(imported + i, e, body.offset());
                return;
            }
        }
    }

    private synchronized void merge(long met) {
        uses.merge(met);
    }

    private synchronized void fail(int function, Throwable e, int offset) {
        if (function < failedFunction) {
            failedFunction = function;
            failure = e;
            failureOffset = offset;
        }
    }

    /** The failure in the lowest function, or that the budget is used up, or null. */
    @Nullable Throwable failure() {
        return failure;
    }

    int failedFunction() {
        return failedFunction;
    }

    /** Offset of the instruction at fault. */
    int failureOffset() {
        return failureOffset;
    }

    /** Complete when there is no failure. */
    FunctionFacts[] facts() {
        return facts;
    }
}
