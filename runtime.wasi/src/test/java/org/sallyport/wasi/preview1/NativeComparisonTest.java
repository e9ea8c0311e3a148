package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.Errnos;

/**
 * Random sequences of file operations by a guest and by a native program ({@code src/test/native/fileops.c}): the same
 * answers, the same errors, and in the end the same files. {@code -Dsallyport.stress=N} does N times as many.
 */
@Timeout(3600)
class NativeComparisonTest {
    private static final int SEQUENCES = 60 * Math.max(1, Integer.getInteger("sallyport.stress", 1));
    private static final int OPERATIONS = 200;
    private static final int SLOTS = 8;
    private static final long FILE = Rights.FILE & ~(Rights.FD_READ | Rights.FD_WRITE);

    private static final String[] NAMES = {
        "a", "b", "c", "d", "e", "d/a", "d/b", "d/e", "d/e/a", "e/a", "l", "l/a", "l/b", "m", "d/l", "d//a", "./a", "d/./b",
        "a/", "d/", "l/", "e//", "none/a", "a/b", "%", ".", "d/.", "./"
    };
    private static final String[] TEXTS = {
        "a", "b", "d", "d/", "d/a", "e", "a/", "d//a", "./", ".", "l", "m", "none", "new/", "new", "d/e", "a//b///", "e/./a"
    };

    @TempDir
    Path temp;

    /** One operation: a name and up to eight words. */
    private record Operation(String name, long[] numbers, String path, String other) {
        @Override
        public String toString() {
            StringBuilder line = new StringBuilder(name);
            for (int i = 0; i < 6; i++) {
                line.append(' ').append(i < numbers.length ? numbers[i] : 0);
            }
            return line.append(' ').append(path).append(' ').append(other).toString();
        }
    }

    private static Operation operation(Random random) {
        int slot = random.nextInt(SLOTS);
        int directory = random.nextInt(3) == 0 ? random.nextInt(SLOTS) : -1;
        int second = random.nextInt(4) == 0 ? random.nextInt(SLOTS) : -1;
        String path = NAMES[random.nextInt(NAMES.length)];
        String other = NAMES[random.nextInt(NAMES.length)];
        int follow = random.nextInt(2);
        int times = List.of(1, 2, 4, 8, 5, 6, 9, 10).get(random.nextInt(8));
        int size = random.nextInt(3000);
        return switch (random.nextInt(32)) {
            case 0, 1, 2, 3, 4, 5 -> {
                int oflags = random.nextInt(2) == 0 ? 1 : List.of(0, 2, 4, 5, 8, 9, 13).get(random.nextInt(7));
                int rights = 1 + random.nextInt(3);
                yield new Operation(
                        "open", new long[] {slot, directory, follow, oflags, rights, random.nextInt(4) / 3}, path, "%");
            }
            case 6 -> new Operation("close", new long[] {slot}, "%", "%");
            case 7, 8 -> new Operation("write", new long[] {slot, size, 'a' + random.nextInt(26)}, "%", "%");
            case 9 -> new Operation("pwrite", new long[] {slot, size, 'a' + random.nextInt(26), random.nextInt(5000)}, "%", "%");
            case 10, 11 -> new Operation("read", new long[] {slot, size}, "%", "%");
            case 12 -> new Operation("pread", new long[] {slot, size, random.nextInt(5000)}, "%", "%");
            case 13 -> new Operation("seek", new long[] {slot, random.nextInt(6000) - 1500, random.nextInt(3)}, "%", "%");
            case 14 -> new Operation("truncate", new long[] {slot, random.nextInt(6000)}, "%", "%");
            case 15 -> new Operation("append", new long[] {slot, random.nextInt(2)}, "%", "%");
            case 16 -> new Operation("fstat", new long[] {slot}, "%", "%");
            case 17 -> new Operation("ftimes", new long[] {slot, size, size + 1, times}, "%", "%");
            case 18, 19 -> new Operation("stat", new long[] {directory, follow}, path, "%");
            case 20 -> new Operation("times", new long[] {directory, follow, size, size + 1, times}, path, "%");
            case 21, 22 -> new Operation("mkdir", new long[] {directory}, path, "%");
            case 23 -> new Operation("rmdir", new long[] {directory}, path, "%");
            case 24, 25 -> new Operation("unlink", new long[] {directory}, path, "%");
            case 26, 27 -> new Operation("rename", new long[] {directory, second}, path, other);
            case 28 -> new Operation("link", new long[] {directory, second}, path, other);
            case 29 -> new Operation("symlink", new long[] {directory}, TEXTS[random.nextInt(TEXTS.length)], other);
            case 30 -> new Operation("readlink", new long[] {directory}, path, "%");
            default -> new Operation("readdir", new long[] {random.nextInt(3) == 0 ? -1 : slot}, "%", "%");
        };
    }

    /** The guest, with slots as the native program has them. */
    private static final class Player {
        private final Guest guest;
        private final int[] slots = new int[SLOTS];
        private final boolean[] directories = new boolean[SLOTS];

        Player(Guest guest) {
            this.guest = guest;
            Arrays.fill(slots, -1);
        }

        private int fd(long slot) {
            return slot < 0 ? 3 : slots[(int) slot];
        }

        private boolean isDirectory(long slot) {
            return slot < 0 || directories[(int) slot];
        }

        private int put(int at, String path) {
            byte[] bytes = path.equals("%") ? new byte[0] : path.getBytes(StandardCharsets.UTF_8);
            guest.memory.write(at, bytes, 0, bytes.length);
            return bytes.length;
        }

        String play(Operation operation) {
            long[] n = operation.numbers;
            int fd = fd(n[0]);
            boolean opens = operation.name.equals("open");
            boolean second = operation.name.equals("rename") || operation.name.equals("link");
            if (fd < 0 && !opens || (opens || second) && fd(n[1]) < 0) {
                return "none";
            }
            int length = put(Guest.PATH, operation.path);
            int otherLength = put(Guest.PATH2, operation.other);
            return switch (operation.name) {
                case "open" -> open(n, length);
                case "close" -> {
                    slots[(int) n[0]] = -1;
                    yield code(guest.call("fd_close", fd));
                }
                case "fstat" -> status(guest.call("fd_filestat_get", fd, Guest.DATA));
                case "ftimes" -> code(guest.call("fd_filestat_set_times", fd, seconds(n[1]), seconds(n[2]), n[3]));
                case "stat" -> status(guest.call("path_filestat_get", fd, n[1], Guest.PATH, length, Guest.DATA));
                case "times" -> code(guest.call(
                        "path_filestat_set_times", fd, n[1], Guest.PATH, length, seconds(n[2]), seconds(n[3]), n[4]));
                case "mkdir" -> code(guest.call("path_create_directory", fd, Guest.PATH, length));
                case "rmdir" -> code(guest.call("path_remove_directory", fd, Guest.PATH, length));
                case "unlink" -> code(guest.call("path_unlink_file", fd, Guest.PATH, length));
                case "rename" -> code(guest.call(
                        "path_rename", fd, Guest.PATH, length, fd(n[1]), Guest.PATH2, otherLength));
                case "link" -> code(guest.call(
                        "path_link", fd, 0, Guest.PATH, length, fd(n[1]), Guest.PATH2, otherLength));
                case "symlink" -> code(guest.call("path_symlink", Guest.PATH, length, fd, Guest.PATH2, otherLength));
                case "readlink" -> {
                    Errno errno = guest.call("path_readlink", fd, Guest.PATH, length, Guest.DATA, 4096, Guest.RESULT);
                    yield errno == Errno.SUCCESS ? "0 " + new String(guest.data(guest.result())) : code(errno);
                }
                case "readdir" -> isDirectory(n[0]) ? list(fd) : code(Errno.NOTDIR);
                default -> isDirectory(n[0]) ? "dir" : file(operation.name, fd, n);
            };
        }

        private String open(long[] n, int length) {
            long rights = FILE | ((n[4] & 1) != 0 ? Rights.FD_READ : 0);
            rights |= (n[4] & 2) != 0 ? Rights.FD_WRITE : Rights.DIRECTORY;
            Errno errno = guest.call("path_open", fd(n[1]), n[2], Guest.PATH, length, n[3], rights, Guest.ALL,
                    n[5] != 0 ? Flags.FD_APPEND : 0, Guest.RESULT);
            if (errno != Errno.SUCCESS) {
                return code(errno);
            }
            int slot = (int) n[0];
            if (slots[slot] >= 0) {
                guest.call("fd_close", slots[slot]);
            }
            slots[slot] = guest.result();
            guest.call("fd_fdstat_get", slots[slot], Guest.DATA);
            directories[slot] = guest.memory.getByte(Guest.DATA) == 3;
            return "0 " + type(guest.memory.getByte(Guest.DATA));
        }

        private String file(String name, int fd, long[] n) {
            if (name.equals("write") || name.equals("pwrite")) {
                byte[] bytes = new byte[(int) n[1]];
                Arrays.fill(bytes, (byte) n[2]);
                guest.memory.write(Guest.DATA, bytes, 0, bytes.length);
            }
            guest.vectors((int) n[1] / 2, (int) n[1] - (int) n[1] / 2);
            return switch (name) {
                case "read" -> bytes(guest.call("fd_read", fd, Guest.IOV, 2, Guest.RESULT));
                case "pread" -> bytes(guest.call("fd_pread", fd, Guest.IOV, 2, n[2], Guest.RESULT));
                case "write" -> number(guest.call("fd_write", fd, Guest.IOV, 2, Guest.RESULT));
                case "pwrite" -> number(guest.call("fd_pwrite", fd, Guest.IOV, 2, n[3], Guest.RESULT));
                case "seek" -> {
                    Errno errno = guest.call("fd_seek", fd, n[1], n[2], Guest.RESULT);
                    yield errno == Errno.SUCCESS ? "0 " + guest.memory.getLong(Guest.RESULT) : code(errno);
                }
                case "truncate" -> code(guest.call("fd_filestat_set_size", fd, n[1]));
                case "append" -> code(guest.call("fd_fdstat_set_flags", fd, n[1]));
                default -> throw new AssertionError(name);
            };
        }

        private static long seconds(long n) {
            return n * 1_000_000_000L;
        }

        private static String code(Errno errno) {
            return errno == Errno.SUCCESS ? "0" : errno.name();
        }

        private String number(Errno errno) {
            return errno == Errno.SUCCESS ? "0 " + guest.result() : code(errno);
        }

        private String bytes(Errno errno) {
            if (errno != Errno.SUCCESS) {
                return code(errno);
            }
            int hash = 7;
            for (byte b : guest.data(guest.result())) {
                hash = hash * 31 + (b & 0xFF);
            }
            return "0 " + guest.result() + " " + Integer.toUnsignedString(hash);
        }

        private static String type(int type) {
            return switch (type) {
                case 3 -> "dir";
                case 4 -> "file";
                case 7 -> "link";
                default -> "other";
            };
        }

        private String status(Errno errno) {
            if (errno != Errno.SUCCESS) {
                return code(errno);
            }
            ByteBuffer stat = ByteBuffer.wrap(guest.data(64)).order(ByteOrder.LITTLE_ENDIAN);
            boolean directory = stat.get(16) == 3;
            long modified = stat.getLong(48) / 1_000_000_000;
            return "0 " + type(stat.get(16)) + " " + (directory ? -1 : stat.getLong(24)) + " "
                    + (directory ? -1 : stat.getLong(32)) + " " + (modified < 1_000_000 ? modified : -1);
        }

        private String list(int fd) {
            Set<String> names = new TreeSet<>();
            long cookie = 0;
            while (true) {
                Errno errno = guest.call("fd_readdir", fd, Guest.DATA, 400, cookie, Guest.RESULT);
                if (errno != Errno.SUCCESS) {
                    return code(errno);
                }
                int used = guest.result();
                ByteBuffer in = ByteBuffer.wrap(guest.data(used)).order(ByteOrder.LITTLE_ENDIAN);
                while (in.remaining() >= 24 && in.remaining() >= 24 + in.getInt(in.position() + 16)) {
                    cookie = in.getLong();
                    in.getLong();
                    byte[] name = new byte[in.getInt()];
                    int type = in.getInt();
                    in.get(name);
                    names.add(new String(name) + ":" + type(type));
                }
                if (used < 400) {
                    return names.isEmpty() ? "0" : "0 " + String.join(" ", names);
                }
            }
        }
    }

    /** The native program's answer in our words. */
    private static String translated(String line) {
        if (!line.isEmpty() && Character.isDigit(line.charAt(0)) && !line.startsWith("0")) {
            return Errnos.ofLinux(Integer.parseInt(line)).name();
        }
        return line;
    }

    /** A right that is missing is what the system calls a bad descriptor, or an argument that does not fit it. */
    private static boolean same(String ours, String theirs) {
        return ours.equals(theirs) || ours.equals("NOTCAPABLE") && Set.of("BADF", "INVAL").contains(theirs);
    }

    private static List<String> tree(Path root) throws IOException {
        List<String> tree = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.comparing(Path::toString)).toList()) {
                String what = Files.isSymbolicLink(file) ? "-> " + Files.readSymbolicLink(file)
                        : Files.isDirectory(file) ? "dir" : Arrays.hashCode(Files.readAllBytes(file)) + "";
                tree.add(root.relativize(file) + " " + what + " "
                        + Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) + " "
                        + Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS));
            }
        }
        return tree;
    }

    private static void run(Path directory, Path output, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        java.lang.Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
        assertThat(process.waitFor()).as(Files.readString(output, StandardCharsets.ISO_8859_1)).isZero();
    }

    @Test
    void aGuestIsAnsweredAsANativeProgram() throws Exception {
        Path source = Path.of("src/test/native/fileops.c").toAbsolutePath();
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/cc")) && Files.isDirectory(Path.of("/proc/self/fd")));
        Path program = temp.resolve("fileops");
        run(temp, temp.resolve("log"), "/usr/bin/cc", "-O1", "-o", program.toString(), source.toString());
        long first = Long.getLong("sallyport.seed", 1);
        List<String> differences = new ArrayList<>();
        for (long seed = first; seed < first + SEQUENCES; seed++) {
            compare(program, seed, differences);
        }
        assertThat(differences).isEmpty();
    }

    private void compare(Path program, long seed, List<String> differences) throws Exception {
        Random random = new Random(seed);
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < OPERATIONS; i++) {
            operations.add(operation(random));
        }
        Path script = temp.resolve("script");
        Files.write(script, operations.stream().map(Operation::toString).toList());
        Path theirs = Files.createDirectory(temp.resolve("native" + seed));
        Path ours = Files.createDirectory(temp.resolve("guest" + seed));
        Path log = temp.resolve("log");
        run(theirs, log, program.toString(), script.toString());
        List<String> expected = Files.readAllLines(log);
        try (Guest guest = new Guest(Wasi.defaults().withPreopen(new Preopen(ours, "/", Preopen.Access.READ_WRITE)))) {
            Player player = new Player(guest);
            for (int i = 0; i < OPERATIONS; i++) {
                String answer = player.play(operations.get(i));
                if (!same(answer, translated(expected.get(i)))) {
                    differences.add("seed " + seed + ", operation " + i + ": " + operations.get(i) + ": guest " + answer
                            + ", native " + translated(expected.get(i)));
                    return;
                }
            }
        }
        assertThat(tree(ours)).as("tree of seed " + seed).isEqualTo(tree(theirs));
    }
}
