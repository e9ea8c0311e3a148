package org.sallyport.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a user's files are, as the XDG Base Directory Specification has it. Names that are not absolute do not count. */
final class UserDirectories {
    private UserDirectories() {}

    /**
     * The directory that a variable of the environment names, else the one below the user's home.
     *
     * @param javaHome what Java takes for the user's home; counts where the environment has no {@code HOME}
     * @return null if there is neither
     */
    static @Nullable Path find(
            Map<String, String> environment, String variable, String javaHome, String first, String... more) {
        String chosen = environment.getOrDefault(variable, "");
        if (chosen.startsWith("/")) {
            return Path.of(chosen);
        }
        String home = environment.getOrDefault("HOME", "");
        if (!home.startsWith("/")) {
            home = javaHome;
        }
        return home.startsWith("/") ? Path.of(home, first).resolve(Path.of("", more)) : null;
    }
}
