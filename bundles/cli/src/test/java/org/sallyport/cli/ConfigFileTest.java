package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ConfigFileTest extends CommandLineTest {
    private static final String LOOP = "(module (func (export \"f\") (loop $l (br $l))))";

    @Test
    void optionsOfAFileCount() {
        String config = file("c.toml", "# of all\nfuel = 1_000\n[compile]\nno-optimize = true\n[run]\n verbose = true # said\n");
        Outcome outcome = run("run", "--config", config, "--invoke", "f", file("loop.wat", LOOP));
        assertThat(outcome.status()).isEqualTo(ExitStatus.FUEL);
        assertThat(outcome.err()).contains("fuel used: 1000");
    }

    @Test
    void theCommandLineReplacesSingleValuesAndAddsToLists() {
        Syntax syntax = new RunCommand().syntax();
        String config = file("c.toml", "timeout = '3s'\nenv = [\"A=1\",\n  \"B=\\u0032\"]\n[run]\nplain-output = false\n");
        Line line = syntax.parse(new String[] {"--config", config, "--env", "C=3", "--timeout", "1s", "f.wasm"});
        Line applied = ConfigFile.applied(line, "run", syntax, java.util.Map.of("run", syntax));
        assertThat(applied.all("--env")).isEqualTo(List.of("A=1", "B=2", "C=3"));
        assertThat(applied.value("--timeout")).isEqualTo("1s");
        assertThat(applied.has("--plain-output")).isFalse();
        assertThat(applied.file()).isEqualTo("f.wasm");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "fule = 3|1: there is no option fule",
        "\n[run]\ntimeout = [\"1s\"]|3: timeout takes one value, not a list",
        "verbose = \"yes\"|1: verbose is true or false",
        "[walk]\n|[walk] is no subcommand",
        "timeout = 2s|1: expected a value",
        "timeout = \"2s|1: the text has no end on its line",
        "timeout = \"2s\" x|1: expected the end of the line",
        "fuel = 1\nfuel = 2|2: fuel is there twice",
        "[compile]\ntimeout = \"1s\"|2: there is no option timeout of compile",
        "env = [\"a\" \"b\"]|1: expected , or ] in the list",
        "config = \"other\"|1: there is no option config",
        "timeout = \"\\x\"|1: there is no escape \\x",
        "fuel|1: expected ="})
    void slipsAreNamedWithTheirLine(String textAndMessage) {
        int bar = textAndMessage.lastIndexOf('|');
        String config = file("c.toml", textAndMessage.substring(0, bar));
        Outcome outcome = run("--config", config, "--invoke", "f", file("f.wat", "(module (func (export \"f\")))"));
        assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(outcome.err()).contains("c.toml").contains(textAndMessage.substring(bar + 1)).hasLineCount(1);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Outcome outcome = run("--config", temp.resolve("no.toml").toString(), file("loop.wat", LOOP));
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(outcome.err()).contains("no.toml: no such file");
    }
}
