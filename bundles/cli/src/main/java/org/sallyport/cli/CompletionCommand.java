package org.sallyport.cli;

import java.util.List;

/** Writes what a shell needs to complete command lines. */
final class CompletionCommand extends Subcommand {
    private static final List<String> SHELLS = List.of("bash", "zsh", "fish");

    CompletionCommand() {
        super("completion", "Write the completion for a shell: bash, zsh or fish.");
    }

    @Override
    void describe(Syntax syntax) {
        syntax.parameter("SHELL", true, SHELLS, "bash: source <(sallyport completion bash). zsh: source <(sallyport completion"
                + " zsh), after compinit. fish: sallyport completion fish | source.");
    }

    @Override
    int execute(Line line, Streams streams) {
        switch (line.file()) {
            case "bash" -> streams.out().print(Bash.completion(Main.subcommands()));
            case "zsh" -> streams.out().print(Zsh.completion(Main.subcommands()));
            case "fish" -> streams.out().print(Fish.completion(Main.subcommands()));
            default -> throw new UsageException(
                    "there is no completion for " + HostText.shown(line.file()) + "; there is one for bash, zsh and fish");
        }
        return ExitStatus.OK;
    }
}
