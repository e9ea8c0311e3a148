package org.sallyport.itests.real;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntBinaryOperator;
import java.util.function.Supplier;
import org.sallyport.CallContext;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Store;
import org.sallyport.TrapException;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;

/**
 * An application that keeps an engine where its own class loader leads to it, uses everything of it, and never closes
 * anything. {@link ForgottenApplications} makes its class loader, which has Sallyport's classes, too, and drops it.
 */
public final class ForgottenApplication implements Supplier<Map<String, Object>>, AutoCloseable {
    private static final List<Engine> ENGINES = new ArrayList<>();
    private static final List<Object> USED = new ArrayList<>();

    private final int round;
    private final byte[] wasm;
    private final Class<?> shared;

    /** @param shared an interface of another class loader, which stays */
    public ForgottenApplication(int round, byte[] wasm, Class<?> shared) {
        this.round = round;
        this.wasm = wasm;
        this.shared = shared;
    }

    /** Makes an engine and uses it. @return what a server may keep of it, of JDK types */
    @Override
    public Map<String, Object> get() {
        Compilation compilation = Compilation.values()[round % Compilation.values().length];
        Engine engine = Engine.create(Config.defaults().withCompilation(compilation).withCompileThreads(2));
        ENGINES.add(engine);
        LinkedModule linked = engine.newLinker()
                .define("host", "half", FuncType.of(List.of(NumType.I32), NumType.I32), (_, args) ->
                        new Object[] {(int) args[0] / 2})
                .link(engine.compile(wasm));
        Store store = engine.newStore();
        Wasi.defaults().withDirectory(Path.of(System.getProperty("java.io.tmpdir")), ".").attachTo(store);
        Instance instance = linked.instantiate(store);
        Instance spinning = linked.instantiate(engine.newStore());
        USED.addAll(List.of(store, instance, spinning));
        IntBinaryOperator add = instance.bind(IntBinaryOperator.class);
        check(add.applyAsInt(3, 4) == 7);
        USED.add(instance.bind(shared));
        try {
            instance.func("unreachable").call();
            check(false);
        } catch (TrapException expected) {
            // as it should be
        }
        try {
            CallContext.withTimeout(Duration.ofMillis(1), () -> spinning.func("spin").call());
            check(false);
        } catch (GuestInterruptedException expected) {
            // as it should be
        }
        MemorySegment segment = instance.memory("memory").segment();
        segment.set(ValueLayout.JAVA_BYTE, 0, (byte) round);
        MethodHandle handle = instance.func("add").handle();
        return Map.of("segment", segment, "handle", handle, "interface", add);
    }

    /** What applications should do. */
    @Override
    public void close() {
        ENGINES.forEach(Engine::close);
    }

    private static void check(boolean condition) {
        if (!condition) {
            throw new AssertionError("not what the guest should do");
        }
    }
}
