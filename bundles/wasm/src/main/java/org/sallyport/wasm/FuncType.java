package org.sallyport.wasm;

import java.util.List;
import java.util.stream.Collectors;

/** A function type: parameters to results (WebAssembly 3.0, 2.3.8). */
public record FuncType(List<ValType> params, List<ValType> results) implements CompositeType {

    public static final FuncType EMPTY = new FuncType(List.of(), List.of());

    public FuncType {
        params = List.copyOf(params);
        results = List.copyOf(results);
    }

    public static FuncType of(List<ValType> params, ValType... results) {
        return new FuncType(params, List.of(results));
    }

    /** {@code (i32 i64) -> (f32)}. */
    @Override
    public String toString() {
        return list(params) + " -> " + list(results);
    }

    private static String list(List<ValType> types) {
        return types.stream().map(ValType::toString).collect(Collectors.joining(" ", "(", ")"));
    }
}
