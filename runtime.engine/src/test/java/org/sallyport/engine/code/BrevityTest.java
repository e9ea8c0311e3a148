package org.sallyport.engine.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandle;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.engine.Fixture;
import org.sallyport.wasm.Opcode;

/** Which functions are entered without telling the JVM, and that they do the same as all others. */
class BrevityTest {
    private static boolean isBrief(String function) {
        try (Fixture f = new Fixture()) {
            Module module = f.compile("(module (memory 1) (table 1 funcref) (global $g (mut i32) (i32.const 0)) "
                    + "(data $d \"x\") (elem declare func $callee) (func $callee) " + function + ")");
            return Brevity.isBrief(module.validModule(), 1);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "true  | (func (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1)))",
        "true  | (func (param i32) (result i64) (i64.load32_s offset=8 (local.get 0)))",
        "true  | (func (param f64) (result i32) (i32.trunc_sat_f64_u (local.get 0)))",
        "true  | (func (result i32) (if (result i32) (memory.size) (then (i32.const 1)) (else (global.get $g))))",
        "true  | (func (param i32) (block (br_table 0 0 (local.get 0))))",
        "false | (func (loop))",
        "false | (func (call $callee))",
        "false | (func (call_indirect (i32.const 0)))",
        "false | (func (result i32) (memory.grow (i32.const 0)))",
        "false | (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))",
        "false | (func (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)))",
        "false | (func (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)))",
        "false | (func (table.set (i32.const 0) (ref.null func)))",
        "false | (func (drop (ref.func $callee)))",
    })
    void tellsFunctionsThatAreOverAtOnce(boolean brief, String function) {
        assertThat(isBrief(function)).isEqualTo(brief);
    }

    @Test
    void fewInstructionsOnly() {
        String one = "(local.set 0 (i32.add (local.get 0) (i32.const 1)))";
        assertThat(isBrief("(func (param i32) " + one.repeat(10) + ")")).isTrue();
        assertThat(isBrief("(func (param i32) " + one.repeat(100) + ")")).isFalse();
    }

    /** A new row of the table is not brief before somebody has thought about it. */
    @Test
    void knowsWhichInstructionsTakeConstantTime() {
        Set<Opcode> brief = EnumSet.noneOf(Opcode.class);
        for (Opcode op : Opcode.values()) {
            if (Brevity.isBrief(op)) {
                brief.add(op);
            }
        }
        String prefixes = brief.stream()
                .map(op -> op.text().contains(".") ? op.text().substring(0, op.text().indexOf('.')) : op.text())
                .collect(Collectors.toCollection(java.util.TreeSet::new))
                .toString();
        assertThat(brief).hasSize(19 + 23 + 132 + 8);
        assertThat(prefixes).isEqualTo(Stream.of("block", "br", "br_if", "br_table", "drop", "else", "end", "f32", "f64",
                        "global", "i32", "i64", "if", "local", "memory", "nop", "return", "select", "unreachable")
                .sorted()
                .toList()
                .toString());
    }

    /** Enough calls to use the other entry; traps, growth and stops on the way do what they do on the first one. */
    @Test
    void briefCallsTrapLikeAllOthers() throws Throwable {
        try (Fixture f = new Fixture()) {
            Instance instance = f.instantiate("""
                    (module (memory (export "memory") 1)
                      (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
                      (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
                      (func (export "stop") unreachable)
                      (func (export "slow") (param i32) (result i32)
                        (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 7)))
                    """);
            MethodHandle load = instance.func("load").handle();
            MethodHandle div = instance.func("div").handle();
            MethodHandle slow = instance.func("slow").handle();
            instance.memory("memory").setInt(40, 41);
            for (int i = 0; i < 30_000; i++) {
                assertThat((int) load.invokeExact(40)).isEqualTo(41);
                assertThat((int) div.invokeExact(i, 3)).isEqualTo(i / 3);
                if (i % 100 == 0) {
                    assertThat((int) slow.invokeExact(5)).isEqualTo(7);
                    trapsWith(TrapCode.MEMORY_OUT_OF_BOUNDS, instance, "load", -8);
                    trapsWith(TrapCode.INTEGER_DIVIDE_BY_ZERO, instance, "div", 1, 0);
                    trapsWith(TrapCode.INTEGER_OVERFLOW, instance, "div", Integer.MIN_VALUE, -1);
                    trapsWith(TrapCode.UNREACHABLE, instance, "stop");
                }
                if (i % 5_000 == 0) {
                    System.gc();
                }
            }
        }
    }

    private static void trapsWith(TrapCode code, Instance instance, String function, Object... args) {
        assertThatThrownBy(() -> instance.func(function).call(args))
                .isInstanceOfSatisfying(TrapException.class, e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.frames()).hasSize(1);
                });
    }
}
