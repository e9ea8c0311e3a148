package org.sallyport.host.wasi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlacesTest {
    @TempDir
    private Path directory;

    private final List<Closeable> closed = new ArrayList<>();

    private Path open(Places places, String host, String plugin) throws IOException {
        return places.of(host, plugin).open(closed::add);
    }

    @Test
    void aPathWithThePluginsIdIsTheirs() throws Exception {
        Path one = open(new Places(() -> null), directory + "/{plugin}/files", "one");

        assertThat(one).isEqualTo(directory.resolve("one/files")).isDirectory();
    }

    /** An id is the plugin's own word, and letters, digits, {@code . _ -} are allowed in it. */
    @Test
    void anIdIsNoWayOut() {
        Places places = new Places(() -> directory);
        for (String id : List.of(".", "..")) {
            assertThatIllegalArgumentException().isThrownBy(() -> places.of(directory + "/{plugin}", id));
            assertThatIllegalArgumentException().isThrownBy(() -> places.of("data:", id));
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void dataIsBelowTheHostsDirectory() throws Exception {
        assertThat(open(new Places(() -> directory), "data:", "one")).isEqualTo(directory.resolve("one")).isDirectory();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Places(() -> directory).of("data:../other", "one"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Places(() -> null).of("data:", "one"))
                .withMessageContaining("new WasiModule");
    }

    @Test
    void refusesWhatIsNotThereAndRelativePaths() {
        Places places = new Places(() -> null);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> places.of(directory + "/missing", "one"))
                .withMessageContaining("missing");
        assertThatIllegalArgumentException().isThrownBy(() -> places.of("tmp", "one")).withMessageContaining("absolute");
    }

    @Test
    void memoryIsEachInstancesOwnAndLimited() throws Exception {
        Places.Place place = new Places(() -> null).of("memory:100000", "one");
        Path first = place.open(closed::add);
        Path second = place.open(closed::add);
        Files.write(first.resolve("a"), new byte[50_000]);

        assertThat(second).isEmptyDirectory();
        assertThatThrownBy(() -> Files.write(first.resolve("b"), new byte[100_000])).isInstanceOf(IOException.class);
        for (Closeable files : closed) {
            files.close();
        }
        assertThatThrownBy(() -> Files.exists(first.resolve("a"))).isInstanceOf(ClosedFileSystemException.class);
    }
}
