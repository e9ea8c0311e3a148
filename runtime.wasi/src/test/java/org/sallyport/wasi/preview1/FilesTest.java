package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.FileType;

/** Files and directories of a read-write preopened directory, descriptor 3. */
class FilesTest {
    private static final long RW = Rights.FD_READ | Rights.FD_WRITE | Rights.FD_SEEK | Rights.FD_TELL
            | Rights.FD_FILESTAT_GET | Rights.FD_FILESTAT_SET_SIZE | Rights.FD_FILESTAT_SET_TIMES
            | Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_ALLOCATE | Rights.FD_ADVISE | Rights.FD_SYNC;

    /** Java names files in the encoding of the locale, which need not have umlauts. */
    static final String GREETINGS = "UTF-8".equals(System.getProperty("sun.jnu.encoding")) ? "grüße" : "gruesse";

    @TempDir
    Path temp;

    private Path root;
    private Guest guest;

    @BeforeEach
    void start() throws IOException {
        root = Files.createDirectory(temp.resolve("root"));
        guest = new Guest(Wasi.defaults().withPreopen(new Preopen(root, "/data", Preopen.Access.READ_WRITE)));
    }

    @AfterEach
    void stop() {
        guest.close();
    }

    @Test
    void preopenedDirectoriesTellTheirNames() {
        assertThat(guest.call("fd_prestat_get", 3, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getInt(Guest.RESULT)).isZero();
        assertThat(guest.memory.getInt(Guest.RESULT + 4)).isEqualTo(5);
        assertThat(guest.call("fd_prestat_dir_name", 3, Guest.DATA, 5)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.readString(Guest.DATA, 5)).isEqualTo("/data");
        assertThat(guest.call("fd_prestat_dir_name", 3, Guest.DATA, 4)).isEqualTo(Errno.NAMETOOLONG);
        assertThat(guest.call("fd_prestat_get", 2, Guest.RESULT)).isEqualTo(Errno.BADF);
        assertThat(guest.call("fd_prestat_get", 4, Guest.RESULT)).isEqualTo(Errno.BADF);
    }

    @Test
    void aMissingDirectoryIsTheEmbeddersFault() {
        Wasi wasi = Wasi.defaults().withDirectory(root.resolve("none"), ".");
        assertThatThrownBy(() -> new Guest(wasi)).isInstanceOf(UncheckedIOException.class).hasMessageContaining("none");
    }

    @Test
    void writesReadsAndSeeks() throws IOException {
        int fd = guest.opened(3, "a.txt", Flags.O_CREAT, RW);
        assertThat(guest.write(fd, "hello world")).isEqualTo(Errno.SUCCESS);
        assertThat(root.resolve("a.txt")).hasContent("hello world");
        assertThat(guest.read(fd, 5)).isEmpty();
        assertThat(guest.call("fd_seek", fd, -5, Flags.WHENCE_END, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getLong(Guest.RESULT)).isEqualTo(6);
        assertThat(guest.read(fd, 100)).isEqualTo("world");
        assertThat(guest.call("fd_seek", fd, 0, Flags.WHENCE_SET, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.read(fd, 5)).isEqualTo("hello");
        assertThat(guest.call("fd_tell", fd, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getLong(Guest.RESULT)).isEqualTo(5);
        assertThat(guest.call("fd_seek", fd, -6, Flags.WHENCE_CUR, Guest.RESULT)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_seek", fd, 0, 3, Guest.RESULT)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_seek", fd, Long.MAX_VALUE, 1, Guest.RESULT)).isEqualTo(Errno.OVERFLOW);
        assertThat(guest.call("fd_seek", fd, 100, Flags.WHENCE_SET, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        guest.write(fd, "!");
        assertThat(Files.size(root.resolve("a.txt"))).isEqualTo(101);
    }

    @Test
    void positionedTransfersLeaveThePosition() {
        int fd = guest.opened(3, "a", Flags.O_CREAT, RW);
        guest.write(fd, "0123456789");
        guest.vectors(2, 3);
        assertThat(guest.call("fd_pread", fd, Guest.IOV, 2, 4, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.result()).isEqualTo(5);
        assertThat(new String(guest.data(5))).isEqualTo("45678");
        guest.vectors(5);
        assertThat(guest.call("fd_pwrite", fd, Guest.IOV, 1, 8, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("fd_pread", fd, Guest.IOV, 1, -1, Guest.RESULT)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_pread", fd, Guest.IOV, 1, 1000, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.result()).isZero();
        assertThat(root.resolve("a")).hasContent("0123456745678");
        guest.write(fd, "X");
        assertThat(root.resolve("a")).hasContent("0123456745X78");
    }

    @Test
    void textsOfLinksAreKeptAsTheyAreAndMeanWhatTheySay() throws IOException {
        Files.writeString(root.resolve("f"), "x");
        for (String text : List.of("f/", "d//g", "./", "a//b///", "new/", "./f", "...", "s/")) {
            assertThat(guest.symlink(text, 3, "s")).isEqualTo(Errno.SUCCESS);
            assertThat(guest.readlink(3, "s")).isEqualTo(text);
            guest.stat(3, 0, "s");
            assertThat(guest.memory.getLong(Guest.DATA + 32)).isEqualTo(text.length());
            if (text.equals("f/")) {
                assertThat(guest.open(3, "s", 0, RW)).isEqualTo(Errno.NOTDIR);
            }
            if (text.equals("f/") || text.equals("new/") || text.equals("s/")) {
                assertThat(guest.open(3, "s", Flags.O_CREAT, RW)).as(text).isEqualTo(Errno.ISDIR);
            }
            assertThat(guest.onPath("path_unlink_file", 3, "s")).isEqualTo(Errno.SUCCESS);
        }
    }

    /** Whatever becomes of its name: renamed, unlinked, taken by another file or by a link, its directory renamed. */
    @Test
    void anOpenDescriptorStaysOnItsFile() throws IOException {
        Files.createDirectory(root.resolve("d"));
        int dir = guest.openedDirectory(3, "d");
        int fd = guest.opened(3, "d/a", Flags.O_CREAT, RW);
        guest.write(fd, "1234");
        assertThat(guest.rename(3, "d", 3, "e")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("fd_filestat_set_times", fd, 0, 7_000_000_000L, Flags.MTIM)).isEqualTo(Errno.SUCCESS);
        assertThat(Files.getLastModifiedTime(root.resolve("e/a")).toMillis()).isEqualTo(7000);
        assertThat(guest.onPath("path_create_directory", dir, "x")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.symlink("a", dir, "s")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.readlink(dir, "s")).isEqualTo("a");
        assertThat(guest.link(dir, 0, "a", dir, "h")).isEqualTo(Errno.SUCCESS);
        assertThat(root.resolve("e/x")).isDirectory();
        assertThat(guest.onPath("path_unlink_file", dir, "a")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.symlink("h", dir, "a")).isEqualTo(Errno.SUCCESS);
        assertThat(links(fd)).isEqualTo(1);
        assertThat(guest.onPath("path_unlink_file", dir, "h")).isEqualTo(Errno.SUCCESS);
        assertThat(links(fd)).isZero();
        assertThat(guest.call("fd_filestat_set_size", fd, 2)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("fd_filestat_set_times", fd, 0, 8_000_000_000L, Flags.MTIM)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("fd_filestat_get", fd, Guest.DATA)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getLong(Guest.DATA + 32)).isEqualTo(2);
        assertThat(guest.memory.getLong(Guest.DATA + 48)).isEqualTo(8_000_000_000L);
    }

    private long links(int fd) {
        assertThat(guest.call("fd_filestat_get", fd, Guest.DATA)).isEqualTo(Errno.SUCCESS);
        return guest.memory.getLong(Guest.DATA + 24);
    }

    @Test
    void theTimesOfALinkAreItsOwn() throws IOException {
        Files.writeString(root.resolve("f"), "x");
        for (String text : List.of("f", ".", "dangling")) {
            assertThat(guest.symlink(text, 3, "l")).isEqualTo(Errno.SUCCESS);
            guest.stat(3, 0, "l");
            assertThat(guest.call("path_filestat_set_times", 3, 0, Guest.PATH, 1, 0, 5_000_000_000L, Flags.MTIM))
                    .isEqualTo(Errno.SUCCESS);
            guest.stat(3, 0, "l");
            assertThat(guest.memory.getLong(Guest.DATA + 48)).isEqualTo(5_000_000_000L);
            Errno followed =
                    guest.call("path_filestat_set_times", 3, 1, Guest.PATH, 1, 0, 6_000_000_000L, Flags.MTIM);
            assertThat(followed).isEqualTo(text.equals("dangling") ? Errno.NOENT : Errno.SUCCESS);
            guest.stat(3, 0, "l");
            assertThat(guest.memory.getLong(Guest.DATA + 48)).isEqualTo(5_000_000_000L);
            assertThat(guest.onPath("path_unlink_file", 3, "l")).isEqualTo(Errno.SUCCESS);
        }
        assertThat(Files.getLastModifiedTime(root.resolve("f")).toMillis()).isEqualTo(6000);
    }

    @Test
    void theRightToSeekImpliesTheRightToTell() {
        guest.open(3, 0, "a", Flags.O_CREAT, Rights.FD_READ | Rights.FD_WRITE | Rights.FD_SEEK, 0, 0);
        int fd = guest.result();
        guest.write(fd, "1234");
        assertThat(guest.call("fd_tell", fd, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getLong(Guest.RESULT)).isEqualTo(4);
        assertThat(guest.call("fd_seek", fd, 0, Flags.WHENCE_CUR, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("fd_fdstat_set_rights", fd, Rights.FD_TELL, 0)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("fd_tell", fd, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("fd_seek", fd, 0, Flags.WHENCE_CUR, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("fd_seek", fd, 1, Flags.WHENCE_CUR, Guest.RESULT)).isEqualTo(Errno.NOTCAPABLE);
        int directory = guest.opened(3, ".", Flags.O_DIRECTORY, Rights.DIRECTORY);
        assertThat(guest.call("fd_fdstat_set_rights", directory, Rights.PATH_OPEN, Rights.FD_SEEK))
                .isEqualTo(Errno.SUCCESS);
        assertThat(guest.open(directory, 0, "a", 0, Rights.FD_TELL, 0, 0)).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void appendGoesToTheEndEachTime() {
        guest.open(3, 0, "log", Flags.O_CREAT, RW, 0, Flags.FD_APPEND);
        int fd = guest.result();
        int other = guest.opened(3, "log", 0, RW);
        guest.write(fd, "one ");
        guest.call("fd_seek", fd, 0, 0, Guest.RESULT);
        guest.write(fd, "two ");
        assertThat(root.resolve("log")).hasContent("one two ");
        assertThat(guest.call("fd_fdstat_set_flags", fd, 0)).isEqualTo(Errno.SUCCESS);
        guest.call("fd_seek", fd, 0, 0, Guest.RESULT);
        guest.write(fd, "1");
        guest.write(other, "O");
        assertThat(root.resolve("log")).hasContent("One two ");
        assertThat(guest.call("fd_fdstat_set_flags", fd, Flags.FD_SYNC)).isEqualTo(Errno.NOTSUP);
        assertThat(guest.call("fd_fdstat_set_flags", fd, 0x20)).isEqualTo(Errno.INVAL);
    }

    @Test
    void sizesAreSetAndAllocated() throws IOException {
        int fd = guest.opened(3, "a", Flags.O_CREAT, RW);
        guest.write(fd, "0123456789");
        assertThat(guest.call("fd_filestat_set_size", fd, 4)).isEqualTo(Errno.SUCCESS);
        assertThat(root.resolve("a")).hasContent("0123");
        assertThat(guest.call("fd_filestat_set_size", fd, 6)).isEqualTo(Errno.SUCCESS);
        assertThat(Files.readAllBytes(root.resolve("a"))).isEqualTo(new byte[] {'0', '1', '2', '3', 0, 0});
        assertThat(guest.call("fd_allocate", fd, 2, 10)).isEqualTo(Errno.SUCCESS);
        assertThat(Files.size(root.resolve("a"))).isEqualTo(12);
        assertThat(guest.call("fd_allocate", fd, 0, 5)).isEqualTo(Errno.SUCCESS);
        assertThat(Files.size(root.resolve("a"))).isEqualTo(12);
        assertThat(guest.call("fd_allocate", fd, 0, 0)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_allocate", fd, Long.MAX_VALUE, 1)).isEqualTo(Errno.FBIG);
        assertThat(guest.call("fd_filestat_set_size", fd, -1)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_advise", fd, 0, 10, 3)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("fd_advise", fd, 0, 10, 6)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_sync", fd)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("fd_datasync", fd)).isEqualTo(Errno.NOTCAPABLE);
    }

    @Test
    void statTellsWhatTheHostSays() throws IOException {
        Files.writeString(root.resolve("a"), "12345");
        Files.createLink(root.resolve("b"), root.resolve("a"));
        Files.setLastModifiedTime(root.resolve("a"), FileTime.from(Instant.ofEpochSecond(1_000_000_000, 5_000)));
        assertThat(guest.stat(3, 0, "a")).isEqualTo(Errno.SUCCESS);
        ByteBuffer stat = ByteBuffer.wrap(guest.data(64)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(stat.getLong(0)).isEqualTo((long) (Long) Files.getAttribute(root.resolve("a"), "unix:dev"));
        assertThat(stat.getLong(8)).isEqualTo((long) (Long) Files.getAttribute(root.resolve("a"), "unix:ino"));
        assertThat(stat.getLong(16)).isEqualTo(FileType.REGULAR_FILE.ordinal());
        assertThat(stat.getLong(24)).isEqualTo(2);
        assertThat(stat.getLong(32)).isEqualTo(5);
        assertThat(stat.getLong(48)).isEqualTo(1_000_000_000_000_005_000L);
        int fd = guest.opened(3, "a", 0, RW);
        assertThat(guest.call("fd_filestat_get", fd, Guest.DATA)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.data(64)).isEqualTo(stat.array());
        assertThat(guest.stat(3, 0, ".")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getByte(Guest.DATA + 16)).isEqualTo((byte) FileType.DIRECTORY.ordinal());
        assertThat(guest.stat(3, 0, "none")).isEqualTo(Errno.NOENT);
        assertThat(guest.stat(3, 0, "a/b")).isEqualTo(Errno.NOTDIR);
        assertThat(guest.stat(3, 0, "a/")).isEqualTo(Errno.NOTDIR);
        assertThat(guest.stat(3, 2, "a")).isEqualTo(Errno.INVAL);
    }

    @Test
    void statOfARemovedFileIsWhatWasKnown() throws IOException {
        int fd = guest.opened(3, "a", Flags.O_CREAT, RW);
        guest.write(fd, "123");
        Files.delete(root.resolve("a"));
        Files.writeString(root.resolve("a"), "another file");
        assertThat(guest.call("fd_filestat_get", fd, Guest.DATA)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getLong(Guest.DATA + 32)).isEqualTo(3);
        assertThat(guest.call("fd_filestat_set_times", fd, 1, 1, Flags.ATIM)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.read(fd, 5)).isEmpty();
    }

    @Test
    void timesAreSet() throws IOException {
        Path file = Files.writeString(root.resolve("a"), "x");
        int fd = guest.opened(3, "a", 0, RW);
        assertThat(guest.call("fd_filestat_set_times", fd, 0, 7_000_000_000L, Flags.MTIM)).isEqualTo(Errno.SUCCESS);
        assertThat(Files.getLastModifiedTime(file).toInstant()).isEqualTo(Instant.ofEpochSecond(7));
        assertThat(guest.call("path_filestat_set_times", 3, 0, Guest.PATH, 1, 0, 0, Flags.MTIM_NOW))
                .isEqualTo(Errno.SUCCESS);
        assertThat(Files.getLastModifiedTime(file).toInstant()).isAfter(Instant.now().minusSeconds(60));
        assertThat(guest.call("fd_filestat_set_times", fd, 0, 0, Flags.MTIM | Flags.MTIM_NOW)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_filestat_set_times", fd, 0, 0, 16)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_filestat_set_times", 3, 9_000_000_000L, 9_000_000_000L, Flags.ATIM | Flags.MTIM))
                .isEqualTo(Errno.SUCCESS);
        assertThat(Files.getLastModifiedTime(root).toInstant()).isEqualTo(Instant.ofEpochSecond(9));
    }

    @Test
    void openFlagsDoWhatPosixSays() throws IOException {
        Files.writeString(root.resolve("a"), "content");
        Files.createDirectory(root.resolve("d"));
        Files.createSymbolicLink(root.resolve("l"), Path.of("a"));
        Files.createSymbolicLink(root.resolve("dangling"), Path.of("new"));
        assertThat(guest.open(3, "none", 0, RW)).isEqualTo(Errno.NOENT);
        assertThat(guest.open(3, "a", Flags.O_CREAT | Flags.O_EXCL, RW)).isEqualTo(Errno.EXIST);
        assertThat(guest.open(3, "dangling", Flags.O_CREAT | Flags.O_EXCL, RW)).isEqualTo(Errno.EXIST);
        assertThat(guest.open(3, "a", Flags.O_DIRECTORY, RW)).isEqualTo(Errno.NOTDIR);
        assertThat(guest.open(3, "d", 0, RW)).isEqualTo(Errno.ISDIR);
        assertThat(guest.open(3, "d", Flags.O_CREAT, Rights.FD_READ)).isEqualTo(Errno.ISDIR);
        assertThat(guest.open(3, "d", Flags.O_DIRECTORY | Flags.O_TRUNC, 0)).isEqualTo(Errno.ISDIR);
        assertThat(guest.open(3, "d", Flags.O_DIRECTORY | Flags.O_CREAT, 0)).isEqualTo(Errno.INVAL);
        assertThat(guest.open(3, 0, "l", 0, RW, 0, 0)).isEqualTo(Errno.LOOP);
        assertThat(guest.open(3, 0, "l", Flags.O_DIRECTORY, 0, 0, 0)).isEqualTo(Errno.NOTDIR);
        assertThat(guest.open(3, "l", 0, RW)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.open(3, "n/", Flags.O_CREAT, RW)).isEqualTo(Errno.ISDIR);
        assertThat(guest.open(3, "a", 16, RW)).isEqualTo(Errno.INVAL);
        assertThat(guest.open(3, "a", Flags.O_TRUNC, 0)).isEqualTo(Errno.SUCCESS);
        assertThat(Files.size(root.resolve("a"))).isZero();
        assertThat(guest.open(3, "dangling", Flags.O_CREAT, RW)).isEqualTo(Errno.SUCCESS);
        assertThat(root.resolve("new")).exists();
        assertThat(guest.open(0, "a", 0, RW)).isEqualTo(Errno.NOTDIR);
        assertThat(guest.open(99, "a", 0, RW)).isEqualTo(Errno.BADF);
    }

    @Test
    void directoriesAreMadeAndRemoved() throws IOException {
        assertThat(guest.onPath("path_create_directory", 3, "d/")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.onPath("path_create_directory", 3, "d")).isEqualTo(Errno.EXIST);
        assertThat(guest.onPath("path_create_directory", 3, "x/y")).isEqualTo(Errno.NOENT);
        assertThat(guest.onPath("path_create_directory", 3, "d/e")).isEqualTo(Errno.SUCCESS);
        assertThat(root.resolve("d/e")).isDirectory();
        Files.writeString(root.resolve("f"), "");
        assertThat(guest.onPath("path_remove_directory", 3, "d")).isEqualTo(Errno.NOTEMPTY);
        assertThat(guest.onPath("path_remove_directory", 3, "f")).isEqualTo(Errno.NOTDIR);
        assertThat(guest.onPath("path_remove_directory", 3, ".")).isEqualTo(Errno.INVAL);
        assertThat(guest.onPath("path_remove_directory", 3, "d/e/.")).isEqualTo(Errno.INVAL);
        assertThat(guest.onPath("path_remove_directory", 3, "d/e/")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.onPath("path_unlink_file", 3, "d")).isEqualTo(Errno.ISDIR);
        assertThat(guest.onPath("path_unlink_file", 3, "f/")).isEqualTo(Errno.NOTDIR);
        assertThat(guest.onPath("path_unlink_file", 3, "f")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.onPath("path_unlink_file", 3, "f")).isEqualTo(Errno.NOENT);
        assertThat(guest.onPath("path_remove_directory", 3, "d")).isEqualTo(Errno.SUCCESS);
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void linksAreMadeReadAndUnlinked() throws IOException {
        Files.writeString(root.resolve("f"), "x");
        assertThat(guest.symlink("f", 3, "l")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.readlink(3, "l")).isEqualTo("f");
        assertThat(guest.readlink(3, "f")).isEqualTo("<INVAL>");
        assertThat(guest.readlink(3, "none")).isEqualTo("<NOENT>");
        assertThat(guest.call("path_readlink", 3, Guest.PATH, 0, Guest.DATA, 4, Guest.RESULT)).isEqualTo(Errno.NOENT);
        assertThat(guest.symlink("f", 3, "l")).isEqualTo(Errno.EXIST);
        assertThat(guest.symlink("f", 3, "m/")).isEqualTo(Errno.NOENT);
        assertThat(guest.symlink("", 3, "m")).isEqualTo(Errno.NOENT);
        assertThat(guest.symlink(GREETINGS + "/../x", 3, "m")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.readlink(3, "m")).isEqualTo(GREETINGS + "/../x");
        assertThat(guest.call("path_readlink", 3, Guest.PATH, 1, Guest.DATA, 4, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.result()).isEqualTo(4);
        assertThat(guest.link(3, 0, "f", 3, "g")).isEqualTo(Errno.SUCCESS);
        assertThat(Files.getAttribute(root.resolve("f"), "unix:nlink")).isEqualTo(2);
        assertThat(guest.link(3, 0, "f", 3, "g")).isEqualTo(Errno.EXIST);
        assertThat(guest.link(3, 1, "f", 3, "h")).isEqualTo(Errno.INVAL);
        assertThat(guest.link(3, 0, "f", 3, "h/")).isEqualTo(Errno.NOENT);
        assertThat(guest.link(3, 0, ".", 3, "h")).isEqualTo(Errno.PERM);
        assertThat(guest.onPath("path_unlink_file", 3, "l")).isEqualTo(Errno.SUCCESS);
        assertThat(root.resolve("f")).exists();
    }

    @Test
    void aHardLinkToASymbolicLinkIsASecondLink() throws IOException {
        Path outside = Files.writeString(temp.resolve("outside"), "secret");
        Files.createSymbolicLink(root.resolve("l"), outside);
        Errno errno = guest.link(3, 0, "l", 3, "m");
        if (errno == Errno.SUCCESS) {
            assertThat(root.resolve("m")).isSymbolicLink();
        }
        assertThat(Files.getAttribute(outside, "unix:nlink")).isEqualTo(1);
    }

    @Test
    void renameFollowsPosix() throws IOException {
        Files.writeString(root.resolve("f"), "f");
        Files.writeString(root.resolve("g"), "g");
        Files.createDirectories(root.resolve("d/sub"));
        Files.createDirectory(root.resolve("e"));
        assertThat(guest.rename(3, "f", 3, "d")).isEqualTo(Errno.ISDIR);
        assertThat(guest.rename(3, "d", 3, "f")).isEqualTo(Errno.NOTDIR);
        assertThat(guest.rename(3, "e", 3, "d")).isEqualTo(Errno.NOTEMPTY);
        assertThat(guest.rename(3, "none", 3, "x")).isEqualTo(Errno.NOENT);
        assertThat(guest.rename(3, "f", 3, "x/")).isEqualTo(Errno.NOTDIR);
        assertThat(guest.rename(3, "d", 3, "d/sub/x")).isEqualTo(Errno.INVAL);
        assertThat(guest.rename(3, ".", 3, "x")).isEqualTo(Errno.BUSY);
        assertThat(guest.rename(3, "d", 3, "e/..")).isEqualTo(Errno.BUSY);
        assertThat(guest.rename(3, "f", 3, "g")).isEqualTo(Errno.SUCCESS);
        assertThat(root.resolve("g")).hasContent("f");
        assertThat(guest.rename(3, "d", 3, "e")).isEqualTo(Errno.SUCCESS);
        int e = guest.openedDirectory(3, "e");
        assertThat(guest.rename(3, "g", e, "sub/g")).isEqualTo(Errno.SUCCESS);
        assertThat(root.resolve("e/sub/g")).exists();
    }

    private List<String> list(int fd, int bufferLength) {
        List<String> names = new ArrayList<>();
        long cookie = 0;
        while (true) {
            assertThat(guest.call("fd_readdir", fd, Guest.DATA, bufferLength, cookie, Guest.RESULT))
                    .isEqualTo(Errno.SUCCESS);
            int used = guest.result();
            ByteBuffer in = ByteBuffer.wrap(guest.data(used)).order(ByteOrder.LITTLE_ENDIAN);
            while (in.remaining() >= 24) {
                long next = in.getLong();
                in.getLong();
                int length = in.getInt();
                int type = in.getInt();
                if (in.remaining() < length) {
                    break;
                }
                byte[] name = new byte[length];
                in.get(name);
                names.add(new String(name) + ":" + type);
                cookie = next;
            }
            if (used < bufferLength) {
                return names;
            }
        }
    }

    @Test
    void directoriesAreListedWholeInSmallPieces() throws IOException {
        assertThat(list(3, 4096)).containsExactly(".:3", "..:3");
        HashSet<String> expected = new HashSet<>(List.of(".:3", "..:3", "dir:3", "link:7"));
        Files.createDirectory(root.resolve("dir"));
        Files.createSymbolicLink(root.resolve("link"), Path.of("dir"));
        for (int i = 0; i < 200; i++) {
            Files.writeString(root.resolve("file" + i), "");
            expected.add("file" + i + ":4");
        }
        for (int length : new int[] {40, 64, 100, 4096, 20_000}) {
            assertThat(list(3, length)).hasSize(expected.size()).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void aCookieFromBeforeReadsOnFromThere() throws IOException {
        for (int i = 0; i < 20; i++) {
            Files.writeString(root.resolve("f" + i), "");
        }
        List<String> all = list(3, 4096);
        guest.call("fd_readdir", 3, Guest.DATA, 4096, 0, Guest.RESULT);
        ByteBuffer in = ByteBuffer.wrap(guest.data(guest.result())).order(ByteOrder.LITTLE_ENDIAN);
        long cookie = 0;
        for (int i = 0; i < 20; i++) {
            cookie = in.getLong(in.position());
            in.position(in.position() + 24 + in.getInt(in.position() + 16));
        }
        for (int i = 0; i < 2; i++) {
            guest.call("fd_readdir", 3, Guest.DATA, 4096, cookie, Guest.RESULT);
            in = ByteBuffer.wrap(guest.data(guest.result())).order(ByteOrder.LITTLE_ENDIAN);
            byte[] name = new byte[in.getInt(16)];
            in.get(24, name);
            assertThat(all.get(20)).startsWith(new String(name) + ":");
        }
        assertThat(guest.call("fd_readdir", 3, Guest.DATA, 10, -1, Guest.RESULT)).isEqualTo(Errno.INVAL);
    }

    @Test
    void namesAreBytes() throws Exception {
        String make = "touch $(printf 'not-\\377-text') $(printf 'gr\\303\\274n')";
        assertThat(new ProcessBuilder("sh", "-c", make).directory(root.toFile()).start().waitFor()).isZero();
        guest.call("fd_readdir", 3, Guest.DATA, 4096, 0, Guest.RESULT);
        String listed = new String(guest.data(guest.result()), StandardCharsets.ISO_8859_1);
        assertThat(listed).contains("not-\u00ff-text").contains("gr\u00c3\u00bcn");
        assertThat(guest.onPath("path_unlink_file", 3, "gr\u00fcn")).isEqualTo(Errno.SUCCESS);
        byte[] name = "not-\u00ff-text".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(guest.onPath("path_unlink_file", 3, name)).isEqualTo(Errno.ILSEQ);
    }

    @Test
    void everyListedFileCanBeRemovedOnTheWay() throws IOException {
        for (int i = 0; i < 300; i++) {
            Files.writeString(root.resolve("f" + i), "");
        }
        long cookie = 0;
        while (true) {
            guest.call("fd_readdir", 3, Guest.DATA, 256, cookie, Guest.RESULT);
            int used = guest.result();
            ByteBuffer in = ByteBuffer.wrap(guest.data(used)).order(ByteOrder.LITTLE_ENDIAN);
            while (in.remaining() >= 24 && in.remaining() >= 24 + in.getInt(in.position() + 16)) {
                cookie = in.getLong();
                in.getLong();
                byte[] name = new byte[in.getInt()];
                in.getInt();
                in.get(name);
                if (name[0] == 'f') {
                    assertThat(guest.onPath("path_unlink_file", 3, name)).isEqualTo(Errno.SUCCESS);
                }
            }
            if (used < 256) {
                break;
            }
        }
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void openFilesAreLimited() throws IOException {
        Files.writeString(root.resolve("a"), "");
        try (Guest small = new Guest(Wasi.defaults().withDirectory(root, ".").withMaxOpenFiles(6))) {
            assertThat(small.openedForReading(3, "a")).isEqualTo(4);
            assertThat(small.openedForReading(3, "a")).isEqualTo(5);
            assertThat(small.open(3, "a", 0, Rights.FD_READ)).isEqualTo(Errno.MFILE);
            assertThat(small.call("fd_close", 4)).isEqualTo(Errno.SUCCESS);
            assertThat(small.openedForReading(3, "a")).isEqualTo(4);
        }
    }

    @Test
    void closingTheProcessClosesItsFiles() throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return;
        }
        guest.openedDirectory(3, ".");
        guest.opened(3, "a", Flags.O_CREAT, RW);
        list(3, 50);
        assertThat(openBelow(root)).isPositive();
        guest.close();
        assertThat(openBelow(root)).isZero();
        assertThat(guest.read(3, 1)).isEqualTo("<BADF>");
    }

    private static long openBelow(Path root) throws IOException {
        try (var links = Files.list(Path.of("/proc/self/fd"))) {
            return links.filter(link -> {
                        try {
                            return Files.readSymbolicLink(link).toString().startsWith(root.toString());
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    @Test
    void otherFileSystemsServeAsWell() throws IOException {
        try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix())) {
            Path dir = Files.createDirectory(memory.getPath("/dir"));
            Files.writeString(dir.resolve("a"), "in memory");
            Preopen preopen = new Preopen(dir, "/", Preopen.Access.READ_WRITE);
            try (Guest other = new Guest(Wasi.defaults().withPreopen(preopen))) {
                assertThat(other.read(other.openedForReading(3, "a"), 20)).isEqualTo("in memory");
                int fd = other.opened(3, "b", Flags.O_CREAT, RW);
                assertThat(other.write(fd, "new")).isEqualTo(Errno.SUCCESS);
                assertThat(Files.readString(dir.resolve("b"))).isEqualTo("new");
                assertThat(other.onPath("path_create_directory", 3, "d")).isEqualTo(Errno.SUCCESS);
                assertThat(other.symlink("../a", 3, "d/l")).isEqualTo(Errno.SUCCESS);
                assertThat(other.readlink(3, "d/l")).isEqualTo("../a");
                assertThat(other.read(other.openedForReading(3, "d/l"), 20)).isEqualTo("in memory");
                assertThat(other.rename(3, "b", 3, "d/b")).isEqualTo(Errno.SUCCESS);
                assertThat(other.open(3, "../dir/a", 0, 0)).isEqualTo(Errno.NOTCAPABLE);
            }
        }
    }
}
