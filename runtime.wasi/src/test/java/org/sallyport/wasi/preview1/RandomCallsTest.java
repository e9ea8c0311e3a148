package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.GuestExitException;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.WasiClock;
import org.sallyport.wasi.fs.Errno;

/**
 * A guest that calls anything with anything: every call ends with an error number or with {@code proc_exit}, nothing
 * of the host's gets out, and nothing outside of its directories changes.
 */
@Timeout(120)
class RandomCallsTest {
    private static final int CALLS = 60_000;
    private static final int[] INTERESTING = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 24, 31, 48, 63, 64, 100, 1000, 4096, 4097, 65535, 65536,
        262_143, 262_144, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE, -1, -2, -3, -4, -8, -48, -64
    };
    private static final String[] PATHS = {
        "a", "b", "d", "d/a", "d/../a", "l", "l/a", ".", "..", "../outside/secret", "/etc/passwd", "d/",
        "d/e/f", "\0", "x\u00e9", ""
    };

    /** Time that passes at once, so that nobody waits. */
    private static final class Hasty implements WasiClock {
        private long now;

        @Override
        public long realtimeNanos() {
            return now++;
        }

        @Override
        public long monotonicNanos() {
            return now++;
        }

        @Override
        public void sleep(long nanos) {
            now += Math.min(nanos, Long.MAX_VALUE / 4 - now);
        }
    }

    @TempDir
    Path temp;

    @Test
    void everyCallHasAnAnswer() throws IOException {
        Path outside = Files.createDirectory(temp.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
        Path root = Files.createDirectory(temp.resolve("root"));
        Files.createSymbolicLink(root.resolve("out"), outside);
        Path fixed = Files.createDirectory(temp.resolve("fixed"));
        Files.writeString(fixed.resolve("a"), "fixed");
        Wasi wasi = Wasi.defaults()
                .withArgs("a", "b")
                .withEnv("A", "b")
                .withClock(new Hasty())
                .withRandom(new Random(3))
                .withMaxOpenFiles(40)
                .withPreopen(new Preopen(root, "/", Preopen.Access.READ_WRITE))
                .withPreopen(new Preopen(fixed, "/fixed", Preopen.Access.READ_ONLY));
        Random random = new Random(11);
        Guest guest = new Guest(wasi.withStdin(new ByteArrayInputStream(new byte[1000])));
        int[] answers = new int[Errno.values().length];
        for (int i = 0; i < CALLS; i++) {
            if (i % 500 == 0) { // descriptors closed and rights given up are back
                guest.close();
                guest = new Guest(wasi.withStdin(new ByteArrayInputStream(new byte[1000])));
                fill(guest, random);
            }
            answers[call(guest, random).ordinal()]++;
        }
        guest.close();
        assertThat(answers[Errno.SUCCESS.ordinal()]).isGreaterThan(CALLS / 100);
        assertThat(answers[Errno.FAULT.ordinal()]).isPositive();
        assertThat(answers[Errno.NOTCAPABLE.ordinal()]).isPositive();
        assertThat(outside.resolve("secret")).hasContent("secret");
        assertThat(fixed.resolve("a")).hasContent("fixed");
        try (Stream<Path> files = Files.walk(outside)) {
            assertThat(files).hasSize(2);
        }
        try (Stream<Path> files = Files.walk(fixed)) {
            assertThat(files).hasSize(2);
        }
    }

    private static Errno call(Guest guest, Random random) {
        Function function = Function.values()[random.nextInt(Function.values().length)];
        if (random.nextInt(3) == 0) {
            return path(guest, random);
        }
        MethodType type = function.type();
        Number[] args = new Number[type.parameterCount() - 1];
        for (int i = 0; i < args.length; i++) {
            args[i] = type.parameterType(i + 1) == long.class ? wide(random) : narrow(random);
        }
        try {
            return guest.call(function.wasmName(), args);
        } catch (GuestExitException e) {
            return Errno.SUCCESS;
        }
    }

    /** Something with a path that makes sense. */
    private static Errno path(Guest guest, Random random) {
        String path = PATHS[random.nextInt(PATHS.length)];
        String other = PATHS[random.nextInt(PATHS.length)];
        int fd = 3 + random.nextInt(5);
        return switch (random.nextInt(9)) {
            case 0 -> guest.onPath("path_create_directory", fd, path);
            case 1 -> guest.onPath("path_remove_directory", fd, path);
            case 2 -> guest.onPath("path_unlink_file", fd, path);
            case 3 -> guest.symlink(other, fd, path);
            case 4 -> guest.link(fd, 0, path, 3 + random.nextInt(5), other);
            case 5 -> guest.rename(fd, path, 3 + random.nextInt(5), other);
            case 6 -> guest.stat(fd, random.nextInt(2), path);
            case 7 -> guest.open(fd, path, random.nextInt(16), random.nextLong() & Rights.INHERITED);
            default -> guest.open(fd, path, random.nextInt(2), Rights.FD_READ | Rights.FD_WRITE);
        };
    }

    private static int narrow(Random random) {
        return random.nextInt(20) == 0 ? random.nextInt() : INTERESTING[random.nextInt(INTERESTING.length)];
    }

    private static long wide(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong();
            case 1 -> Rights.INHERITED;
            case 2 -> Long.MAX_VALUE;
            case 3 -> Long.MIN_VALUE;
            default -> narrow(random);
        };
    }

    /** Memory in which addresses, lengths and texts are found wherever one looks. */
    private static void fill(Guest guest, Random random) {
        for (int at = 0; at < 1 << 16; at += 4) {
            guest.memory.setInt(at, narrow(random));
        }
        byte[] text = "a/b/../c".getBytes(StandardCharsets.UTF_8);
        for (int at = 1 << 16; at < 1 << 17; at += text.length) {
            guest.memory.write(at, text, 0, text.length);
        }
    }
}
