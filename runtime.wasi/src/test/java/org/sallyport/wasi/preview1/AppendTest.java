package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.fs.Errno;

/**
 * Several append to one file, and nothing is lost or torn: four guests of one JVM, four JVMs. {@code
 * -Dsallyport.stress=10} makes 10 rounds of 20 000 records each.
 */
@Timeout(3600)
class AppendTest {
    private static final int STRESS = Math.max(1, Integer.getInteger("sallyport.stress", 1));
    private static final int RECORDS = STRESS >= 10 ? 20_000 : 2_000;
    private static final int WRITERS = 4;
    private static final int LENGTH = 95;

    @TempDir
    Path temp;

    /** Appends a letter's records to {@code log}, every second one in two pieces. */
    private static void append(Path directory, char letter, int records) {
        String record = String.valueOf(letter).repeat(LENGTH) + "\n";
        try (Guest guest = new Guest(
                Wasi.defaults().withPreopen(new Preopen(directory, "/", Preopen.Access.READ_WRITE)))) {
            guest.open(3, 0, "log", Flags.O_CREAT, Rights.FILE, 0, Flags.FD_APPEND);
            int fd = guest.result();
            for (int i = 0; i < records; i += 2) {
                assertThat(guest.write(fd, record)).isEqualTo(Errno.SUCCESS);
                guest.vectors(40, 56);
                assertThat(guest.call("fd_write", fd, Guest.IOV, 2, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
                assertThat(guest.result()).isEqualTo(LENGTH + 1);
            }
        }
    }

    /** A writer in a process of its own. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] args) {
            append(Path.of(args[0]), args[1].charAt(0), Integer.parseInt(args[2]));
        }
    }

    private static void isWhole(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        assertThat(lines).hasSize(WRITERS * RECORDS);
        int[] counts = new int[WRITERS];
        for (String line : lines) {
            assertThat(line).isEqualTo(line.substring(0, 1).repeat(LENGTH));
            counts[line.charAt(0) - 'a']++;
        }
        assertThat(counts).containsOnly(RECORDS);
        Files.delete(log);
    }

    @Test
    void nothingIsLostWhenGuestsOfOneJvmAppend() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        for (int round = 0; round < STRESS; round++) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                char letter = (char) ('a' + i);
                Thread thread = Thread.ofPlatform().unstarted(() -> append(temp, letter, RECORDS));
                thread.setUncaughtExceptionHandler((_, t) -> failure.set(t));
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failure).hasValue(null);
            isWhole(temp.resolve("log"));
        }
    }

    @Test
    void nothingIsLostWhenProcessesAppend() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        for (int round = 0; round < STRESS; round++) {
            List<java.lang.Process> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED",
                        "-cp", System.getProperty("java.class.path"), Writer.class.getName(),
                        temp.toString(), String.valueOf((char) ('a' + i)), String.valueOf(RECORDS))
                        .redirectErrorStream(true).start());
            }
            for (java.lang.Process writer : writers) {
                String said = new String(writer.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(writer.waitFor()).as(said).isZero();
            }
            isWhole(temp.resolve("log"));
        }
    }
}
