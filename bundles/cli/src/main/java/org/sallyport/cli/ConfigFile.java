package org.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Options from a file ({@code --config FILE}, TOML): their names without dashes, in a table for a subcommand or before the
 * tables for all. What the command line says comes after: it replaces a single value, and is added to values of an option
 * that may be given often.
 */
final class ConfigFile {
    static final String OPTION = "--config";
    private static final long LARGEST = 1 << 20;

    private ConfigFile() {}

    static void describe(Syntax syntax) {
        syntax.option(OPTION, "FILE", "Take options from this file, too: TOML, such as timeout = \"2s\" and, in [run],"
                + " dir = [\"data::/data\"].");
    }

    /**
     * The line with what the file says that it names, if it names one.
     *
     * @param syntax of the line's subcommand
     * @param others of the other ones, by name
     * @throws UsageException names file and line of what is wrong
     */
    static Line applied(Line line, String subcommand, Syntax syntax, Map<String, Syntax> others) {
        if (!line.has(OPTION)) {
            return line;
        }
        String name = line.value(OPTION);
        String shown = HostText.shown(name);
        Map<String, Map<String, Toml.Value>> tables = Toml.parse(shown, read(name));
        Map<String, List<String>> options = new LinkedHashMap<>();
        for (Map.Entry<String, Map<String, Toml.Value>> table : tables.entrySet()) {
            String of = table.getKey();
            Syntax owner = of.equals(Toml.ROOT) || of.equals(subcommand) ? syntax : others.get(of);
            if (owner == null) {
                throw new UsageException(shown + ": [" + of + "] is no subcommand; there are "
                        + String.join(", ", others.keySet()));
            }
            for (Map.Entry<String, Toml.Value> entry : table.getValue().entrySet()) {
                String option = "--" + entry.getKey();
                String place = shown + ":" + entry.getValue().line() + ": ";
                Syntax.Option known = owner.option(option);
                if (known == null || option.equals(OPTION)) {
                    boolean isOfOther = of.equals(Toml.ROOT) && !option.equals(OPTION)
                            && others.values().stream().anyMatch(other -> other.option(option) != null);
                    if (isOfOther) {
                        continue;
                    }
                    throw new UsageException(place + "there is no option " + entry.getKey()
                            + (of.equals(Toml.ROOT) ? "" : " of " + of));
                }
                if (owner == syntax) {
                    put(options, known, entry.getValue(), place + entry.getKey());
                }
            }
        }
        return merged(options, line, syntax);
    }

    private static void put(Map<String, List<String>> options, Syntax.Option option, Toml.Value value, String place) {
        boolean often = option.kind() == Syntax.Kind.OFTEN;
        if (value.isList() && !often) {
            throw new UsageException(place + " takes one value, not a list");
        }
        List<String> texts = value.texts();
        if (option.kind() == Syntax.Kind.FLAG) {
            String text = texts.getFirst();
            if (value.isText() || !text.equals("true") && !text.equals("false")) {
                throw new UsageException(place + " is true or false");
            }
            options.remove(option.name());
            if (text.equals("true")) {
                options.put(option.name(), List.of(""));
            }
            return;
        }
        List<String> all = often ? new ArrayList<>(options.getOrDefault(option.name(), List.of())) : new ArrayList<>();
        all.addAll(texts);
        options.put(option.name(), all);
    }

    private static Line merged(Map<String, List<String>> ofFile, Line line, Syntax syntax) {
        Map<String, List<String>> options = new LinkedHashMap<>(ofFile);
        for (Map.Entry<String, List<String>> entry : line.options().entrySet()) {
            Syntax.Option option = syntax.option(entry.getKey());
            List<String> values = new ArrayList<>();
            if (option != null && option.kind() == Syntax.Kind.OFTEN) {
                values.addAll(options.getOrDefault(entry.getKey(), List.of()));
            }
            values.addAll(entry.getValue());
            options.put(entry.getKey(), values);
        }
        return new Line(options, line.parameters());
    }

    private static String read(String name) {
        try {
            var path = HostPath.of(name);
            if (Files.isRegularFile(path) && Files.size(path) > LARGEST) {
                throw new FailureException(HostText.shown(name) + ": has more than a MiB, so it is no file of options");
            }
            return Files.readString(path);
        } catch (IOException e) {
            throw Failures.named(name, e);
        }
    }
}
