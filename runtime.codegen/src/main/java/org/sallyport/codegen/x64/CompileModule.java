package org.sallyport.codegen.x64;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.sallyport.CompilationException;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.spi.CompileOptions;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.WasmModule;

/**
 * Compiles a module's functions in parallel: the calling thread takes chunks of functions, and helpers from the
 * executor may join it; those that have not begun when the work runs out find the door closed. The result does not
 * depend on who compiled what.
 */
final class CompileModule {
    /** Bytes of wasm code that are worth another thread, and that are taken at a time. */
    private static final int HELPER_BYTES = 16 << 10;
    private static final int CHUNK_BYTES = 4 << 10;

    private final ModuleCode module;
    private final CpuFeatures cpu;
    private final List<WasmModule.Body> bodies;
    private final @Nullable FunctionCode[] functions;
    private final AtomicInteger next = new AtomicInteger();

    // guarded by this
    private int active;
    private boolean closed;
    private @Nullable Throwable failure;

    private volatile boolean cancelled;

    CompileModule(ValidModule valid, CompileOptions options, CpuFeatures cpu) {
        module = new ModuleCode(new ModuleFacts(valid, options));
        this.cpu = cpu;
        bodies = valid.module().bodies();
        functions = new @Nullable FunctionCode[bodies.size()];
    }

    /**
     * @param fingerprint identifies back end and options
     * @throws CompilationException if the thread is interrupted; its interrupt status stays set
     */
    CompiledModule run(String fingerprint, Executor executor) {
        inviteHelpers(executor);
        try {
            compileChunks();
        } catch (RuntimeException | Error e) {
            fail(e);
        }
        awaitHelpers();
        return new Link(module, cpu, functions).run(fingerprint);
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
                cancelled = true; // they end at the next function
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
        if (cancelled) {
            throw interrupted();
        }
    }

    private static CompilationException interrupted() {
        return new CompilationException("compilation was interrupted", null);
    }

    // ---- work

    private void compileChunks() {
        var compiler = new CompileFunction(module, cpu);
        while (true) {
            int from = next.get();
            int to = chunkEnd(from);
            if (from == to) {
                return;
            }
            if (next.compareAndSet(from, to)) {
                compile(compiler, from, to);
            }
        }
    }

    private int chunkEnd(int from) {
        int bytes = 0;
        int to = from;
        while (to < functions.length && bytes < CHUNK_BYTES) {
            WasmModule.Body body = bodies.get(to++);
            bytes += body.end() - body.start();
        }
        return to;
    }

    private void compile(CompileFunction compiler, int from, int to) {
        for (int i = from; i < to; i++) {
            if (cancelled) {
                return;
            }
            if (Thread.currentThread().isInterrupted()) {
                throw interrupted();
            }
            functions[i] = compiler.run(module.importedFuncs() + i);
        }
    }
}
