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
        for (String name : Main.subcommands().stream().map(Subcommand::name).toList()) {
            Outcome help = run(name, "--help");
            assertThat(help.status()).as(name).isZero();
            assertThat(help.out()).as(name).contains("Usage: sallyport " + name, "--stacktrace");
        }
    }

    @Test
    void unknownWordsAreWrongUsage() {
        assertThat(run("walk")).isEqualTo(new Outcome(
                ExitStatus.USAGE,
                "",
                "sallyport: there is no subcommand \"walk\", nor a file of that name; sallyport --help lists the subcommands\n"));
        assertThat(run("isnpect").err()).contains("(did you mean inspect?)");
        assertThat(run("run", "--timout=1s", "x.wasm").err()).contains("Unknown option", "did you mean --timeout?");
        Outcome option = run("run", "--fast", "x.wasm");
        assertThat(option.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(option.err()).startsWith("sallyport run: Unknown option").contains("--fast");
        assertThat(run("run").status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run("run").err()).contains("FILE");
    }

    @Test
    void aFileOrAnOptionIsToBeRun() {
        String program = file("p.wat", "(module (func (export \"_start\")) (func (export \"one\") (result i32) (i32.const 1)))");
        assertThat(run(program)).isEqualTo(new Outcome(0, "", ""));
        assertThat(run("--invoke", "one", program)).isEqualTo(new Outcome(0, "1\n", ""));
        assertThat(run("missing.wasm").err()).isEqualTo("sallyport: missing.wasm: no such file\n");
    }

    @Test
    void optionsBehindTheFileAreSaidToBeTheGuests() {
        String program = file("p.wat", "(module (func (export \"add\") (param i32) (result i32) (local.get 0)))");
        Outcome outcome = run(program, "--invoke", "add", "1");
        assertThat(outcome.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(outcome.err()).endsWith("sallyport: --invoke stands behind FILE, so the guest got it; options of sallyport run"
                + " go before FILE\n");
        assertThat(run("--invoke", "add", program, "--timeout=2s").err()).contains("--timeout=2s stands behind FILE");
        assertThat(run("--invoke", "add", program, "x").err()).doesNotContain("behind FILE");
    }

    @Test
    void versionSaysWhatRuns() {
        Outcome version = run("--version");
        assertThat(version.status()).isZero();
        assertThat(version.out()).contains("sallyport ", "java 25", "back end: ");
    }

    @Test
    void textIsNotOverwrittenByTheModuleOfTheSameName() {
        Outcome outcome = run("wat2wasm", "there.wasm");
        assertThat(outcome.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(outcome.err()).contains("there.wasm is the text itself: say with -o");
        assertThat(CompileCommand.usualName("some/sum.wat", ".wasm")).isEqualTo("sum.wasm");
    }
}
