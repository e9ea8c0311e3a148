package org.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
    @TempDir
    Path home;

    private KeyFile key() {
        return KeyFile.in(Map.<String, String>of()::get, home.toString());
    }

    @Test
    void isMadeOnceForTheOwnerAlone() throws Exception {
        assertThatThrownBy(() -> key().read()).isInstanceOf(FailureException.class).hasMessageContaining("no key");
        assertThat(key().readOrCreate()).isEqualTo(key().readOrCreate()).isEqualTo(key().read());
        Path file = home.resolve(".local/state/sallyport/artefact.key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");
        assertThat(Files.size(file)).isEqualTo(32);
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void followsTheStateDirectoryOfTheEnvironment() {
        assertThat(KeyFile.in(Map.of("XDG_STATE_HOME", "/state")::get, "/home/x").path())
                .isEqualTo(Path.of("/state/sallyport/artefact.key"));
        assertThat(KeyFile.in(Map.of("XDG_STATE_HOME", "relative")::get, "/home/x").path())
                .isEqualTo(Path.of("/home/x/.local/state/sallyport/artefact.key"));
    }

    @Test
    void homeIsThatOfTheEnvironment() {
        assertThat(KeyFile.in(Map.of("HOME", "/elsewhere")::get, "/home/x").path())
                .isEqualTo(Path.of("/elsewhere/.local/state/sallyport/artefact.key"));
        assertThat(KeyFile.in(Map.of("HOME", "")::get, "/home/x").path())
                .isEqualTo(Path.of("/home/x/.local/state/sallyport/artefact.key"));
        assertThatThrownBy(() -> KeyFile.in(Map.<String, String>of()::get, "?"))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("HOME");
    }

    @Test
    void isRefusedWhenOthersHaveAccess() throws Exception {
        Path file = home.resolve(".local/state/sallyport/artefact.key");
        key().readOrCreate();
        for (String permissions : new String[] {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rwx--x---"}) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
            assertThatThrownBy(() -> key().read()).as(permissions).hasMessageContaining("others may access");
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
        assertThat(key().read()).isNotNull();
    }

    @Test
    void isRefusedWhenItIsNotAKey() throws Exception {
        Path file = home.resolve(".local/state/sallyport/artefact.key");
        key().readOrCreate();
        Path elsewhere = Files.move(file, home.resolve("elsewhere"));
        Files.createSymbolicLink(file, elsewhere);
        assertThatThrownBy(() -> key().readOrCreate()).hasMessageContaining("not a regular file");
        Files.delete(file);
        Files.write(Files.copy(elsewhere, file), new byte[16]);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThatThrownBy(() -> key().read()).hasMessageContaining("16 bytes");
    }
}
