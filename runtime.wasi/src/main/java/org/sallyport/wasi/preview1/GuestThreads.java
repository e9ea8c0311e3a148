package org.sallyport.wasi.preview1;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.Caller;
import org.sallyport.GuestInterruptedException;
import org.sallyport.LimitExceededException;
import org.sallyport.LinkedModule;
import org.sallyport.Store;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.wasi.WasiProcess;
import org.sallyport.wasi.fs.Errno;

/**
 * The threads of one process (the wasi-threads proposal): each is a thread of the JVM with an instance of the program's module
 * in a store of its own, all with the same shared memory. The first one that fails or exits ends the program, and the end of
 * the main thread ends them all.
 */
public final class GuestThreads {
    /** Module and name of the function that starts a thread. */
    public static final String MODULE = "wasi";
    public static final String SPAWN = "thread-spawn";
    /** The export that a thread begins with. */
    private static final String START = "wasi_thread_start";
    /** The largest number of a thread, by the proposal. */
    private static final int LAST = 0x1FFF_FFFF;
    /** How long the end of the program waits for its threads. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    /** What the store of a thread is known by. */
    record Member(Process process) {}

    private final Process process;
    private final Store main;
    private final LinkedModule program;
    private final int most;

    // guarded by this
    private final Set<GuestThread> running = new HashSet<>();
    private int last;
    private boolean ended;
    /** Why a thread other than the main one ended the program. */
    private @Nullable RuntimeException end;

    /**
     * @param main store of the main thread, which is charged for the others
     * @param program as the main thread runs it
     * @param most threads at a time besides the main one
     */
    public GuestThreads(Process process, Store main, LinkedModule program, int most) {
        this.process = process;
        this.main = main;
        this.program = program;
        this.most = most;
    }

    /** {@code thread-spawn}. @return the thread's number, or a negative error number */
    public static int spawn(Caller caller, int argument) {
        GuestThreads threads = threadsOf(caller);
        if (threads == null || caller.store().engine().config().compile().fuel()) { // or each thread would have as much again
            return -Errno.NOTSUP.ordinal();
        }
        return threads.spawn(argument);
    }

    private static @Nullable GuestThreads threadsOf(Caller caller) {
        Member member = caller.attachment(Member.class);
        if (member != null) {
            return member.process.threads();
        }
        return caller.attachment(WasiProcess.class) instanceof Process own ? own.threads() : null;
    }

    private int spawn(int argument) {
        try {
            GuestThread thread = add(argument);
            if (thread == null) {
                return -Errno.AGAIN.ordinal();
            }
            boolean isStarted = false;
            try {
                main.resources().charge(Kind.THREADS, 1);
                isStarted = start(thread);
            } finally {
                if (!isStarted) {
                    thread.store.close();
                    remove(thread);
                }
            }
            return thread.number;
        } catch (LimitExceededException | OutOfMemoryError e) {
            return -Errno.AGAIN.ordinal();
        }
    }

    private synchronized @Nullable GuestThread add(int argument) {
        if (ended || running.size() >= most || last == LAST) {
            return null;
        }
        GuestThread thread = new GuestThread(++last, argument, CallContext.current());
        running.add(thread);
        return thread;
    }

    private boolean start(GuestThread thread) {
        boolean isStarted = false;
        try {
            Thread.ofPlatform().daemon().name("sallyport-wasi-thread-" + thread.number).start(thread);
            isStarted = true;
        } finally {
            if (!isStarted) {
                main.resources().giveBack(Kind.THREADS, 1);
            }
        }
        return isStarted;
    }

    private synchronized void remove(GuestThread thread) {
        running.remove(thread);
        notifyAll();
    }

    /** A thread has ended the program; the first one says how. */
    private void finish(RuntimeException how) {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            end = how;
        }
        main.interrupt();
    }

    /** See {@link WasiProcess#run}. */
    void runMain(Runnable guest) {
        try {
            guest.run();
        } catch (GuestInterruptedException stopped) {
            RuntimeException how = endedBy();
            throw how == null ? stopped : how;
        } finally {
            end();
        }
    }

    private synchronized @Nullable RuntimeException endedBy() {
        return end;
    }

    /** Stops all threads and waits for them, for some seconds at most. */
    void end() {
        List<GuestThread> all;
        synchronized (this) {
            ended = true;
            all = new ArrayList<>(running);
        }
        for (GuestThread thread : all) {
            thread.store.interrupt();
        }
        for (GuestThread thread : all) {
            thread.store.close();
        }
        long start = System.nanoTime();
        boolean interrupted = false;
        synchronized (this) {
            long left = PATIENCE;
            while (!running.isEmpty() && left > 0) {
                try {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
                left = PATIENCE - (System.nanoTime() - start);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** One thread of the guest. */
    private final class GuestThread implements Runnable {
        private final int number;
        private final int argument;
        private final @Nullable CallContext context;
        private final Store store;

        /** @throws LimitExceededException if there can be no store for it */
        GuestThread(int number, int argument, @Nullable CallContext context) {
            this.number = number;
            this.argument = argument;
            this.context = context;
            store = main.engine().newStore(main.limits());
            store.attach(Member.class, new Member(process));
        }

        @Override
        public void run() {
            try {
                if (context == null) {
                    call();
                } else {
                    CallContext.withTimeout(Duration.ofNanos(context.remainingNanos()), () -> {
                        call();
                        return null;
                    });
                }
            } catch (RuntimeException e) {
                finish(e);
            } catch (Error e) {
                finish(new IllegalStateException("a thread of the guest failed", e));
                throw e;
            } finally {
                store.close();
                main.resources().giveBack(Kind.THREADS, 1);
                remove(this);
            }
        }

        private void call() {
            program.instantiate(store).func(START).call(number, argument);
        }
    }
}
