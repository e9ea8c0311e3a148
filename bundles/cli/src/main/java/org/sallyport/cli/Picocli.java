package org.sallyport.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine;

/** A {@link Syntax} in the hands of the library. Built by calls, not read from annotations by reflection. */
final class Picocli {
    private static final String HELP = "--help";

    private final CommandLine line;

    Picocli(String name, String summary, Syntax syntax) {
        CommandSpec spec = CommandSpec.create().name("sallyport " + name);
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
        line = new CommandLine(spec).setExpandAtFiles(false);
    }

    private static OptionSpec option(Syntax.Option option) {
        String[] names = option.alias().isEmpty()
                ? new String[] {option.name()}
                : new String[] {option.alias(), option.name()};
        OptionSpec.Builder builder =
                OptionSpec.builder(names).required(option.required()).description(option.description());
        return switch (option.kind()) {
            case FLAG -> builder.type(boolean.class).build();
            case ONCE -> builder.type(String.class).paramLabel(option.label()).build();
            case OFTEN -> builder.type(List.class).auxiliaryTypes(String.class).paramLabel(option.label()).build();
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
            throw new UsageException(e.getMessage());
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

    private static List<String> values(ArgSpec option) {
        return option.type() == boolean.class ? List.of("") : List.copyOf(option.originalStringValues());
    }

    static boolean asksForHelp(Line line) {
        return line.has(HELP);
    }

    void help(PrintStream out) {
        line.usage(out, Ansi.OFF);
    }
}
