package org.sallyport.cli;

import java.util.List;
import java.util.Map;

/**
 * A command line that was understood.
 *
 * @param options by their (long) names; a flag that was given has one empty value
 * @param parameters what is no option, in order
 */
record Line(Map<String, List<String>> options, List<String> parameters) {

    boolean has(String flag) {
        return options.containsKey(flag);
    }

    /** The option's value, or the empty string. */
    String value(String option) {
        List<String> values = all(option);
        return values.isEmpty() ? "" : values.getFirst();
    }

    /** The values of an option that may be given often. */
    List<String> all(String option) {
        return options.getOrDefault(option, List.of());
    }

    /** The first parameter, which every subcommand with parameters demands. */
    String file() {
        return parameters.getFirst();
    }

    /** What follows the first parameter. */
    List<String> rest() {
        return parameters.subList(1, parameters.size());
    }
}
