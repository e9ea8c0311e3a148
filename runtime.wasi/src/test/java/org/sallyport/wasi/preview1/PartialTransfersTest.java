package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.fs.Errno;

/** What the host takes of a transfer is the transfer's result; the error comes with the next one. */
@Timeout(300)
class PartialTransfersTest {
    @TempDir
    Path temp;

    /** In a process whose files may have 1024 bytes. */
    static final class Probe {
        private Probe() {}

        public static void main(String[] args) throws IOException {
            StringBuilder answers = new StringBuilder();
            Wasi wasi = Wasi.defaults()
                    .withStandardStreams(_ -> false)
                    .withPreopen(new Preopen(Path.of(args[0]), "/", Preopen.Access.READ_WRITE));
            try (Guest guest = new Guest(wasi)) {
                guest.vectors(400, 500, 2100);
                int one = guest.opened(3, "one", Flags.O_CREAT, Rights.FILE);
                answers.append(written(guest, guest.call("fd_write", one, Guest.IOV, 3, Guest.RESULT)));
                guest.call("fd_tell", one, Guest.RESULT);
                answers.append("at ").append(guest.memory.getLong(Guest.RESULT)).append(' ');
                answers.append(written(guest, guest.call("fd_write", one, Guest.IOV, 3, Guest.RESULT)));
                answers.append(written(guest, guest.call("fd_pwrite", one, Guest.IOV, 3, 1000, Guest.RESULT)));
                answers.append(written(guest, guest.call("fd_pwrite", one, Guest.IOV, 3, 1024, Guest.RESULT)));
                guest.open(3, 0, "two", Flags.O_CREAT, Rights.FILE, 0, Flags.FD_APPEND);
                int two = guest.result();
                answers.append(written(guest, guest.call("fd_write", two, Guest.IOV, 2, Guest.RESULT)));
                answers.append(written(guest, guest.call("fd_write", two, Guest.IOV, 2, Guest.RESULT)));
                guest.call("fd_tell", two, Guest.RESULT);
                answers.append("at ").append(guest.memory.getLong(Guest.RESULT)).append(' ');
                answers.append(written(guest, guest.call("fd_write", 1, Guest.IOV, 3, Guest.RESULT)));
                answers.append(written(guest, guest.call("fd_write", 1, Guest.IOV, 3, Guest.RESULT)));
                answers.append(guest.call("fd_filestat_set_size", one, 5000));
            }
            FreshJvm.tell(args, answers);
        }

        private static String written(Guest guest, Errno errno) {
            return (errno == Errno.SUCCESS ? guest.result() : errno) + " ";
        }
    }

    @Test
    void partialWritesAreToldAndMoveThePosition() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        Path directory = Files.createDirectory(temp.resolve("limited"));
        String answers = FreshJvm.answers(directory, "ulimit -f 2;", Probe.class, ">out");
        assertThat(answers).isEqualTo("1024 at 1024 FBIG 24 FBIG 900 124 at 1024 1024 FBIG FBIG");
        assertThat(Files.size(directory.resolve("one"))).isEqualTo(1024);
        assertThat(Files.size(directory.resolve("two"))).isEqualTo(1024);
        assertThat(Files.size(directory.resolve("out"))).isEqualTo(1024);
    }
}
