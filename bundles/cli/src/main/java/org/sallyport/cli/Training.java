package org.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the launcher has Java watch once, so that later starts find loaded classes and linked calls in an archive
 * ({@code -XX:AOTCacheOutput}, JEP 514): commands that compile modules, take them from the cache, run and print. What
 * it prints belongs nowhere; no file of the user's is touched.
 *
 * <p>Once is enough. Profiles of methods (JEP 515) were tried and left out: they bring the best compiler in earlier,
 * which a start of less than a second does not get back.
 */
final class Training {
    private Training() {}

    /** @param args the modules, WASI commands */
    public static void main(String[] args) throws IOException {
        Path work = Files.createTempDirectory("sallyport");
        List<Path> made = new ArrayList<>();
        try {
            String text = Files.writeString(work.resolve("text.wat"), """
                    (module (func (export "add") (param i32 i64 f32 f64) (result i64)
                      (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1))))
                    """).toString();
            String cache = work.resolve("cache").toString();
            for (int again = 0; again < 2; again++) { // compiled, then found
                for (String module : args) {
                    run("run", "--cache", cache, "--dir", work + "::.::rw", module, "an", "argument");
                }
                run("run", "--cache", cache, "--invoke", "add", text, "1", "2", "3", "4");
            }
        } finally {
            try (var files = Files.walk(work)) {
                files.forEach(made::add);
            }
            for (Path file : made.reversed()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static void run(String... line) {
        new Main(Streams.ofProcess()).run(line);
    }
}
