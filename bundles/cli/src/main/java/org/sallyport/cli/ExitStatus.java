package org.sallyport.cli;

import java.util.List;

/** What the command ends with, besides the status of a guest that ended itself. */
final class ExitStatus {
    static final int OK = 0;
    /** The module, a file or the guest's surroundings are at fault. */
    static final int FAILURE = 1;
    /** The command line is at fault. */
    static final int USAGE = 2;
    /** We are at fault. */
    static final int INTERNAL = 70;
    /** The guest's fuel is used up. */
    static final int FUEL = 123;
    /** As {@code timeout(1)}. */
    static final int TIMEOUT = 124;
    /** A trap, or an exception that no guest caught. As a shell says of a program that aborted: 128 + SIGABRT. */
    static final int TRAP = 134;
    /** Nobody reads the results any more; as a shell says of a program that was ended by that: 128 + SIGPIPE. */
    static final int ABANDONED = 141;

    /** For people: a number and what it means. */
    static final List<String> MEANINGS = List.of(
            OK + " success", FAILURE + " failure", USAGE + " wrong usage", FUEL + " out of fuel", TIMEOUT + " timeout",
            TRAP + " trap or uncaught exception", ABANDONED + " nobody reads the output", INTERNAL + " internal error");

    private ExitStatus() {}
}
