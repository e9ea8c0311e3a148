package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.wasi.Preopen.Access;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.FileType;

/**
 * Attacks on the directory sandbox. Beside the preopened directory lies {@code outside} with a secret; whatever the
 * guest does, it never reads the secret and nothing outside changes. Descriptor 3 is read-write, 4 is read-only.
 */
@Timeout(60)
class SandboxTest {
    private static final String SECRET = "the secret";
    private static final long RW = Rights.FD_READ | Rights.FD_WRITE;

    @TempDir
    Path temp;

    private Path root;
    private Path fixed;
    private Path outside;
    private Guest guest;

    @BeforeEach
    void start() throws IOException {
        root = Files.createDirectory(temp.resolve("root"));
        fixed = Files.createDirectory(temp.resolve("fixed"));
        outside = Files.createDirectory(temp.resolve("outside"));
        Files.writeString(outside.resolve("secret"), SECRET);
        Files.createDirectory(outside.resolve("dir"));
        Files.createDirectories(root.resolve("dir/sub"));
        Files.writeString(root.resolve("dir/file"), "allowed");
        Files.writeString(fixed.resolve("file"), "fixed");
        Files.createDirectory(fixed.resolve("dir"));
        guest = new Guest(Wasi.defaults()
                .withPreopen(new Preopen(root, "/", Access.READ_WRITE))
                .withPreopen(new Preopen(fixed, "/fixed", Access.READ_ONLY)));
    }

    @AfterEach
    void outsideIsAsItWas() throws IOException {
        guest.close();
        assertThat(outside.resolve("secret")).hasContent(SECRET);
        assertThat(Files.getAttribute(outside.resolve("secret"), "unix:nlink")).isEqualTo(1);
        try (Stream<Path> files = Files.walk(outside)) {
            assertThat(files.map(f -> outside.relativize(f).toString())).containsExactlyInAnyOrder("", "secret", "dir");
        }
        try (Stream<Path> files = Files.list(temp)) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .containsExactlyInAnyOrder("root", "fixed", "outside");
        }
    }

    private List<String> escapes() {
        String absolute = outside.resolve("secret").toString();
        return List.of(
                "..",
                "../",
                "../outside/secret",
                "./../outside/secret",
                "dir/../../outside/secret",
                "dir/sub/../../../outside/secret",
                "dir/..//.././outside/secret",
                "dir/sub/../../dir/../../outside/secret",
                "../root/dir/file",
                "/",
                "//",
                "/etc/passwd",
                absolute,
                "//" + absolute,
                "../".repeat(30) + absolute.substring(1));
    }

    @Test
    void noPathLeadsOut() {
        for (String path : escapes()) {
            assertThat(guest.open(3, path, 0, Rights.FD_READ)).as(path).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.open(3, path, Flags.O_CREAT, RW)).as(path).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.stat(3, 1, path)).as(path).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.readlink(3, path)).as(path).isEqualTo("<NOTCAPABLE>");
            assertThat(guest.link(3, 0, path, 3, "l")).as(path).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.onPath("path_create_directory", 3, path)).as(path).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.rename(3, "dir/file", 3, path)).as(path).isIn(Errno.NOTCAPABLE, Errno.INVAL);
            assertThat(guest.rename(3, path, 3, "x")).as(path).isIn(Errno.NOTCAPABLE, Errno.INVAL);
            assertThat(guest.onPath("path_unlink_file", 3, path)).as(path).isIn(Errno.NOTCAPABLE, Errno.INVAL);
            assertThat(guest.onPath("path_remove_directory", 3, path)).as(path).isIn(Errno.NOTCAPABLE, Errno.INVAL);
            assertThat(guest.symlink("x", 3, path)).as(path).isEqualTo(Errno.NOTCAPABLE);
        }
        assertThat(guest.read(guest.openedForReading(3, "dir/file"), 20)).isEqualTo("allowed");
    }

    @Test
    void pathsThatComeBackAreFine() {
        for (String path : List.of(
                "dir/file", "./dir/file", "dir//file", "dir/./file", "dir/sub/../file", "dir/../dir/sub/.././file")) {
            assertThat(guest.read(guest.openedForReading(3, path), 20)).as(path).isEqualTo("allowed");
        }
    }

    @Test
    void aSubdirectoryIsAPrisonOfItsOwn() {
        int sub = guest.openedDirectory(3, "dir/sub");
        assertThat(guest.open(sub, "../file", 0, Rights.FD_READ)).isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.open(sub, "..", 0, 0)).isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.open(sub, ".", 0, 0)).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void malformedNamesAreRefused() {
        byte[][] malformed = {
            {(byte) 0xFF},
            {'a', (byte) 0xC0, (byte) 0xAF},
            {(byte) 0xED, (byte) 0xA0, (byte) 0x80}, {(byte) 0xC3}, {(byte) 0x80},
        };
        for (byte[] path : malformed) {
            assertThat(guest.onPath("path_create_directory", 3, path)).isEqualTo(Errno.ILSEQ);
        }
        assertThat(guest.onPath("path_create_directory", 3, "a\0b")).isEqualTo(Errno.INVAL);
        assertThat(guest.open(3, "dir/file\0", 0, 0)).isEqualTo(Errno.INVAL);
        assertThat(guest.open(3, "", 0, 0)).isEqualTo(Errno.NOENT);
        assertThat(guest.onPath("path_create_directory", 3, "x".repeat(256))).isEqualTo(Errno.NAMETOOLONG);
        assertThat(guest.onPath("path_create_directory", 3, "x/".repeat(2049))).isEqualTo(Errno.NAMETOOLONG);
        assertThat(guest.call("path_create_directory", 3, Guest.PATH, 0x7FFF_FFFF)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("path_create_directory", 3, -2, 4)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("path_create_directory", 3, -1, -1)).isEqualTo(Errno.FAULT);
    }

    @Test
    void namesOfOtherSystemsAreJustNamesHere() throws IOException {
        for (String name : List.of(
                "C:", "a\\..\\..\\b", "CON", "NUL.txt", "file::$DATA", "trail.", "...", "~",
                FilesTest.GREETINGS)) {
            assertThat(guest.onPath("path_create_directory", 3, name)).as(name).isEqualTo(Errno.SUCCESS);
            assertThat(root.resolve(name)).isDirectory();
        }
    }

    private void hostLink(String name, String target) throws IOException {
        Files.createSymbolicLink(root.resolve(name), Path.of(target));
    }

    @Test
    void linksOfTheHostThatLeadOutAreNotFollowed() throws IOException {
        hostLink("absolute", outside.toString());
        hostLink("relative", "../outside");
        hostLink("through", "dir/../../outside");
        hostLink("chain", "relative");
        hostLink("file", "../outside/secret");
        hostLink("etc", "/etc");
        for (String link : List.of("absolute", "relative", "through", "chain")) {
            assertThat(guest.open(3, link + "/secret", 0, Rights.FD_READ)).as(link).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.open(3, link, Flags.O_DIRECTORY, 0)).as(link).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.open(3, link + "/new", Flags.O_CREAT, RW)).as(link).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.onPath("path_create_directory", 3, link + "/new")).as(link).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.onPath("path_unlink_file", 3, link + "/secret")).as(link).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.rename(3, "dir/file", 3, link + "/x")).as(link).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.link(3, 0, link + "/secret", 3, "x")).as(link).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.stat(3, 1, link)).as(link).isEqualTo(Errno.NOTCAPABLE);
            assertThat(guest.stat(3, 0, link)).as(link).isEqualTo(Errno.SUCCESS);
        }
        assertThat(guest.open(3, "file", 0, Rights.FD_READ)).isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.open(3, "file", Flags.O_TRUNC, 0)).isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.open(3, "etc/passwd", 0, Rights.FD_READ)).isEqualTo(Errno.NOTCAPABLE);
    }

    @Test
    void linksOfTheGuestCannotLeadOutEither() {
        assertThat(guest.symlink(outside.toString(), 3, "l")).isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.symlink("../../outside/secret", 3, "dir/l")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.open(3, "dir/l", 0, Rights.FD_READ)).isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.rename(3, "dir/l", 3, "l")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.open(3, "l", 0, Rights.FD_READ)).isEqualTo(Errno.NOTCAPABLE);
    }

    @Test
    void linksInsideAreFollowed() throws IOException {
        hostLink("l", "dir");
        hostLink("m", "l/sub/../file");
        hostLink("self", ".");
        assertThat(guest.read(guest.openedForReading(3, "l/file"), 20)).isEqualTo("allowed");
        assertThat(guest.read(guest.openedForReading(3, "m"), 20)).isEqualTo("allowed");
        assertThat(guest.read(guest.openedForReading(3, "self/self/self/m"), 20)).isEqualTo("allowed");
        assertThat(guest.open(3, "l/../dir/file", 0, 0)).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void loopsEnd() throws IOException {
        hostLink("a", "b");
        hostLink("b", "a");
        hostLink("c", "c/c");
        hostLink("wide", "wide2/../wide2/../wide2");
        hostLink("wide2", "wide/../wide/../wide");
        for (String name : List.of("a", "b/x", "c", "c/c/c", "wide")) {
            assertThat(guest.open(3, name, 0, 0)).as(name).isEqualTo(Errno.LOOP);
        }
        assertThat(guest.readlink(3, "a")).isEqualTo("b");
        assertThat(guest.onPath("path_unlink_file", 3, "a")).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void deepPathsHoldFewDescriptors() {
        String deep = "self/".repeat(30) + "dir/file";
        assertThat(guest.symlink(".", 3, "self")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.open(3, deep, 0, 0)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.open(3, "dir/../".repeat(200) + "dir/file", 0, 0)).isEqualTo(Errno.SUCCESS);
        StringBuilder path = new StringBuilder("dir");
        for (int i = 0; i < 150; i++) {
            path.append("/d");
            assertThat(guest.onPath("path_create_directory", 3, path.toString())).isEqualTo(Errno.SUCCESS);
        }
    }

    private void pipe(String name) throws Exception {
        int status = new ProcessBuilder("mkfifo", root.resolve(name).toString()).start().waitFor();
        assertThat(status).isZero();
    }

    @Test
    void timesOfAPipeAreSetOrRefusedWithoutOpeningIt() throws Exception {
        pipe("pipe");
        guest.stat(3, 0, "pipe");
        for (int lookup = 0; lookup < 2; lookup++) {
            assertThat(guest.call("path_filestat_set_times", 3, lookup, Guest.PATH, 4, 7, 7, Flags.ATIM | Flags.MTIM))
                    .isIn(Errno.SUCCESS, Errno.ACCES);
        }
    }

    @Test
    void aPipeInThePlaceOfAFileIsNotOpened() throws Exception {
        pipe("pipe");
        Files.writeString(root.resolve("file"), "x");
        Files.createSymbolicLink(root.resolve("link"), Path.of("pipe"));
        AtomicBoolean stop = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> {
            try (Guest other = new Guest(Wasi.defaults().withPreopen(new Preopen(root, "/", Access.READ_WRITE)))) {
                while (!stop.get()) {
                    other.rename(3, "file", 3, "kept");
                    other.rename(3, "pipe", 3, "file");
                    other.rename(3, "file", 3, "pipe");
                    other.rename(3, "kept", 3, "file");
                }
            }
        });
        long end = System.nanoTime() + 500_000_000;
        int opened = 0;
        while (System.nanoTime() < end) {
            for (int oflags : new int[] {0, Flags.O_CREAT, Flags.O_TRUNC}) {
                for (long rights : new long[] {Rights.FD_READ, Rights.FD_WRITE, RW}) {
                    if (guest.open(3, "file", oflags, rights) == Errno.SUCCESS) {
                        opened++;
                        int fd = guest.result();
                        guest.call("fd_fdstat_get", fd, Guest.DATA);
                        assertThat(guest.memory.getByte(Guest.DATA)).isEqualTo((byte) FileType.REGULAR_FILE.ordinal());
                        guest.call("fd_close", fd);
                    }
                }
            }
            guest.stat(3, 0, "file");
            guest.call("path_filestat_set_times", 3, 1, Guest.PATH, 4, 7, 7, Flags.ATIM | Flags.MTIM);
        }
        stop.set(true);
        swapper.join();
        assertThat(opened).isPositive();
    }

    @Test
    void textsOfLinksThatTellOfTheHostAreNotShown() throws IOException {
        hostLink("absolute", outside.toString());
        hostLink("slash", "/");
        hostLink("above", "../outside/secret");
        hostLink("inside", "dir/../dir//file/");
        assertThat(guest.readlink(3, "absolute")).isEqualTo("<NOTCAPABLE>");
        assertThat(guest.readlink(3, "slash")).isEqualTo("<NOTCAPABLE>");
        assertThat(guest.readlink(3, "inside")).startsWith("dir/../dir/");
        assertThat(guest.readlink(3, "above")).isEqualTo("../outside/secret"); // a guest can have made it
        Files.createSymbolicLink(fixed.resolve("above"), Path.of("dir/../../outside"));
        Files.createSymbolicLink(fixed.resolve("dir/up"), Path.of("../file"));
        assertThat(guest.readlink(4, "above")).isEqualTo("<NOTCAPABLE>");
        assertThat(guest.readlink(4, "dir/up")).isEqualTo("../file");
        int dir = guest.openedDirectory(4, "dir");
        assertThat(guest.readlink(dir, "up")).isEqualTo("../file");
    }

    @Test
    void specialFilesAreNotOpened() throws Exception {
        pipe("pipe");
        assertThat(guest.open(3, "pipe", 0, Rights.FD_READ)).isEqualTo(Errno.ACCES);
        assertThat(guest.open(3, "pipe/x", 0, Rights.FD_READ)).isEqualTo(Errno.NOTDIR);
        assertThat(guest.stat(3, 1, "pipe")).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void aReadOnlyDirectoryCannotBeChangedInAnyWay() throws IOException {
        Files.createSymbolicLink(fixed.resolve("link"), Path.of("file"));
        assertThat(guest.open(4, "new", Flags.O_CREAT, RW)).isEqualTo(Errno.ROFS);
        assertThat(guest.open(4, "new", Flags.O_CREAT, 0)).isEqualTo(Errno.ROFS);
        assertThat(guest.open(4, "file", 0, RW)).isEqualTo(Errno.ROFS);
        assertThat(guest.open(4, "file", Flags.O_TRUNC, 0)).isEqualTo(Errno.ROFS);
        assertThat(guest.open(4, "link", Flags.O_TRUNC, 0)).isEqualTo(Errno.ROFS);
        assertThat(guest.onPath("path_create_directory", 4, "new")).isEqualTo(Errno.ROFS);
        assertThat(guest.onPath("path_remove_directory", 4, "dir")).isEqualTo(Errno.ROFS);
        assertThat(guest.onPath("path_unlink_file", 4, "file")).isEqualTo(Errno.ROFS);
        assertThat(guest.symlink("x", 4, "new")).isEqualTo(Errno.ROFS);
        assertThat(guest.rename(4, "file", 4, "new")).isEqualTo(Errno.ROFS);
        assertThat(guest.rename(4, "file", 3, "new")).isEqualTo(Errno.ROFS);
        assertThat(guest.rename(3, "dir/file", 4, "new")).isEqualTo(Errno.ROFS);
        assertThat(guest.link(4, 0, "file", 4, "new")).isEqualTo(Errno.ROFS);
        assertThat(guest.link(4, 0, "file", 3, "new")).isEqualTo(Errno.ROFS);
        assertThat(guest.link(3, 0, "dir/file", 4, "new")).isEqualTo(Errno.ROFS);
        guest.stat(4, 0, "file");
        assertThat(guest.call("path_filestat_set_times", 4, 0, Guest.PATH, 4, 1, 1, Flags.MTIM)).isEqualTo(Errno.ROFS);
        assertThat(guest.call("fd_filestat_set_times", 4, 1, 1, Flags.MTIM)).isEqualTo(Errno.ROFS);
        int file = guest.opened(4, "file", 0, Rights.FILE & ~Rights.FD_WRITE);
        assertThat(guest.write(file, "x")).isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.call("fd_filestat_set_size", file, 0)).isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.call("fd_allocate", file, 0, 100)).isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.call("fd_filestat_set_times", file, 1, 1, Flags.MTIM)).isEqualTo(Errno.ROFS);
        assertThat(guest.read(file, 10)).isEqualTo("fixed");
        int dir = guest.openedDirectory(4, ".");
        assertThat(guest.open(dir, "file", Flags.O_TRUNC, 0)).isEqualTo(Errno.ROFS);
        assertThat(fixed.resolve("file")).hasContent("fixed");
        try (Stream<Path> files = Files.list(fixed)) {
            assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder("file", "dir", "link");
        }
    }

    @Test
    void eachOperationNeedsItsRight() {
        record Attempt(String what, long right, IntFunction<Errno> call) {}
        List<Attempt> attempts = List.of(
                new Attempt("open", Rights.PATH_OPEN, d -> guest.open(d, "file", 0, 0)),
                new Attempt("create", Rights.PATH_CREATE_FILE, d -> guest.open(d, "new", Flags.O_CREAT, 0)),
                new Attempt("truncate", Rights.PATH_FILESTAT_SET_SIZE, d -> guest.open(d, "file", Flags.O_TRUNC, 0)),
                new Attempt("mkdir", Rights.PATH_CREATE_DIRECTORY, d -> guest.onPath("path_create_directory", d, "n")),
                new Attempt("rmdir", Rights.PATH_REMOVE_DIRECTORY, d ->
                        guest.onPath("path_remove_directory", d, "sub")),
                new Attempt("unlink", Rights.PATH_UNLINK_FILE, d -> guest.onPath("path_unlink_file", d, "file")),
                new Attempt("stat", Rights.PATH_FILESTAT_GET, d -> guest.stat(d, 0, "file")),
                new Attempt("readlink", Rights.PATH_READLINK, d ->
                        guest.readlink(d, "file").equals("<NOTCAPABLE>") ? Errno.NOTCAPABLE : Errno.SUCCESS),
                new Attempt("symlink", Rights.PATH_SYMLINK, d -> guest.symlink("x", d, "n")),
                new Attempt("link from", Rights.PATH_LINK_SOURCE, d -> guest.link(d, 0, "file", 3, "n")),
                new Attempt("link to", Rights.PATH_LINK_TARGET, d -> guest.link(3, 0, "dir/file", d, "n")),
                new Attempt("rename from", Rights.PATH_RENAME_SOURCE, d -> guest.rename(d, "file", 3, "n")),
                new Attempt("rename to", Rights.PATH_RENAME_TARGET, d -> guest.rename(3, "dir/file", d, "n")),
                new Attempt("times", Rights.PATH_FILESTAT_SET_TIMES, d ->
                        guest.call("path_filestat_set_times", d, 0, Guest.PATH, 4, 0, 0, 0)),
                new Attempt("list", Rights.FD_READDIR, d ->
                        guest.call("fd_readdir", d, Guest.DATA, 100, 0, Guest.RESULT)),
                new Attempt("fstat", Rights.FD_FILESTAT_GET, d -> guest.call("fd_filestat_get", d, Guest.DATA)),
                new Attempt("futimes", Rights.FD_FILESTAT_SET_TIMES, d ->
                        guest.call("fd_filestat_set_times", d, 0, 0, 0)));
        for (Attempt attempt : attempts) {
            int directory = guest.openedDirectory(3, "dir");
            guest.call("fd_fdstat_set_rights", directory, Rights.DIRECTORY & ~attempt.right, Guest.ALL);
            assertThat(attempt.call.apply(directory)).as(attempt.what).isEqualTo(Errno.NOTCAPABLE);
            guest.call("fd_close", directory);
        }
        assertThat(root.resolve("dir/file")).hasContent("allowed");
    }

    @Test
    void rightsAreHandedDownOnlyAsFarAsInherited() {
        guest.open(3, 0, "dir", Flags.O_DIRECTORY, Rights.DIRECTORY, Rights.FD_READ | Rights.PATH_OPEN, 0);
        int directory = guest.result();
        assertThat(guest.open(directory, "file", 0, RW)).isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.open(directory, "file", 0, Rights.FD_READ)).isEqualTo(Errno.SUCCESS);
        int file = guest.result();
        assertThat(guest.call("fd_filestat_get", file, Guest.DATA)).isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.open(directory, 0, "sub", 0, Rights.PATH_OPEN, -1L, 0)).isEqualTo(Errno.SUCCESS);
        guest.call("fd_fdstat_get", guest.result(), Guest.DATA);
        assertThat(guest.memory.getLong(Guest.DATA + 16)).isEqualTo(Rights.FD_READ | Rights.PATH_OPEN);
    }

    /** Two directories change places with links to the outside while the guest works on paths through them. */
    @Test
    void racingRenamesDoNotOpenAWayOut() throws Exception {
        Path real = root.resolve("swap");
        Path other = root.resolve("other");
        Path parked = root.resolve("parked");
        Files.createDirectory(real);
        Files.writeString(real.resolve("secret"), "not this one");
        Files.createDirectory(real.resolve("dir"));
        Files.createSymbolicLink(other, outside);
        AtomicBoolean stop = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> {
            try {
                while (!stop.get()) {
                    Files.move(real, parked, StandardCopyOption.ATOMIC_MOVE);
                    Files.move(other, real, StandardCopyOption.ATOMIC_MOVE);
                    Files.move(real, other, StandardCopyOption.ATOMIC_MOVE);
                    Files.move(parked, real, StandardCopyOption.ATOMIC_MOVE);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        int opened = 0;
        long end = System.nanoTime() + 2_000_000_000L;
        try {
            for (int i = 0; System.nanoTime() < end; i++) {
                if (guest.open(3, "swap/secret", 0, Rights.FD_READ) == Errno.SUCCESS) {
                    int fd = guest.result();
                    assertThat(guest.read(fd, 20)).isEqualTo("not this one");
                    guest.call("fd_close", fd);
                    opened++;
                }
                guest.onPath("path_create_directory", 3, "swap/made" + i);
                guest.onPath("path_unlink_file", 3, "swap/dir/none");
                guest.symlink("x", 3, "swap/link" + i);
                guest.link(3, 0, "swap/secret", 3, "hard" + i);
                guest.onPath("path_remove_directory", 3, "swap/made" + i);
                guest.onPath("path_unlink_file", 3, "swap/link" + i);
                guest.onPath("path_unlink_file", 3, "hard" + i);
                guest.call("fd_filestat_get", 3, Guest.DATA);
            }
        } finally {
            stop.set(true);
            swapper.join();
        }
        assertThat(opened).isPositive();
        assertThat(Files.isDirectory(real, LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    @Test
    void nothingOfTheHostIsSaid() {
        guest.onPath("path_create_directory", 3, "new");
        guest.open(3, "none/none", 0, 0);
        byte[] all = guest.memory.readBytes(0, (int) guest.memory.byteSize());
        assertThat(new String(all, StandardCharsets.ISO_8859_1))
                .doesNotContain(temp.toString())
                .doesNotContain("java.");
    }
}
