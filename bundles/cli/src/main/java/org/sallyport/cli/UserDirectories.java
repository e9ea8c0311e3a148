package org.sallyport.cli;

import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where a user's files are, as the XDG Base Directory Specification has it. Names that are not absolute do not count. */
final class UserDirectories {
    private UserDirectories() {}

    /**
     * The directory that a variable of the environment names, else the one below the user's home.
     *
     * @param environment the value of a variable as {@link HostText}, or null
     * @param javaHome what Java takes for the user's home; counts where the environment has no {@code HOME}
     * @return null if there is neither
     * @throws FailureException if Java cannot name it
     */
    static @Nullable Path find(
            Function<String, @Nullable String> environment, String variable, String javaHome, String first, String... more) {
        String chosen = environment.apply(variable);
        if (chosen != null && chosen.startsWith("/")) {
            return HostPath.of(chosen);
        }
        String home = environment.apply("HOME");
        if (home == null || !home.startsWith("/")) {
            home = javaHome;
        }
        return home.startsWith("/") ? HostPath.of(home).resolve(first).resolve(Path.of("", more)) : null;
    }
}
