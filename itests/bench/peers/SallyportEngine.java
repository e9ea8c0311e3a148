package peers;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.sallyport.BackEndKind;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.GuestExitException;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.wasi.Wasi;

/**
 * Sallyport in a harness that compares engines side by side. {@code -Dchecks=true} uses explicit bounds checks, {@code
 * -Dfuel=true} counts fuel, {@code -Dcompile=LAZY} compiles what is called, {@code -DbackEnd=PORTABLE} runs class files.
 */
public final class SallyportEngine implements Engine {
    private final org.sallyport.Engine engine = org.sallyport.Engine.create(Config.defaults()
            .withExplicitBoundsChecks(Boolean.getBoolean("checks"))
            .withFuel(Boolean.getBoolean("fuel"))
            .withBackEnd(BackEndKind.valueOf(System.getProperty("backEnd", "AUTOMATIC")))
            .withCompilation(Compilation.valueOf(System.getProperty("compile", "EAGER"))));

    @Override
    public String version() {
        return "Sallyport, " + engine.backEnd();
    }

    @Override
    public Program compile(byte[] wasm) throws ReflectiveOperationException {
        Module module = engine.compile(wasm);
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        MethodHandle ping =
                lookup.findVirtual(Host.class, "ping", MethodType.methodType(int.class, int.class));
        MethodHandle start = lookup.findVirtual(Host.class, "benchStart", MethodType.methodType(void.class));
        MethodHandle end = lookup.findVirtual(Host.class, "benchEnd", MethodType.methodType(void.class));
        return host -> {
            Wasi wasi = Wasi.defaults()
                    .withArgs("main")
                    .withStdout(host.stdout)
                    .withStderr(host.stderr)
                    .withDirectory(host.dir, ".");
            Linker linker = wasi.addTo(engine.newLinker())
                    .define("env", "ping", ping.bindTo(host))
                    .define("bench", "start", start.bindTo(host))
                    .define("bench", "end", end.bindTo(host));
            LinkedModule linked = linker.link(module);
            Store store = engine.newStore();
            wasi.attachTo(store);
            return new SallyportGuest(store, linked.instantiate(store));
        };
    }

    private static final class SallyportGuest implements Guest {
        private final Store store;
        private final Instance instance;
        private final MethodHandle run;
        private final MethodHandle inc;

        SallyportGuest(Store store, Instance instance) {
            this.store = store;
            this.instance = instance;
            run = handle(instance, "run");
            inc = handle(instance, "inc");
        }

        private static MethodHandle handle(Instance instance, String name) {
            return instance.exportNames().contains(name) ? instance.func(name).handle() : MethodHandles.empty(
                    MethodType.methodType(void.class));
        }

        @Override
        public long run(int n) throws Exception {
            try {
                return (long) run.invokeExact(n);
            } catch (Exception | Error e) {
                throw e;
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        }

        @Override
        public int callInc(int n) throws Exception {
            try {
                int x = 1;
                for (int i = 0; i < n; i++) {
                    x = (int) inc.invokeExact(x);
                }
                return x;
            } catch (Exception | Error e) {
                throw e;
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        }

        @Override
        public void start() {
            try {
                instance.func("_start").call();
            } catch (GuestExitException e) {
                if (e.status() != 0) {
                    throw e;
                }
            }
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
