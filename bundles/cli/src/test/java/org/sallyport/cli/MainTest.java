package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MainTest extends CommandLineTest {

    @Test
    void helpListsTheSubcommands() {
        Outcome help = run("--help");
        assertThat(help.status()).isZero();
        assertThat(help.out())
                .contains("run ", "validate ", "compile ", "inspect ", "wat2wasm ", "wasm2wat ", "wast ", "version ");
        assertThat(help.err()).isEmpty();
    }

    @Test
    void nothingToDoIsWrongUsage() {
        Outcome nothing = run();
        assertThat(nothing.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(nothing.out()).contains("Usage:");
    }

    @Test
    void helpOfASubcommandIsItsHelp() {
        assertThat(run("help", "run")).isEqualTo(run("run", "--help"));
        assertThat(run("help", "walk").err()).contains("there is no subcommand \"walk\"");
        assertThat(run("help").out()).contains("Usage: sallyport SUBCOMMAND");
    }

    @Test
    void everySubcommandHasHelp() {
        String[] names = {"run", "compile", "validate", "inspect", "wat2wasm", "wasm2wat", "wast", "cache", "version"};
        for (String name : names) {
            Outcome help = run(name, "--help");
            assertThat(help.status()).as(name).isZero();
            assertThat(help.out()).as(name).contains("Usage: sallyport " + name, "--stacktrace");
        }
    }

    @Test
    void unknownWordsAreWrongUsage() {
        assertThat(run("walk")).isEqualTo(new Outcome(
                ExitStatus.USAGE, "", "sallyport: there is no subcommand \"walk\"; sallyport --help lists them\n"));
        Outcome option = run("run", "--fast", "x.wasm");
        assertThat(option.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(option.err()).startsWith("sallyport run: Unknown option").contains("--fast");
        assertThat(run("run").status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run("run").err()).contains("FILE");
    }

    @Test
    void versionSaysWhatRuns() {
        Outcome version = run("--version");
        assertThat(version.status()).isZero();
        assertThat(version.out()).contains("sallyport ", "java 25", "back end: ");
    }
}
