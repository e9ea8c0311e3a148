package org.sallyport.codegen.ir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Text before and after a pass. A file {@code passes/NAME.txt} says in its first line which passes to run; each case
 * has a title
 * after {@code ===}, the graph before, and the graph after behind {@code ---}. Run with -Dbless=true to write the
 * latter.
 */
class PassFilesTest {
    private static final Path SOURCES = Path.of("src/test/resources/org/sallyport/codegen/ir/passes");

    private record Case(String title, String before, String after) {}

    @TestFactory
    Stream<DynamicTest> files() throws Exception {
        Path folder = Path.of(PassFilesTest.class.getResource("passes").toURI());
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList().stream()
                    .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> file(file)));
        }
    }

    private static void file(Path file) throws IOException {
        String text = Files.readString(file);
        String first = text.lines().findFirst().orElseThrow();
        List<String> passes = List.of(first.replaceFirst(".*: ", "").split(", "));
        List<Case> found = new ArrayList<>();
        List<Case> wanted = cases(text);
        for (Case c : wanted) {
            Graph graph = GraphParser.parse(c.before);
            Verifier.verify(graph, "parsing " + c.title);
            for (String pass : passes) {
                pass(pass).body().accept(graph);
                Verifier.verify(graph, pass + " in " + c.title);
            }
            found.add(new Case(c.title, c.before, graph.toString()));
        }
        if (Boolean.getBoolean("bless")) {
            Files.writeString(SOURCES.resolve(file.getFileName()), write(first, found));
        } else {
            assertThat(write(first, found)).as("-Dbless=true writes %s", file.getFileName()).isEqualTo(write(first, wanted));
        }
        assertThat(found).isNotEmpty();
    }

    private static Optimizer.Pass pass(String name) {
        return Optimizer.all().stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
    }

    private static List<Case> cases(String text) {
        List<Case> cases = new ArrayList<>();
        for (String part : text.split("(?m)^=== ")) {
            if (cases.isEmpty() && part.startsWith("passes:")) {
                continue;
            }
            int line = part.indexOf('\n');
            String[] halves = part.substring(line + 1).split("(?m)^---\n", 2);
            cases.add(new Case(
                    part.substring(0, line), halves[0].strip() + "\n", halves.length > 1 ? halves[1].strip() + "\n" : ""));
        }
        return cases;
    }

    private static String write(String first, List<Case> cases) {
        StringBuilder out = new StringBuilder(first).append('\n');
        for (Case c : cases) {
            out.append("\n=== ").append(c.title).append('\n').append(c.before).append("---\n").append(c.after);
        }
        return out.toString();
    }
}
