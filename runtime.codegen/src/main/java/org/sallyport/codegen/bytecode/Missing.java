package org.sallyport.codegen.bytecode;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.ir.Op;
import org.sallyport.spi.Builtin;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.WasmModule;

/** What only machine code has yet: it is refused by name. The list only shrinks (docs/conformance.md shows it). */
final class Missing {
    static final Set<Feature> FEATURES = EnumSet.of(
            Feature.EXCEPTIONS, Feature.LEGACY_EXCEPTIONS, Feature.GC);

    private static final Set<Builtin> EXCEPTIONS =
            EnumSet.of(Builtin.THROW, Builtin.THROW_REF, Builtin.RETHROW, Builtin.CAUGHT, Builtin.HANDLE);

    private static final Set<Builtin> OBJECTS = EnumSet.range(Builtin.STRUCT_NEW, Builtin.ARRAY_INIT_ELEM);

    private Missing() {}

    /** Refuses what constant expressions and types may hold: they have no graph. */
    static void check(ModuleFacts facts) {
        WasmModule module = facts.valid().module();
        if (facts.valid().features().contains(Feature.GC) && namesObjects(facts, module)) {
            throw new UnsupportedFeatureException(Feature.GC, "a reference to structures or arrays", "module", 0);
        }
    }

    private static boolean namesObjects(ModuleFacts facts, WasmModule module) {
        IndexSpaces spaces = facts.valid().spaces();
        Stream<ValType> globals = IntStream.range(0, spaces.globalCount()).mapToObj(i -> spaces.global(i).type());
        Stream<ValType> tables = IntStream.range(0, spaces.tableCount()).mapToObj(i -> spaces.table(i).element());
        Stream<ValType> segments = module.elements().stream().map(WasmModule.ElementSegment::type);
        Stream<ValType> passed = IntStream.range(0, spaces.funcCount())
                .mapToObj(spaces::funcType)
                .flatMap(type -> Stream.concat(type.params().stream(), type.results().stream()));
        return Stream.of(globals, tables, segments, passed)
                .flatMap(types -> types)
                .anyMatch(type -> type instanceof RefType ref && isOfObjects(ref.heap(), module));
    }

    private static boolean isOfObjects(HeapType heap, WasmModule module) {
        return switch (heap) {
            case HeapType.Concrete(int type) -> !(module.types().get(type).composite() instanceof FuncType);
            case HeapType.Abstract kind -> switch (kind) {
                case ANY, EQ, I31, STRUCT, ARRAY, NONE -> true;
                case FUNC, NOFUNC, EXTERN, NOEXTERN, EXN, NOEXN -> false;
            };
        };
    }

    /** Refuses a function by the first instruction that is not there yet. */
    static void check(ModuleFacts facts, Graph graph) {
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
        Op op = graph.op(v);
        return switch (op) {
            case CALL_BUILTIN -> {
                Builtin builtin = Builtin.values()[(int) graph.imm(v)];
                yield EXCEPTIONS.contains(builtin) ? Feature.EXCEPTIONS : OBJECTS.contains(builtin) ? Feature.GC : null;
            }
            case LOAD, STORE -> Graph.isHeap(graph.memory(v)) ? Feature.GC : null;
            case NEW_STRUCT, NEW_ARRAY, NOTE_WRITE -> Feature.GC;
            case FUNC_ANCESTOR, NO_FUNCTION -> Feature.GC;
            case TAG_NUMBER, EXCEPTION_TAG, EXCEPTION_GET, EXCEPTION_SET, OUTCOME -> Feature.EXCEPTIONS;
            default -> null;
        };
    }
}
