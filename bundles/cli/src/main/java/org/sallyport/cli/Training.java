package org.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the launcher has Java watch once, so that later starts find loaded classes and linked calls in an archive
 * ({@code -XX:AOTCacheOutput}, JEP 514): commands that compile modules before and beside the run, take them from the
 * cache, run and print. What it prints belongs nowhere; no file of the user's is touched.
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
                    (module $text (memory 1)
                      (func $add (export "add") (param i32 i64 f32 f64) (result i64)
                        (memory.fill (i32.const 0) (i32.const 1) (local.get 0))
                        (memory.copy (i32.const 64) (i32.const 0) (local.get 0))
                        (f64.store (i32.const 8) (f64.mul (f64.promote_f32 (local.get 2)) (f64.neg (local.get 3))))
                        (if (i32.and (local.get 0) (i32.const 4)) (then unreachable))
                        (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1))))
                    """).toString();
            String cache = work.resolve("cache").toString();
            for (int again = 0; again < 2; again++) { // compiled, then found
                for (String module : args) {
                    run("run", "--cache", cache, "--dir", work + "::.::rw", module, "an", "argument");
                }
                run("run", "--cache", cache, "--invoke", "add", text, "1", "2", "3", "4");
            }
            run("run", "--no-cache", "--compile=background", "--invoke", "add", text, "1", "2", "3", "4");
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
