package org.sallyport.cli;

import java.io.IOException;

/** One subcommand: what it takes and what it does. */
abstract class Subcommand {
    static final String STACK_TRACE = "--stacktrace";

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

    final Syntax syntax() {
        Syntax syntax = new Syntax();
        describe(syntax);
        return syntax.flag(STACK_TRACE, "Show Java's stack trace with an error.");
    }

    /** Adds options and parameters. */
    abstract void describe(Syntax syntax);

    /**
     * Does it. Failures may be thrown: {@link Failures} knows what to say.
     *
     * @return exit status
     */
    abstract int execute(Line line, Streams streams) throws IOException;
}
