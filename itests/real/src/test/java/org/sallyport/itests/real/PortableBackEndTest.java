package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.GuestException;
import org.sallyport.GuestFrame;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.SharedMemory;
import org.sallyport.Store;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.V128;
import org.sallyport.engine.service.PortableEngines;
import org.sallyport.text.Wat;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.Limits;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.VecType;

/** Class files ({@code BytecodeBackEnd}). */
class PortableBackEndTest extends ObjectBackEndContract {
    @Override
    Engine create(Config config) {
        return PortableEngines.create(config);
    }

    @Override
    String target() {
        return "portable";
    }

    @Override
    boolean isBeyond(String script) {
        String[] path = script.split("/");
        return path.length > 1 && !path[0].equals("legacy")
                && !List.of("custom-page-sizes", "wide-arithmetic", "threads").contains(path[1]);
    }

    @Override
    boolean mayLack(String feature) {
        return false;
    }

    static Object[] swapped(Object[] args) {
        return new Object[] {args[1], args[0]};
    }

    /** As arguments, results, of the host and for it, in globals, by tail calls, in lists where they are too many. */
    @Test
    void vectorsPassEverywhere() {
        FuncType pair = new FuncType(List.of(VecType.V128, VecType.V128), List.of(VecType.V128, VecType.V128));
        linker.define("h", "swap", pair, (_, args) -> swapped(args));
        Instance instance = instantiate("""
                (module
                  (import "h" "swap" (func $swap (param v128 v128) (result v128 v128)))
                  (type $wide (func (param %1$s) (result v128 v128)))
                  (global (export "g") (mut v128) (v128.const i64x2 1 2))
                  (func (export "swap") (param v128 v128) (result v128 v128)
                    (call $swap (call $swap (call $swap (local.get 0) (local.get 1)))))
                  (func (export "set") (param v128) (result v128)
                    (global.get 0) (global.set 0 (i64x2.add (local.get 0) (global.get 0))))
                  (func $wide (type $wide)
                    (i64x2.sub (local.get 69) (local.get 0)) (local.get 1))
                  (func $tail (param i32 v128) (result v128)
                    (if (result v128) (local.get 0)
                      (then (return_call $tail (i32.sub (local.get 0) (i32.const 1))
                        (i64x2.add (local.get 1) (v128.const i64x2 1 2))))
                      (else (return_call $last (local.get 1)))))
                  (func $last (param v128) (result v128) (i64x2.neg (local.get 0)))
                  (func (export "tail") (param i32 v128) (result v128) (call $tail (local.get 0) (local.get 1)))
                  (func (export "wide") (param v128 v128) (result v128 v128)
                    (call $wide %2$s (local.get 1)))
                  (func (export "tailWide") (param v128 v128) (result v128 v128)
                    (return_call $wide %2$s (local.get 1))))
                """.formatted("v128 ".repeat(70), "(local.get 0) ".repeat(69)));
        V128 a = new V128(3, 5);
        V128 b = new V128(-7, 11);
        assertThat(instance.func("swap").call(a, b)).containsExactly(b, a);
        assertThat(instance.func("set").call(a)).containsExactly(new V128(1, 2));
        assertThat(instance.global("g").get()).isEqualTo(new V128(4, 7));
        instance.global("g").set(b);
        assertThat(instance.func("set").call(a)).containsExactly(b);
        assertThat(instance.func("wide").call(a, b)).containsExactly(new V128(-10, 6), a);
        assertThat(instance.func("tailWide").call(a, b)).containsExactly(new V128(-10, 6), a);
        assertThat(instance.func("tail").call(100_000, a)).containsExactly(new V128(-100_003, -200_005));
    }

    /** As on the native back end: the name of an export where there is no other, and where the stack ended. */
    @Test
    void framesAreNamedAndKnowTheirSources() {
        Module module = engine.compile(Wat.compile("""
                (module
                  (func (export "divide") (param i32) (result i32) (call $inner (local.get 0)) (loop))
                  (func $inner (export "inner") (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)) (loop))
                  (func $deep (export "deep") (result i32) (i32.add (i32.const 1) (call $deep))))
                """));
        Instance instance = linker.link(module).instantiate(engine.newStore());
        assertThatThrownBy(() -> instance.func("divide").call(0))
                .isInstanceOfSatisfying(TrapException.class, e -> assertThat(e.frames().stream().map(GuestFrame::toString))
                        .satisfiesExactly(
                                inner -> assertThat(inner).startsWith("module!inner @ 0x"),
                                outer -> assertThat(outer).startsWith("module!divide @ 0x")));
        assertThatThrownBy(() -> instance.func("deep").call())
                .isInstanceOfSatisfying(TrapException.class, e -> {
                    assertThat(e.code()).isEqualTo(TrapCode.STACK_OVERFLOW);
                    assertThat(e.frames()).hasSize(GuestException.MAX_FRAMES);
                    assertThat(e.frames().getLast().toString()).startsWith("module!deep @ 0x");
                });
    }

    private static final String COUNTER = """
            (module
              (import "h" "memory" (memory 1 %d shared))
              (func (export "count") (param $n i32) (result i32) (local $old i32)
                (loop $l
                  (drop (i64.atomic.rmw.add (i32.const 8) (i64.const 3)))
                  (drop (i32.atomic.rmw8.sub_u (i32.const 18) (i32.const 1)))
                  (drop (i32.atomic.rmw16.xchg_u (i32.const 16) (i32.const 7)))
                  (loop $again
                    (local.set $old (i32.load (i32.const 20)))
                    (br_if $again (i32.ne (local.get $old)
                      (i32.atomic.rmw.cmpxchg (i32.const 20) (local.get $old) (i32.add (local.get $old) (i32.const 1))))))
                  (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (memory.grow (i32.const 1)))
              (func (export "last") (result i32)
                (i32.store8 (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)) (i32.const 5))
                (memory.atomic.notify (i32.const 24) (i32.const -1)))
              (func (export "wait") (result i32) (memory.atomic.wait32 (i32.const 24) (i32.const 0) (i64.const -1)))
              (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))
            """;

    /** Two threads in stores of their own: nothing is lost, what one grows the other sees, and who waits is woken. */
    @ParameterizedTest
    @ValueSource(ints = {16, 4096}) // the larger one is mapped
    void threadsShareAMemory(int most) throws Exception {
        int rounds = 20_000;
        MemoryType type = new MemoryType(AddressType.I32, new Limits(1, true, most), true, 16);
        try (SharedMemory memory = engine.newSharedMemory(type);
                Store first = engine.newStore();
                Store second = engine.newStore()) {
            Module module = engine.compile(Wat.compile(COUNTER.formatted(most)));
            linker.define("h", "memory", memory);
            Instance one = linker.link(module).instantiate(first);
            Instance other = linker.link(module).instantiate(second);
            FutureTask<Object[]> task = new FutureTask<>(() -> one.func("count").call(rounds));
            Thread.ofPlatform().start(task);
            Object grown = other.func("count").call(rounds)[0];
            assertThat(new Object[] {grown, task.get()[0]}).containsExactlyInAnyOrder(1, 2);
            Memory seen = memory.in(first);
            assertThat(seen.getLong(8)).isEqualTo(3L * 2 * rounds);
            assertThat(seen.getInt(20)).isEqualTo(2 * rounds);
            assertThat(seen.getByte(18)).isEqualTo((byte) (-2 * rounds));
            assertThat(seen.getShort(16)).isEqualTo((short) 7);
            assertThat(seen.byteSize()).isEqualTo(3 << 16);

            FutureTask<Object[]> waiting = new FutureTask<>(() -> one.func("wait").call());
            Thread.ofPlatform().start(waiting);
            while ((int) other.func("last").call()[0] == 0) {
                Thread.sleep(1);
            }
            assertThat(waiting.get()).containsExactly(0);
            assertThat(seen.getByte((3 << 16) - 1)).isEqualTo((byte) 5);
            assertThatThrownBy(() -> other.func("load").call((3 << 16) - 3)).isInstanceOf(TrapException.class);
            assertThatThrownBy(() -> other.func("load").call(-4)).isInstanceOf(TrapException.class);
        }
    }

    /** A half that is outside leaves the other one as it was. */
    @Test
    void storesOfVectorsWriteAllOrNothing() {
        Instance instance = instantiate("""
                (module (memory (export "m") 1)
                  (func (export "store") (param i32) (v128.store (local.get 0) (v128.const i64x2 -1 -1))))
                """);
        for (int at : new int[] {65_521, 65_528, 65_535, -1, -8, -9, -16, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> instance.func("store").call(at)).isInstanceOf(TrapException.class);
        }
        assertThat(instance.memory("m").getLong(65_528)).isZero();
        assertThat(instance.memory("m").getLong(0)).isZero();
        instance.func("store").call(65_520);
        assertThat(instance.memory("m").getLong(65_528)).isEqualTo(-1);
    }
}
