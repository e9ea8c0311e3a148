package org.sallyport.itests.real;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntBinaryOperator;
import org.sallyport.CallContext;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.TrapException;
import org.sallyport.engine.service.Engines;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.spi.Loader;
import org.sallyport.spi.Validator;
import org.sallyport.wasi.Wasi;

/**
 * An application with an engine of its own, whose class loader {@link Redeployments} makes and drops. Running it uses
 * everything that could keep the class loader, or that belongs to the process.
 */
public final class RedeployedApplication implements Runnable, AutoCloseable {
    /** Calls that make a thread the store's habitual one. */
    private static final int MANY = 150;

    /** What the module exports, by names of its own. */
    public interface Exports {
        int add(int a, int b);
    }

    private final Engine engine;
    private final LinkedModule linked;
    private final Instance instance;

    /** @param version of Sallyport: 0 is the real one, others have other stubs */
    public RedeployedApplication(int version, byte[] wasm) throws ReflectiveOperationException {
        Config config = Config.defaults()
                .withCompilation(Compilation.values()[version % 3])
                .withCompileThreads(2);
        engine = version == 0 ? Engine.create(config) : engine(config, version);
        Module module = engine.compile(wasm);
        MethodHandle half = MethodHandles.lookup()
                .findStatic(
                        RedeployedApplication.class, "half", MethodType.methodType(int.class, int.class, Object.class));
        linked = engine.newLinker().define("host", "half", half).link(module);
        Store store = engine.newStore();
        Wasi.defaults().withDirectory(Path.of(System.getProperty("java.io.tmpdir")), ".").attachTo(store);
        instance = linked.instantiate(store);
    }

    private static Engine engine(Config config, int version) {
        CodeGenerator real = part(CodeGenerator.class);
        CodeGenerator other = (CodeGenerator) Proxy.newProxyInstance(
                RedeployedApplication.class.getClassLoader(),
                new Class<?>[] {CodeGenerator.class},
                (_, method, args) -> {
                    try {
                        Object result = method.invoke(real, args);
                        return method.getName().equals("landingStub")
                                ? Arrays.copyOf((byte[]) result, ((byte[]) result).length + version)
                                : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return Engines.make(config, part(Loader.class), part(Validator.class), other, part(InstanceAllocator.class));
    }

    private static <T> T part(Class<T> type) {
        return ServiceLoader.load(type, RedeployedApplication.class.getClassLoader())
                .findFirst()
                .orElseThrow();
    }

    /** The host function: an object of the application goes through the guest. */
    static int half(int number, Object application) {
        if (application.getClass() != RedeployedApplication.class) {
            throw new AssertionError("an object of another class loader");
        }
        return number / 2;
    }

    @Override
    public void run() {
        Exports exports = instance.bind(Exports.class);
        for (int i = 0; i < MANY; i++) {
            check(exports.add(i, 1) == i + 1, "sum");
        }
        check(instance.bind(IntBinaryOperator.class).applyAsInt(3, 4) == 7, "an interface that stays");
        check(instance.func("half").call(10, this)[0].equals(5), "half");
        check(instance.memory("memory").segment().byteSize() == 1 << 16, "segment");
        for (String trap : new String[] {"unreachable", "outside", "divide"}) {
            try {
                instance.func(trap).call();
                throw new AssertionError("no trap: " + trap);
            } catch (TrapException expected) {
                // as it should be
            }
        }
        stop();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try {
            Thread.ofVirtual().uncaughtExceptionHandler((_, e) -> failure.set(e)).start(this::stop).join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        check(failure.get() == null, "in a virtual thread: " + failure.get());
    }

    private void stop() {
        try (Store store = engine.newStore()) {
            Instance spinning = linked.instantiate(store);
            CallContext.withTimeout(Duration.ofMillis(1), () -> spinning.func("spin").call());
            throw new AssertionError("not stopped");
        } catch (GuestInterruptedException expected) {
            // as it should be
        }
    }

    private static void check(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
