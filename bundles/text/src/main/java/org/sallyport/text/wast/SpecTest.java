package org.sallyport.text.wast;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sallyport.Linker;
import org.sallyport.Store;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.ValType;

/** The host module {@code spectest} that the testsuite's scripts import from. Its functions print nothing. */
final class SpecTest {
    private static final String NAME = "spectest";

    private SpecTest() {}

    static void define(Store store, Linker linker, Set<Feature> features) {
        print(linker, "print", List.of());
        print(linker, "print_i32", List.of(NumType.I32));
        print(linker, "print_i64", List.of(NumType.I64));
        print(linker, "print_f32", List.of(NumType.F32));
        print(linker, "print_f64", List.of(NumType.F64));
        print(linker, "print_i32_f32", List.of(NumType.I32, NumType.F32));
        print(linker, "print_f64_f64", List.of(NumType.F64, NumType.F64));
        global(store, linker, "global_i32", NumType.I32, 666);
        global(store, linker, "global_i64", NumType.I64, 666L);
        global(store, linker, "global_f32", NumType.F32, 666.6f);
        global(store, linker, "global_f64", NumType.F64, 666.6);
        linker.define(NAME, "table", store.newTable(table(AddressType.I32), null));
        linker.define(NAME, "memory", store.newMemory(MemoryType.of(Limits.between(1, 2))));
        if (features.contains(Feature.MEMORY64)) {
            linker.define(NAME, "table64", store.newTable(table(AddressType.I64), null));
        }
        if (features.contains(Feature.THREADS)) {
            MemoryType shared = new MemoryType(AddressType.I32, Limits.between(1, 2), true, MemoryType.PAGE_SIZE_LOG2);
            linker.define(NAME, "shared_memory", store.newMemory(shared));
        }
    }

    private static void print(Linker linker, String name, List<ValType> params) {
        linker.define(NAME, name, FuncType.of(params), (_, _) -> new Object[0]);
    }

    private static void global(Store store, Linker linker, String name, NumType type, @Nullable Object value) {
        linker.define(NAME, name, store.newGlobal(new GlobalType(type, false), value));
    }

    private static TableType table(AddressType address) {
        return new TableType(address, Limits.between(10, 20), RefType.FUNCREF);
    }
}
