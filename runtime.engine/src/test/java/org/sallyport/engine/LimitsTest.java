package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.sallyport.Instance;
import org.sallyport.LimitExceededException;
import org.sallyport.StoreLimits;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.wasm.FuncType;

class LimitsTest {
    private static final String GROWS = """
            (module (memory (export "m") 1) (table (export "t") 1 externref)
              (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
              (func (export "size") (result i32) (memory.size))
              (func (export "tgrow") (param i32) (result i32) (table.grow (ref.null extern) (local.get 0)))
              (func (export "touch") (param i32) (i32.store (local.get 0) (i32.const 1))))
            """;

    @Test
    void guestsAreRefusedAndHostsTold() {
        try (Fixture f = new Fixture(StoreLimits.DEFAULT.withMemoryBytes(3 << 16).withTableElements(10))) {
            Instance instance = f.instantiate(GROWS);
            assertThat(instance.func("grow").call(2)).containsExactly(1);
            assertThat(instance.func("grow").call(1)).containsExactly(-1);
            assertThat(instance.func("grow").call(-1)).containsExactly(-1);
            assertThat(instance.func("size").call()).containsExactly(3);
            instance.func("touch").call((3 << 16) - 4);
            assertThatThrownBy(() -> instance.func("touch").call((3 << 16) - 3)).isInstanceOf(TrapException.class);
            assertThatThrownBy(() -> instance.memory("m").grow(1))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("StoreLimits.memoryBytes");
            assertThat(instance.func("tgrow").call(9)).containsExactly(1);
            assertThat(instance.func("tgrow").call(1)).containsExactly(-1);
            assertThatThrownBy(() -> instance.table("t").grow(1, null)).isInstanceOf(LimitExceededException.class);
            assertThat(f.store.memoryBytes()).isEqualTo(3 << 16);
            assertThatThrownBy(() -> f.instantiate(GROWS)).isInstanceOf(LimitExceededException.class);
            assertThat(instance.func("size").call()).as("the store still works").containsExactly(3);
        }
    }

    @Test
    void instancesAreLimited() {
        try (Fixture f = new Fixture(StoreLimits.DEFAULT.withInstances(2))) {
            f.instantiate("(module)");
            f.instantiate("(module)");
            assertThatThrownBy(() -> f.instantiate("(module)"))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("StoreLimits.instances");
        }
    }

    @Test
    void hostReferencesAreLimited() {
        try (Fixture f = new Fixture(StoreLimits.DEFAULT.withTableElements(100))) {
            Instance instance = f.instantiate("(module (func (export \"f\") (param externref)))");
            Object same = new Object();
            for (int i = 0; i < 1000; i++) {
                instance.func("f").call(same);
            }
            assertThatThrownBy(() -> {
                for (int i = 0; i < 200; i++) {
                    instance.func("f").call(new Object());
                }
            }).isInstanceOf(LimitExceededException.class).hasMessageContaining("host references");
        }
    }

    private static final String RECURSE = """
            (module
              (import "h" "back" (func $back))
              (func $f (export "f") (param i32) (result i32)
                (if (result i32) (local.get 0)
                  (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
                  (else (i32.const 0))))
              (func $big (export "big") (result i32)
                (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
                (i32.add (i32.const 1) (call $big)))
              (func (export "back") (call $back)))
            """;

    @Test
    void stackOverflowIsATrapOnAnyThread() throws Exception {
        for (int bytes : new int[] {1 << 16, 1 << 20, 1 << 24}) {
            try (Fixture f = new Fixture(StoreLimits.DEFAULT.withStackBytes(bytes))) {
                f.linker.define("h", "back", FuncType.EMPTY, (_, _) -> new Object[0]);
                Instance instance = f.instantiate(RECURSE);
                onEveryKindOfThread(() -> {
                    assertThat(instance.func("f").call(500)).containsExactly(500);
                    for (String name : new String[] {"f", "big"}) {
                        Object[] args = name.equals("f") ? new Object[] {100_000_000} : new Object[0];
                        assertThatThrownBy(() -> instance.func(name).call(args))
                                .isInstanceOfSatisfying(TrapException.class, e -> {
                                    assertThat(e.code()).isEqualTo(TrapCode.STACK_OVERFLOW);
                                    assertThat(e.frames()).hasSize(64).allSatisfy(
                                            frame -> assertThat(frame.functionName()).isEqualTo(name));
                                });
                    }
                    assertThat(instance.func("f").call(500)).containsExactly(500);
                });
            }
        }
    }

    @Test
    void reentryThroughTheHostEndsInATrap() throws Exception {
        try (Fixture f = new Fixture(StoreLimits.DEFAULT.withStackBytes(1 << 20))) {
            int[] depth = new int[1];
            f.linker.define("h", "back", FuncType.EMPTY, (caller, _) -> {
                depth[0]++;
                caller.func("back").call();
                return new Object[0];
            });
            Instance instance = f.instantiate(RECURSE);
            onEveryKindOfThread(() -> {
                depth[0] = 0;
                assertThatThrownBy(() -> instance.func("back").call()).isInstanceOfSatisfying(TrapException.class, e -> {
                    assertThat(e.code()).isEqualTo(TrapCode.STACK_OVERFLOW);
                    assertThat(e.frames()).hasSizeBetween(50, 64);
                });
                assertThat(depth[0]).isGreaterThan(50);
                assertThat(instance.func("f").call(10)).containsExactly(10);
            });
        }
    }

    @Test
    void aHostsOwnStackOverflowIsATrapForTheGuest() {
        try (Fixture f = new Fixture()) {
            f.linker.define("h", "back", FuncType.EMPTY, (_, _) -> {
                endless(1);
                return new Object[0];
            });
            Instance instance = f.instantiate(RECURSE);
            for (int i = 0; i < 20; i++) {
                assertThatThrownBy(() -> instance.func("back").call()).isInstanceOfSatisfying(
                        TrapException.class, e -> assertThat(e.code()).isEqualTo(TrapCode.STACK_OVERFLOW));
            }
            assertThat(instance.func("f").call(10)).containsExactly(10);
        }
    }

    /** Calls at every depth of a nearly exhausted Java stack leave the store usable. */
    @Test
    void exhaustedCallersLeaveTheStoreInOrder() {
        try (Fixture f = new Fixture()) {
            f.linker.define("h", "back", FuncType.EMPTY, (_, _) -> new Object[0]);
            Instance instance = f.instantiate(RECURSE);
            for (int i = 0; i < 12; i++) {
                assertThatThrownBy(() -> callAtEveryDepth(instance)).isInstanceOf(StackOverflowError.class);
                assertThat(instance.func("f").call(10)).containsExactly(10);
                instance.func("back").call();
            }
        }
    }

    private static int callAtEveryDepth(Instance instance) {
        try {
            return 1 + callAtEveryDepth(instance);
        } finally {
            try {
                instance.func("back").call();
                instance.func("f").call(3);
            } catch (TrapException e) {
                assertThat(e.code()).isEqualTo(TrapCode.STACK_OVERFLOW);
            }
        }
    }

    private static int endless(int n) {
        return endless(n + 1) + 1;
    }

    private static void onEveryKindOfThread(Runnable action) throws InterruptedException {
        action.run();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        for (Thread thread : new Thread[] {
            Thread.ofVirtual().unstarted(action),
            Thread.ofPlatform().unstarted(action),
            new Thread(null, action, "small stack", 256 << 10)
        }) {
            thread.setUncaughtExceptionHandler((_, t) -> failure.set(t));
            thread.start();
            thread.join();
            if (failure.get() != null) {
                throw new AssertionError(thread.toString(), failure.get());
            }
        }
    }
}
