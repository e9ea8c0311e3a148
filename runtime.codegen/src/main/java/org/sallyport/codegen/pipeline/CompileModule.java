package org.sallyport.codegen.pipeline;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.sallyport.CompilationException;
import org.sallyport.CompileOptions;
import org.sallyport.LimitExceededException;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.WasmModule;

/**
 * Compiles a module's functions in parallel: the calling thread takes chunks of functions, and helpers from the
 * executor may join it; those that have not begun when the work runs out find the door closed. The result does not
 * depend on who compiled what.
 *
 * <p>A function that takes more memory than a thread may have among others is compiled again, with all that the budget
 * has, when no other such function is; so what is refused does not depend on other threads either.
 */
final class CompileModule {
    /** Bytes of wasm code that are worth another thread, and that are taken at a time. */
    private static final int HELPER_BYTES = 16 << 10;
    private static final int CHUNK_BYTES = 4 << 10;
    /** What a function costs besides its bytes. */
    private static final int FUNCTION_BYTES = 16;
    /** Arrays of more bytes are not kept for the next function. */
    private static final long MOST_KEPT = 16 << 20;
    /** Bytes that a function takes at least for each of its bytes if it is as usual: no need to try what will not do. */
    private static final int LIKELY = 64;

    private final ModuleCode module;
    private final List<WasmModule.Body> bodies;
    private final AtomicReferenceArray<@Nullable FunctionCode> functions;
    private final CompileBudget budget;
    private final AtomicInteger next = new AtomicInteger();

    // guarded by this
    private int active;
    private boolean closed;
    private @Nullable Throwable failure;

    private volatile boolean cancelled;

    CompileModule(ValidModule valid, CompileOptions options, Isa isa, CompileBudget budget) {
        this(
                new ModuleCode(new ModuleFacts(valid, options, new Meter(budget, () -> false)), isa),
                budget,
                new AtomicReferenceArray<>(valid.module().bodies().size()));
    }

    /** @param functions taken where there are some already; others may add to them at any time */
    CompileModule(
            ModuleCode module,
            CompileBudget budget,
            AtomicReferenceArray<@Nullable FunctionCode> functions) {
        this.module = module;
        this.budget = budget;
        this.functions = functions;
        bodies = module.facts().valid().module().bodies();
    }

    /**
     * @param fingerprint identifies back end and options
     * @throws CompilationException if the budget says that it must end, as it does if this thread is interrupted
     * @throws LimitExceededException if the budget's memory is not enough
     */
    CompiledModule run(String fingerprint, Executor executor) {
        inviteHelpers(executor);
        try {
            compileChunks();
        } catch (RuntimeException | Error e) {
            fail(e);
        }
        awaitHelpers();
        @Nullable FunctionCode[] all = new @Nullable FunctionCode[functions.length()];
        Arrays.setAll(all, functions::get);
        return new Link(module, all).run(fingerprint);
    }

    // ---- threads

    private void inviteHelpers(Executor executor) {
        long bytes = 0;
        for (WasmModule.Body body : bodies) {
            bytes += body.end() - body.start();
        }
        long count = Math.min(bytes / HELPER_BYTES, Runtime.getRuntime().availableProcessors() - 1L);
        for (long i = 0; i < count; i++) {
            try {
                executor.execute(this::help);
            } catch (RejectedExecutionException e) {
                return; // then fewer help
            }
        }
    }

    private void help() {
        synchronized (this) {
            if (closed) {
                return;
            }
            active++;
        }
        try {
            compileChunks();
        } catch (RuntimeException | Error e) {
            fail(e);
        } finally {
            synchronized (this) {
                active--;
                notifyAll();
            }
        }
    }

    private synchronized void fail(Throwable cause) {
        cancelled = true;
        if (failure == null) {
            failure = cause;
        }
    }

    private synchronized void awaitHelpers() {
        closed = true;
        boolean interrupted = false;
        while (active > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                budget.interruptedInWaiting(); // they look at it often
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure instanceof Error e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        budget.check();
    }

    // ---- work

    private void compileChunks() {
        CompileFunction compiler = newCompiler(false);
        while (true) {
            int from = next.get();
            int to = chunkEnd(from);
            if (from == to) {
                return;
            }
            if (next.compareAndSet(from, to)) {
                compiler = compile(compiler, from, to);
            }
        }
    }

    private int chunkEnd(int from) {
        int bytes = 0;
        int to = from;
        while (to < functions.length() && bytes < CHUNK_BYTES) {
            bytes += bytes(to++) + FUNCTION_BYTES;
        }
        return to;
    }

    private int bytes(int function) {
        WasmModule.Body body = bodies.get(function);
        return body.end() - body.start();
    }

    private CompileFunction newCompiler(boolean large) {
        Meter meter = new Meter(budget, () -> cancelled);
        meter.allowLarge(large);
        return new CompileFunction(module, meter);
    }

    /** @return a compiler for the next functions */
    private CompileFunction compile(CompileFunction first, int from, int to) {
        CompileFunction compiler = first;
        for (int i = from; i < to; i++) {
            if (cancelled) {
                return compiler;
            }
            budget.check();
            if (functions.get(i) != null) {
                continue;
            }
            FunctionCode code = bytes(i) > budget.smallFunction() / LIKELY ? null : tryToCompile(compiler, i);
            functions.set(i, code != null ? code : compileLarge(i));
            if (code == null || compiler.meter().held() > MOST_KEPT) {
                compiler = newCompiler(false);
            }
        }
        long bytes = 0;
        for (int i = from; i < to; i++) {
            FunctionCode code = functions.get(i);
            bytes += code == null ? 0 : code.heapBytes();
        }
        budget.addCode(bytes);
        return compiler;
    }

    private @Nullable FunctionCode tryToCompile(CompileFunction compiler, int i) {
        try {
            return compiler.run(module.importedFuncs() + i);
        } catch (Meter.TooMuch e) {
            return null;
        }
    }

    /** When no other large function is being compiled. */
    private FunctionCode compileLarge(int i) {
        budget.beginLarge();
        CompileFunction compiler = newCompiler(true);
        try {
            return compiler.runLast(module.importedFuncs() + i);
        } catch (Meter.TooMuch e) {
            throw budget.tooLarge(
                    module.facts().place(module.importedFuncs() + i) + ", " + bytes(i) + " bytes of wasm",
                    compiler.meter().most());
        } finally {
            budget.endLarge();
        }
    }
}
