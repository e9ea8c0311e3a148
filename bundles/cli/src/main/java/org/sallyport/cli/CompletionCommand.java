package org.sallyport.cli;

/** Writes what a shell needs to complete command lines. */
final class CompletionCommand extends Subcommand {
    CompletionCommand() {
        super("completion", "Write the completion for a shell: bash, zsh or fish.");
    }

    @Override
    void describe(Syntax syntax) {
        syntax.parameter("SHELL", true, "bash: source <(sallyport completion bash). zsh: the same, after compinit."
                + " fish: sallyport completion fish | source.");
    }

    @Override
    int execute(Line line, Streams streams) {
        switch (line.file()) {
            case "bash", "zsh" -> streams.out().print(Picocli.bashCompletion(Main.subcommands()));
            case "fish" -> streams.out().print(Fish.completion(Main.subcommands()));
            default -> throw new UsageException(
                    "there is no completion for " + HostText.shown(line.file()) + "; there is one for bash, zsh and fish");
        }
        return ExitStatus.OK;
    }
}
