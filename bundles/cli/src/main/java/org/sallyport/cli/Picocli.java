package org.sallyport.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
        line = new CommandLine(spec("sallyport " + name, summary, syntax)).setExpandAtFiles(false);
    }

    private static CommandSpec spec(String name, String summary, Syntax syntax) {
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
            spec.addPositional(parameter(syntax.parameters().get(i), i));
        }
        return spec;
    }

    private static OptionSpec option(Syntax.Option option) {
        String[] names = option.names().toArray(String[]::new);
        OptionSpec.Builder builder =
                OptionSpec.builder(names).required(option.required()).description(option.description());
        return switch (option.kind()) {
            case FLAG -> builder.type(boolean.class).build();
            case ONCE -> builder.type(String.class).converters(TEXT).paramLabel(option.label()).build();
            case OFTEN -> builder.type(List.class).auxiliaryTypes(String.class).converters(TEXT)
                    .paramLabel(option.label()).build();
        };
    }

    private static PositionalParamSpec parameter(Syntax.Parameter parameter, int index) {
        String least = parameter.required() ? "1" : "0";
        return PositionalParamSpec.builder()
                .index(parameter.many() ? index + "..*" : String.valueOf(index))
                .arity(parameter.many() ? least + "..*" : least)
                .required(parameter.required())
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(parameter.label())
                .description(parameter.description())
                .build();
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
