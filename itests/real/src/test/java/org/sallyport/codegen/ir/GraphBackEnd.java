package org.sallyport.codegen.ir;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.sallyport.GuestFrame;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompileOptions;
import org.sallyport.spi.ObjectBackEnd;
import org.sallyport.spi.ObjectCode;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.Feature;

/**
 * A back end that interprets the compiler's graphs, with memories and tables that are Java objects. It proves that such a
 * thing is possible beside machine code, and is an oracle: what a graph means is said here in another way than in {@code x64}.
 */
public final class GraphBackEnd implements ObjectBackEnd {
    private static final Set<Builtin> EXCEPTIONS =
            EnumSet.of(Builtin.THROW, Builtin.THROW_REF, Builtin.RETHROW, Builtin.CAUGHT, Builtin.HANDLE);

    private final int preference;

    /** @param preference see {@link #preference} */
    public GraphBackEnd(int preference) {
        this.preference = preference;
    }

    @Override
    public String target() {
        return "graph";
    }

    @Override
    public String fingerprint() {
        return "graph 1";
    }

    @Override
    public Set<Feature> features() {
        Set<Feature> features = EnumSet.copyOf(CompiledFeatures.ALL);
        features.remove(Feature.GC); // objects are where machine code finds them
        return features;
    }

    @Override
    public boolean isUsable() {
        return true;
    }

    @Override
    public int preference() {
        return preference;
    }

    @Override
    public ObjectCode compile(ValidModule module, CompileOptions options, CompileBudget budget, Executor executor) {
        ModuleFacts facts = new ModuleFacts(module, options);
        BuildGraph build = new BuildGraph(facts);
        Optimizer optimizer = new Optimizer(facts);
        int imported = facts.spaces().importedFuncs();
        List<Graph> graphs = new ArrayList<>();
        for (int i = 0; i < module.module().bodies().size(); i++) {
            budget.check();
            Graph graph = new Graph();
            build.build(imported + i, graph);
            refuse(facts, graph);
            optimizer.run(graph);
            refuse(facts, graph);
            graphs.add(graph);
        }
        return new GraphCode(facts, graphs);
    }

    /** What only machine code has yet. */
    private static void refuse(ModuleFacts facts, Graph graph) {
        for (int b = graph.firstBlock(); b >= 0; b = graph.nextBlock(b)) {
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                Feature missing = missing(graph, v);
                if (missing != null) {
                    throw new UnsupportedFeatureException(
                            missing,
                            graph.op(v).toString(),
                            facts.place(graph.function()),
                            graph.positions().original(graph.position(v)));
                }
            }
        }
    }

    private static @Nullable Feature missing(Graph graph, int v) {
        if (graph.type(v) == Type.V128) {
            return Feature.SIMD;
        }
        if (graph.op(v) == Op.CALL_BUILTIN) {
            return EXCEPTIONS.contains(Builtin.values()[(int) graph.imm(v)]) ? Feature.EXCEPTIONS : null;
        }
        if (GraphRun.KNOWN.contains(graph.op(v))) {
            return null;
        }
        return graph.op(v).isAtomic() ? Feature.THREADS : Feature.EXCEPTIONS;
    }

    @Override
    public List<GuestFrame> backtrace() {
        return GuestStack.ofThisThread().frames();
    }
}
