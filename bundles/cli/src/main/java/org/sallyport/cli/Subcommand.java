package org.sallyport.cli;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * One subcommand. Its syntax is built by calls, not read from annotations by reflection, and only for the subcommand
 * that was asked for: that is most of what a command line library costs at start.
 */
abstract class Subcommand {
    private final String name;
    private final String summary;

    Subcommand(String name, String summary) {
        this.name = name;
        this.summary = summary;
    }

    final String name() {
        return name;
    }

    /** One line for the list of subcommands. */
    final String summary() {
        return summary;
    }

    final CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage().description(summary).sortOptions(false).width(100);
        describe(spec);
        spec.addOption(flag("--stacktrace", "Show Java's stack trace with an error."));
        spec.addOption(OptionSpec.builder("-h", "--help")
                .type(boolean.class)
                .usageHelp(true)
                .description("Show this help.")
                .build());
        return spec;
    }

    /** Adds options and parameters. */
    abstract void describe(CommandSpec spec);

    /**
     * Does it. Failures may be thrown: {@link Failures} knows what to say.
     *
     * @return exit status
     */
    abstract int execute(ParseResult line, Streams streams) throws IOException;

    static OptionSpec flag(String name, String description) {
        return OptionSpec.builder(name).type(boolean.class).description(description).build();
    }

    static OptionSpec option(String name, String label, String description) {
        return OptionSpec.builder(name).type(String.class).paramLabel(label).description(description).build();
    }

    static OptionSpec repeatable(String name, String label, String description) {
        return OptionSpec.builder(name)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(label)
                .description(description)
                .build();
    }

    static PositionalParamSpec parameter(String index, String arity, String label, String description) {
        return PositionalParamSpec.builder()
                .index(index)
                .arity(arity)
                .required(!arity.startsWith("0"))
                .type(arity.endsWith("*") ? List.class : String.class)
                .auxiliaryTypes(String.class)
                .paramLabel(label)
                .description(description)
                .build();
    }

    static boolean has(ParseResult line, String flag) {
        return line.matchedOptionValue(flag, false);
    }

    static List<String> all(ParseResult line, String option) {
        return line.matchedOptionValue(option, List.of());
    }
}
