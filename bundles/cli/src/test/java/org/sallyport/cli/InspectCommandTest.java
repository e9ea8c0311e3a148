package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InspectCommandTest extends CommandLineTest {
    private static final String MODULE =
            """
            (module $shown
              (import "env" "log" (func $log (param i32)))
              (memory (export "mem") 1 2)
              (global (export "g") (mut i64) (i64.const 1))
              (data (i32.const 0) "abc")
              (func $square (export "square") (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
              (func $big (export "big") (param i64) (result i64)
                (i64.extend32_s (i64.mul
                  (i64.add (local.get 0) (i64.const 3)) (i64.rotl (local.get 0) (i64.const 5))))))
            """;

    @Test
    void showsWhatIsInAModule() {
        Outcome outcome = run("inspect", file("m.wat", MODULE));
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .contains("m.wat: module \"shown\"")
                .contains("back end: ")
                .contains("sign-extension")
                .contains("  code ", "  data ", "  custom \"name\"")
                .contains("\"env\" \"log\": func (i32) -> ()")
                .contains("\"square\": func (i32) -> (i32)")
                .contains("\"mem\": memory min 1 max 2 pages of 65536 bytes")
                .contains("global (mut i64)")
                .contains("  big\n")
                .contains("bytes native");
    }

    @Test
    void typesAreTheModulesOwnNumbersWhetherItIsRefusedOrNot() {
        String file = file("m.wat", """
                (module (type $n (func)) (type $f (func (result i32)))
                  (import "h" "g" (global (ref null $f)))
                  (func (export "call") (param (ref $f)) (result i32) (call_ref $f (local.get 0))))
                """);
        String[] shown = {"\"h\" \"g\": global (ref null 1)", "\"call\": func ((ref 1)) -> (i32)"};
        assertThat(run("inspect", file).out()).contains(shown);
        assertThat(run("inspect", "--feature=-function-references", file).out()).contains(shown);
    }

    @Test
    void writesJson() {
        Outcome outcome = run("inspect", "--json", file("m.wat", MODULE));
        assertThat(outcome.out())
                .startsWith("{\n  \"file\": ")
                .contains("\"name\": \"shown\"", "\"wasmBytes\": ", "\"start\": null", "\"functions\": 2")
                .endsWith("}\n");
        assertThat(Json.write(Map.of("a\"\n\u0001", List.of())))
                .isEqualTo("{\n  \"a\\\"\\n\\u0001\": []\n}\n");
    }

    @Test
    void showsTheCompilersWork() {
        String file = file("m.wat", MODULE);
        String byName = run("inspect", "--ir", "square", file).out();
        assertThat(byName).isNotBlank().containsIgnoringCase("mul");
        assertThat(run("inspect", "--ir", "1", file).out()).isEqualTo(byName);
        assertThat(run("inspect", "--ir", "log", file).err()).contains("imported");
        assertThat(run("inspect", "--ir", "1", "--json", file).status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run("inspect", "--ir", "9", file)).isEqualTo(
                new Outcome(1, "", "sallyport: there is no function 9; give a name or an index below 3\n"));
    }

    @Test
    void listsAsManyFunctionsAsAsked() {
        StringBuilder many = new StringBuilder("(module");
        for (int i = 0; i < 30; i++) {
            many.append("(func $f").append(i).append(")");
        }
        String file = file("many.wat", many + ")");
        assertThat(run("inspect", file).out()).contains("and 20 more");
        assertThat(run("inspect", "--functions", file).out()).doesNotContain("more").contains("  f29\n");
    }
}
