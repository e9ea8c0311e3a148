package org.sallyport.bench;

import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.function.Function;
import org.sallyport.BackEndKind;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.Store;

/** One kernel in one engine. */
interface Guest extends AutoCloseable {
    /** The kernel's export {@code run}. */
    long run(int rounds) throws Throwable;

    /** Calls the export {@code inc} so often, in the way that a user of the engine's API would write in a loop. */
    long callIn(int times) throws Throwable;

    @Override
    default void close() {}

    /** @param engine {@code sallyport}, {@code portable} (its back end of class files) or {@code chicory} */
    static Guest of(String engine, String kernel) throws ReflectiveOperationException, IOException {
        return of(engine, bytes(kernel));
    }

    static Guest of(String engine, byte[] wasm) throws ReflectiveOperationException {
        return switch (engine) {
            case "sallyport" -> new Sallyport(wasm);
            case "portable" -> new Sallyport(wasm, Config.defaults().withBackEnd(BackEndKind.PORTABLE));
            case "chicory" -> new Chicory(wasm);
            default -> throw new IllegalArgumentException("no engine " + engine);
        };
    }

    static byte[] bytes(String kernel) throws IOException {
        try (InputStream in = Guest.class.getResourceAsStream("/kernels/" + kernel + ".wasm")) {
            if (in == null) {
                throw new IOException("no kernel " + kernel + "; kernels/build.sh makes them");
            }
            return in.readAllBytes();
        }
    }

    final class Sallyport implements Guest {
        private final Engine engine;
        private final Store store;
        private final MethodHandle run;
        private final MethodHandle inc;

        Sallyport(byte[] wasm) throws ReflectiveOperationException {
            this(wasm, Config.defaults());
        }

        Sallyport(byte[] wasm, Config config) throws ReflectiveOperationException {
            engine = Engine.create(config);
            Module module = engine.compile(wasm);
            MethodHandle hostInc = MethodHandles.lookup()
                    .findStatic(Sallyport.class, "hostInc", MethodType.methodType(int.class, int.class));
            Linker linker = engine.newLinker().define("env", "inc", hostInc);
            store = engine.newStore();
            org.sallyport.Instance instance = linker.link(module).instantiate(store);
            run = instance.func("run").handle();
            inc = instance.exportNames().contains("inc") ? instance.func("inc").handle() : run;
        }

        /** Of an engine that counts. */
        long fuel() {
            return store.fuel();
        }

        private static int hostInc(int x) {
            return x + 1;
        }

        @Override
        public long run(int rounds) throws Throwable {
            return (long) run.invokeExact(rounds);
        }

        @Override
        public long callIn(int times) throws Throwable {
            int x = 0;
            for (int i = 0; i < times; i++) {
                x = (int) inc.invokeExact(x);
            }
            return x;
        }

        @Override
        public void close() {
            engine.close();
        }
    }

    final class Chicory implements Guest {
        private final ExportFunction run;
        private final com.dylibso.chicory.runtime.Instance instance;

        Chicory(byte[] wasm) {
            WasmModule module = Parser.parse(wasm);
            Function<com.dylibso.chicory.runtime.Instance, Machine> machine =
                    MachineFactoryCompiler.builder(module).compile();
            ImportValues imports = ImportValues.builder()
                    .addFunction(new com.dylibso.chicory.runtime.HostFunction(
                            "env",
                            "inc",
                            FunctionType.of(List.of(ValType.I32), List.of(ValType.I32)),
                            (_, args) -> new long[] {(int) args[0] + 1}))
                    .build();
            instance = com.dylibso.chicory.runtime.Instance.builder(module)
                    .withImportValues(imports)
                    .withMachineFactory(machine)
                    .build();
            run = instance.export("run");
        }

        @Override
        public long run(int rounds) {
            return run.apply(rounds)[0];
        }

        @Override
        public long callIn(int times) {
            ExportFunction inc = instance.export("inc");
            long x = 0;
            for (int i = 0; i < times; i++) {
                x = (int) inc.apply(x)[0];
            }
            return x;
        }
    }
}
