package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What docs/wasmtime.md says that we have is there. */
class WasmtimeTableTest {
    private static final Pattern OPTION = Pattern.compile("`(--[a-z0-9]+(?:-[a-z0-9]+)*)");

    @Test
    void optionsOfTheTableAreOptions() throws IOException {
        Set<String> ours = Main.subcommands().stream()
                .flatMap(subcommand -> subcommand.syntax().options().stream())
                .map(Syntax.Option::name)
                .collect(Collectors.toSet());
        Set<String> named = new TreeSet<>();
        for (String row : Files.readAllLines(Path.of("../../docs/wasmtime.md"))) {
            String[] cells = row.split("\\|");
            if (cells.length == 3) {
                Matcher option = OPTION.matcher(cells[2]);
                while (option.find()) {
                    named.add(option.group(1));
                }
            }
        }
        assertThat(named).hasSizeGreaterThan(10);
        assertThat(ours).containsAll(named);
    }
}
