package org.sallyport.codegen.pipeline;

import java.lang.ref.SoftReference;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.sallyport.CompileOptions;
import org.sallyport.codegen.ir.BuildGraph;
import org.sallyport.codegen.ir.CompiledFeatures;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.LazyCompiler;
import org.sallyport.spi.ValidModule;

/**
 * Compiles single functions of a module, and at some time perhaps all; keeps a compiler for each thread that compiles
 * at the same time. What a function becomes before it is linked is the same in both cases, so one takes it from the
 * other.
 */
final class CompileLazily implements LazyCompiler {
    private static final long MOST_KEPT = 1 << 20;

    private final ModuleCode module;
    private final Isa.LazyStubs stubs;
    private final Isa.Branches branches;
    /** Of the whole module's code. */
    private final String fingerprint;
    private final int functions;
    /** They go when heap is short: thousands of modules may have one each, of some hundred kilobytes. */
    private final Queue<SoftReference<CompileFunction>> compilers = new ConcurrentLinkedQueue<>();
    /** While all functions are compiled: what is done of them, and of those that are called meanwhile. */
    private volatile @Nullable AtomicReferenceArray<@Nullable FunctionCode> shared;

    /** Refuses what this back end cannot compile now, since nobody expects that of a call. */
    CompileLazily(
            ValidModule valid, CompileOptions options, Isa isa, CompileBudget budget, String fingerprint) {
        this.fingerprint = fingerprint;
        Meter meter = new Meter(budget, () -> false);
        module = new ModuleCode(new ModuleFacts(valid, options, meter), isa);
        stubs = isa.lazyStubs();
        branches = isa.branches();
        functions = valid.module().bodies().size();
        if (!CompiledFeatures.ALL.containsAll(valid.features())) {
            refuseUnsupported(meter);
        }
    }

    private void refuseUnsupported(Meter meter) {
        meter.allowLarge(true);
        BuildGraph build = new BuildGraph(module.facts());
        Graph graph = new Graph(meter);
        for (int i = 0; i < functions; i++) {
            try {
                build.build(module.importedFuncs() + i, graph);
            } catch (Meter.TooMuch e) {
                meter.giveBack(meter.held()); // that it is too large is said when it is called
                graph = new Graph(meter);
                build = new BuildGraph(module.facts());
            }
        }
    }

    @Override
    public byte[] stubs(int tableOffset) {
        return stubs.emit(functions, tableOffset);
    }

    @Override
    public int stubBytes() {
        return stubs.bytes(functions);
    }

    @Override
    public int stub(int function) {
        return stubs.stub(function);
    }

    @Override
    public int beforeCode(int function) {
        return stubs.before(function, functions);
    }

    @Override
    public void completeCall(byte[] code, int at, long distance) {
        branches.complete(code, at, distance);
    }

    @Override
    public Function compile(int function, CompileBudget budget) {
        AtomicReferenceArray<@Nullable FunctionCode> all = shared;
        FunctionCode code = all == null ? null : all.get(function);
        if (code == null) {
            code = tryToCompile(function, budget);
            if (code == null) {
                code = compileLarge(function, budget);
            }
            if (all != null) {
                all.set(function, code);
            }
        }
        return Link.alone(module, code, fingerprint + " lazy");
    }

    @Override
    public CompiledModule compileAll(CompileBudget budget, Executor executor) {
        AtomicReferenceArray<@Nullable FunctionCode> all = new AtomicReferenceArray<>(functions);
        shared = all;
        try {
            return new CompileModule(module, budget, all).run(fingerprint, executor);
        } finally {
            shared = null;
        }
    }

    private @Nullable FunctionCode tryToCompile(int function, CompileBudget budget) {
        CompileFunction known = waiting();
        CompileFunction compiler =
                known != null ? known : new CompileFunction(module, new Meter(budget, () -> false));
        compiler.meter().begin(budget);
        try {
            FunctionCode code = compiler.run(module.importedFuncs() + function);
            if (compiler.meter().held() < MOST_KEPT) {
                compilers.add(new SoftReference<>(compiler));
            }
            return code;
        } catch (Meter.TooMuch e) {
            return null;
        }
    }

    private @Nullable CompileFunction waiting() {
        SoftReference<CompileFunction> next = compilers.poll();
        while (next != null) {
            CompileFunction compiler = next.get();
            if (compiler != null) {
                return compiler;
            }
            next = compilers.poll();
        }
        return null;
    }

    private FunctionCode compileLarge(int function, CompileBudget budget) {
        budget.beginLarge();
        Meter meter = new Meter(budget, () -> false);
        meter.allowLarge(true);
        try {
            return new CompileFunction(module, meter).runLast(module.importedFuncs() + function);
        } catch (Meter.TooMuch e) {
            throw budget.tooLarge(module.facts().place(module.importedFuncs() + function), meter.most());
        } finally {
            budget.endLarge();
        }
    }
}
