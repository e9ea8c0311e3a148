package org.sallyport.wasm;

import java.util.List;
import java.util.StringJoiner;

/** A function type: parameters to results (WebAssembly 3.0, 2.3.8). */
public record FuncType(List<ValType> params, List<ValType> results) implements CompositeType {

    public static final FuncType EMPTY = new FuncType(List.of(), List.of());

    private static final int SHOWN = 32;

    public FuncType {
        params = List.copyOf(params);
        results = List.copyOf(results);
    }

    public static FuncType of(List<ValType> params, ValType... results) {
        return new FuncType(params, List.of(results));
    }

    /** {@code (i32 i64) -> (f32)}; long lists are cut, as {@code (i32 … 1000 in all)}. */
    @Override
    public String toString() {
        return list(params) + " -> " + list(results);
    }

    private static String list(List<ValType> types) {
        StringJoiner text = new StringJoiner(" ", "(", ")");
        types.stream().limit(SHOWN).forEach(type -> text.add(type.toString()));
        return types.size() > SHOWN ? text.add("… " + types.size() + " in all").toString() : text.toString();
    }
}
