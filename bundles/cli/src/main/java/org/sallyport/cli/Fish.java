package org.sallyport.cli;

import java.util.List;

/** Completions for the shell fish, which asks for a line for each thing that can be completed. */
final class Fish {
    private static final String NO_SUBCOMMAND = "__fish_use_subcommand";

    private Fish() {}

    static String completion(List<Subcommand> subcommands) {
        StringBuilder out = new StringBuilder("# fish completion for sallyport: sallyport completion fish | source\n");
        for (Subcommand subcommand : subcommands) {
            out.append("complete -c sallyport -n ").append(NO_SUBCOMMAND)
                    .append(" -a ").append(subcommand.name())
                    .append(" -d ").append(quoted(subcommand.summary())).append('\n');
        }
        for (Subcommand subcommand : subcommands) {
            String condition = quoted("__fish_seen_subcommand_from " + subcommand.name());
            for (Syntax.Parameter parameter : subcommand.syntax().parameters()) {
                if (!parameter.choices().isEmpty()) {
                    out.append("complete -c sallyport -n ").append(condition)
                            .append(" -f -a ").append(quoted(String.join(" ", parameter.choices()))).append('\n');
                }
            }
            for (Syntax.Option option : subcommand.syntax().options()) {
                out.append("complete -c sallyport -n ").append(condition);
                if (option.alias().length() == 2) {
                    out.append(" -s ").append(option.alias().charAt(1));
                }
                out.append(" -l ").append(option.name().substring(2));
                if (option.kind() != Syntax.Kind.FLAG) {
                    out.append(" -r");
                }
                if (!option.choices().isEmpty()) {
                    out.append(" -f -a ").append(quoted(String.join(" ", option.choices())));
                }
                out.append(" -d ").append(quoted(option.description())).append('\n');
            }
        }
        return out.toString();
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
