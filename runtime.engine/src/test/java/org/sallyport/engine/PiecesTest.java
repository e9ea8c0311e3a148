package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.sallyport.CallContext;
import org.sallyport.Func;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.Table;
import org.sallyport.TrapException;
import org.sallyport.wasm.FuncType;

/** What is copied in pieces, so that a deadline is seen between them, is copied right, and ends. */
class PiecesTest {
    /** Of a table: more than three pieces. */
    private static final int COUNT = 3 * Builtins.PIECE_ELEMENTS + 1234;

    private final Fixture f = new Fixture();

    @AfterEach
    void close() {
        f.close();
    }

    private static final String TABLES = """
            (module
              (table $t (export "t") COUNT funcref)
              (table $u (export "u") COUNT funcref)
              (elem $e func $a $b)
              (elem $all func ALL)
              (func $a (export "a")) (func $b (export "b"))
              (func (export "init") (param i32 i32 i32)
                (table.init $t $all (local.get 0) (local.get 1) (local.get 2)))
              (func (export "fill") (param i32 i32) (table.fill $t (local.get 0) (ref.func $a) (local.get 1)))
              (func (export "copy") (param i32 i32 i32)
                (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
              (func (export "over") (param i32 i32 i32)
                (table.copy $u $t (local.get 0) (local.get 1) (local.get 2)))
              (func (export "grow") (param i32) (result i32) (table.grow $u (ref.func $b) (local.get 0)))
              (func (export "forever")
                (loop $l (table.fill $t (i32.const 0) (ref.func $a) (i32.const COUNT))
                  (table.copy $u $t (i32.const 0) (i32.const 0) (i32.const COUNT)) (br $l))))
            """;

    private Instance tables() {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < COUNT; i++) {
            all.append(isA(i) ? " $a" : " $b");
        }
        return f.instantiate(TABLES.replace("ALL", all).replace("COUNT", Integer.toString(COUNT)));
    }

    /** An aperiodic pattern. */
    private static boolean isA(int i) {
        return Integer.bitCount(i * 0x9E3779B1) % 2 == 0;
    }

    @Test
    void tableInstructions() {
        Instance instance = tables();
        Table table = instance.table("t");
        Func a = instance.func("a");
        instance.func("init").call(0, 0, COUNT);
        boolean[] expected = new boolean[COUNT];
        for (int i = 0; i < COUNT; i++) {
            expected[i] = isA(i);
        }
        check(table, a, expected);
        for (int[] move : new int[][] {{3, 0}, {0, 3}, {Builtins.PIECE_ELEMENTS, 0}, {0, Builtins.PIECE_ELEMENTS}, {7, 7}}) {
            int length = COUNT - Math.max(move[0], move[1]);
            instance.func("copy").call(move[0], move[1], length);
            System.arraycopy(expected, move[1], expected, move[0], length);
            check(table, a, expected);
        }
        instance.func("over").call(5, 1, COUNT - 5);
        assertThat(instance.table("u").get(4)).isNull();
        assertThat(instance.table("u").get(COUNT - 1) == a).isEqualTo(expected[COUNT - 5]);
        instance.func("fill").call(10, COUNT - 20);
        Arrays.fill(expected, 10, COUNT - 10, true);
        check(table, a, expected);
        assertThat(instance.func("grow").call(COUNT)).containsExactly(COUNT);
        for (int at : new int[] {COUNT, COUNT + Builtins.PIECE_ELEMENTS, 2 * COUNT - 1}) {
            assertThat(instance.table("u").get(at)).isSameAs(instance.func("b"));
        }
        for (int[] outside : new int[][] {{1, 0, COUNT}, {0, 1, COUNT}, {-1, 0, 2}}) {
            assertThatThrownBy(() -> instance.func("copy").call(outside[0], outside[1], outside[2]))
                    .isInstanceOf(TrapException.class);
        }
        check(table, a, expected);
    }

    private void check(Table table, Func a, boolean[] expected) {
        boolean[] found = new boolean[COUNT];
        f.store.newFunc(FuncType.EMPTY, (_, _) -> { // inside the store, where looking is quick
            for (int i = 0; i < COUNT; i++) {
                found[i] = table.get(i) == a;
            }
            return new Object[0];
        }).call();
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void tableInstructionsEnd() {
        Instance instance = tables();
        assertThatThrownBy(() -> CallContext.withTimeout(
                        Duration.ofMillis(50), () -> instance.func("forever").call()))
                .isInstanceOf(GuestInterruptedException.class);
    }

    @Test
    void memories() {
        int size = 3 * Builtins.PIECE_BYTES + 777;
        byte[] bytes = new byte[size];
        new Random(3).nextBytes(bytes);
        StringBuilder data = new StringBuilder();
        for (byte b : bytes) {
            data.append("\\%02x".formatted(b));
        }
        Instance instance = f.instantiate("(module (memory (export \"m\") 60) (data $d \"" + data + "\")"
                + "(func (export \"init\") (param i32 i32 i32)"
                + " (memory.init $d (local.get 0) (local.get 1) (local.get 2))))");
        Memory memory = instance.memory("m");
        instance.func("init").call(5, 2, size - 2);
        byte[] found = new byte[size];
        memory.read(5, found, 1, size - 2);
        assertThat(Arrays.copyOfRange(found, 1, size - 1)).isEqualTo(Arrays.copyOfRange(bytes, 2, size));
        memory.write(9, bytes, 0, size);
        memory.read(9, found, 0, size);
        assertThat(found).isEqualTo(bytes);
        assertThatThrownBy(() -> memory.write(memory.byteSize() - size + 1, bytes, 0, size))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.read(-1, found, 0, size)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    /** A host function that copies and copies is stopped as one that waits is. */
    @Test
    void copiesOfTheHostEnd() {
        byte[] bytes = new byte[2 << 20];
        f.linker.define("h", "copy", FuncType.EMPTY, (caller, _) -> {
            while (true) {
                caller.memory().read(0, bytes, 0, bytes.length);
                caller.memory().write(0, bytes, 0, bytes.length);
            }
        });
        Instance instance = f.instantiate("""
                (module (import "h" "copy" (func $copy)) (memory (export "memory") 40) (func (export "run") (call $copy)))
                """);
        assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(50), () -> instance.func("run").call()))
                .isInstanceOf(GuestInterruptedException.class);
    }
}
