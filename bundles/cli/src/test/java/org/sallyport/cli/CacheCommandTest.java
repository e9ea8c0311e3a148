package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code run} keeps for the next time, and {@code cache} says about it. */
class CacheCommandTest extends CommandLineTest {
    private Path cache = Path.of("");
    private String module = "";

    @BeforeEach
    void writeModule() {
        cache = temp.resolve("cache/code");
        module = file("inc.wat", """
                (module (func (export "inc") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
                  (func (export "trap") unreachable))
                """);
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.toString().endsWith(".code")).sorted().toList();
        }
    }

    private Outcome inc(String... options) {
        String[] before = {"run", "--verbose"};
        String[] behind = {"--invoke", "inc", module, "41"};
        return run(Stream.of(before, options, behind).flatMap(Stream::of).toArray(String[]::new));
    }

    @Test
    void theSecondRunNeedNotCompile() throws IOException {
        assertThat(inc().err()).contains(
                "code cache: hits=0, misses=1, stored=1, refused=0, failures=0, evicted=0; it holds 1 modules, ");
        assertThat(entries(cache)).hasSize(1);
        Outcome second = inc();
        assertThat(second.out()).isEqualTo("42\n");
        assertThat(second.err()).contains("hits=1, misses=0, stored=0");
        Outcome trap = run("run", "--invoke", "trap", module);
        assertThat(trap.err()).startsWith("sallyport: trap: unreachable\n  at inc.wat!");
    }

    @Test
    void aLazyRunTakesFromTheCacheAndKeepsNothing() throws IOException {
        assertThat(inc("--compile=lazy").err()).contains("hits=0, misses=1, stored=0");
        assertThat(entries(cache)).isEmpty();
        inc();
        assertThat(inc("--compile=lazy").err()).contains("hits=1, misses=0, stored=0");
    }

    /** The guest goes on until it sees the entry of its own module, whose name comes from another cache. */
    @Test
    @Timeout(60)
    void aRunThatIsLongEnoughKeepsWhatTheBackgroundCompiled() throws IOException {
        String waits = file("waits.wat", """
                (module
                  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "path_filestat_get"
                    (func $stat (param i32 i32 i32 i32 i32) (result i32)))
                  (memory (export "memory") 1)
                  (func (export "_start") (local $length i32)
                    (drop (call $sizes (i32.const 0) (i32.const 4)))
                    (drop (call $args (i32.const 100) (i32.const 1000)))
                    (local.set $length (i32.sub ;; of the second, without its end
                      (i32.add (i32.load (i32.const 4)) (i32.const 999)) (i32.load (i32.const 104))))
                    (if (i32.eq (i32.load (i32.const 0)) (i32.const 2)) (then
                      (loop $again
                        (br_if $again (call $stat (i32.const 3) (i32.const 0) (i32.load (i32.const 104))
                          (local.get $length) (i32.const 16))))))))
                """);
        Path other = temp.resolve("other");
        run("run", "--cache=" + other, waits);
        String entry = entries(other).getFirst().getFileName().toString();
        Files.createDirectories(cache.getParent());

        String directory = cache.getParent() + "::/";
        String path = cache.getFileName() + "/" + entry;
        Outcome first = run("run", "--verbose", "--compile=background", "--dir", directory, waits, path);
        assertThat(first.status()).as(first.err()).isZero();
        assertThat(first.err()).contains("hits=0, misses=1, stored=");
        assertThat(entries(cache)).extracting(e -> e.getFileName().toString()).containsExactly(entry);
        Outcome second = run("run", "--verbose", "--compile=background", "--dir", directory, waits, path);
        assertThat(second.err()).contains("hits=1, misses=0, stored=0");
    }

    @Test
    void noCacheKeepsNothing() {
        assertThat(inc("--no-cache").err()).contains("no code cache");
        assertThat(cache).doesNotExist();
        assertThat(inc("--no-cache", "--cache", "x").status()).isEqualTo(ExitStatus.USAGE);
    }

    @Test
    void anyDirectoryCanBeNamed() throws IOException {
        Path other = temp.resolve("other");
        assertThat(inc("--cache=" + other).out()).isEqualTo("42\n");
        assertThat(entries(other)).hasSize(1);
        assertThat(cache).doesNotExist();
    }

    @Test
    void tamperingIsReportedAndMended() throws IOException {
        inc();
        Path entry = entries(cache).getFirst();
        byte[] bytes = Files.readAllBytes(entry);
        bytes[bytes.length / 2] ^= 1;
        Files.write(entry, bytes);
        Outcome outcome = inc();
        assertThat(outcome.out()).isEqualTo("42\n");
        assertThat(outcome.err()).contains("hits=0, misses=1, stored=1, refused=1");
        assertThat(inc().err()).contains("hits=1");
    }

    @Test
    void anUnsafeDirectoryIsNotUsed() throws IOException {
        Files.createDirectories(cache);
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
        Outcome outcome = run("run", "--invoke", "inc", module, "41");
        assertThat(outcome.out()).isEqualTo("42\n");
        assertThat(outcome.err())
                .startsWith("sallyport: the code cache is not used: " + cache + ": others have access to it")
                .hasLineCount(1);
        Outcome asked = run("run", "--cache", cache.toString(), "--invoke", "inc", module, "41");
        assertThat(asked.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(asked.err()).startsWith("sallyport: " + cache + ": others have access to it").hasLineCount(1);
    }

    @Test
    void aCacheThatCannotBeMadeIsNoFault() throws IOException {
        Files.createDirectories(cache.getParent());
        Files.writeString(cache, "a file in its place");
        assertThat(run("run", "--invoke", "inc", module, "41")).isEqualTo(new Outcome(0, "42\n", ""));
        Outcome asked = run("run", "--cache", cache.toString(), "--invoke", "inc", module, "41");
        assertThat(asked.status()).isEqualTo(ExitStatus.FAILURE);
        assertThat(asked.err()).contains("cannot be used as a code cache").hasLineCount(1);
    }

    @Test
    void showsAndDeletes() throws IOException {
        inc();
        long bytes = Files.size(entries(cache).getFirst());
        assertThat(run("cache", "info")).isEqualTo(new Outcome(0,
                "directory  " + cache + "\nmodules    1\nbytes      " + bytes + " of " + (512L << 20) + "\n", ""));
        assertThat(run("cache", "prune", "1g").out()).isEqualTo("freed 0 bytes\n");
        assertThat(run("cache", "prune", "1").out()).isEqualTo("freed " + bytes + " bytes\n");
        inc();
        assertThat(run("cache", "clear").out()).isEqualTo("freed " + bytes + " bytes\n");
        assertThat(entries(cache)).isEmpty();
        Path none = temp.resolve("new");
        assertThat(run("cache", "info", "--cache", none.toString())).isEqualTo(
                new Outcome(1, "", "sallyport: " + none + ": there is no such directory\n"));
        assertThat(none).doesNotExist();
        for (String[] wrong : new String[][] {
            {"cache"}, {"cache", "empty"}, {"cache", "prune"}, {"cache", "clear", "1"}, {"cache", "prune", "all"}
        }) {
            assertThat(run(wrong).status()).as(String.join(" ", wrong)).isEqualTo(ExitStatus.USAGE);
        }
    }

    @Test
    void askingMakesNoCache() {
        assertThat(run("cache", "info").out()).contains("modules    0", "bytes      0 of");
        assertThat(run("cache", "clear").out()).isEqualTo("freed 0 bytes\n");
        assertThat(cache).doesNotExist();
    }

    @Test
    void isInTheUsersCache() {
        assertThat(CacheOptions.ofUser(null, Map.<String, String>of()::get, "/home/u"))
                .hasToString("/home/u/.cache/sallyport/code");
        assertThat(CacheOptions.ofUser(null, Map.of("XDG_CACHE_HOME", "/c")::get, "/home/u"))
                .hasToString("/c/sallyport/code");
        assertThat(CacheOptions.ofUser(null, Map.of("XDG_CACHE_HOME", "c")::get, "/home/u"))
                .hasToString("/home/u/.cache/sallyport/code"); // must be absolute
        assertThat(CacheOptions.ofUser("/p", Map.of("XDG_CACHE_HOME", "/c")::get, "/home/u")).hasToString("/p/code");
        assertThat(CacheOptions.ofUser(null, Map.of("HOME", "/h")::get, "/home/u")).hasToString("/h/.cache/sallyport/code");
        assertThat(CacheOptions.ofUser(null, Map.<String, String>of()::get, "?")).isNull();
    }
}
