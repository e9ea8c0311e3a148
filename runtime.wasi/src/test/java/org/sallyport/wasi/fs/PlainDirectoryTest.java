package org.sallyport.wasi.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both kinds of directories behave alike, as long as nobody interferes. */
class PlainDirectoryTest {
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

    private List<Directory> both() throws IOException {
        return List.of(Directory.open(root), new PlainDirectory(root));
    }

    @Test
    void walksStayInside() throws IOException {
        for (Directory directory : both()) {
            assertThat(PathWalk.resolve(directory, GuestPath.parse("in/../file"), true).require().size()).isEqualTo(1);
            assertThatThrownBy(() -> PathWalk.resolve(directory, GuestPath.parse("out/root"), true))
                    .isInstanceOfSatisfying(
                            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.NOTCAPABLE));
            assertThatThrownBy(() -> PathWalk.resolve(directory, GuestPath.parse("dir/../.."), true))
                    .isInstanceOf(ErrnoException.class);
            assertThatThrownBy(() -> directory.openDirectory("out")).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> directory.openFile("in", Set.of(StandardOpenOption.READ)))
                    .isInstanceOf(IOException.class);
            directory.close();
        }
    }

    @Test
    void everyOperationWorks() throws IOException {
        int i = 0;
        for (Directory directory : both()) {
            String name = "n" + i++;
            directory.createDirectory(name);
            directory.createLink(name + "l", "dir");
            assertThat(directory.readLink(name + "l")).isEqualTo("dir");
            Directory made = directory.openDirectory(name);
            directory.openDirectory("dir").link("file", made, "hard");
            assertThat(made.stat("hard").links()).isEqualTo(i + 1);
            made.rename("hard", directory, name + "f");
            directory.openFile(name + "f", Set.of(StandardOpenOption.WRITE)).close();
            List<String> names = new ArrayList<>();
            try (var list = directory.list()) {
                list.forEach(path -> names.add(path.getFileName().toString()));
            }
            assertThat(names).contains("dir", "in", "out", name, name + "l", name + "f");
            directory.deleteDirectory(name);
            directory.deleteFile(name + "l");
            assertThat(directory.attributes("in").type()).isEqualTo(FileType.SYMBOLIC_LINK);
            assertThat(directory.attributes(".").key())
                    .isEqualTo(FileKey.of(Files.readAttributes(root, BasicFileAttributes.class), root));
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
