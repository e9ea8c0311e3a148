package org.sallyport.codegen.pipeline;

import java.util.Set;
import java.util.concurrent.Executor;
import org.sallyport.CompileOptions;
import org.sallyport.codegen.ir.CompiledFeatures;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.LazyCompiler;
import org.sallyport.spi.MachineContract;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;

/** The native back end for one machine. Immutable. */
public class IsaCodeGenerator implements CodeGenerator {
    private final Isa isa;
    private final String contract = MachineContract.version();

    public IsaCodeGenerator(Isa isa) {
        this.isa = isa;
    }

    @Override
    public String target() {
        return isa.target();
    }

    @Override
    public String fingerprint() {
        return isa.fingerprint() + " contract " + contract;
    }

    @Override
    public Set<Feature> features() {
        return CompiledFeatures.ALL;
    }

    @Override
    public boolean isUsable() {
        return isa.isUsable();
    }

    @Override
    public CompiledModule compile(ValidModule module, CompileOptions options, CompileBudget budget, Executor executor) {
        return new CompileModule(module, options, isa, budget).run(fingerprint() + settings(options), executor);
    }

    private static String settings(CompileOptions options) {
        return (options.explicitBoundsChecks() ? " checked" : "") + (options.optimize() ? "" : " unoptimized")
                + (options.fuel() ? " fuel" : "") + (options.deterministicVectors() ? " deterministic" : "");
    }

    @Override
    public LazyCompiler lazy(ValidModule module, CompileOptions options, CompileBudget budget) {
        return new CompileLazily(module, options, isa, budget, fingerprint() + settings(options));
    }

    @Override
    public long reach() {
        return isa.branches().reach();
    }

    @Override
    public int returnAddress(int into) {
        return isa.returnAddress(into);
    }

    @Override
    public int savedContext() {
        return isa.savedContext();
    }

    @Override
    public byte[] entryTrampoline(FuncType type) {
        return isa.entryTrampoline(type);
    }

    @Override
    public byte[] hostTrampoline(FuncType type) {
        return isa.hostTrampoline(type);
    }

    @Override
    public byte[] builtinTrampoline(Builtin builtin) {
        return isa.builtinTrampoline(builtin);
    }

    @Override
    public byte[] enterStub() {
        return isa.enterStub();
    }

    @Override
    public byte[] exitStub() {
        return isa.exitStub();
    }

    @Override
    public byte[] landingStub() {
        return isa.landingStub();
    }

    @Override
    public byte[] signalHandler(long range, long landing, long previous, int interruptSignal) {
        return isa.signalHandler(range, landing, previous, interruptSignal);
    }

    @Override
    public byte[] threadPointer() {
        return isa.threadPointer();
    }

    @Override
    public byte[] sentry() {
        return isa.sentry();
    }

    @Override
    public boolean isReturn(byte[] code, int at) {
        return isa.isReturn(code, at);
    }

    @Override
    public boolean takesSamples() {
        return isa.takesSamples();
    }

    @Override
    public String dump(ValidModule module, int function, CompileOptions options) {
        return Dump.of(new ModuleCode(new ModuleFacts(module, options), isa), function);
    }
}
