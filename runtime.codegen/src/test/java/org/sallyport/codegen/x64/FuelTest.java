package org.sallyport.codegen.x64;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.CompileOptions;
import org.sallyport.TrapCode;

/** How many units of fuel code takes (docs/fuel.md), with whatever options it is compiled. */
class FuelTest {
    private static final long MUCH = 1_000_000;

    static List<CompileOptions> options() {
        CompileOptions plain = CompileOptions.DEFAULT.withOptimize(false).withVerify(true).withFuel(true);
        return List.of(plain, plain.withOptimize(true), plain.withExplicitBoundsChecks(true),
                plain.withOptimize(true).withExplicitBoundsChecks(true));
    }

    private static Machine machine(CompileOptions options, String text) {
        return new Machine(Machine.validate(text), CpuFeatures.detect(), options);
    }

    private static long used(Machine machine, long... arguments) {
        machine.withFuel(MUCH).call("f", arguments);
        return MUCH - machine.fuel();
    }

    @ParameterizedTest
    @MethodSource("options")
    void countsOneForTheFunctionAndOneForEachInstruction(CompileOptions options) {
        Machine machine = machine(options, """
                (module (func (export "f") (param i32) (result i32)
                    (i32.add (local.get 0) (i32.mul (i32.const 2) (i32.const 3)))))
                """);
        assertThat(used(machine, 1)).isEqualTo(1 + 5);
    }

    @ParameterizedTest
    @MethodSource("options")
    void whatMarksAPlaceIsFree(CompileOptions options) {
        Machine machine = machine(options, """
                (module (func (export "f") (result i32)
                    nop (block (loop (nop))) (drop (i32.const 1)) (if (i32.const 0) (then nop) (else nop)) i32.const 5 return))
                """);
        assertThat(used(machine)).as("function, const, const, if, const").isEqualTo(5);
    }

    @ParameterizedTest
    @MethodSource("options")
    void countsWhatIsExecuted(CompileOptions options) {
        Machine machine = machine(options, """
                (module (func (export "f") (param i32) (result i32)
                    (if (result i32) (local.get 0)
                        (then (i32.add (local.get 0) (i32.const 1)))
                        (else (i32.const 7)))))
                """);
        assertThat(used(machine, 1)).isEqualTo(1 + 2 + 3);
        assertThat(used(machine, 0)).isEqualTo(1 + 2 + 1);
    }

    /** Whatever the compiler knows of the condition. */
    @ParameterizedTest
    @MethodSource("options")
    void foldedBranchesCountTheWayThatIsGone(CompileOptions options) {
        Machine machine = machine(options, """
                (module (func (export "f") (result i32)
                    (block $out
                        (br_if $out (i32.const 1))
                        (return (i32.const 3)))
                    (if (result i32) (i32.const 0) (then (i32.const 1)) (else (i32.add (i32.const 1) (i32.const 2))))))
                """);
        assertThat(used(machine)).isEqualTo(1 + 2 + 2 + 3);
    }

    @ParameterizedTest
    @MethodSource("options")
    void loopsCountEachRound(CompileOptions options) {
        Machine machine = machine(options, """
                (module (func (export "f") (param i32) (result i32)
                    (loop $l
                        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                    (local.get 0)))
                """);
        assertThat(used(machine, 10)).isEqualTo(1 + 10 * 5 + 1);
        machine.withFuel(1 + 50 + 1).call("f", 10);
        assertThat(machine.fuel()).isZero();
        assertThat(machine.withFuel(1 + 49).trapOf("f", 10)).isEqualTo(TrapCode.OUT_OF_FUEL);
        assertThat(machine.fuel()).as("the round that is not executed is charged").isEqualTo(-1);
    }

    @ParameterizedTest
    @MethodSource("options")
    void anEndlessLoopWithoutInstructionsIsStopped(CompileOptions options) {
        Machine machine = machine(options, "(module (func (export \"f\") (loop $l (br $l))))");
        assertThat(machine.withFuel(1_000_000).trapOf("f")).isEqualTo(TrapCode.OUT_OF_FUEL);
        assertThat(machine.fuel()).isEqualTo(-1);
    }

    @ParameterizedTest
    @MethodSource("options")
    void recursionIsStopped(CompileOptions options) {
        Machine machine = machine(options, "(module (func $f (export \"f\") (call $f)))");
        assertThat(machine.withFuel(100).trapOf("f")).isEqualTo(TrapCode.OUT_OF_FUEL);
        assertThat(machine.fuel()).isEqualTo(-2);
    }

    @ParameterizedTest
    @MethodSource("options")
    void tailCallsAreStoppedToo(CompileOptions options) {
        Machine machine = machine(options, """
                (module (type $t (func (param i32) (result i32))) (table 1 1 funcref) (elem (i32.const 0) $g)
                    (func $g (export "g") (param i32) (result i32)
                        (if (i32.eqz (local.get 0)) (then (return (i32.const 7))))
                        (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))
                    (func $f (export "f") (return_call $f)))
                """);
        assertThat(machine.withFuel(1000).trapOf("f")).isEqualTo(TrapCode.OUT_OF_FUEL);
        assertThat(machine.fuel()).isEqualTo(-2);
        assertThat(machine.withFuel(MUCH).value("g", 10)).isEqualTo(7);
        assertThat(MUCH - machine.fuel()).isEqualTo(10 * (1 + 3 + 5) + 1 + 3 + 1);
    }

    /** Callee of a kind that is copied into its caller. */
    @ParameterizedTest
    @MethodSource("options")
    void inlinedCallsCountAsCalls(CompileOptions options) {
        Machine machine = machine(options, """
                (module
                    (func $g (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.const 1)) (else (local.get 0))))
                    (func (export "f") (param i32) (result i32) (i32.add (call $g (local.get 0)) (i32.const 1))))
                """);
        assertThat(used(machine, 0)).isEqualTo(1 + 4 + 1 + 3);
    }

    /** What stands behind the trap in its section is charged, what stands behind a call that traps is not. */
    @ParameterizedTest
    @MethodSource("options")
    void theSectionThatTrapsIsCharged(CompileOptions options) {
        Machine machine = machine(options, """
                (module (memory 1)
                    (func $g (param i32) (result i32) (i32.load (local.get 0)))
                    (func (export "f") (param i32) (result i32)
                        (i32.mul (i32.const 3) (i32.add (call $g (local.get 0)) (i32.const 1)))))
                """);
        assertThat(used(machine, 0)).isEqualTo(1 + 6 + 1 + 2);
        assertThat(machine.withFuel(MUCH).trapOf("f", 65536)).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
        assertThat(MUCH - machine.fuel()).isEqualTo(1 + 3 + 1 + 2);
    }

    /** A load that every round begins with, and that traps, stays behind the charge of its round. */
    @ParameterizedTest
    @MethodSource("options")
    void loadsDoNotMoveOverCharges(CompileOptions options) {
        Machine machine = machine(options, """
                (module (memory 1)
                    (func (export "f") (param i32 i32) (result i32) (local i32)
                        (loop $l
                            (local.set 2 (i32.add (local.get 2) (i32.load (local.get 1))))
                            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                        (local.get 2)))
                """);
        assertThat(used(machine, 3, 0)).isEqualTo(1 + 3 * 10 + 1);
        assertThat(machine.withFuel(MUCH).trapOf("f", 3, 65536)).isEqualTo(TrapCode.MEMORY_OUT_OF_BOUNDS);
        assertThat(MUCH - machine.fuel()).isEqualTo(1 + 10);
        assertThat(machine.withFuel(5).trapOf("f", 3, 65536)).isEqualTo(TrapCode.OUT_OF_FUEL);
    }

    @ParameterizedTest
    @MethodSource("options")
    void bulkInstructionsCountTheirLength(CompileOptions options) {
        Machine machine = machine(options, """
                (module (memory 1)
                    (func (export "f") (param i32) (memory.fill (i32.const 0) (i32.const 7) (local.get 0)))
                    (func (export "g") (memory.copy (i32.const 0) (i32.const 640) (i32.const 640))))
                """);
        assertThat(used(machine, 63)).isEqualTo(1 + 4);
        assertThat(used(machine, 640)).isEqualTo(1 + 4 + 10);
        assertThat(machine.withFuel(10).trapOf("f", 640)).isEqualTo(TrapCode.OUT_OF_FUEL);
        assertThat(machine.withFuel(10).trapOf("f", -1)).as("nor can it be too large").isEqualTo(TrapCode.OUT_OF_FUEL);
        machine.withFuel(MUCH).call("g");
        assertThat(MUCH - machine.fuel()).isEqualTo(1 + 4 + 10);
    }
}
