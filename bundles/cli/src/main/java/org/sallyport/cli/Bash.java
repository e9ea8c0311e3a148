package org.sallyport.cli;

import java.util.List;
import java.util.function.Predicate;

/**
 * Completions for bash. A function of the shell's own, which knows by tables what each subcommand takes; no process is started
 * when somebody presses Tab. Bash takes {@code =} and {@code :} for words of their own (COMP_WORDBREAKS).
 */
final class Bash {
    private static final String BEGINNING = """
            # bash completion for sallyport: source <(sallyport completion bash)
            _sallyport() {
                local cur=${COMP_WORDS[COMP_CWORD]} sub=${COMP_WORDS[1]} first=2 option='' given=0 options valued after word i
                [[ $cur == [=:]* ]] && cur=''
                case $sub in
            """;
    private static final String WORDS = """
                esac
                for ((i = first; i < COMP_CWORD; i++)); do # which option waits for its value, and how many words are none
                    word=${COMP_WORDS[i]}
                    if [[ $word == = ]]; then
                        continue
                    elif [[ $word == :* ]]; then # goes on with the value before
                        option=''
                        i=$((i + 1))
                    elif [ -n "$option" ]; then
                        option=''
                    elif [[ " $valued " == *" $word "* ]]; then
                        option=$word
                    elif [[ $word != -* ]]; then
                        given=$((given + 1))
                    fi
                done
                COMPREPLY=()
                if ((COMP_CWORD == 1)) && [[ $cur != -* ]]; then
                    COMPREPLY=($(compgen -W '%s' -- "$cur"))
                    _sallyport_files
                    return
                fi
                case "$sub $option$given" in
            """;
    private static final String END = """
                    *' '[0-9]*)
                        if [[ $cur == -* ]] && { [ "$after" = yes ] || ((given == 0)); }; then
                            COMPREPLY=($(compgen -W "$options" -- "$cur"))
                        else
                            _sallyport_files
                        fi ;;
                esac
            }
            _sallyport_files() {
                local IFS=$'\\n'
                compopt -o filenames 2>/dev/null
                COMPREPLY+=($(compgen -f -- "$cur"))
            }
            complete -F _sallyport sallyport
            """;

    private Bash() {}

    static String completion(List<Subcommand> subcommands) {
        StringBuilder out = new StringBuilder(BEGINNING);
        subcommands.forEach(subcommand -> table(out, subcommand));
        out.append("        *) sub=run first=1\n");
        variables(out, subcommands.getFirst().syntax());
        out.append(" ;;\n");
        out.append(WORDS.formatted(String.join(" ", subcommands.stream().map(Subcommand::name).toList())));
        subcommands.forEach(subcommand -> values(out, subcommand));
        return out.append(END).toString();
    }

    private static void table(StringBuilder out, Subcommand subcommand) {
        out.append("        ").append(subcommand.name()).append(")\n");
        variables(out, subcommand.syntax());
        out.append(" ;;\n");
    }

    private static void variables(StringBuilder out, Syntax syntax) {
        String after = syntax.hasGuestArguments() ? "no" : "yes";
        out.append("            options='").append(names(syntax, _ -> true)).append("'\n")
                .append("            valued='").append(names(syntax, option -> option.kind() != Syntax.Kind.FLAG))
                .append("' after=").append(after);
    }

    private static String names(Syntax syntax, Predicate<Syntax.Option> which) {
        return String.join(" ", syntax.options().stream().filter(which).flatMap(option -> option.names().stream()).toList());
    }

    /** What is offered for values of options and for parameters that are no files. */
    private static void values(StringBuilder out, Subcommand subcommand) {
        for (Syntax.Option option : subcommand.syntax().options()) {
            if (option.kind() == Syntax.Kind.FLAG) {
                continue;
            }
            List<String> patterns = option.names().stream().map(name -> pattern(subcommand, name) + "[0-9]*").toList();
            offer(out, String.join(" | ", patterns), option.choices(), option.isFile());
        }
        List<Syntax.Parameter> parameters = subcommand.syntax().parameters();
        for (int i = 0; i < parameters.size(); i++) {
            if (!parameters.get(i).isFile()) {
                offer(out, "'" + subcommand.name() + " '" + i, parameters.get(i).choices(), false);
            }
        }
    }

    private static String pattern(Subcommand subcommand, String option) {
        return "'" + subcommand.name() + " " + option + "'";
    }

    private static void offer(StringBuilder out, String pattern, List<String> choices, boolean files) {
        out.append("        ").append(pattern).append(") ");
        if (files) {
            out.append("_sallyport_files");
        } else if (!choices.isEmpty()) {
            out.append("COMPREPLY=($(compgen -W '").append(String.join(" ", choices)).append("' -- \"$cur\"))");
        }
        out.append(" ;;\n");
    }
}
