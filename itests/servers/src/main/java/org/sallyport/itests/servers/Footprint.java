package org.sallyport.itests.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process holds.
 *
 * @param addressSpace bytes
 * @param mappings entries of its memory map, but for those of the size of pieces of the JVM's Metaspace: these become more as
 *     class loaders come and go, and belong to nobody
 * @param handlers signals that it handles
 * @param loaders class loaders of its JVM
 */
record Footprint(long addressSpace, long mappings, long threads, long files, int handlers, long loaders) {
    /** Metaspace is committed in multiples of this. */
    private static final long GRANULE = 64 << 10;

    static Footprint of(long pid, long loaders) throws IOException {
        Path process = Path.of("/proc", "" + pid);
        List<String> status = Files.readAllLines(process.resolve("status"));
        try (Stream<String> maps = Files.lines(process.resolve("maps"));
                Stream<Path> files = Files.list(process.resolve("fd"))) {
            return new Footprint(number(status, "VmSize:") << 10, maps.filter(Footprint::counts).count(),
                    number(status, "Threads:"), files.count(),
                    Long.bitCount(Long.parseUnsignedLong(value(status, "SigCgt:"), 16)), loaders);
        }
    }

    /** @param mapping {@code BEGIN-END PERMISSIONS …}, in hexadecimal */
    private static boolean counts(String mapping) {
        String[] bounds = mapping.substring(0, mapping.indexOf(' ')).split("-");
        return (Long.parseUnsignedLong(bounds[1], 16) - Long.parseUnsignedLong(bounds[0], 16)) % GRANULE != 0;
    }

    private static long number(List<String> status, String name) {
        return Long.parseLong(value(status, name).replaceAll("\\D+", ""));
    }

    private static String value(List<String> status, String name) {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst()
                .orElseThrow();
    }
}
