package org.sallyport.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;
import picocli.CommandLine;

/** A {@link Syntax} in the hands of the library. Built by calls, not read from annotations by reflection. */
final class Picocli {
    private static final String HELP = "--help";
    private static final ITypeConverter<String> TEXT = text -> text;

    private final CommandLine line;

    Picocli(String name, String summary, Syntax syntax) {
        line = new CommandLine(spec("sallyport " + name, summary, syntax, false)).setExpandAtFiles(false);
    }

    /** @param completes whether it is for completions, which look at the type of a parameter only, not at what a list holds */
    private static CommandSpec spec(String name, String summary, Syntax syntax, boolean completes) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage().description(summary).sortOptions(false).width(100);
        spec.parser().stopAtPositional(syntax.hasGuestArguments());
        syntax.options().forEach(option -> spec.addOption(option(option)));
        spec.addOption(OptionSpec.builder("-h", HELP)
                .type(boolean.class)
                .usageHelp(true)
                .description("Show this help.")
                .build());
        for (int i = 0; i < syntax.parameters().size(); i++) {
            spec.addPositional(parameter(syntax.parameters().get(i), i, completes));
        }
        return spec;
    }

    /** A script for bash, which zsh understands, too. */
    static String bashCompletion(List<Subcommand> subcommands) {
        CommandSpec all = CommandSpec.create().name("sallyport");
        for (Subcommand subcommand : subcommands) {
            Syntax syntax = subcommand.syntax();
            all.addSubcommand(subcommand.name(), new CommandLine(spec(subcommand.name(), subcommand.summary(), syntax, true)));
        }
        all.addPositional(PositionalParamSpec.builder().paramLabel("FILE").type(Path.class).build());
        return AutoComplete.bash("sallyport", new CommandLine(all));
    }

    private static OptionSpec option(Syntax.Option option) {
        String[] names = option.alias().isEmpty()
                ? new String[] {option.name()}
                : new String[] {option.alias(), option.name()};
        OptionSpec.Builder builder =
                OptionSpec.builder(names).required(option.required()).description(option.description());
        return switch (option.kind()) {
            case FLAG -> builder.type(boolean.class).build();
            case ONCE -> builder.type(type(option.label())).converters(TEXT).paramLabel(option.label())
                    .completionCandidates(candidates(option)).build();
            case OFTEN -> builder.type(List.class).auxiliaryTypes(type(option.label())).converters(TEXT)
                    .paramLabel(option.label()).completionCandidates(candidates(option)).build();
        };
    }

    /** Null where there are none, as the library wants it: then it completes files. */
    private static @Nullable List<String> candidates(Syntax.Option option) {
        return option.choices().isEmpty() ? null : option.choices();
    }

    private static PositionalParamSpec parameter(Syntax.Parameter parameter, int index, boolean completes) {
        String least = parameter.required() ? "1" : "0";
        return PositionalParamSpec.builder()
                .index(parameter.many() ? index + "..*" : String.valueOf(index))
                .arity(parameter.many() ? least + "..*" : least)
                .required(parameter.required())
                .type(completes ? type(parameter.label()) : List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(parameter.label())
                .description(parameter.description())
                .build();
    }

    /** For completions, of files or none; values are taken as they are written. */
    private static Class<?> type(String label) {
        return label.equals("FILE") || label.equals("DIR") || label.equals("OUT") || label.startsWith("HOST")
                ? Path.class
                : String.class;
    }

    /** @throws UsageException says what is wrong with it */
    Line parse(String[] args) {
        ParseResult result;
        try {
            result = line.parseArgs(args);
        } catch (ParameterException e) {
            throw new UsageException(e.getMessage() + suggestion(e));
        }
        Map<String, List<String>> options = new LinkedHashMap<>();
        for (OptionSpec option : result.matchedOptions()) {
            options.put(option.longestName(), values(option));
        }
        List<String> parameters = new ArrayList<>();
        for (PositionalParamSpec parameter : new LinkedHashSet<>(result.matchedPositionals())) { // one each
            parameters.addAll(parameter.originalStringValues());
        }
        return new Line(options, parameters);
    }

    /** What option was meant, if one is near. */
    private static String suggestion(ParameterException e) {
        if (!(e instanceof UnmatchedArgumentException unmatched) || unmatched.getUnmatched().isEmpty()) {
            return "";
        }
        String wrong = unmatched.getUnmatched().getFirst();
        String name = wrong.contains("=") ? wrong.substring(0, wrong.indexOf('=')) : wrong;
        for (OptionSpec option : e.getCommandLine().getCommandSpec().options()) {
            if (Spelling.areNear(option.longestName(), name)) {
                return "; did you mean " + option.longestName() + "?";
            }
        }
        return "";
    }

    private static List<String> values(ArgSpec option) {
        return option.type() == boolean.class ? List.of("") : List.copyOf(option.originalStringValues());
    }

    static boolean asksForHelp(Line line) {
        return line.has(HELP);
    }

    void help(PrintStream out, Paint paint) {
        line.usage(out, paint.on() ? Ansi.ON : Ansi.OFF);
    }
}
