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
 * @param mappings entries of its memory map
 */
record Footprint(long addressSpace, long mappings, long threads, long files) {
    static Footprint of(long pid) throws IOException {
        Path process = Path.of("/proc", "" + pid);
        List<String> status = Files.readAllLines(process.resolve("status"));
        try (Stream<String> maps = Files.lines(process.resolve("maps"));
                Stream<Path> files = Files.list(process.resolve("fd"))) {
            return new Footprint(number(status, "VmSize:") << 10, maps.count(), number(status, "Threads:"), files.count());
        }
    }

    private static long number(List<String> status, String name) {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
                .findFirst()
                .orElseThrow();
    }
}
