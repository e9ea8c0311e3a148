package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.fs.Directory;
import org.sallyport.wasi.fs.Errno;

/** What guests take of the operating system's descriptors, and that they give it back. */
@Timeout(300)
class HostDescriptorsTest {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    @TempDir
    Path temp;

    private Path root;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(Files.isDirectory(DESCRIPTORS));
        root = Files.createDirectory(temp.resolve("root"));
        Files.createDirectory(root.resolve("d"));
        Files.writeString(root.resolve("f"), "f");
    }

    @AfterEach
    void stop() {
        System.clearProperty(Directory.PORTABLE);
    }

    private Wasi wasi() {
        return Wasi.defaults().withPreopen(new Preopen(root, "/", Preopen.Access.READ_WRITE));
    }

    private long held() throws IOException {
        try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
            return descriptors.filter(this::isBelowRoot).count();
        }
    }

    private boolean isBelowRoot(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).startsWith(root);
        } catch (IOException e) {
            return false;
        }
    }

    /** Opens directories and lists each until there may be no more. @return how many */
    private static int openAll(Guest guest) {
        for (int n = 0; ; n++) {
            Errno errno = guest.open(3, "d", Flags.O_DIRECTORY, Rights.DIRECTORY);
            if (errno != Errno.SUCCESS) {
                assertThat(errno).isEqualTo(Errno.MFILE);
                return n;
            }
            int fd = guest.result();
            assertThat(guest.call("fd_readdir", fd, Guest.DATA, 4096, 0, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        }
    }

    @Test
    void aGuestsDescriptorsAreOneOfTheHostEach() throws IOException {
        try (Guest guest = new Guest(wasi().withMaxOpenFiles(200))) {
            int n = openAll(guest);
            assertThat(n).isEqualTo(196);
            assertThat(held()).isEqualTo(n + 1);
            assertThat(guest.call("fd_close", 4)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.open(3, "f", 0, Rights.FD_READ)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.open(3, "f", 0, Rights.FD_READ)).isEqualTo(Errno.MFILE);
            assertThat(guest.call("fd_renumber", 5, 6)).isEqualTo(Errno.SUCCESS);
            assertThat(held()).isEqualTo(n);
        }
        assertThat(held()).isZero();
    }

    @Test
    void thePortableWayCountsWhatItTakes() throws IOException {
        System.setProperty(Directory.PORTABLE, "true");
        try (Guest guest = new Guest(wasi().withMaxOpenFiles(200))) {
            openAll(guest);
            assertThat(held()).isBetween(100L, 204L);
        }
        assertThat(held()).isZero();
    }

    /** In a process of its own that may have few. */
    static final class Greedy {
        private Greedy() {}

        public static void main(String[] args) throws IOException {
            Wasi wasi = Wasi.defaults().withDirectory(Path.of(args[0]), ".").withMaxOpenFiles(10_000);
            StringBuilder answers = new StringBuilder();
            for (String other : List.of("", "of the application's")) {
                List<FileInputStream> files = new ArrayList<>();
                while (!other.isEmpty() && files.size() < 130) {
                    files.add(new FileInputStream(args[0] + "/f"));
                }
                Guest guest = new Guest(wasi);
                int n = 0;
                while (guest.open(3, "d", Flags.O_DIRECTORY, 0) == Errno.SUCCESS) {
                    n++;
                }
                answers.append(n > 10 && n < 192).append(' ').append(guest.open(3, "f", 0, Rights.FD_READ)).append(' ');
                new FileInputStream(args[0] + "/f").close();
                guest.close();
                for (FileInputStream file : files) {
                    file.close();
                }
            }
            FreshJvm.tell(args, answers);
        }
    }

    @Test
    void theJvmAlwaysHasSomeLeft() throws Exception {
        assertThat(FreshJvm.answers(root, "ulimit -n 256;", Greedy.class, "")).isEqualTo("true NFILE true NFILE ");
    }

    @Test
    void theStoresAccountIsChargedAndGetsAllBack() throws IOException {
        for (String portable : new String[] {"false", "true"}) {
            System.setProperty(Directory.PORTABLE, portable);
            FakeStore store = new FakeStore(40);
            try (Guest guest = new Guest(wasi(), 4, store)) {
                Errno errno = Errno.SUCCESS;
                while (errno == Errno.SUCCESS) {
                    errno = guest.open(3, "d", Flags.O_DIRECTORY, Rights.DIRECTORY);
                }
                assertThat(errno).isEqualTo(Errno.NFILE);
                assertThat(store.resources().used(Kind.DESCRIPTORS)).isEqualTo(40);
                assertThat(held()).isLessThanOrEqualTo(40);
                assertThat(guest.call("fd_close", 5)).isEqualTo(Errno.SUCCESS);
                assertThat(guest.call("fd_renumber", 6, 4)).isEqualTo(Errno.SUCCESS);
                assertThat(guest.open(3, "f", 0, Rights.FD_READ)).isEqualTo(Errno.SUCCESS);
            }
            assertThat(store.resources().used(Kind.DESCRIPTORS)).isZero();
            assertThat(held()).isZero();
            FakeStore none = new FakeStore(0);
            assertThatThrownBy(() -> new Guest(wasi(), 4, none)).isInstanceOf(LimitExceededException.class);
            assertThat(held()).isZero();
        }
    }

    @Test
    void whatFailsHoldsNothing() throws IOException {
        for (String portable : new String[] {"false", "true"}) {
            System.setProperty(Directory.PORTABLE, portable);
            try (Guest guest = new Guest(wasi())) {
                long before = held();
                for (int i = 0; i < 100; i++) {
                    guest.open(3, "none/x", 0, 0);
                    guest.open(3, "f/x", 0, 0);
                    guest.open(3, "d/../../x", 0, 0);
                    guest.open(3, "d", Flags.O_CREAT | Flags.O_EXCL, 0);
                    guest.open(3, "d", 0, Rights.FD_WRITE);
                    guest.open(3, "d/none", 0, Rights.FD_READ);
                    guest.stat(3, 1, "d/none");
                    guest.rename(3, "d/none", 3, "d/other");
                    guest.link(3, 0, "d", 3, "d/other");
                    guest.onPath("path_create_directory", 3, "d/");
                }
                assertThat(held()).isEqualTo(before);
            }
        }
    }

    @Test
    void aProcessThatIsClosedDuringACallGivesBackWhenThatEnds() throws Exception {
        PipedOutputStream feed = new PipedOutputStream();
        Guest guest = new Guest(wasi().withStdin(new PipedInputStream(feed)));
        guest.openedDirectory(3, "d");
        Thread closer = Thread.ofPlatform().start(() -> {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            guest.close();
        });
        assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(300), () -> guest.read(0, 1)))
                .isInstanceOf(GuestInterruptedException.class);
        closer.join();
        assertThat(held()).isZero();
        assertThat(guest.open(3, "d", 0, 0)).isEqualTo(Errno.BADF);
        assertThat(guest.process().openDescriptors()).isZero();
    }

    @Test
    void aProcessThatIsForgottenGivesBackInTheEnd() throws Exception {
        forget();
        for (int i = 0; i < 100 && held() > 0; i++) {
            System.gc();
            Thread.sleep(50);
        }
        assertThat(held()).isZero();
    }

    private void forget() {
        Guest guest = new Guest(wasi());
        guest.openedDirectory(3, "d");
        guest.openedForReading(3, "f");
    }
}
