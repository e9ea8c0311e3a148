package org.sallyport.spi;

import java.util.concurrent.Executor;

import org.sallyport.CompileLimits;
import org.sallyport.CompileOptions;

/**
 * A back end whose code is the machine's: the engine brings pages for it, stacks, memory, signals, and the ways in and out.
 * Besides as {@link BackEnd} it is a service of this type, with the property {@code target} (such as {@code x86_64-linux}).
 * Thread-safe.
 */
public non-sealed interface CodeGenerator extends BackEnd, GuestBorder {
    @Override
    default int preference() {
        return NATIVE;
    }

    /**
     * Compiles all functions of the module, in parallel on the executor.
     *
     * @param budget asked within a tenth of a second, however large a function is; no thread works on for the
     *     compilation when this returns or throws
     * @throws org.sallyport.UnsupportedFeatureException if a function uses an instruction that this back end lacks;
     *     names function, instruction and offset
     * @throws org.sallyport.CompilationException on a limit of the back end or a cancelled compilation
     * @throws org.sallyport.LimitExceededException if the budget's memory is not enough
     */
    CompiledModule compile(ValidModule module, CompileOptions options, CompileBudget budget, Executor executor);

    /** The same without limits. */
    default CompiledModule compile(ValidModule module, CompileOptions options, Executor executor) {
        CompileLimits limits = new CompileLimits(CompileLimits.UNLIMITED, Long.MAX_VALUE);
        return compile(module, options, CompileBudget.begin(limits, new CompileBudget.Shared(), 0), executor);
    }

    /**
     * For a module whose functions are compiled when they are wanted.
     *
     * @param budget for what is done now
     * @throws org.sallyport.UnsupportedFeatureException as {@link #compile}
     * @throws org.sallyport.CompilationException as {@link #compile}
     * @throws UnsupportedOperationException if this back end cannot do that
     */
    default LazyCompiler lazy(ValidModule module, CompileOptions options, CompileBudget budget) {
        throw new UnsupportedOperationException("back end " + target() + " cannot compile lazily");
    }

    /**
     * Bytes of address space within which any code of the target calls any other: an engine keeps all its code within
     * that. A multiple of 2 MiB.
     */
    long reach();

    /** The text of the IR of one function after every pass, for {@code inspect}; function index includes imports. */
    String dump(ValidModule module, int function, CompileOptions options);
}
