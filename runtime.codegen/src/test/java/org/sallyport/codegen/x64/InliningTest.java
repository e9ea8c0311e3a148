package org.sallyport.codegen.x64;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sallyport.CompileOptions;
import org.sallyport.TrapCode;
import org.sallyport.codegen.pipeline.IsaCodeGenerator;
import org.sallyport.spi.ValidModule;

/** Small functions are copied into their callers, and nobody can tell by the results. */
class InliningTest {
    private static final String MODULE = """
            (module
              (import "h" "host" (func $host (param i32) (result i32)))
              (memory 1)
              (global $g (mut i32) (i32.const 0))
              (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
              (func $clamp (param i32 i32 i32) (result i32)
                (if (i32.lt_s (local.get 0) (local.get 1)) (then (return (local.get 1))))
                (if (result i32) (i32.gt_s (local.get 0) (local.get 2))
                  (then (local.get 2)) (else (local.get 0))))
              (func $pair (param i32) (result i32 i64 f64)
                (local.get 0) (i64.extend_i32_s (local.get 0)) (f64.convert_i32_s (local.get 0)))
              (func $branchingPair (param i32) (result i32 i64)
                (if (local.get 0) (then (return (i32.const 1) (i64.const 2))))
                (i32.const 3) (i64.const 4))
              (func $choose (param i32) (result i32)
                (block (block (block (br_table 0 1 2 (local.get 0)))
                  (return (i32.const 10))) (return (i32.const 20)))
                (i32.const 30))
              (func $count (global.set $g (i32.add (global.get $g) (i32.const 1))))
              (func $passOn (param i32) (result i32) (call $host (i32.add (local.get 0) (i32.const 1))))
              (func $loops (param i32) (result i32) (loop) (local.get 0))
              (func $fails (param i32) (result i32) (i32.load (local.get 0)))
              (func $never (result i32) unreachable)
              (func $again (param i32) (result i32)
                (if (result i32) (local.get 0)
                  (then (i32.add (local.get 0) (call $again (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
              (func $ping (param i32) (result i32)
                (if (result i32) (local.get 0) (then (call $pong (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
              (func $pong (param i32) (result i32)
                (if (result i32) (local.get 0) (then (call $ping (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
              (func $fib (export "fib") (param i32) (result i32) (local i32)
                (if (i32.lt_s (local.get 0) (i32.const 2)) (then (return (local.get 0))))
                (loop
                  (local.set 1 (i32.add (local.get 1) (call $fib (i32.sub (local.get 0) (i32.const 1)))))
                  (br_if 0 (i32.gt_s (local.tee 0 (i32.sub (local.get 0) (i32.const 2))) (i32.const 1))))
                (i32.add (local.get 0) (local.get 1)))
              (func $tree (export "tree") (param i32) (result i32)
                (if (i32.eqz (local.get 0)) (then (return (i32.const 1))))
                (global.set $g (i32.add (global.get $g) (i32.const 1)))
                (i32.add (call $tree (i32.sub (local.get 0) (i32.const 1)))
                  (i32.mul (i32.const 2) (call $tree (i32.shr_u (local.get 0) (i32.const 1))))))
              (func $down (export "down") (param i32) (result i32)
                (i32.div_u (i32.const 100) (local.get 0)) (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.add))
              (func $wide (export "wide") (param i32) (result i32)
                WIDE
                (if (result i32) (local.get 0) (then (call $wide (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 7))))

              (func (export "square") (param i32) (result i32) (call $square (i32.add (local.get 0) (i32.const 1))))
              (func (export "clamp") (param i32) (result i32)
                (i32.add (i32.const 100) (call $clamp (local.get 0) (i32.const -5) (i32.const 5))))
              (func (export "pair") (param i32) (result f64 i64 i32) (local i32 i64 f64)
                (call $pair (local.get 0)) (local.set 3) (local.set 2) (local.set 1)
                (local.get 3) (local.get 2) (local.get 1))
              (func (export "branchingPair") (param i32) (result i64)
                (local i64) (call $branchingPair (local.get 0)) (local.set 1) (local.set 0)
                (i64.add (i64.mul (i64.const 10) (local.get 1)) (i64.extend_i32_u (local.get 0))))
              (func (export "choose") (param i32) (result i32)
                (i32.add (call $choose (local.get 0)) (call $choose (i32.add (local.get 0) (i32.const 1)))))
              (func (export "count") (param i32) (result i32)
                (loop (call $count) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (global.get $g))
              (func (export "passOn") (param i32) (result i32) (call $passOn (local.get 0)))
              (func (export "loops") (param i32) (result i32) (call $loops (local.get 0)))
              (func (export "fails") (param i32) (result i32) (call $fails (local.get 0)))
              (func (export "never") (param i32) (result i32)
                (if (result i32) (local.get 0) (then (call $never)) (else (i32.const 7))))
              (func (export "again") (param i32) (result i32) (call $again (local.get 0)))
              (func (export "odd") (param i32) (result i32) (call $ping (local.get 0))))
            """.replace("WIDE", "(i32.store (local.get 0) (i32.const 1))".repeat(10));

    private static Machine machine(boolean optimize) {
        return new Machine(Machine.validate(MODULE), CpuFeatures.detect(),
                CompileOptions.DEFAULT.withVerify(true).withOptimize(optimize),
                slots -> slots.set(JAVA_INT, 0, 3 * slots.get(JAVA_INT, 0)));
    }

    private static final Machine INLINED = machine(true);
    private static final Machine CALLED = machine(false);

    private static long run(Machine machine, String function, long argument) {
        return machine.call(function, argument)[0];
    }

    @Test
    void resultsAreTheSame() {
        for (String function : List.of(
                "square", "clamp", "pair", "branchingPair", "choose", "passOn", "loops", "again", "odd", "tree", "wide")) {
            for (long argument : new long[] {0, 1, 2, 3, 4, 5, 6, 7, 100}) {
                assertThat(INLINED.call(function, argument)).as("%s(%d)", function, argument)
                        .isEqualTo(CALLED.call(function, argument));
            }
        }
        assertThat(run(INLINED, "clamp", -7)).isEqualTo(95);
        assertThat(run(INLINED, "clamp", 3)).isEqualTo(103);
        assertThat(run(INLINED, "branchingPair", 0)).isEqualTo(43);
        assertThat(run(INLINED, "branchingPair", 5)).isEqualTo(21);
        assertThat(run(INLINED, "choose", 0)).isEqualTo(30);
        assertThat(run(INLINED, "choose", 1)).isEqualTo(50);
        assertThat(run(INLINED, "passOn", 4)).isEqualTo(15);
        assertThat(run(INLINED, "again", 10)).isEqualTo(55);
        for (int n = 0; n < 15; n++) {
            assertThat(run(INLINED, "fib", n)).as("fib(%d)", n).isEqualTo(run(CALLED, "fib", n));
        }
        assertThat(run(INLINED, "fib", 24)).isEqualTo(46368);
    }

    /** Whether the last level is a copy or not, the trap is in the function itself. */
    @Test
    void recursionsTrapWhereTheyStand() {
        for (int depth = 1; depth < 6; depth++) {
            for (Machine machine : new Machine[] {INLINED, CALLED}) {
                int argument = depth;
                assertThatThrownBy(() -> run(machine, "down", argument))
                        .isInstanceOfSatisfying(Machine.TrappedException.class, e -> {
                            assertThat(e.code).isEqualTo(TrapCode.INTEGER_DIVIDE_BY_ZERO);
                            assertThat(machine.module.spaces().functionAt(e.position))
                                    .isEqualTo(function(machine.module, "down"));
                        });
            }
        }
    }

    @Test
    void effectsHappenOncePerCall() {
        assertThat(run(machine(true), "count", 10)).isEqualTo(10);
    }

    /** The trap's position lies in the body that was copied. */
    @Test
    void trapsKeepTheirPlace() {
        for (Machine machine : new Machine[] {INLINED, CALLED}) {
            assertThatThrownBy(() -> run(machine, "fails", 65533))
                    .isInstanceOfSatisfying(Machine.TrappedException.class, e -> {
                        assertThat(e.code).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
                        assertThat(machine.module.spaces().functionAt(e.position)).isEqualTo(9);
                    });
            assertThatThrownBy(() -> run(machine, "never", 1))
                    .isInstanceOfSatisfying(Machine.TrappedException.class, e ->
                            assertThat(e.code).isEqualTo(TrapCode.UNREACHABLE));
            assertThat(run(machine, "never", 0)).isEqualTo(7);
        }
    }

    private static int function(ValidModule module, String name) {
        return module.module().exports().stream().filter(e -> e.name().equals(name)).findFirst().orElseThrow().index();
    }

    /** Calls that the graph still has after the passes. */
    private static int calls(String function) {
        return count(function, "call\\S*");
    }

    /** Instructions of such a name after calls were replaced. */
    private static int count(String function, String instruction) {
        ValidModule module = Machine.validate(MODULE);
        int index = function(module, function);
        String dump = new IsaCodeGenerator(new X64(CpuFeatures.detect())).dump(module, index, CompileOptions.DEFAULT);
        String inlined = dump.substring(dump.indexOf("=== inline"), dump.indexOf("=== runtime"));
        if (inlined.contains("(no change)")) {
            inlined = dump.substring(0, dump.indexOf("=== inline"));
        }
        return inlined.split("= " + instruction + " ", -1).length - 1;
    }

    @Test
    void copiesSmallBodiesOnly() {
        assertThat(calls("square")).isZero();
        assertThat(calls("clamp")).isZero();
        assertThat(calls("choose")).isZero();
        assertThat(calls("count")).isZero();
        assertThat(calls("loops")).as("a loop").isEqualTo(1);
        assertThat(calls("never")).as("one that never returns").isEqualTo(1);
        assertThat(calls("passOn")).as("what the copied body calls").isEqualTo(1);
        assertThat(calls("odd")).as("one level of two functions that call each other").isEqualTo(1);
        assertThat(calls("fib")).as("one call of a recursion").isEqualTo(1);
        assertThat(count("fib", "gt_s\\S*")).as("one level of a recursion, with its loop").isEqualTo(2);
        assertThat(calls("tree")).as("one level of two calls").isEqualTo(4);
        assertThat(calls("wide")).as("a recursion that is not small").isEqualTo(1);
    }
}
