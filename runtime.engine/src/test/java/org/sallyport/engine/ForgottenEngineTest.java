package org.sallyport.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sallyport.CallContext;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.TrapException;
import org.sallyport.codegen.NativeCodeGenerator;
import org.sallyport.engine.service.Engines;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.store.LinuxMemory;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.text.Wat;
import org.sallyport.text.WatOptions;
import org.sallyport.validator.ModuleValidator;
import org.sallyport.wasm.FuncType;

/** Engines that nobody closes, and what keeps them. */
class ForgottenEngineTest {
    private static final byte[] WASM = Wat.compile(
            """
            (module
              (import "h" "f" (func $h))
              (memory (export "memory") 1)
              (data (i32.const 1024) "abc")
              (func (export "host") (call $h))
              (func (export "one") (result i32) (i32.const 1))
              (func (export "trap") unreachable)
              (func (export "spin") (loop (br 0))))
            """
                    .getBytes(UTF_8),
            "test",
            WatOptions.DEFAULT);

    private final PoolingAllocator allocator = new PoolingAllocator(new LinuxMemory(), 4);
    private volatile Runnable host = () -> {};

    /**
     * Makes an engine with two stores, of which one was stopped, two shared memories, and a background thread; nothing of it is
     * closed.
     */
    private Instance use(Compilation compilation) {
        Config config = Config.defaults().withCompilation(compilation).withCompileThreads(2);
        Engine engine = Engines.make(
                config, new BinaryLoader(), new ModuleValidator(), new NativeCodeGenerator(), allocator);
        var linker = engine.newLinker().define("h", "f", FuncType.of(List.of()), (_, _) -> {
            host.run();
            return new Object[0];
        });
        var linked = linker.link(engine.compile(WASM));
        Instance stopped = linked.instantiate(engine.newStore());
        CallContext.withTimeout(Duration.ofMinutes(5), () -> stopped.func("one").call()); // has the threads started for certain
        assertThatThrownBy(() -> CallContext.withTimeout(
                        Duration.ofMillis(1), () -> stopped.func("spin").call()))
                .isInstanceOf(GuestInterruptedException.class);
        Instance instance = linked.instantiate(engine.newStore());
        assertThatThrownBy(() -> instance.func("trap").call()).isInstanceOf(TrapException.class);
        engine.newSharedMemory(SharedMemoryTest.type(1, 2)).in(instance.store());
        instance.store().newMemory(SharedMemoryTest.type(1, 2));
        return instance;
    }

    private static boolean comes(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 500 && !condition.getAsBoolean(); i++) {
            System.gc();
            Thread.sleep(20);
        }
        return condition.getAsBoolean();
    }

    private boolean isGivenBack() {
        return allocator.virtualMemory().usage().reservations() <= 1; // a block of handlers
    }

    private static long threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().startsWith(name))
                .count();
    }

    @ParameterizedTest
    @EnumSource
    void givesEverythingBackAndSaysSo(Compilation compilation) throws Exception {
        List<String> messages = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord event) {
                synchronized (messages) {
                    messages.add(event.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger log = Logger.getLogger(Engine.class.getName());
        log.addHandler(handler);
        try {
            var made = use(compilation);
            String name = ((EngineImpl) made.store().engine()).name();
            WeakReference<Engine> engine = new WeakReference<>(made.store().engine());
            assertThat(threads(name)).isPositive();
            Reference.reachabilityFence(made);
            made = null;
            assertThat(comes(this::isGivenBack)).isTrue();
            assertThat(engine.get()).isNull();
            assertThat(comes(() -> threads(name) == 0)).as("threads end").isTrue();
            assertThat(comes(() -> {
                        synchronized (messages) {
                            return messages.stream().anyMatch(m ->
                                    m.startsWith("engine " + name + " was never closed, with 2 stores open"));
                        }
                    }))
                    .isTrue();
        } finally {
            log.removeHandler(handler);
        }
    }

    @Test
    void isKeptByWhateverWasTakenFromIt() throws Throwable {
        MethodHandle handle = use(Compilation.EAGER).func("one").handle();
        assertKept();
        assertThat((int) handle.invoke()).isEqualTo(1);
        handle = null;
        MemorySegment segment = use(Compilation.EAGER).memory("memory").segment();
        assertKept();
        assertThat(segment.get(ValueLayout.JAVA_BYTE, 1024)).isEqualTo((byte) 'a');
        segment = null;
        assertThat(comes(this::isGivenBack)).isTrue();
    }

    private void assertKept() throws InterruptedException {
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertThat(isGivenBack()).isFalse();
    }

    @Test
    void isKeptByACall() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        host = () -> {
            inside.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        };
        Thread caller = Thread.ofPlatform().start(() -> use(Compilation.EAGER).func("host").call());
        inside.await();
        assertKept();
        goOn.countDown();
        caller.join();
        assertThat(comes(this::isGivenBack)).isTrue();
    }

    @Test
    void aClosedOneIsNotForgotten() throws Exception {
        Instance instance = use(Compilation.EAGER);
        instance.store().engine().close();
        assertThat(isGivenBack()).isTrue();
    }

    @Test
    void threadsInheritNothing() throws Exception {
        ClassLoader loader = new ClassLoader("application", null) {};
        Thread caller = Thread.ofPlatform().unstarted(() -> use(Compilation.BACKGROUND));
        caller.setContextClassLoader(loader);
        caller.start();
        caller.join();
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(t -> t.getName().startsWith("sallyport-"))
                .isNotEmpty()
                .noneMatch(t -> t.getContextClassLoader() == loader);
        assertThat(comes(this::isGivenBack)).isTrue();
    }
}
