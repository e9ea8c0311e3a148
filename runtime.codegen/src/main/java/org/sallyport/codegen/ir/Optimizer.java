package org.sallyport.codegen.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sallyport.CompileOptions;
import org.sallyport.spi.VmLayout;

/**
 * The passes over a graph, in order. One instance serves one thread and many functions; the passes keep their arrays.
 * "inline" and "runtime" come first, where there is a module to inline from, and a layout of contexts for native code;
 * there, too, "allocations" comes before the last two.
 */
public final class Optimizer {

    /** One pass. */
    record Pass(String name, Consumer<Graph> body) {}

    /** Why one pass stands before another. */
    record Order(String before, String after, String reason) {}

    /** Told after each pass; for dumps and timing. */
    @FunctionalInterface
    public interface Observer {
        void after(String pass, Graph graph, long nanos);
    }

    /** Checked by a test; it explains the list and does not reorder it. */
    static final List<Order> ORDER = List.of(
            new Order("simplify", "fold-branches", "conditions must have become constants"),
            new Order("fold-branches", "block-params", "removed edges leave parameters with one value"),
            new Order("block-params", "counters", "a counter has one value that it begins with"),
            new Order("counters", "number-values", "addresses are folded by what is known of counters"),
            new Order("zero-counters", "counters", "only counters that are not negative get a bound"),
            new Order("counters", "unroll", "a counter's bound holds in all bodies, but is harder to find there"),
            new Order("unroll", "number-values", "the counter in each body is a sum to be folded"),
            new Order("block-params", "number-values", "a parameter with one value hides equal operands"),
            new Order("number-values", "tidy", "decided branches are still there"),
            new Order("tidy", "charges", "blocks that were one section are one block"),
            new Order("charges", "hoist", "what moves over a charge looks at the first one only"),
            new Order("number-values", "hoist", "equal loads must be one, or each is moved"),
            new Order("hoist", "addresses", "accesses share within a loop; what is hoisted is in another one"),
            new Order("addresses", "branch-selects", "values behind a branch serve nothing but its arm"),
            new Order("number-values", "exit-tests", "comparisons would be led back to the old value"),
            new Order("exit-tests", "dead-values", "the old comparison stays behind"),
            new Order("addresses", "dead-values", "replaced addresses leave their sums behind"),
            new Order("branch-selects", "dead-values", "the uses that count are those that stay"),
            new Order("dead-values", "layout", "nothing may change blocks behind it"));

    private final CompileOptions options;
    private final Verifier verifier = new Verifier();
    private final List<Pass> passes;

    /**
     * For the functions of one module, whose small ones are copied into their callers; options as in the facts. What
     * belongs to instances stays as it is: for back ends that keep it in objects of Java.
     */
    public Optimizer(ModuleFacts facts) {
        this(facts.options(), facts, null);
    }

    /** The same for native code: what belongs to instances becomes loads from contexts that are laid out like this. */
    public Optimizer(ModuleFacts facts, VmLayout layout) {
        this(facts.options(), facts, layout);
    }

    /** For graphs on their own: calls stay calls. */
    public Optimizer(CompileOptions options) {
        this(options, null, null);
    }

    private Optimizer(CompileOptions options, @Nullable ModuleFacts facts, @Nullable VmLayout layout) {
        this.options = options;
        List<Pass> list = new ArrayList<>();
        if (options.optimize() && facts != null) {
            list.add(new Pass("inline", new InlineCalls(facts)::run));
        }
        if (facts != null && layout != null) {
            list.add(new Pass("runtime", new LowerRuntime(facts, layout)::run));
        }
        if (options.optimize()) {
            list.addAll(optimizing());
        }
        if (facts != null && layout != null) {
            list.add(new Pass("allocations", new ExpandAllocations()::run));
        }
        list.addAll(finishing());
        passes = List.copyOf(list);
    }

    /** The passes for any graph. */
    static List<Pass> all() {
        List<Pass> list = new ArrayList<>(optimizing());
        list.addAll(finishing());
        return list;
    }

    private static List<Pass> optimizing() {
        FoldBranches foldBranches = new FoldBranches();
        SimplifyParams simplifyParams = new SimplifyParams();
        return List.of(
                new Pass("simplify", new Simplify()::run),
                new Pass("fold-branches", foldBranches::run),
                new Pass("block-params", simplifyParams::run),
                new Pass("zero-counters", new ZeroCounters()::run),
                new Pass("counters", new Counters()::run),
                new Pass("unroll", new UnrollLoops()::run),
                new Pass("number-values", new NumberValues()::run),
                new Pass("tidy", foldBranches::run),
                new Pass("charges", new MergeCharges()::run),
                new Pass("hoist", new Hoist()::run),
                new Pass("addresses", new ShareAddresses()::run),
                new Pass("exit-tests", new ExitTests()::run),
                new Pass("branch-selects", new BranchSelects()::run));
    }

    private static List<Pass> finishing() {
        return List.of(new Pass("dead-values", new RemoveDead()::run), new Pass("layout", new Layout()::run));
    }

    /** Runs the passes that the options ask for. */
    public void run(Graph graph) {
        run(graph, null);
    }

    /** @throws AssertionError if a pass breaks the graph and the options ask for checks */
    public void run(Graph graph, @Nullable Observer observer) {
        if (options.verify()) {
            verifier.check(graph, "build");
        }
        for (Pass pass : passes) {
            long start = observer == null ? 0 : System.nanoTime();
            pass.body.accept(graph);
            if (observer != null) {
                observer.after(pass.name, graph, System.nanoTime() - start);
            }
            if (options.verify()) {
                verifier.check(graph, pass.name);
            }
        }
    }
}
