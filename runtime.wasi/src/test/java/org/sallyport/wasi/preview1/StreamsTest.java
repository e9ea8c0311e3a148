package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException.Reason;
import org.sallyport.GuestInterruptedException;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.FileType;

@Timeout(30)
class StreamsTest {
    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A stream whose reads wait until the stream is closed, and that says nothing of what is available. */
    private static final class Silent extends InputStream {
        @Override
        public synchronized int read() throws IOException {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return -1;
        }

        synchronized void end() {
            notifyAll();
        }
    }

    @Test
    void readsUntilTheEnd() {
        Guest guest = new Guest(Wasi.defaults().withStdin(text("hello")));
        assertThat(guest.read(0, 3)).isEqualTo("hel");
        assertThat(guest.read(0, 3)).isEqualTo("lo");
        assertThat(guest.read(0, 3)).isEmpty();
        assertThat(guest.read(0, 3)).isEmpty();
    }

    @Test
    void withoutStreamsInputIsEmptyAndOutputVanishes() {
        Guest guest = new Guest(Wasi.defaults());
        assertThat(guest.read(0, 3)).isEmpty();
        assertThat(guest.write(1, "x")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.result()).isEqualTo(1);
    }

    @Test
    void writesAllVectorsInOrderAndFlushes() {
        int[] flushes = new int[1];
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public void flush() {
                flushes[0]++;
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Guest guest = new Guest(Wasi.defaults().withStdout(out).withStderr(Channels.newChannel(err), false));
        byte[] data = "one, two, three".getBytes(StandardCharsets.UTF_8);
        guest.memory.write(Guest.DATA, data, 0, data.length);
        guest.vectors(5, 0, 5, 5);
        assertThat(guest.call("fd_write", 1, Guest.IOV, 4, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.result()).isEqualTo(15);
        assertThat(out).hasToString("one, two, three");
        assertThat(flushes[0]).isPositive();
        guest.write(2, "error");
        assertThat(err).hasToString("error");
    }

    @Test
    void largeWritesOfManyVectorsKeepTheirOrder() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Guest guest = new Guest(Wasi.defaults().withStdout(out));
        for (int i = 0; i < 60_000; i++) {
            guest.memory.setByte(Guest.DATA + i, (byte) (i / 251));
        }
        guest.vectors(20_000, 1, 39_999);
        assertThat(guest.call("fd_write", 1, Guest.IOV, 3, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(out.toByteArray()).isEqualTo(guest.data(60_000));
    }

    @Test
    void outputIsCapped() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Guest guest = new Guest(Wasi.defaults().withStdout(out).withMaxOutputBytes(5));
        assertThat(guest.write(1, "abc")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.write(1, "defg")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.result()).isEqualTo(2);
        assertThat(guest.write(1, "h")).isEqualTo(Errno.NOSPC);
        assertThat(out).hasToString("abcde");
    }

    @Test
    void controlCharactersAreReplacedOnRequest() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Guest guest = new Guest(Wasi.defaults().withStdout(out).withStderr(out).withPlainOutput(true));
        assertThat(guest.write(1, "red \033[31m, tab\t, bell\007, del\177, line\r\n")).isEqualTo(Errno.SUCCESS);
        assertThat(guest.result()).isEqualTo(36);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("red \uFFFD[31m, tab\t, bell\uFFFD, del\uFFFD, line\r\n");
        out.reset();
        guest.write(1, "over\rwrite, csi \u009b31m, §, grüße, 😀, ");
        guest.memory.write(Guest.DATA, new byte[] {(byte) 0xC2, (byte) 0x9B, (byte) 0xC2, (byte) 0xA7, '!'}, 0, 5);
        for (int i = 0; i < 5; i++) { // byte by byte
            guest.memory.setInt(Guest.IOV, Guest.DATA + i);
            guest.memory.setInt(Guest.IOV + 4, 1);
            guest.call("fd_write", 1, Guest.IOV, 1, Guest.RESULT);
        }
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("over\uFFFDwrite, csi \uFFFD31m, §, grüße, 😀, \uFFFD§!");
    }

    @Test
    void failuresOfStreamsAreErrorNumbers() {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("/etc/secret: no");
            }
        };
        Guest guest = new Guest(Wasi.defaults().withStdout(broken).withStdin(failing));
        assertThat(guest.write(1, "x")).isEqualTo(Errno.PIPE);
        assertThat(guest.read(0, 1)).isEqualTo("<IO>");
    }

    @Test
    void streamsHaveNoPositionAndOneDirection() {
        Guest guest = new Guest(Wasi.defaults().withStdin(text("hello")));
        assertThat(guest.call("fd_seek", 0, 0, 0, Guest.RESULT)).isEqualTo(Errno.SPIPE);
        assertThat(guest.call("fd_tell", 1, Guest.RESULT)).isEqualTo(Errno.SPIPE);
        assertThat(guest.call("fd_pread", 0, Guest.IOV, 0, 0, Guest.RESULT)).isEqualTo(Errno.SPIPE);
        assertThat(guest.write(0, "x")).isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.read(1, 1)).isEqualTo("<NOTCAPABLE>");
        assertThat(guest.read(3, 1)).isEqualTo("<BADF>");
        assertThat(guest.read(-1, 1)).isEqualTo("<BADF>");
    }

    @Test
    void onlyATerminalLooksLikeOne() {
        Guest guest = new Guest(Wasi.defaults()
                .withStdin(text(""), true)
                .withStdout(Channels.newChannel(OutputStream.nullOutputStream()), true));
        for (int fd = 0; fd < 3; fd++) {
            assertThat(guest.call("fd_fdstat_get", fd, Guest.DATA)).isEqualTo(Errno.SUCCESS);
            int expected = fd < 2 ? FileType.CHARACTER_DEVICE.ordinal() : FileType.UNKNOWN.ordinal();
            assertThat(guest.memory.getByte(Guest.DATA)).isEqualTo((byte) expected);
            long rights = guest.memory.getLong(Guest.DATA + 8);
            assertThat(rights & (Rights.FD_SEEK | Rights.FD_TELL)).isZero();
            assertThat(guest.call("fd_filestat_get", fd, Guest.DATA)).isEqualTo(Errno.SUCCESS);
            assertThat(guest.memory.getByte(Guest.DATA + 16)).isEqualTo((byte) expected);
        }
    }

    @Test
    void badVectorsAreRefusedBeforeAnythingIsTransferred() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Guest guest = new Guest(Wasi.defaults().withStdout(out).withStdin(text("hello")));
        int end = (int) guest.memory.byteSize();
        guest.vectors(4);
        assertThat(guest.call("fd_write", 1, Guest.IOV, IoVectors.MAX + 1, Guest.RESULT)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_write", 1, Guest.IOV, -1, Guest.RESULT)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("fd_write", 1, end - 4, 1, Guest.RESULT)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("fd_write", 1, -4, 1, Guest.RESULT)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("fd_write", 1, Guest.IOV, 1, end - 3)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("fd_write", 1, Guest.IOV, 1, -1)).isEqualTo(Errno.FAULT);
        guest.vectors(4, -1);
        assertThat(guest.call("fd_write", 1, Guest.IOV, 2, Guest.RESULT)).isEqualTo(Errno.INVAL);
        guest.vectors(4, -16);
        assertThat(guest.call("fd_write", 1, Guest.IOV, 2, Guest.RESULT)).isEqualTo(Errno.FAULT);
        guest.vectors(4, 0x8000_0000);
        assertThat(guest.call("fd_write", 1, Guest.IOV, 2, Guest.RESULT)).isEqualTo(Errno.FAULT);
        guest.memory.setInt(Guest.IOV + 8, -8);
        guest.memory.setInt(Guest.IOV + 12, 16);
        assertThat(guest.call("fd_write", 1, Guest.IOV, 2, Guest.RESULT)).isEqualTo(Errno.FAULT);
        assertThat(out.size()).isZero();
        assertThat(guest.call("fd_read", 0, Guest.IOV, 2, Guest.RESULT)).isEqualTo(Errno.FAULT);
        assertThat(guest.read(0, 9)).isEqualTo("hello");
    }

    @Test
    void vectorsThatOverlapThemselvesAreRead() {
        Guest guest = new Guest(Wasi.defaults().withStdin(text("abcdefgh")));
        guest.memory.setInt(Guest.IOV, Guest.IOV); // the buffer is the vector itself
        guest.memory.setInt(Guest.IOV + 4, 8);
        assertThat(guest.call("fd_read", 0, Guest.IOV, 1, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.readString(Guest.IOV, 8)).isEqualTo("abcdefgh");
    }

    @Test
    void aWaitingReadEndsAtTheDeadline() {
        Silent silent = new Silent();
        Guest guest = new Guest(Wasi.defaults().withStdin(silent));
        long start = System.nanoTime();
        assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(50), () -> guest.read(0, 1)))
                .isInstanceOfSatisfying(
                        GuestInterruptedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DEADLINE));
        assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
        silent.end();
    }

    @Test
    void aWaitingReadEndsWhenItsThreadIsInterruptedAndLosesNothing() throws Exception {
        PipedOutputStream feed = new PipedOutputStream();
        Guest guest = new Guest(Wasi.defaults().withStdin(new PipedInputStream(feed)));
        Thread reader = Thread.currentThread();
        Thread stopper = Thread.ofPlatform().start(() -> {
            while (reader.getState() != Thread.State.WAITING && reader.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            reader.interrupt();
        });
        assertThatThrownBy(() -> guest.read(0, 1)).isInstanceOf(GuestInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
        stopper.join();
        feed.write("kept".getBytes(StandardCharsets.UTF_8));
        feed.flush();
        StringBuilder got = new StringBuilder();
        while (got.length() < 4) {
            got.append(guest.read(0, 10));
        }
        assertThat(got).hasToString("kept");
    }

    @Test
    void aNonBlockingReadSaysThatNothingIsThere() throws Exception {
        PipedOutputStream feed = new PipedOutputStream();
        Guest guest = new Guest(Wasi.defaults().withStdin(new PipedInputStream(feed)));
        assertThat(guest.call("fd_fdstat_set_flags", 0, Flags.FD_NONBLOCK)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.read(0, 1)).isEqualTo("<AGAIN>");
        feed.write('x');
        feed.flush();
        String got = "<AGAIN>";
        while (got.equals("<AGAIN>")) {
            got = guest.read(0, 1);
        }
        assertThat(got).isEqualTo("x");
    }

    @Test
    void descriptorsAreClosedAndRenumbered() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Guest guest = new Guest(Wasi.defaults().withStdout(out).withStderr(err));
        assertThat(guest.call("fd_renumber", 2, 1)).isEqualTo(Errno.SUCCESS);
        guest.write(1, "to err");
        assertThat(err).hasToString("to err");
        assertThat(guest.write(2, "x")).isEqualTo(Errno.BADF);
        assertThat(guest.call("fd_renumber", 1, 1)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("fd_renumber", 1, 2)).isEqualTo(Errno.BADF);
        assertThat(guest.call("fd_renumber", 7, 1)).isEqualTo(Errno.BADF);
        assertThat(guest.call("fd_renumber", -1, 0x7FFF_FFFF)).isEqualTo(Errno.BADF);
        assertThat(guest.call("fd_close", 1)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("fd_close", 1)).isEqualTo(Errno.BADF);
        assertThat(guest.process().openDescriptors()).isEqualTo(1);
    }

    @Test
    void rightsCanOnlyBeGivenUp() {
        Guest guest = new Guest(Wasi.defaults());
        assertThat(guest.call("fd_fdstat_set_rights", 1, Rights.FD_READ | Rights.FD_WRITE, 0))
                .isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.call("fd_fdstat_set_rights", 1, Rights.FD_FILESTAT_GET, 0)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.write(1, "x")).isEqualTo(Errno.NOTCAPABLE);
        assertThat(guest.call("fd_fdstat_set_rights", 1, Rights.FD_WRITE, 0)).isEqualTo(Errno.NOTCAPABLE);
    }
}
