package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.fs.Errno;

/** What a guest may do in a process of a user to whom the files do not belong: what the system says. Needs root. */
@Timeout(300)
class OtherUserTest {
    @TempDir
    Path temp;

    private Path root;

    @BeforeEach
    void start() throws Exception {
        boolean can = Files.isExecutable(Path.of("/usr/bin/setpriv")) && (int) Files.getAttribute(temp, "unix:uid") == 0;
        if (!can) {
            System.out.println("SKIPPED: files of another user can be made by root only, with /usr/bin/setpriv");
        }
        assumeTrue(can);
        open(temp, "rwxr-xr-x");
        root = Files.createDirectory(temp.resolve("root"));
        open(root, "rwxrwxrwx");
    }

    private static void open(Path file, String permissions) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    /** A copy of the class path that everybody can read. */
    static String readableClassPath(Path to) throws IOException {
        List<String> copies = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path from = Path.of(entry);
            if (Files.exists(from)) {
                Path copy = to.resolve("class-path" + copies.size() + (entry.endsWith(".jar") ? ".jar" : ""));
                copies.add(copy.toString());
                try (Stream<Path> files = Files.walk(from)) {
                    for (Path file : files.toList()) {
                        Files.copy(file, file.equals(from) ? copy : copy.resolve(from.relativize(file)));
                    }
                }
            }
        }
        return String.join(File.pathSeparator, copies);
    }

    /** Runs {@link Probe} as {@code nobody}. */
    private String asNobody(String script) throws Exception {
        Path classes = Files.createDirectory(temp.resolve("classes"));
        java.lang.Process process = new ProcessBuilder(
                "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED", "-cp", readableClassPath(classes), Probe.class.getName(),
                root.toString(), script)
                .directory(temp.toFile()).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    /** What the started process does. */
    static final class Probe {
        private final Guest guest;
        private final List<String> answers = new ArrayList<>();

        private Probe(Guest guest) {
            this.guest = guest;
        }

        public static void main(String[] args) {
            Wasi wasi = Wasi.defaults().withPreopen(new Preopen(Path.of(args[0]), "/", Preopen.Access.READ_WRITE));
            try (Guest guest = new Guest(wasi)) {
                Probe probe = new Probe(guest);
                if (args[1].equals("search")) {
                    probe.search();
                } else {
                    probe.times();
                }
                System.out.println(String.join("\n", probe.answers));
            }
        }

        private void say(String what, Errno errno) {
            answers.add(what + " " + errno);
        }

        private Errno open(String path) {
            return guest.open(3, path, 0, Rights.FD_READ);
        }

        private void search() {
            say("read in 0711", open("x/in"));
            say("stat in 0711", guest.stat(3, 0, "x/in"));
            say("two of them", open("x/y/in"));
            say("back and forth", open("x/y/../in"));
            say("through a link", open("l"));
            say("one opened, and then below", belowOpened());
            say("list 0711", listed("x"));
            say("make in 0711", guest.onPath("path_create_directory", 3, "x/new"));
            say("read in 0700", open("z/in"));
            say("make in 0733", guest.onPath("path_create_directory", 3, "w/new"));
            say("list 0733", listed("w"));
            say("another's file in a sticky directory", guest.onPath("path_unlink_file", 3, "s/in"));
            say("a file that is not readable", open("x/secret"));
        }

        private Errno belowOpened() {
            Errno errno = guest.open(3, "x", Flags.O_DIRECTORY, Rights.PATH_OPEN);
            return errno != Errno.SUCCESS ? errno : guest.open(guest.result(), "in", 0, Rights.FD_READ);
        }

        private Errno listed(String path) {
            Errno errno = guest.open(3, path, Flags.O_DIRECTORY, Rights.FD_READDIR);
            return errno != Errno.SUCCESS
                    ? errno
                    : guest.call("fd_readdir", guest.result(), Guest.DATA, 400, 0, Guest.RESULT);
        }

        private Errno times(String path, int lookup, int flags) {
            byte[] bytes = path.getBytes(StandardCharsets.US_ASCII);
            guest.memory.write(Guest.PATH, bytes, 0, bytes.length);
            long given = 1_000_000_000L;
            return guest.call("path_filestat_set_times", 3, lookup, Guest.PATH, bytes.length, given, given, flags);
        }

        private void times() {
            int now = Flags.ATIM_NOW | Flags.MTIM_NOW;
            say("both now, writable", times("g", 1, now));
            say("both now, through a link", times("l", 1, now));
            say("both now, not writable", times("r", 1, now));
            say("both given, writable", times("g", 1, Flags.ATIM | Flags.MTIM));
            say("one now, one left", times("g", 1, Flags.MTIM_NOW));
            say("one now, one given", times("g", 1, Flags.MTIM_NOW | Flags.ATIM));
            say("none", times("r", 1, 0));
            say("a directory", times("d", 1, now));
            guest.open(3, "g", 0, Rights.FILE);
            say("both now, open", guest.call("fd_filestat_set_times", guest.result(), 0, 0, now));
            say("both given, open", guest.call("fd_filestat_set_times", guest.result(), 0, 0, Flags.ATIM | Flags.MTIM));
        }
    }

    @Test
    void searchPermissionIsEnoughToGoThrough() throws Exception {
        for (String[] one : new String[][] {{"x", "rwx--x--x"}, {"x/y", "rwx--x--x"}, {"z", "rwx------"}, {"w", "rwx-wx-wx"}}) {
            open(Files.createDirectory(root.resolve(one[0])), one[1]);
            open(Files.writeString(root.resolve(one[0] + "/in"), "in"), "rw-r--r--");
        }
        open(Files.writeString(root.resolve("x/secret"), "in"), "rw-------");
        Path sticky = Files.createDirectory(root.resolve("s"));
        Files.writeString(sticky.resolve("in"), "in");
        Files.setAttribute(sticky, "unix:mode", 01777);
        Files.createSymbolicLink(root.resolve("l"), Path.of("x/y/in"));
        assertThat(asNobody("search")).isEqualTo("""
                read in 0711 SUCCESS
                stat in 0711 SUCCESS
                two of them SUCCESS
                back and forth SUCCESS
                through a link SUCCESS
                one opened, and then below SUCCESS
                list 0711 ACCES
                make in 0711 ACCES
                read in 0700 ACCES
                make in 0733 SUCCESS
                list 0733 ACCES
                another's file in a sticky directory PERM
                a file that is not readable ACCES""");
    }

    @Test
    void nowNeedsWritePermissionOnly() throws Exception {
        open(Files.writeString(root.resolve("g"), ""), "rw-rw-rw-");
        open(Files.writeString(root.resolve("r"), ""), "rw-r--r--");
        open(Files.createDirectory(root.resolve("d")), "rwxrwxrwx");
        Files.createSymbolicLink(root.resolve("l"), Path.of("g"));
        assertThat(asNobody("times")).isEqualTo("""
                both now, writable SUCCESS
                both now, through a link SUCCESS
                both now, not writable ACCES
                both given, writable PERM
                one now, one left PERM
                one now, one given PERM
                none SUCCESS
                a directory SUCCESS
                both now, open SUCCESS
                both given, open PERM""");
    }
}
