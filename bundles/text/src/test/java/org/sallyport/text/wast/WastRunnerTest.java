package org.sallyport.text.wast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sallyport.BinaryPlace;
import org.sallyport.EntityType;
import org.sallyport.InvalidModuleException;
import org.sallyport.MalformedModuleException;
import org.sallyport.Store;
import org.sallyport.Tag;
import org.sallyport.TextFormatException;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.WasmException;
import org.sallyport.text.WatOptions;
import org.sallyport.text.wast.Report.Outcome;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;

class WastRunnerTest {
    private static final BinaryPlace PLACE = new BinaryPlace("test", -1, null, -1);

    /** A host whose modules do what their length and the names of their exports say. */
    private static final class FakeHost implements ScriptHost<Integer, String> {
        final List<String> log;

        FakeHost(List<String> log) {
            this.log = log;
        }

        @Override
        public Integer compile(byte[] binary) {
            return switch (binary.length) {
                case 0 -> throw new MalformedModuleException("unexpected end", "", PLACE, "");
                case 1 -> throw new InvalidModuleException("type mismatch", "i32", PLACE, "");
                case 2 -> throw new UnsupportedFeatureException(null, "everything", "module", -1);
                default -> binary.length;
            };
        }

        @Override
        public String instantiate(Integer module) {
            if (module == 3) {
                throw trap(TrapCode.UNREACHABLE);
            }
            log.add("instance " + module);
            return "instance " + module;
        }

        @Override
        public void register(String name, String instance) {
            log.add(name + " = " + instance);
        }

        @Override
        public List<Value> invoke(String instance, String function, List<Value> arguments) {
            return switch (function) {
                case "echo" -> arguments;
                case "trap" -> throw trap(TrapCode.TABLE_OUT_OF_BOUNDS);
                case "null" -> throw trap(TrapCode.NULL_REFERENCE);
                case "deep" -> throw trap(TrapCode.STACK_OVERFLOW);
                case "throw" -> throw new WasmException(new SomeTag());
                case "nan" -> List.of(new Value.F32(0x7FC0_0000), new Value.F64(0xFFF8_0000_0000_0001L));
                case "lanes" -> List.of(new Value.V128(0x7FC0_0000_3F80_0000L, 0xFFC0_0001_0000_0002L));
                case "func" -> List.of(new Value.Ref(HeapType.Abstract.FUNC));
                case "struct" -> List.of(new Value.Ref(HeapType.Abstract.STRUCT));
                case "unsupported" -> throw new UnsupportedOperationException("not here");
                case "bug" -> throw new AssertionError("BUG: here");
                case "broken" -> throw new IllegalStateException("broken");
                default -> List.of();
            };
        }

        private record SomeTag() implements Tag {
            @Override
            public FuncType type() {
                return new FuncType(List.of(), List.of());
            }

            @Override
            public EntityType entityType() {
                return new EntityType.Tag(type());
            }

            @Override
            public Store store() {
                throw new UnsupportedOperationException();
            }
        }

        private static TrapException trap(TrapCode code) {
            return new TrapException(code, "", List.of());
        }

        @Override
        public Value get(String instance, String global) {
            return new Value.I64(instance.length());
        }

        @Override
        public ScriptHost<Integer, String> fork() {
            return new FakeHost(log);
        }

        @Override
        public String share(String instance) {
            return "shared " + instance;
        }
    }

    private static Report run(String script) {
        return run(script, new ArrayList<>());
    }

    private static Report run(String script, List<String> log) {
        Script parsed = Script.parse(script.getBytes(StandardCharsets.UTF_8), "test.wast", WatOptions.DEFAULT);
        return WastRunner.run(parsed, new FakeHost(log));
    }

    private static Outcome outcome(String command) {
        Report report = run("(module binary \"12345\")\n" + command);
        assertThat(Stream.of(Outcome.values()).mapToInt(report::count).sum()).isEqualTo(2);
        return report.findings().isEmpty() ? Outcome.PASSED : report.findings().getFirst().outcome();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            // @formatter:off
            value = {
                "(assert_return (invoke \"echo\" (i32.const -1)) (i32.const 0xffffffff)) | PASSED",
                "(assert_return (invoke \"echo\" (i32.const -1)) (i32.const 1)) | FAILED",
                "(assert_return (invoke \"echo\" (i32.const 1)) (i64.const 1)) | FAILED",
                "(assert_return (invoke \"echo\" (i32.const 1))) | FAILED",
                "(assert_return (invoke \"none\") (i32.const 1)) | FAILED",
                "(assert_return (invoke \"echo\" (f64.const -0)) (f64.const 0)) | FAILED",
                "(assert_return (invoke \"echo\" (f32.const nan:0x1)) (f32.const nan:0x1)) | PASSED",
                "(assert_return (invoke \"echo\" (f32.const nan:0x1)) (f32.const nan)) | FAILED",
                "(assert_return (invoke \"nan\") (f32.const nan:canonical) (f64.const nan:arithmetic)) | PASSED",
                "(assert_return (invoke \"nan\") (f32.const nan:arithmetic) (f64.const nan:canonical)) | FAILED",
                "(assert_return (invoke \"nan\") (f64.const nan:arithmetic) (f64.const nan:arithmetic)) | FAILED",
                "(assert_return (invoke \"lanes\") (v128.const f32x4 1 nan:canonical 0x1p-148 nan:arithmetic)) | PASSED",
                "(assert_return (invoke \"lanes\") (v128.const f32x4 1 nan:canonical 0x1p-148 nan:canonical)) | FAILED",
                "(assert_return (invoke \"lanes\") (v128.const f32x4 2 nan:canonical 0x1p-148 nan:arithmetic)) | FAILED",
                "(assert_return (invoke \"lanes\") (v128.const i64x2 0x7fc000003f800000 0xffc0000100000002)) | PASSED",
                "(assert_return (invoke \"lanes\") (either (i32.const 1)"
                        + " (v128.const i32x4 0x3f800000 0x7fc00000 2 -4194303))) | PASSED",
                "(assert_return (invoke \"lanes\") (either (i32.const 1) (v128.const i32x4 0 0 0 0))) | FAILED",
                "(assert_return (invoke \"echo\" (ref.extern 3)) (ref.extern 3)) | PASSED",
                "(assert_return (invoke \"echo\" (ref.extern 3)) (ref.extern 4)) | FAILED",
                "(assert_return (invoke \"echo\" (ref.extern 3)) (ref.extern)) | PASSED",
                "(assert_return (invoke \"echo\" (ref.extern 3)) (ref.host 3)) | FAILED",
                "(assert_return (invoke \"echo\" (ref.host 3)) (ref.any)) | PASSED",
                "(assert_return (invoke \"echo\" (ref.null func)) (ref.null)) | PASSED",
                "(assert_return (invoke \"echo\" (ref.null func)) (ref.null nofunc)) | PASSED",
                "(assert_return (invoke \"echo\" (ref.null func)) (ref.func)) | FAILED",
                "(assert_return (invoke \"func\") (ref.func)) | PASSED",
                "(assert_return (invoke \"func\") (ref.null)) | FAILED",
                "(assert_return (invoke \"func\") (ref.struct)) | FAILED",
                "(assert_return (invoke \"struct\") (ref.eq)) | PASSED",
                "(assert_return (invoke \"struct\") (ref.array)) | FAILED",
                "(assert_return (get \"g\") (i64.const 10)) | PASSED",
                "(assert_return (invoke \"trap\")) | FAILED",
                "(assert_return (invoke \"unsupported\")) | UNSUPPORTED",
                "(assert_return (invoke \"broken\")) | FAILED",
                "(assert_return (invoke \"bug\")) | FAILED",
                "(assert_return (invoke $missing \"echo\")) | FAILED",
                "(invoke \"echo\") | PASSED",
                "(invoke \"trap\") | FAILED",
                "(assert_trap (invoke \"trap\") \"out of bounds table access\") | PASSED",
                "(assert_trap (invoke \"trap\") \"out of bounds\") | PASSED",
                "(assert_trap (invoke \"trap\") \"out of bounds table access at 7\") | PASSED",
                "(assert_trap (invoke \"trap\") \"undefined element\") | FAILED",
                "(assert_trap (invoke \"null\") \"null array reference\") | PASSED",
                "(assert_trap (invoke \"trap\") \"null array reference\") | FAILED",
                "(assert_trap (invoke \"echo\") \"unreachable\") | FAILED",
                "(assert_trap (invoke \"unsupported\") \"unreachable\") | UNSUPPORTED",
                "(assert_trap (module binary \"123\") \"unreachable\") | PASSED",
                "(assert_trap (module binary \"1234\") \"unreachable\") | FAILED",
                "(assert_exhaustion (invoke \"deep\") \"call stack exhausted\") | PASSED",
                "(assert_exhaustion (invoke \"trap\") \"call stack exhausted\") | FAILED",
                "(assert_exception (invoke \"throw\")) | PASSED",
                "(assert_exception (invoke \"trap\")) | FAILED",
                "(assert_exception (invoke \"echo\")) | FAILED",
                "(assert_malformed (module binary \"\") \"unexpected end\") | PASSED",
                "(assert_malformed (module binary \"\") \"length out of bounds\") | FAILED",
                "(assert_malformed (module binary \"1\") \"type mismatch\") | FAILED",
                "(assert_malformed (module binary \"1234\") \"unexpected end\") | FAILED",
                "(assert_malformed (module quote \"(func\") \"unexpected token\") | PASSED",
                "(assert_malformed (module quote \"(func)\") \"unexpected token\") | FAILED",
                "(assert_malformed_custom (module quote \"(@custom)\") \"@custom annotation: missing\") | PASSED",
                "(assert_invalid (module binary \"1\") \"type mismatch\") | PASSED",
                "(assert_invalid (module binary \"1\") \"unknown local\") | FAILED",
                "(assert_invalid (module binary \"\") \"unexpected end\") | FAILED",
                "(assert_invalid (module binary \"1234\") \"type mismatch\") | FAILED",
                "(assert_invalid (module (func foo)) \"unknown operator\") | FAILED",
                "(assert_invalid (module binary \"12\") \"type mismatch\") | UNSUPPORTED",
                "(assert_unlinkable (module binary \"1234\") \"unknown import\") | FAILED",
                "(module binary \"12\") | UNSUPPORTED",
                "(module binary \"3\") | FAILED",
                "(module (func foo)) | FAILED",
            })
    // @formatter:on
    void judges(String command, Outcome expected) {
        assertThat(outcome(command)).isEqualTo(expected);
    }

    @Test
    void saysWhatIsMissing() {
        Report report = run("""
                (module binary "12")
                (assert_return (invoke "echo"))
                (module binary "1234")
                (assert_return (invoke "unsupported"))
                (assert_return (invoke "trap"))
                """, new ArrayList<>());
        assertThat(report.kinds()).containsExactly("assert_return", "module");
        assertThat(report.missing().toString()).isEqualTo("{everything=2, not here=1}");
    }

    @Test
    void definitionsAreInstantiatedByName() {
        List<String> log = new ArrayList<>();
        Report report = run("""
                (module definition $d binary "1234567")
                (module $m binary "12345")
                (module instance $i $d)
                (module instance $m)
                (register "a" $i)
                (register "b" $m)
                (register "c")
                """, log);
        assertThat(report.findings()).isEmpty();
        // The latest definition is $m's, and the unnamed argument makes the instance $m of it.
        assertThat(log).containsExactly(
                "instance 5", "instance 7", "instance 5", "a = instance 7", "b = instance 5", "c = instance 5");
    }

    @Test
    void commandsShareTheFateOfTheirModule() {
        Report report = run("""
                (module $u binary "12")
                (assert_return (invoke "echo"))
                (module $f binary "1")
                (assert_return (invoke "echo"))
                (assert_trap (invoke $u "trap") "out of bounds table access")
                """);
        assertThat(report.findings()).extracting(Report.Result::outcome).containsExactly(
                Outcome.UNSUPPORTED, Outcome.UNSUPPORTED, Outcome.FAILED, Outcome.FAILED, Outcome.UNSUPPORTED);
        assertThat(report.findings().get(3).toString())
                .startsWith("test.wast:4: assert_return: no instance since line 3: type mismatch")
                .doesNotContain("IllegalStateException");
        assertThat(report.count("assert_return", Outcome.UNSUPPORTED)).isEqualTo(1);
        assertThat(report.toString())
                .contains("assert_trap                   0 passed      0 failed      1 unsupported");
    }

    @Test
    void threadsReportWithTheirScript() {
        List<String> log = new ArrayList<>();
        Report report = run("""
                (module $m binary "12345")
                (thread $t (shared (module $m))
                  (register "m" $m)
                  (assert_return (invoke $m "echo" (i32.const 1)) (i32.const 2)))
                (wait $t)
                (wait $t)
                """, log);
        assertThat(log).contains("m = shared instance 5");
        assertThat(report.findings()).extracting(Report.Result::line).containsExactly(4, 6);
        assertThat(report.count("assert_return", Outcome.FAILED)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(assert_nothing)", "(module", "(invoke echo)", "(invoke \"f\" (i32.const nan:canonical))", "(register)",
        "(assert_return (invoke \"f\") (i32.add))", "(assert_return (invoke \"f\") (either (either)))",
        "(module) extra",
        "(invoke \"f\" (f32.const nan:canonical))", "(thread $a (thread $b))", "(assert_trap (invoke \"f\"))", "(wait)"
    })
    void refusesWhatIsNoScript(String text) {
        assertThatThrownBy(() -> run(text)).isInstanceOf(TextFormatException.class);
    }

    @Test
    void fieldsAloneAreAModule() {
        assertThat(run("(func) (memory 1)").count("module", Outcome.PASSED)).isEqualTo(1);
    }
}
