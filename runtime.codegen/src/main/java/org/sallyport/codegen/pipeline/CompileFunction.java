package org.sallyport.codegen.pipeline;

import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.ir.BuildGraph;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Optimizer;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.lir.LirVerifier;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.codegen.regalloc.Allocation;
import org.sallyport.codegen.regalloc.AllocationChecker;
import org.sallyport.codegen.regalloc.RegisterAllocator;

/**
 * The stages that one function goes through: build, optimize, lower, allocate, emit. Keeps its arrays for the next
 * function; one instance per thread.
 */
final class CompileFunction {
    /** Machine code and entries of side tables for one instruction, while they grow. */
    private static final int EMITTED_BYTES = 24;

    /** Allocations of functions with more instructions are not proved: what is kept for each block would be too much. */
    private static final int MOST_CHECKED = 20_000;

    private final ModuleCode module;
    private final @Nullable LirVerifier verifier;
    private final Meter meter;
    /** Null after the last function. */
    private @Nullable Front front;
    private final Lir lir;
    private final RegisterAllocator allocator;
    private final Isa.Emitter emit;

    /** What all this keeps for the next function, and what the meter says of it. */
    Meter meter() {
        return meter;
    }

    /** The stages that know the graph. */
    private static final class Front {
        final Graph graph;
        final BuildGraph build;
        final Optimizer optimizer;
        final Isa.Lowering lower;

        Front(ModuleCode module, Lir lir, Meter meter) {
            graph = new Graph(meter);
            build = new BuildGraph(module.facts());
            optimizer = new Optimizer(module.facts(), module.vmLayout());
            lower = module.isa().lowering(module, graph, lir);
        }

        /** @return bytes that the graph takes, by the meter */
        long run(int function, Meter meter) {
            long before = meter.held();
            build.build(function, graph);
            optimizer.run(graph);
            long taken = meter.held() - before;
            lower.run();
            return taken;
        }
    }

    /** Told of the stages' results; for dumps. */
    interface Observer {
        void built(Graph graph);

        Optimizer.Observer passes();

        void lowered(Lir lir);

        void allocated(Lir lir, Allocation allocation);
    }

    /** @param meter of the thread that will use this */
    CompileFunction(ModuleCode module, Meter meter) {
        this.module = module;
        this.meter = meter;
        lir = new Lir(module.isa().registers(module), meter);
        allocator = new RegisterAllocator(meter);
        front = new Front(module, lir, meter);
        verifier = module.facts().options().verify() ? new LirVerifier(lir, module.isa().rules(module, lir)) : null;
        emit = module.isa().emitter(module, lir, meter);
    }

    /**
     * @param function index in the module's index space, not imported
     * @throws Meter.TooMuch if it takes more memory than the meter allows
     * @throws AssertionError on a fault of the compiler, naming the function
     */
    FunctionCode run(int function) {
        return run(function, false);
    }

    /** The same for one large function: what it needs no more goes on the way, and this can compile no other. */
    FunctionCode runLast(int function) {
        return run(function, true);
    }

    private FunctionCode run(int function, boolean isLast) {
        try {
            long graphBytes = front().run(function, meter);
            if (isLast) {
                front = null;
                meter.giveBack(graphBytes);
            }
            if (verifier != null) {
                verifier.check(function);
            }
            Allocation allocation = allocator.run(lir);
            if (verifier != null && lir.instructionCount() <= MOST_CHECKED) {
                AllocationChecker.check(lir, allocation);
            }
            long written = (long) lir.instructionCount() * EMITTED_BYTES + allocation.moveCount() * 12L;
            meter.take(written);
            FunctionCode code = emit.run(allocation, position(function));
            meter.giveBack(written);
            return code;
        } catch (AssertionError | IndexOutOfBoundsException | NullPointerException e) {
            throw new AssertionError("BUG: compiling function " + function + ": " + e.getMessage(), e);
        }
    }

    /** The same, with a look at everything between. */
    FunctionCode run(int function, Observer observer) {
        Front stages = front();
        stages.build.build(function, stages.graph);
        observer.built(stages.graph);
        stages.optimizer.run(stages.graph, observer.passes());
        stages.lower.run();
        observer.lowered(lir);
        Allocation allocation = allocator.run(lir);
        observer.allocated(lir, allocator.runNamed(lir));
        return emit.run(allocation, position(function));
    }

    private Front front() {
        Front known = front;
        if (known == null) {
            throw new AssertionError("BUG: the last function has been compiled");
        }
        return known;
    }

    private int position(int function) {
        return module.facts().valid().spaces().body(function).code();
    }
}
