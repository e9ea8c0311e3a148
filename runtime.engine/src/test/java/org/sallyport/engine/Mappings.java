package org.sallyport.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the kernel says of this process's mappings. */
public final class Mappings {
    private Mappings() {}

    private static List<String> all() {
        try {
            return Files.readAllLines(Path.of("/proc/self/maps"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int count() {
        return all().size();
    }

    /** Those that overlap a range. @param end exclusive */
    public static int count(long start, long end) {
        return (int) all().stream()
                .map(line -> line.substring(0, line.indexOf(' ')).split("-"))
                .filter(range -> Long.parseUnsignedLong(range[0], 16) < end
                        && Long.parseUnsignedLong(range[1], 16) > start)
                .count();
    }

    /** How many the kernel allows. */
    static int most() {
        try {
            return Integer.parseInt(Files.readString(Path.of("/proc/sys/vm/max_map_count")).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
