package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The completion for bash, asked as bash asks it. */
class CompletionTest extends CommandLineTest {

    /** What bash would offer behind these words; the last one is being written. */
    private List<String> offered(String... words) throws Exception {
        Path script = Files.createDirectories(temp.resolve("scripts")).resolve("completion.bash");
        Files.writeString(script, run("completion", "bash").out());
        Files.writeString(temp.resolve("app.wasm"), "");
        StringBuilder ask = new StringBuilder("compopt() { :; }\n") // works only where somebody presses Tab
                .append("source ").append(script).append("\nCOMP_WORDS=(sallyport");
        for (String word : words) {
            ask.append(" '").append(word).append('\'');
        }
        ask.append(")\nCOMP_CWORD=").append(words.length).append('\n')
                .append("eval \"$(complete -p sallyport | sed 's/.*-F \\([^ ]*\\).*/\\1/')\"\n")
                .append("printf '%s\\n' \"${COMPREPLY[@]}\"\n");
        Process bash = new ProcessBuilder("bash", "--norc", "-c", ask.toString())
                .directory(temp.toFile()).redirectErrorStream(true).start();
        String out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(out).isZero();
        return out.lines().toList();
    }

    @Test
    void subcommandsOptionsValuesAndFiles() throws Exception {
        assertThat(offered("comp")).containsExactlyInAnyOrder("compile", "completion");
        assertThat(offered("run", "--time")).containsExactly("--timeout");
        assertThat(offered("run", "--compile", "")).containsExactlyInAnyOrder("eager", "lazy", "background");
        assertThat(offered("inspect", "--feature", "tail")).containsExactly("tail-calls");
        assertThat(offered("run", "--config", "ap")).containsExactly("app.wasm");
        assertThat(offered("validate", "ap")).containsExactly("app.wasm");
        assertThat(offered("ap")).containsExactly("app.wasm");
    }

    @Test
    void valuesBehindEqualsSignsAndColonsAsBashCutsThem() throws Exception {
        assertThat(offered("run", "--compile", "=", "la")).containsExactly("lazy");
        assertThat(offered("run", "--compile", "=")).containsExactlyInAnyOrder("eager", "lazy", "background");
        assertThat(offered("run", "--feature", "=", "-tail")).containsExactly("-tail-calls");
        assertThat(offered("run", "--dir", "=", "data", "::", "/data", "--time")).containsExactly("--timeout");
        assertThat(offered("--back-end", "=", "p")).containsExactly("portable"); // of run, which need not be said
    }

    @Test
    void parametersThatAreOneOfAFew() throws Exception {
        assertThat(offered("completion", "")).containsExactly("bash", "zsh", "fish");
        assertThat(offered("cache", "p")).containsExactly("prune");
        assertThat(offered("cache", "--cache", "x", "c")).containsExactly("clear");
    }

    @Test
    void whatFollowsTheFileIsTheGuests() throws Exception {
        assertThat(offered("run", "app.wasm", "--time")).containsExactly("");
        assertThat(offered("run", "app.wasm", "ap")).containsExactly("app.wasm");
        assertThat(offered("inspect", "app.wasm", "--fun")).containsExactly("--functions");
    }

    /** Whole, and known to zsh by its first line; tried in a real zsh by hand, which is not everywhere. */
    @Test
    void zshGetsEachOptionAndItsOwnHeader() {
        String zsh = run("completion", "zsh").out();
        assertThat(zsh).startsWith("#compdef sallyport\n").doesNotContain("COMP_WORDS");
        for (Subcommand subcommand : Main.subcommands()) {
            for (Syntax.Option option : subcommand.syntax().options()) {
                assertThat(zsh).contains(option.name() + (option.kind() == Syntax.Kind.FLAG ? "[" : "=["));
            }
        }
        assertThat(zsh).contains(":SHELL:(bash zsh fish)'", ":WHEN:(eager lazy background)'");
    }

    @Test
    void fishGetsEachOption() {
        String fish = run("completion", "fish").out();
        for (Subcommand subcommand : Main.subcommands()) {
            for (Syntax.Option option : subcommand.syntax().options()) {
                assertThat(fish).contains("__fish_seen_subcommand_from " + subcommand.name() + "'")
                        .contains(" -l " + option.name().substring(2) + " ");
            }
        }
        assertThat(fish.lines().filter(line -> line.contains(" -l compile "))).hasSize(1)
                .allMatch(line -> line.contains("-f -a 'eager lazy background'"));
    }

    @Test
    void otherShellsAreWrongUsage() {
        assertThat(run("completion", "csh").status()).isEqualTo(ExitStatus.USAGE);
    }
}
