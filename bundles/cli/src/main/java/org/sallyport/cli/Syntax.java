package org.sallyport.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a subcommand takes. {@link Picocli} reads command lines by it, explains them and says what is wrong with them;
 * but loading that library is a third of the time that running a small module takes. So {@link #parse} understands
 * what is plainly right by itself, and leaves everything else to it: no message is written twice, and a test holds the
 * two against each other.
 */
final class Syntax {
    /** How often an option may be given, and whether it has a value. */
    enum Kind {
        FLAG,
        ONCE,
        OFTEN
    }

    /**
     * @param alias short name, or the empty string
     * @param label of the value in the help; see {@link #isFile}
     * @param choices what the value may be, for completions; empty: not to be listed
     */
    record Option(
            String name,
            String alias,
            Kind kind,
            boolean required,
            String label,
            List<String> choices,
            String description) {
        /** Whether the value is the name of a file or a folder. */
        boolean isFile() {
            return label.equals(FILE) || label.equals("DIR") || label.equals("OUT") || label.startsWith("HOST")
                    || label.endsWith("=FILE");
        }

        /** What it is on a command line, the alias first. */
        List<String> names() {
            return alias.isEmpty() ? List.of(name) : List.of(alias, name);
        }
    }

    /**
     * @param required whether there must be one at least
     * @param choices what it may be, for completions; empty: a file, or not to be listed
     */
    record Parameter(String label, boolean many, boolean required, List<String> choices, String description) {
        /** Whether it is the name of a file, or may well be. */
        boolean isFile() {
            return label.equals(FILE) || label.equals(ARGS);
        }
    }

    private static final String FILE = "FILE";
    private static final String ARGS = "ARGS";

    private final List<Option> options = new ArrayList<>();
    private final List<Parameter> parameters = new ArrayList<>();
    private boolean guestArguments;

    Syntax flag(String name, String description) {
        options.add(new Option(name, "", Kind.FLAG, false, "", List.of(), description));
        return this;
    }

    Syntax option(String name, String label, String description) {
        return choice(name, label, List.of(), description);
    }

    /** An option whose value is one of a few. */
    Syntax choice(String name, String label, List<String> choices, String description) {
        options.add(new Option(name, "", Kind.ONCE, false, label, choices, description));
        return this;
    }

    Syntax often(String name, String label, String description) {
        return often(name, label, List.of(), description);
    }

    Syntax often(String name, String label, List<String> choices, String description) {
        options.add(new Option(name, "", Kind.OFTEN, false, label, choices, description));
        return this;
    }

    /** {@code -o}. */
    Syntax output(String description) {
        options.add(new Option("--output", "-o", Kind.ONCE, false, "OUT", List.of(), description));
        return this;
    }

    Syntax file(String description) {
        parameters.add(new Parameter(FILE, false, true, List.of(), description));
        return this;
    }

    Syntax parameter(String label, boolean required, String description) {
        return parameter(label, required, List.of(), description);
    }

    /** A parameter that is one of a few. */
    Syntax parameter(String label, boolean required, List<String> choices, String description) {
        parameters.add(new Parameter(label, false, required, choices, description));
        return this;
    }

    Syntax files(String description) {
        parameters.add(new Parameter(FILE, true, true, List.of(), description));
        return this;
    }

    /** All that follows the file belongs to the guest, options too. */
    Syntax guestArguments(String description) {
        parameters.add(new Parameter(ARGS, true, false, List.of(), description));
        guestArguments = true;
        return this;
    }

    List<Option> options() {
        return options;
    }

    List<Parameter> parameters() {
        return parameters;
    }

    boolean hasGuestArguments() {
        return guestArguments;
    }

    /** The line, or null if it asks for help, is wrong, or is written in a way that takes more thought. */
    @Nullable Line parse(String[] args) {
        Map<String, List<String>> found = new LinkedHashMap<>();
        List<String> rest = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            String arg = args[i];
            if (!arg.startsWith("-") || arg.equals("-")) {
                rest.add(arg);
                if (guestArguments) {
                    rest.addAll(List.of(args).subList(i + 1, args.length));
                    break;
                }
                continue;
            }
            int equals = arg.startsWith("--") ? arg.indexOf('=') : -1;
            Option option = find(equals < 0 ? arg : arg.substring(0, equals));
            if (option == null || option.kind == Kind.FLAG && equals >= 0) {
                return null;
            }
            String value = "";
            if (equals >= 0) {
                value = arg.substring(equals + 1);
            } else if (option.kind != Kind.FLAG) {
                if (++i == args.length || args[i].startsWith("-")) {
                    return null;
                }
                value = args[i];
            }
            List<String> values = found.computeIfAbsent(option.name, _ -> new ArrayList<>());
            if (!values.isEmpty() && option.kind != Kind.OFTEN) {
                return null;
            }
            values.add(value);
        }
        Line line = new Line(found, rest);
        return isComplete(line) ? line : null;
    }

    /** The option of that (long) name, or null. */
    @Nullable Option option(String name) {
        Option option = find(name);
        return option != null && option.name.equals(name) ? option : null;
    }

    private @Nullable Option find(String name) {
        for (Option option : options) {
            if (option.name.equals(name) || option.alias.equals(name)) {
                return option;
            }
        }
        return null;
    }

    private boolean isComplete(Line line) {
        long needed = parameters.stream().filter(Parameter::required).count();
        boolean many = parameters.stream().anyMatch(Parameter::many);
        boolean options = this.options.stream().allMatch(o -> !o.required || line.has(o.name));
        return options && line.parameters().size() >= needed && (many || line.parameters().size() <= parameters.size());
    }
}
