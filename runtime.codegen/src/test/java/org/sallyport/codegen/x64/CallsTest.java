package org.sallyport.codegen.x64;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.sallyport.CompileOptions;
import org.sallyport.TrapCode;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.StoreContext;

/** Stubs, trampolines and the calling convention, by running them. */
class CallsTest {
    private static final String[] TYPES = {"i32", "i64", "f32", "f64"};

    @Test
    void returnsWhatItWasGiven() {
        var machine = new Machine("""
                (module (func (export "f") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
                  local.get 3 local.get 2 local.get 1 local.get 0))
                """);
        long f32 = Float.floatToRawIntBits(1.5f);
        long f64 = Double.doubleToRawLongBits(-2.5);
        long[] results = machine.call("f", -1, Long.MIN_VALUE, f32, f64);
        assertThat(results[0]).isEqualTo(f64);
        assertThat((int) results[1]).isEqualTo((int) f32);
        assertThat(results[2]).isEqualTo(Long.MIN_VALUE);
        assertThat(results[3]).as("an i32 is zero-extended").isEqualTo(0xFFFF_FFFFL);
    }

    /** Many parameters and results of all types, in registers and on the stack, through two functions. */
    @Test
    void passesArgumentsAndResultsInRegistersAndOnTheStack() {
        for (int n : new int[] {1, 7, 8, 9, 17, 33, 40, 100}) {
            var machine = new Machine(shuffle(n));
            long[] arguments = LongStream.range(0, n).map(i -> bits((int) i)).toArray();
            long[] results = machine.call("outer", arguments);
            for (int i = 0; i < n; i++) {
                assertThat(masked(results[i], n - 1 - i)).as("n=%d result %d", n, i).isEqualTo(bits(n - 1 - i));
            }
        }
    }

    private static long masked(long bits, int type) {
        return TYPES[type % 4].endsWith("32") ? bits & 0xFFFF_FFFFL : bits;
    }

    private static long bits(int i) {
        return switch (i % 4) {
            case 0 -> 0x8000_0000L + i;
            case 1 -> 0x8000_0000_0000_0000L + i;
            case 2 -> Float.floatToRawIntBits(i + 0.5f);
            default -> Double.doubleToRawLongBits(i + 0.25);
        };
    }

    private static String shuffle(int n) {
        String params = IntStream.range(0, n).mapToObj(i -> TYPES[i % 4]).collect(Collectors.joining(" "));
        String results = IntStream.range(0, n).mapToObj(i -> TYPES[(n - 1 - i) % 4]).collect(Collectors.joining(" "));
        String gets = IntStream.range(0, n).mapToObj(i -> "local.get " + (n - 1 - i)).collect(Collectors.joining(" "));
        String straight = IntStream.range(0, n).mapToObj(i -> "local.get " + i).collect(Collectors.joining(" "));
        return """
                (module
                  (func $inner (param %1$s) (result %2$s) (loop) %3$s)
                  (func (export "outer") (param %1$s) (result %2$s) %4$s call $inner))
                """.formatted(params, results, gets, straight);
    }

    @Test
    void callsTheHostWithManyArguments() {
        int n = 40;
        String params = IntStream.range(0, n).mapToObj(i -> TYPES[i % 4]).collect(Collectors.joining(" "));
        String gets = IntStream.range(0, n).mapToObj(i -> "local.get " + i).collect(Collectors.joining(" "));
        Machine.Host reverse = slots -> {
            long[] values = IntStream.range(0, n).mapToLong(i -> read(slots, i)).toArray();
            for (int i = 0; i < n; i++) {
                slots.set(JAVA_LONG, 16L * i, values[n - 1 - i]);
            }
        };
        String results = IntStream.range(0, n).mapToObj(i -> TYPES[(n - 1 - i) % 4]).collect(Collectors.joining(" "));
        var machine = new Machine("""
                (module (import "h" "reverse" (func $r (param %s) (result %s)))
                  (func (export "f") (param %1$s) (result %2$s) %s call $r))
                """.formatted(params, results, gets), reverse);
        long[] arguments = LongStream.range(0, n).map(i -> bits((int) i)).toArray();
        long[] found = machine.call("f", arguments);
        for (int i = 0; i < n; i++) {
            assertThat(masked(found[i], n - 1 - i)).as("result %d", i).isEqualTo(bits(n - 1 - i));
        }
    }

    private static long read(MemorySegment slots, int i) {
        return switch (i % 4) {
            case 0 -> slots.get(JAVA_INT, 16L * i) & 0xFFFF_FFFFL;
            case 1 -> slots.get(JAVA_LONG, 16L * i);
            case 2 -> Float.floatToRawIntBits(slots.get(JAVA_FLOAT, 16L * i)) & 0xFFFF_FFFFL;
            default -> Double.doubleToRawLongBits(slots.get(JAVA_DOUBLE, 16L * i));
        };
    }

    /** The host calls the guest again, which calls the host again, on one guest stack. */
    @Test
    void reentersFromHostCalls() {
        var machine = new Machine[1];
        machine[0] = new Machine("""
                (module (import "h" "down" (func $down (param i32 i64) (result i64)))
                  (memory 1)
                  (func (export "f") (param i32 i64) (result i64)
                    (i32.store (i32.const 8) (local.get 0))
                    (i64.add (local.get 1)
                      (if (result i64) (local.get 0)
                        (then (call $down (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 1))))
                        (else (i64.const 0))))))
                """, slots -> slots.set(JAVA_LONG, 0, machine[0].value("f", slots.get(JAVA_INT, 0), slots.get(JAVA_LONG, 16))));
        assertThat(machine[0].value("f", 50, 1)).isEqualTo(LongStream.rangeClosed(1, 51).sum());
    }

    @Test
    void tellsTheHostWhoCalled() {
        var caller = new long[1];
        var machine = new Machine[1];
        machine[0] = new Machine(
                "(module (import \"h\" \"f\" (func $f)) (func (export \"g\") (call $f)))",
                _ -> caller[0] = machine[0].store.get(JAVA_LONG, StoreContext.CALLER_VMCTX));
        machine[0].call("g");
        assertThat(caller[0]).isEqualTo(machine[0].vmctx().address());
    }

    @Test
    void callsBuiltinsAndKeepsItsContext() {
        var machine = new Machine("""
                (module (memory 1)
                  (func (export "grow") (param i32) (result i32 i32)
                    (i32.store (i32.const 4) (i32.const 77))
                    (memory.grow (local.get 0))
                    (i32.load (i32.const 4))))
                """).with(Builtin.MEMORY_GROW, slots -> {
            assertThat(slots.get(JAVA_INT, 0)).isZero();
            slots.set(JAVA_LONG, 0, slots.get(JAVA_LONG, 16) * 10);
        });
        assertThat(machine.call("grow", 4)).containsExactly(40, 77);
    }

    @Test
    void stopsEndlessRecursionAndGoesOn() {
        var machine = new Machine("""
                (module
                  (func $f (export "f") (param i32) (result i32) (i32.add (i32.const 1) (call $f (local.get 0))))
                  (func (export "g") (result i32) (i32.const 5)))
                """);
        for (int i = 0; i < 3; i++) {
            assertThat(machine.trapOf("f", 0)).isEqualTo(TrapCode.STACK_OVERFLOW);
            assertThat(machine.value("g")).isEqualTo(5);
        }
    }

    /** A frame above the unchecked size is compared before anything is touched. */
    @Test
    void checksLargeFramesBeforeTheyAreEntered() {
        int n = 900;
        String results = "i64 ".repeat(n);
        var machine = new Machine("""
                (module
                  (func $wide (param i64) (result %s) %s)
                  (func $f (export "f") (param i64) (result i64) (local i64)
                    (call $wide (call $f (i64.add (local.get 0) (i64.const 1)))) %s))
                """.formatted(results, "local.get 0 ".repeat(n), "i64.add ".repeat(n - 1)));
        assertThat(machine.trapOf("f", 0)).isEqualTo(TrapCode.STACK_OVERFLOW);
    }

    @Test
    void keepsFramePointersForBacktraces() {
        var module = Machine.validate("""
                (module
                  (func $c (param i32) (if (local.get 0) (then (unreachable))))
                  (func $b (param i32) (call $c (i32.const 0)) (call $c (local.get 0)))
                  (func (export "a") (param i32) (call $b (i32.const 0)) (call $b (local.get 0))))
                """);
        var machine = new Machine(module, CpuFeatures.detect(), new CompileOptions(false, false, true));
        assertThat(machine.trapOf("a", 1)).isEqualTo(TrapCode.UNREACHABLE);
        // into b's second call, into a's second call, into the trampoline
        assertThat(machine.frames()).hasSize(3);
        for (int i = 0; i < 2; i++) {
            int offset = machine.frames().get(i);
            int function = machine.code.functionAt(offset);
            assertThat(function).isEqualTo(1 + i);
            int position = machine.code.positionAt(offset);
            var body = module.module().bodies().get(function);
            assertThat(position).as("the second call stands in the second half").isBetween(
                    (body.code() + body.end()) / 2, body.end());
        }
    }
}
