package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.fs.Errno;

/** Standard streams of a process that a shell starts in one way or another. */
@Timeout(300)
class ClosedStreamsTest {
    @TempDir
    Path temp;

    /** What the started process does: a guest reads, writes and opens, and the answers go to a file. */
    static final class Probe {
        private Probe() {}

        public static void main(String[] args) throws IOException {
            Guest guest = new Guest(Wasi.defaults()
                    .withStandardStreams(_ -> false)
                    .withDirectory(Path.of(args[0]), "."));
            String read = guest.read(0, 100);
            StringBuilder answers = new StringBuilder(read);
            for (int fd = 0; fd < 3; fd++) {
                Errno stat = guest.call("fd_filestat_get", fd, Guest.DATA);
                PollTest.descriptor(guest, 0, fd == 0 ? Flags.EVENT_FD_READ : Flags.EVENT_FD_WRITE, fd);
                String poll = PollTest.poll(guest, 1);
                answers.append(' ').append(stat).append(poll.contains(":" + stat + ":") ? "" : "!=" + poll);
            }
            answers.append(' ').append(guest.write(1, "out")).append(' ').append(guest.write(2, "err"));
            answers.append(' ').append(guest.open(3, ".", Flags.O_DIRECTORY, 0)).append(' ').append(guest.result());
            FreshJvm.tell(args, answers);
        }
    }

    private String answers(String redirections) throws Exception {
        return FreshJvm.answers(temp, "", Probe.class, redirections);
    }

    @Test
    void aStreamThatIsClosedAtTheStartIsNotOpenForTheGuest() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        assertThat(answers("<&-")).isEqualTo("<BADF> BADF SUCCESS SUCCESS SUCCESS SUCCESS SUCCESS 4");
        assertThat(answers("0>/dev/null 1</dev/null 2</dev/null"))
                .as("what the launcher does")
                .isEqualTo("<BADF> BADF BADF BADF BADF BADF SUCCESS 4");
    }

    @Test
    void otherStreamsAreWhatTheyAre() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/full")));
        Files.writeString(temp.resolve("in"), "hello");
        assertThat(answers("<in >/dev/full 2>out")).isEqualTo("hello SUCCESS SUCCESS SUCCESS NOSPC SUCCESS SUCCESS 4");
        assertThat(temp.resolve("out")).hasContent("err");
        assertThat(answers("</dev/null >in 2>/dev/null")).endsWith("SUCCESS SUCCESS SUCCESS 4");
        assertThat(answers("<. 1</dev/null")).isEqualTo("<ISDIR> SUCCESS BADF SUCCESS BADF SUCCESS SUCCESS 4");
    }
}
