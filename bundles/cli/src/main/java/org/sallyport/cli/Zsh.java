package org.sallyport.cli;

import java.util.List;

/** Completions for zsh: specifications for its own {@code _arguments} (zshcompsys(1)), with what options are for. */
final class Zsh {
    private static final String BEGINNING = """
            #compdef sallyport
            # zsh completion for sallyport: source <(sallyport completion zsh), after compinit;
            # or as the file _sallyport in a folder of $fpath
            _sallyport() {
                local -a subcommands
                local sub=run
                subcommands=(
            """;
    private static final String CHOICE = """
                )
                if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
                    _describe -t subcommands subcommand subcommands
                    _files
                    return
                fi
                if [[ -n ${(M)subcommands:#${words[2]}:*} ]]; then
                    sub=$words[2]
                    shift words
                    (( CURRENT-- ))
                fi
                case $sub in
            """;
    private static final String END = """
                esac
            }
            if [ "$funcstack[1]" = _sallyport ]; then
                _sallyport "$@"
            else
                compdef _sallyport sallyport
            fi
            """;

    private Zsh() {}

    static String completion(List<Subcommand> subcommands) {
        StringBuilder out = new StringBuilder(BEGINNING);
        for (Subcommand subcommand : subcommands) {
            out.append("        ").append(quoted(subcommand.name() + ":" + subcommand.summary())).append('\n');
        }
        out.append(CHOICE);
        for (Subcommand subcommand : subcommands) {
            out.append("        ").append(subcommand.name()).append(") _arguments");
            Syntax syntax = subcommand.syntax();
            syntax.options().forEach(option -> option.names().forEach(name -> add(out, of(option, name))));
            syntax.parameters().forEach(parameter -> add(out, of(parameter, syntax.hasGuestArguments())));
            out.append(" ;;\n");
        }
        return out.append(END).toString();
    }

    private static void add(StringBuilder out, String specification) {
        out.append(" \\\n            ").append(quoted(specification));
    }

    private static String of(Syntax.Option option, String name) {
        String often = option.kind() == Syntax.Kind.OFTEN ? "*" : "";
        String text = "[" + option.description().replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") + "]";
        if (option.kind() == Syntax.Kind.FLAG) {
            return name + text;
        }
        String value = name.startsWith("--") ? "=" : "";
        return often + name + value + text + ":" + option.label().replace(":", "\\:") + ":"
                + action(option.choices(), option.isFile());
    }

    private static String of(Syntax.Parameter parameter, boolean guestArguments) {
        String message = ":" + parameter.label() + ":" + action(parameter.choices(), parameter.isFile());
        if (parameter.many()) {
            return "*" + message;
        }
        return (guestArguments ? "(-)" : "") + (parameter.required() ? "" : ":") + message;
    }

    private static String action(List<String> choices, boolean files) {
        return files ? "_files" : choices.isEmpty() ? " " : "(" + String.join(" ", choices) + ")";
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
