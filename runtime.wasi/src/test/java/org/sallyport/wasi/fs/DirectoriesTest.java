package org.sallyport.wasi.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All kinds of directories behave alike, as long as nobody interferes. */
class DirectoriesTest {
    @TempDir
    Path temp;

    private Path root;

    @BeforeEach
    void start() throws IOException {
        root = Files.createDirectory(temp.toRealPath().resolve("root"));
        Files.createDirectories(root.resolve("dir/sub"));
        Files.writeString(root.resolve("dir/file"), "x");
        Files.createSymbolicLink(root.resolve("out"), temp);
        Files.createSymbolicLink(root.resolve("in"), Path.of("dir/sub"));
    }

    private List<Directory> all() throws IOException {
        return List.of(Directory.open(root), Directory.openPortably(root), new PlainDirectory(root));
    }

    private static OpenMode mode(boolean write) {
        return new OpenMode(!write, write, false, false, false, false, false, false);
    }

    private static HostFile open(Directory directory, String name, boolean write) throws IOException {
        return directory.openFile(name, mode(write), () -> PathWalk.reopen(directory, List.of(), name));
    }

    @Test
    void walksStayInside() throws IOException {
        for (Directory directory : all()) {
            assertThat(PathWalk.resolve(directory, GuestPath.parse("in/../file"), true).require().size()).isEqualTo(1);
            assertThatThrownBy(() -> PathWalk.resolve(directory, GuestPath.parse("out/root"), true))
                    .isInstanceOfSatisfying(
                            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.NOTCAPABLE));
            assertThatThrownBy(() -> PathWalk.resolve(directory, GuestPath.parse("dir/../.."), true))
                    .isInstanceOf(ErrnoException.class);
            assertThatThrownBy(() -> directory.openDirectory("out")).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> open(directory, "in", false))
                    .isInstanceOf(IOException.class);
            directory.close();
        }
    }

    @Test
    void everyOperationWorks() throws IOException {
        int i = 0;
        for (Directory directory : all()) {
            String name = "n" + i++;
            directory.createDirectory(name);
            directory.createLink(name + "l", "dir".getBytes(StandardCharsets.UTF_8));
            assertThat(directory.readLink(name + "l")).asString().isEqualTo("dir");
            Directory made = directory.openDirectory(name);
            directory.openDirectory("dir").link("file", made, "hard");
            assertThat(made.stat("hard").links()).isEqualTo(i + 1);
            made.rename("hard", directory, name + "f");
            open(directory, name + "f", true).close();
            List<String> names = new ArrayList<>();
            try (Listing list = directory.list()) {
                Listing.Entry entry = list.entry(0);
                while (entry != null) {
                    names.add(new String(entry.name(), StandardCharsets.UTF_8));
                    entry = list.entry(entry.next());
                }
            }
            assertThat(names).contains("dir", "in", "out", name, name + "l", name + "f");
            directory.deleteDirectory(name);
            directory.deleteFile(name + "l");
            assertThat(directory.attributes("in").type()).isEqualTo(FileType.SYMBOLIC_LINK);
            assertThat(directory.attributes(".").key())
                    .isEqualTo(FileKey.of(Files.readAttributes(root, BasicFileAttributes.class), root));
        }
    }

    /** Memories of guests that are no machine code are arrays of Java, which have no address to give to a system. */
    @Test
    void buffersAreWhereverTheyLike() throws IOException {
        byte[] array = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer direct = ByteBuffer.allocateDirect(4).put(0, array, 0, 4);
        for (Directory directory : all()) {
            Files.writeString(root.resolve("f"), "");
            ByteBuffer[] sources = {ByteBuffer.wrap(array, 10, 3), direct.duplicate(), ByteBuffer.wrap(array).asReadOnlyBuffer()};
            try (HostFile file = open(directory, "f", true)) {
                assertThat(file.write(sources, 0)).isEqualTo(23);
            }
            assertThat(root.resolve("f")).hasContent("abc01230123456789abcdef");

            byte[] read = new byte[40];
            ByteBuffer middle = ByteBuffer.allocateDirect(5);
            try (HostFile file = open(directory, "f", false)) {
                assertThat(file.read(new ByteBuffer[] {ByteBuffer.wrap(read, 1, 4), middle, ByteBuffer.wrap(read, 10, 30)}, 1))
                        .isEqualTo(22);
            }
            byte[] rest = new byte[5];
            middle.flip().get(rest);
            assertThat(new String(read, StandardCharsets.ISO_8859_1))
                    .isEqualTo("\0bc01\0\0\0\0\0" + "3456789abcdef" + "\0".repeat(17));
            assertThat(rest).asString(StandardCharsets.US_ASCII).isEqualTo("23012");
        }
    }

    @Test
    void aPlainDirectoryNoticesThatItWasExchanged() throws IOException {
        Directory dir = new PlainDirectory(root).openDirectory("dir");
        Files.move(root.resolve("dir"), root.resolve("moved"));
        Files.createSymbolicLink(root.resolve("dir"), temp);
        assertThatThrownBy(() -> dir.attributes("root")).isInstanceOf(ErrnoException.class);
        assertThatThrownBy(() -> dir.createDirectory("x")).isInstanceOf(ErrnoException.class);
        Files.delete(root.resolve("dir"));
        Files.createDirectory(root.resolve("dir"));
        assertThatThrownBy(() -> dir.createDirectory("x")).isInstanceOf(ErrnoException.class);
    }
}
