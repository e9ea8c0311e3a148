package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sallyport.CallContext;
import org.sallyport.Caller;
import org.sallyport.Config;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunctionException;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreClosedException;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.engine.service.Engines;
import org.sallyport.loader.BinaryLoader;
import org.sallyport.spi.InstanceAllocator;
import org.sallyport.store.LinuxMemory;
import org.sallyport.store.PoolingAllocator;
import org.sallyport.text.Wat;
import org.sallyport.validator.ModuleValidator;

/** Ways into and out of the guest, with functions written in machine code. */
class HandMadeCodeTest {
    private static final String WAT = """
            (module $m
              (import "env" "host" (func $host (param i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
              (func (export "boom") unreachable)
              (func (export "spin") (loop (br 0)))
              (func (export "call") (param i32) (result i32) (call $host (local.get 0)))
              (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
              (func (export "div") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0))))
            """;

    private final InstanceAllocator allocator = new PoolingAllocator(new LinuxMemory(), 4);
    private final EngineImpl engine = Engines.make(
            Config.defaults(), new BinaryLoader(), new ModuleValidator(), new HandMadeCode(layout -> List.of(
                    HandMadeCode.body("8D0437 5D C3"), // lea eax, [rdi+rsi]; pop rbp; ret
                    HandMadeCode.trapping("0F0B", 0, TrapCode.UNREACHABLE),
                    HandMadeCode.body("EBFE"),
                    HandMadeCode.callImport(layout, 0),
                    HandMadeCode.trapping("418B043E 5D C3", 0, TrapCode.MEMORY_OUT_OF_BOUNDS), // mov eax, [r14+rdi]
                    HandMadeCode.trapping("B801000000 31D2 F7F7 5D C3", 7, TrapCode.INTEGER_DIVIDE_BY_ZERO))),
            allocator);
    private Module module;
    private Store store;
    private Instance instance;
    private HostBody host = (_, x) -> x + 1;

    interface HostBody {
        int call(Caller caller, int x) throws Throwable;
    }

    private int host(Caller caller, int x) throws Throwable {
        return host.call(caller, x);
    }

    @BeforeEach
    void open() throws Exception {
        module = engine.compile(Wat.compile(WAT));
        store = engine.newStore();
        var linker = engine.newLinker().define("env", "host", MethodHandles.lookup()
                .findVirtual(HandMadeCodeTest.class, "host", MethodType.methodType(int.class, Caller.class, int.class))
                .bindTo(this));
        instance = linker.link(module).instantiate(store);
    }

    @AfterEach
    void close() {
        engine.close();
        assertThat(allocator.virtualMemory().usage().reservations()).isLessThanOrEqualTo(1);
    }

    @Test
    void callsBoxedAndTyped() throws Throwable {
        assertThat(instance.func("add").call(2, 3)).containsExactly(5);
        assertThat((int) instance.func("add").handle().invokeExact(-7, 3)).isEqualTo(-4);
    }

    @Test
    void trapsWithBacktrace() {
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> instance.func("boom").call()).isInstanceOfSatisfying(TrapException.class, e -> {
                assertThat(e.code()).isEqualTo(TrapCode.UNREACHABLE);
                assertThat(e.frames()).hasSize(1);
                assertThat(e.frames().getFirst().functionName()).isEqualTo("boom");
            });
        }
        assertThat(instance.func("add").call(2, 3)).containsExactly(5);
    }

    @Test
    void turnsFaultsIntoTraps() {
        assertThat(instance.func("load").call(0)).containsExactly(0);
        assertThatThrownBy(() -> instance.func("load").call(65536)).hasMessage("out of bounds memory access");
        assertThatThrownBy(() -> instance.func("load").call(-1)).hasMessage("out of bounds memory access");
        assertThatThrownBy(() -> instance.func("div").call(0)).hasMessage("integer divide by zero");
        assertThat(instance.func("div").call(1)).containsExactly(1);
    }

    @Test
    void callsTheHostAndNests() throws Throwable {
        assertThat(instance.func("call").call(41)).containsExactly(42);
        host = (caller, x) -> x == 0 ? 0 : 1 + (int) caller.func("call").handle().invokeExact(x - 1);
        assertThat(instance.func("call").call(100)).containsExactly(100);
        host = (caller, x) -> caller.memory().getInt(0) + x;
        instance.memory("memory").setInt(0, 5);
        assertThat((int) instance.func("call").handle().invokeExact(1)).isEqualTo(6);
    }

    @Test
    void hostExceptionsAbandonTheGuest() {
        host = (_, _) -> {
            throw new java.io.IOException("no");
        };
        assertThatThrownBy(() -> instance.func("call").call(1))
                .isInstanceOf(HostFunctionException.class)
                .hasCauseInstanceOf(java.io.IOException.class)
                .satisfies(e -> assertThat(((HostFunctionException) e).frames()).extracting(f -> f.functionName())
                        .containsExactly("call"));
        host = (_, x) -> x;
        assertThat(instance.func("call").call(7)).containsExactly(7);
    }

    @Test
    void deepReentryEndsInATrap() {
        host = (caller, x) -> (int) caller.func("call").handle().invokeExact(x);
        assertThatThrownBy(() -> instance.func("call").call(1)).isInstanceOfSatisfying(
                TrapException.class, e -> assertThat(e.code()).isEqualTo(TrapCode.STACK_OVERFLOW));
        host = (_, x) -> x;
        assertThat(instance.func("call").call(7)).containsExactly(7);
    }

    @Test
    void deadlineStopsALoop() {
        assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(20), () -> instance.func("spin").call()))
                .isInstanceOfSatisfying(GuestInterruptedException.class, e -> {
                    assertThat(e.reason()).isEqualTo(GuestInterruptedException.Reason.DEADLINE);
                    assertThat(e.frames()).hasSize(1);
                });
        assertThat(store.poisonedBecause()).contains("deadline");
        assertThatThrownBy(() -> instance.func("add").call(1, 2)).isInstanceOf(StoreClosedException.class);
    }

    @Test
    void deadlineStopsABlockedHostFunction() {
        host = (_, _) -> {
            Thread.sleep(60_000);
            return 0;
        };
        assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(20), () -> instance.func("call").call(1)))
                .isInstanceOf(GuestInterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void closeStopsARunningCall() throws Exception {
        Thread closer = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(30);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            store.close();
        });
        assertThatThrownBy(() -> instance.func("spin").call()).isInstanceOfSatisfying(
                GuestInterruptedException.class,
                e -> assertThat(e.reason()).isEqualTo(GuestInterruptedException.Reason.CLOSE));
        closer.join();
        assertThatThrownBy(() -> instance.func("add").call(1, 2)).isInstanceOf(StoreClosedException.class);
    }

    @Test
    void closeFromAHostFunctionEndsTheCall() {
        host = (caller, _) -> {
            caller.store().close();
            return 0;
        };
        assertThatThrownBy(() -> instance.func("call").call(1)).isInstanceOf(GuestInterruptedException.class);
        assertThatThrownBy(() -> instance.func("add").call(1, 2)).isInstanceOf(StoreClosedException.class);
    }
}
