package org.sallyport.engine;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.sallyport.CompileOptions;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.LazyCompiler;
import org.sallyport.spi.ValidModule;

/** The code generator, which tests can hold up at certain places. */
final class HookedGenerator extends ForwardingGenerator {
    /** Compilations of whole modules that have begun. */
    final AtomicInteger begun = new AtomicInteger();
    volatile Consumer<ValidModule> beforeWhole = _ -> {};
    /** May throw what the budget says. */
    volatile Consumer<CompileBudget> duringWhole = _ -> {};
    volatile Runnable afterWhole = () -> {};
    volatile Runnable afterFunction = () -> {};

    HookedGenerator() {
        super(new NativeCodeGenerator());
    }

    @Override
    public CompiledModule compile(ValidModule module, CompileOptions options, CompileBudget budget, Executor executor) {
        return whole(module, budget, () -> real.compile(module, options, budget, executor));
    }

    private CompiledModule whole(ValidModule module, CompileBudget budget, Supplier<CompiledModule> compilation) {
        begun.incrementAndGet();
        beforeWhole.accept(module);
        duringWhole.accept(budget);
        CompiledModule compiled = compilation.get();
        afterWhole.run();
        return compiled;
    }

    @Override
    public LazyCompiler lazy(ValidModule module, CompileOptions options, CompileBudget budget) {
        LazyCompiler lazy = real.lazy(module, options, budget);
        return new LazyCompiler() {
            @Override
            public byte[] stubs(int tableOffset) {
                return lazy.stubs(tableOffset);
            }

            @Override
            public int stubBytes() {
                return lazy.stubBytes();
            }

            @Override
            public int stub(int function) {
                return lazy.stub(function);
            }

            @Override
            public int beforeCode(int function) {
                return lazy.beforeCode(function);
            }

            @Override
            public void completeCall(byte[] code, int at, long distance) {
                lazy.completeCall(code, at, distance);
            }

            @Override
            public Function compile(int function, CompileBudget budget) {
                Function made = lazy.compile(function, budget);
                afterFunction.run();
                return made;
            }

            @Override
            public CompiledModule compileAll(CompileBudget budget, Executor executor) {
                return whole(module, budget, () -> lazy.compileAll(budget, executor));
            }
        };
    }
}
