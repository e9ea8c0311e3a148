package org.sallyport.engine;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;
import org.sallyport.CompilationException;
import org.sallyport.CompilationException.Reason;
import org.sallyport.Engine;
import org.sallyport.LimitExceededException;
import org.sallyport.engine.code.LazyCode;
import org.sallyport.engine.events.FlightEvents;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;

/**
 * Makes the eager form of a module that can be called already, lazily, and puts it beneath the stubs
 * ({@link LazyCode#install}) and into the code cache. A thread of the engine's does it that nobody waits for. Who needs
 * the form earlier ({@link #get}) waits if that thread has begun, and else does the work in its place, within limits of
 * his own.
 */
final class BackgroundCompilation implements Runnable {
    private final NativeMachinery machinery;
    private final EngineImpl engine;
    private final NativeModule module;
    private final byte[] entry;
    /** Held while compiling. */
    private final ReentrantLock turn = new ReentrantLock();
    private volatile @Nullable CompiledModule result;
    /** Guarded by {@link #turn}. */
    private boolean tried;

    // guarded by this
    private @Nullable CompileBudget budget;
    private boolean unwanted;

    /** @param entry the name of the module's entry in the code cache, if there is one */
    BackgroundCompilation(NativeMachinery machinery, NativeModule module, byte[] entry) {
        this.machinery = machinery;
        engine = machinery.engine();
        this.module = module;
        this.entry = entry;
    }

    @Override
    public void run() {
        if (!turn.tryLock()) {
            return; // somebody needs it now; if he does not succeed, he has this run again
        }
        try {
            if (result == null && !tried) {
                tried = true;
                compile();
            }
        } finally {
            turn.unlock();
        }
    }

    private void compile() {
        CompileBudget mine = engine.compilers().beginBackground(module.wasm().binary().length);
        synchronized (this) {
            if (unwanted) {
                mine.cancel(Reason.CLOSED);
            }
            budget = mine;
        }
        FlightEvents.Compile event = FlightEvents.beginCompile();
        try {
            mine.check();
            deliver(module.lazyCode().compileAll(mine, engine.compilers().background()), event);
        } catch (Throwable t) { // also errors: nobody else would hear of them
            if (!isUnwanted()) {
                failed(t, event);
            }
        } finally {
            engine.compilers().end(mine);
            synchronized (this) {
                budget = null;
            }
        }
    }

    /**
     * The eager form.
     *
     * @throws CompilationException as {@link Engine#compile}
     * @throws LimitExceededException as {@link Engine#compile}
     */
    CompiledModule get() {
        CompiledModule known = result;
        if (known != null) {
            return known;
        }
        CompileBudget mine = engine.compilers().begin(module.wasm().binary().length);
        try {
            return get(mine);
        } finally {
            engine.compilers().end(mine);
        }
    }

    private CompiledModule get(CompileBudget mine) {
        mine.acquire(turn);
        boolean again = !tried;
        try {
            CompiledModule known = result;
            if (known == null) {
                FlightEvents.Compile event = FlightEvents.beginCompile();
                known = module.lazyCode().compileAll(mine, engine.compilers().executor());
                deliver(known, event);
            }
            again = false;
            return known;
        } finally {
            turn.unlock();
            if (again) {
                machinery.runInBackground(this);
            }
        }
    }

    private void deliver(CompiledModule compiled, FlightEvents.@Nullable Compile event) {
        result = compiled;
        try {
            module.lazyCode().install(compiled);
            module.discardSuperseded();
            FlightEvents.endBackground(event, module, compiled, "");
        } catch (LimitExceededException e) {
            failed(e, event);
        }
        machinery.keep(entry, module.validModule(), compiled);
    }

    private void failed(Throwable t, FlightEvents.@Nullable Compile event) {
        if (t instanceof CompilationException e && e.reason() == Reason.CLOSED) {
            return; // as was asked for
        }
        String why = t instanceof CompilationException || t instanceof LimitExceededException
                ? t.getMessage()
                : t.toString();
        FlightEvents.endBackground(event, module, null, why);
        try {
            Log.LOG.log(Level.WARNING, module + ": compiling it in the background failed: " + why
                    + "; its functions go on being compiled when they are called", t);
        } catch (LinkageError e) {
            // the application is gone and its class loader closed: nobody wants to know
        }
    }

    /**
     * Whether nobody needs the result any more. Then this thread may have outlived its class loader, and fail by classes
     * that are not there; saying so would need more of them.
     */
    private synchronized boolean isUnwanted() {
        return unwanted || engine.isClosed();
    }

    /** Nothing runs in the module any more. */
    synchronized void cancel() {
        unwanted = true;
        if (budget != null) {
            budget.cancel(Reason.CLOSED);
        }
    }

    /** Looked up only when there is something to say, because finding a logger takes long in a fresh JVM. */
    private static final class Log {
        static final Logger LOG = System.getLogger(Engine.class.getName());
    }
}
