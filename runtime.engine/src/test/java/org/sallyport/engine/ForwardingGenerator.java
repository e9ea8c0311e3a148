package org.sallyport.engine;

import java.util.Set;
import java.util.concurrent.Executor;

import org.sallyport.CompileOptions;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.LazyCompiler;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;

/** Leaves everything to another code generator; tests override what they want to be different. */
public class ForwardingGenerator implements CodeGenerator {
    public final CodeGenerator real;

    public ForwardingGenerator(CodeGenerator real) {
        this.real = real;
    }

    @Override
    public CompiledModule compile(ValidModule module, CompileOptions options, CompileBudget budget, Executor executor) {
        return real.compile(module, options, budget, executor);
    }

    @Override
    public LazyCompiler lazy(ValidModule module, CompileOptions options, CompileBudget budget) {
        return real.lazy(module, options, budget);
    }

    @Override
    public String target() {
        return real.target();
    }

    @Override
    public String fingerprint() {
        return real.fingerprint();
    }

    @Override
    public Set<Feature> features() {
        return real.features();
    }

    @Override
    public boolean isUsable() {
        return real.isUsable();
    }

    @Override
    public long reach() {
        return real.reach();
    }

    @Override
    public int savedContext() {
        return real.savedContext();
    }

    @Override
    public int returnAddress(int into) {
        return real.returnAddress(into);
    }

    @Override
    public byte[] entryTrampoline(FuncType type) {
        return real.entryTrampoline(type);
    }

    @Override
    public byte[] hostTrampoline(FuncType type) {
        return real.hostTrampoline(type);
    }

    @Override
    public byte[] builtinTrampoline(Builtin builtin) {
        return real.builtinTrampoline(builtin);
    }

    @Override
    public byte[] enterStub() {
        return real.enterStub();
    }

    @Override
    public byte[] exitStub() {
        return real.exitStub();
    }

    @Override
    public byte[] landingStub() {
        return real.landingStub();
    }

    @Override
    public byte[] signalHandler(long range, long landing, long previous, int interruptSignal) {
        return real.signalHandler(range, landing, previous, interruptSignal);
    }

    @Override
    public byte[] threadPointer() {
        return real.threadPointer();
    }

    @Override
    public byte[] sentry() {
        return real.sentry();
    }

    @Override
    public String dump(ValidModule module, int function, CompileOptions options) {
        return real.dump(module, function, options);
    }
}
