package org.sallyport.codegen.x64;

import org.sallyport.codegen.ir.BuildGraph;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Optimizer;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.codegen.regalloc.AllocationChecker;
import org.sallyport.codegen.regalloc.RegisterAllocator;

/**
 * The stages that one function goes through: build, optimize, lower, allocate, emit. Keeps its arrays for the next
 * function; one instance per thread.
 */
final class CompileFunction {
    private final ModuleCode module;
    private final boolean verify;
    private final Graph graph = new Graph();
    private final Lir lir = new Lir(Abi.ALLOCATABLE, Abi.SCRATCH, 16 + Abi.VECTOR_SCRATCH);
    private final BuildGraph build;
    private final Optimizer optimizer;
    private final Lower lower;
    private final RegisterAllocator allocator = new RegisterAllocator();
    private final Emit emit;

    /** Told of the stages' results; for dumps. */
    interface Observer {
        void built(Graph graph);

        Optimizer.Observer passes();

        void lowered(Lir lir);

        void allocated(Lir lir, Allocation allocation);
    }

    CompileFunction(ModuleCode module, CpuFeatures cpu) {
        this.module = module;
        verify = module.facts().options().verify();
        build = new BuildGraph(module.facts());
        optimizer = new Optimizer(module.facts());
        lower = new Lower(graph, lir, cpu, module);
        emit = new Emit(lir, cpu, module);
    }

    /**
     * @param function index in the module's index space, not imported
     * @throws AssertionError on a fault of the compiler, naming the function
     */
    FunctionCode run(int function) {
        try {
            build.build(function, graph);
            optimizer.run(graph);
            lower.run();
            Allocation allocation = allocator.run(lir);
            if (verify) {
                AllocationChecker.check(lir, allocation);
            }
            return emit.run(lower, allocation, position(function));
        } catch (AssertionError | IndexOutOfBoundsException | NullPointerException e) {
            throw new AssertionError("BUG: compiling function " + function + ": " + e.getMessage(), e);
        }
    }

    /** The same, with a look at everything between. */
    FunctionCode run(int function, Observer observer) {
        build.build(function, graph);
        observer.built(graph);
        optimizer.run(graph, observer.passes());
        lower.run();
        observer.lowered(lir);
        Allocation allocation = allocator.run(lir);
        observer.allocated(lir, allocation);
        return emit.run(lower, allocation, position(function));
    }

    private int position(int function) {
        return module.facts().valid().spaces().body(function).code();
    }
}
