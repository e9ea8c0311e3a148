package org.sallyport.bench;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sallyport.Engine;
import org.sallyport.EntityType;
import org.sallyport.Func;
import org.sallyport.ImportType;
import org.sallyport.Instance;
import org.sallyport.Linker;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.StoreLimits;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasm.FuncType;

/**
 * One instance of a module in one engine, as far as the programs here need it: i32 functions and the bytes of the
 * memory. Imports of WASI are provided; all others return 0.
 */
interface Exports {
    /** @return the result, 0 if there is none */
    int call(String function, int... args);

    void write(int address, byte[] bytes);

    byte[] read(int address, int length);

    /** @param engine {@code sallyport} or {@code chicory} */
    static Exports of(String engine, byte[] wasm) {
        return engine.equals("sallyport") ? new Sallyport(wasm) : new Chicory(wasm);
    }

    final class Sallyport implements Exports {
        private final Instance instance;
        private final Memory memory;
        private final Map<String, Func> functions = new HashMap<>();

        Sallyport(byte[] wasm) {
            Engine engine = Engine.create();
            Module module = engine.compile(wasm);
            org.sallyport.Store store = engine.newStore(StoreLimits.DEFAULT.withStackBytes(4 << 20));
            Wasi wasi = Wasi.defaults();
            wasi.attachTo(store);
            Linker linker = wasi.addTo(engine.newLinker());
            for (ImportType i : module.imports()) {
                if (!i.module().startsWith("wasi_") && i.type() instanceof EntityType.Func(FuncType type)) {
                    Object[] result = type.results().isEmpty() ? new Object[0] : new Object[] {0};
                    linker.define(i.module(), i.name(), type, (_, _) -> result);
                }
            }
            instance = linker.link(module).instantiate(store);
            memory = instance.memory("memory");
        }

        @Override
        public int call(String function, int... args) {
            Object[] boxed = new Object[args.length];
            for (int i = 0; i < args.length; i++) {
                boxed[i] = args[i];
            }
            Object[] results = functions.computeIfAbsent(function, instance::func).call(boxed);
            return results.length == 0 ? 0 : (int) results[0];
        }

        @Override
        public void write(int address, byte[] bytes) {
            memory.writeBytes(Integer.toUnsignedLong(address), bytes);
        }

        @Override
        public byte[] read(int address, int length) {
            return memory.readBytes(Integer.toUnsignedLong(address), length);
        }
    }

    final class Chicory implements Exports {
        private final com.dylibso.chicory.runtime.Instance instance;
        private final Map<String, ExportFunction> functions = new HashMap<>();

        Chicory(byte[] wasm) {
            WasmModule module = Parser.parse(wasm);
            List<ImportFunction> imports = new ArrayList<>(List.of(
                    WasiPreview1.builder().withOptions(WasiOptions.builder().build()).build().toHostFunctions()));
            for (int i = 0; i < module.importSection().importCount(); i++) {
                if (module.importSection().getImport(i) instanceof FunctionImport f && !f.module().startsWith("wasi_")) {
                    FunctionType type = module.typeSection().getType(f.typeIndex());
                    long[] result = new long[type.returns().size()];
                    imports.add(new HostFunction(f.module(), f.name(), type, (_, _) -> result));
                }
            }
            instance = com.dylibso.chicory.runtime.Instance.builder(module)
                    .withImportValues(ImportValues.builder().addFunction(imports.toArray(ImportFunction[]::new)).build())
                    .withMachineFactory(MachineFactoryCompiler.builder(module).compile())
                    .build();
        }

        @Override
        public int call(String function, int... args) {
            long[] wide = new long[args.length];
            for (int i = 0; i < args.length; i++) {
                wide[i] = args[i];
            }
            long[] results = functions.computeIfAbsent(function, instance::export).apply(wide);
            return results == null || results.length == 0 ? 0 : (int) results[0];
        }

        @Override
        public void write(int address, byte[] bytes) {
            instance.memory().write(address, bytes);
        }

        @Override
        public byte[] read(int address, int length) {
            return instance.memory().readBytes(address, length);
        }
    }
}
