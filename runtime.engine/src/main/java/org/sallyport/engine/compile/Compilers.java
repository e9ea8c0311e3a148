package org.sallyport.engine.compile;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;
import org.sallyport.CompilationException;
import org.sallyport.Config;
import org.sallyport.StoreClosedException;
import org.sallyport.engine.process.LinuxProcess;
import org.sallyport.engine.threads.EngineThreads;
import org.sallyport.spi.CompileBudget;

/** The threads that compile for an engine, and the budgets of what is being compiled. Thread-safe. */
public final class Compilers {
    // Classes rather than lambdas: a call site that is linked when the Java heap is full may fail for good.

    /** Runs in the calling thread. */
    public static final Executor HERE = new Executor() {
        @Override
        public void execute(Runnable work) {
            work.run();
        }
    };

    private static final BooleanSupplier NOBODY_STOPS = new BooleanSupplier() {
        @Override
        public boolean getAsBoolean() {
            return false;
        }
    };

    /** Ends what has no budget of its own. */
    public record Check(CompileBudget budget) implements Runnable {
        @Override
        public void run() {
            budget.check();
        }
    }

    /** Makes threads that compile. */
    private static final class Threads implements ThreadFactory {
        private final String name;
        private final boolean lowPriority;
        private final AtomicInteger count = new AtomicInteger();

        Threads(String name, boolean lowPriority) {
            this.name = name;
            this.lowPriority = lowPriority;
        }

        @Override
        public Thread newThread(Runnable work) {
            return EngineThreads.unstarted(name + count.getAndIncrement(), new Runnable() {
                @Override
                public void run() {
                    if (lowPriority) {
                        LinuxProcess.lowerPriority();
                    }
                    work.run();
                }
            });
        }
    }

    private final Config config;
    private final String name;
    private final Set<CompileBudget> compilations = ConcurrentHashMap.newKeySet();
    private final CompileBudget.Shared largeFunctions = new CompileBudget.Shared();

    private final Object lock = new Object();

    // guarded by lock
    private @Nullable ThreadPoolExecutor compilers;
    private @Nullable ThreadPoolExecutor background;
    private volatile boolean closed;

    /** @param name begins the names of threads */
    public Compilers(Config config, String name) {
        this.config = config;
        this.name = name;
    }

    // ---- budgets

    /**
     * The budget of a compilation that this thread asks for; it ends when the engine is closed. {@link #end} ends it.
     *
     * @param moduleBytes size of the module's binary
     */
    public CompileBudget begin(long moduleBytes) {
        return begun(CompileBudget.begin(config.compileLimits(), largeFunctions, moduleBytes));
    }

    /** The budget of a compilation that no thread asks for; {@link #end} ends it. */
    public CompileBudget beginBackground(long moduleBytes) {
        return begun(CompileBudget.begin(config.compileLimits(), largeFunctions, moduleBytes, NOBODY_STOPS));
    }

    /** The budget for a function that a call needs. @param mustStop whether that call must */
    public CompileBudget forCall(long moduleBytes, BooleanSupplier mustStop) {
        return CompileBudget.begin(config.compileLimits(), largeFunctions, moduleBytes, mustStop);
    }

    private CompileBudget begun(CompileBudget budget) {
        compilations.add(budget);
        if (closed) {
            budget.cancel(CompilationException.Reason.CLOSED);
        }
        return budget;
    }

    public void end(CompileBudget budget) {
        compilations.remove(budget);
    }

    // ---- threads

    /** Runs compilations that somebody waits for. @throws StoreClosedException if the engine is closed */
    public Executor executor() {
        if (threads() == 1) {
            return HERE;
        }
        synchronized (lock) {
            if (closed) {
                throw new StoreClosedException("the engine is closed");
            }
            ThreadPoolExecutor pool = compilers;
            if (pool == null) {
                pool = newPool(name + "-compiler-", false);
                compilers = pool;
            }
            return pool;
        }
    }

    /**
     * Runs compilations that nobody waits for, in the order in which they come, and their helpers. The threads take the
     * processor only where others leave it.
     */
    public Executor background() {
        synchronized (lock) {
            ThreadPoolExecutor pool = background;
            if (pool == null) {
                pool = newPool(name + "-background-", true);
                background = pool;
                if (closed) {
                    pool.shutdown();
                }
            }
            return pool;
        }
    }

    /** How many compile a module. */
    public int threads() {
        return config.compileThreads() == 0 ? Runtime.getRuntime().availableProcessors() : config.compileThreads();
    }

    /** Its threads end when they have nothing to do. */
    private ThreadPoolExecutor newPool(String threadName, boolean lowPriority) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads(),
                threads(),
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new Threads(threadName, lowPriority));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Ends what is being compiled; nothing more is. */
    public void close() {
        synchronized (lock) {
            closed = true;
            if (compilers != null) {
                compilers.shutdown();
            }
            if (background != null) {
                background.shutdown(); // what has not begun ends as soon as it does
            }
        }
        for (CompileBudget compilation : compilations) {
            compilation.cancel(CompilationException.Reason.CLOSED);
        }
    }
}
