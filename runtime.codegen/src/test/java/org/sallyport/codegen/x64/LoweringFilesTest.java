package org.sallyport.codegen.x64;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.sallyport.CompileOptions;
import org.sallyport.codegen.ir.BuildGraph;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.ir.Optimizer;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.codegen.pipeline.ModuleCode;

/**
 * Text of functions and the machine instructions selected for them, before register allocation. A file
 * {@code lowering/NAME.txt} says in its first line which CPU features there are, {@code features: all} or
 * {@code baseline}; each case has a title after {@code ===}, the body of a function in the text format, and the
 * instructions behind {@code ---}. The graph is not optimized. Run with -Dbless=true to write the latter.
 */
class LoweringFilesTest {
    private static final Path SOURCES = Path.of("src/test/resources/org/sallyport/codegen/x64/lowering");

    private record Case(String title, String body, String instructions) {}

    @TestFactory
    Stream<DynamicTest> files() throws Exception {
        Path folder = Path.of(LoweringFilesTest.class.getResource("lowering").toURI());
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList().stream()
                    .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> file(file)));
        }
    }

    private static void file(Path file) throws IOException {
        String text = Files.readString(file);
        String first = text.lines().findFirst().orElseThrow();
        CpuFeatures cpu = first.equals("features: all") ? CpuFeatures.ALL : CpuFeatures.BASELINE;
        List<Case> wanted = cases(text);
        List<Case> found = wanted.stream().map(c -> new Case(c.title, c.body, lower(c.body, cpu))).toList();
        assertThat(found).isNotEmpty();
        if (Boolean.getBoolean("bless")) {
            Files.writeString(SOURCES.resolve(file.getFileName()), write(first, found));
        } else {
            assertThat(write(first, found)).as("-Dbless=true writes %s",
                    file.getFileName()).isEqualTo(write(first, wanted));
        }
    }

    private static String lower(String body, CpuFeatures cpu) {
        String text = """
                (module
                  (import "m" "import" (func $import (param i32) (result i32)))
                  (type $f (func (param i32) (result i32)))
                  (memory 1) (table $t 10 funcref) (global $g (mut i32) (i32.const 0))
                  (func $callee (param i32) (result i32) (local.get 0))
                  (func %s))
                """.formatted(body);
        var options = new CompileOptions(false, false, true);
        var facts = new ModuleFacts(Machine.validate(text), options);
        var graph = new Graph();
        new BuildGraph(facts).build(2, graph);
        var module = new ModuleCode(facts, new X64(cpu));
        new Optimizer(facts, module.vmLayout()).run(graph);
        var lir = new Lir(Abi.REGISTERS, Meter.unlimited());
        new Lower(graph, lir, cpu, module).run();
        return LirPrinter.print(lir, null);
    }

    private static List<Case> cases(String text) {
        List<Case> cases = new ArrayList<>();
        for (String part : text.split("(?m)^=== ")) {
            if (part.startsWith("features:")) {
                continue;
            }
            int line = part.indexOf('\n');
            String[] halves = part.substring(line + 1).split("(?m)^---\n", 2);
            cases.add(new Case(
                    part.substring(0, line), halves[0].strip() + "\n",
                    halves.length > 1 ? halves[1].stripTrailing() + "\n" : ""));
        }
        return cases;
    }

    private static String write(String first, List<Case> cases) {
        var out = new StringBuilder(first).append('\n');
        for (Case c : cases) {
            out.append("\n=== ").append(c.title).append('\n').append(c.body).append("---\n").append(c.instructions);
        }
        return out.toString();
    }
}
