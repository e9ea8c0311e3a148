package org.sallyport.codegen.ir;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sallyport.CompileOptions;
import org.sallyport.GuestFrame;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.ObjectBackEnd;
import org.sallyport.spi.ObjectCode;
import org.sallyport.spi.ValidModule;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.WasmModule;

/**
 * A back end that interprets the compiler's graphs, with memories and tables that are Java objects. It proves that such a
 * thing is possible beside machine code, and is an oracle: what a graph means is said here in another way than in {@code x64}.
 */
public final class GraphBackEnd implements ObjectBackEnd {
    private static final Set<Builtin> EXCEPTIONS =
            EnumSet.of(Builtin.THROW, Builtin.THROW_REF, Builtin.RETHROW, Builtin.CAUGHT, Builtin.HANDLE);

    private static final Set<Builtin> OBJECTS = EnumSet.range(Builtin.STRUCT_NEW, Builtin.ARRAY_INIT_ELEM);

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
    public ObjectCode compile(
            String name, ValidModule module, CompileOptions options, CompileBudget budget, Executor executor) {
        ModuleFacts facts = new ModuleFacts(module, options);
        if (module.features().contains(Feature.GC) && namesObjects(facts, module.module())) {
            throw new UnsupportedFeatureException(Feature.GC, "a reference to structures or arrays", "module", 0);
        }
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

    /** Whether something besides code may hold references to objects: constant expressions have no graph. */
    private static boolean namesObjects(ModuleFacts facts, WasmModule module) {
        IndexSpaces spaces = facts.spaces();
        Stream<ValType> globals = IntStream.range(0, spaces.globalCount()).mapToObj(i -> spaces.global(i).type());
        Stream<ValType> tables = IntStream.range(0, spaces.tableCount()).mapToObj(i -> spaces.table(i).element());
        Stream<ValType> segments = module.elements().stream().map(WasmModule.ElementSegment::type);
        Stream<ValType> passed = IntStream.range(0, spaces.funcCount())
                .mapToObj(spaces::funcType)
                .flatMap(type -> Stream.concat(type.params().stream(), type.results().stream()));
        return Stream.of(globals, tables, segments, passed)
                .flatMap(types -> types)
                .anyMatch(type -> type instanceof RefType ref && isOfObjects(ref.heap(), facts));
    }

    private static boolean isOfObjects(HeapType heap, ModuleFacts facts) {
        return switch (heap) {
            case HeapType.Concrete(int type) -> !facts.isFunctionType(type);
            case HeapType.Abstract kind -> switch (kind) {
                case ANY, EQ, I31, STRUCT, ARRAY, NONE -> true;
                case FUNC, NOFUNC, EXTERN, NOEXTERN, EXN, NOEXN -> false;
            };
        };
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
        if (graph.op(v).isAllocation() || graph.op(v) == Op.NOTE_WRITE) {
            return Feature.GC;
        }
        if (graph.op(v) == Op.CALL_BUILTIN) {
            Builtin builtin = Builtin.values()[(int) graph.imm(v)];
            return EXCEPTIONS.contains(builtin) ? Feature.EXCEPTIONS : OBJECTS.contains(builtin) ? Feature.GC : null;
        }
        if ((graph.op(v) == Op.LOAD || graph.op(v) == Op.STORE) && Graph.isHeap(graph.memory(v))) {
            return Feature.GC;
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

    /** What was thrown has left them already. */
    @Override
    public List<GuestFrame> backtrace(Throwable thrown) {
        return List.of();
    }
}
