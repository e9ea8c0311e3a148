package org.sallyport.codegen.x64;

import java.util.Locale;
import java.util.concurrent.Executor;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompileOptions;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.LazyCompiler;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.FuncType;

/** The native back end for x86-64 Linux. Immutable. */
public final class X64CodeGenerator implements CodeGenerator {
    public static final String TARGET = "x86_64-linux";
    /** Counts changes of emitted code or of docs/abi.md. */
    private static final int VERSION = 1;

    private final CpuFeatures cpu;

    public X64CodeGenerator() {
        this(CpuFeatures.detect());
    }

    /** @param cpu extensions to use; the machine that runs the code must have them */
    public X64CodeGenerator(CpuFeatures cpu) {
        this.cpu = cpu;
    }

    @Override
    public String target() {
        return TARGET;
    }

    @Override
    public String fingerprint() {
        return "sallyport-x64-" + VERSION + " " + cpu;
    }

    @Override
    public boolean isUsable() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")
                && System.getProperty("os.arch").equals("amd64")
                && CpuFeatures.hasBaseline();
    }

    @Override
    public CompiledModule compile(ValidModule module, CompileOptions options, CompileBudget budget, Executor executor) {
        return new CompileModule(module, options, cpu, budget).run(fingerprint() + settings(options), executor);
    }

    private static String settings(CompileOptions options) {
        return (options.explicitBoundsChecks() ? " checked" : "") + (options.optimize() ? "" : " unoptimized");
    }

    @Override
    public LazyCompiler lazy(ValidModule module, CompileOptions options, CompileBudget budget) {
        return new CompileLazily(module, options, cpu, budget, fingerprint() + settings(options));
    }

    @Override
    public byte[] entryTrampoline(FuncType type) {
        return Trampolines.entry(type);
    }

    @Override
    public byte[] hostTrampoline(FuncType type) {
        return Trampolines.host(type);
    }

    @Override
    public byte[] builtinTrampoline(Builtin builtin) {
        return Trampolines.builtin(builtin);
    }

    @Override
    public byte[] enterStub() {
        return Stubs.enter();
    }

    @Override
    public byte[] exitStub() {
        return Stubs.exit();
    }

    @Override
    public byte[] landingStub() {
        return Stubs.landing();
    }

    @Override
    public byte[] signalHandler(long range, long landing, long previous, int interruptSignal) {
        return Stubs.signalHandler(range, landing, previous, interruptSignal);
    }

    @Override
    public String dump(ValidModule module, int function, CompileOptions options) {
        var code = new ModuleCode(new ModuleFacts(module, options));
        return Dump.of(new CompileFunction(code, cpu, Meter.unlimited()), function);
    }
}
