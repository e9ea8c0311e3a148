package org.sallyport.codegen;

import java.util.concurrent.Executor;
import org.osgi.service.component.annotations.Component;
import org.sallyport.codegen.x64.X64CodeGenerator;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompileOptions;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.LazyCompiler;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.FuncType;

/** The native back end as a service, for OSGi and for {@link java.util.ServiceLoader}. */
@Component(
        service = CodeGenerator.class,
        property = {"target=" + X64CodeGenerator.TARGET, "service.ranking:Integer=100"})
public final class NativeCodeGenerator implements CodeGenerator {
    private final CodeGenerator generator = new X64CodeGenerator();

    @Override
    public String target() {
        return generator.target();
    }

    @Override
    public String fingerprint() {
        return generator.fingerprint();
    }

    @Override
    public boolean isUsable() {
        return generator.isUsable();
    }

    @Override
    public CompiledModule compile(ValidModule module, CompileOptions options, CompileBudget budget, Executor executor) {
        return generator.compile(module, options, budget, executor);
    }

    @Override
    public LazyCompiler lazy(ValidModule module, CompileOptions options, CompileBudget budget) {
        return generator.lazy(module, options, budget);
    }

    @Override
    public byte[] entryTrampoline(FuncType type) {
        return generator.entryTrampoline(type);
    }

    @Override
    public byte[] hostTrampoline(FuncType type) {
        return generator.hostTrampoline(type);
    }

    @Override
    public byte[] builtinTrampoline(Builtin builtin) {
        return generator.builtinTrampoline(builtin);
    }

    @Override
    public byte[] enterStub() {
        return generator.enterStub();
    }

    @Override
    public byte[] exitStub() {
        return generator.exitStub();
    }

    @Override
    public byte[] landingStub() {
        return generator.landingStub();
    }

    @Override
    public byte[] signalHandler(long range, long landing, long previous, int interruptSignal) {
        return generator.signalHandler(range, landing, previous, interruptSignal);
    }

    @Override
    public String dump(ValidModule module, int function, CompileOptions options) {
        return generator.dump(module, function, options);
    }
}
