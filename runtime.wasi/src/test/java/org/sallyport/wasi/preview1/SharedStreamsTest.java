package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.fs.Errno;

/** Streams of the host that several guests share: what ends one guest's call leaves them to the others. */
@Timeout(300)
class SharedStreamsTest {
    private static final Duration SHORT = Duration.ofMillis(100);

    @TempDir
    Path temp;

    /** Writes until the call is ended. */
    private static void writeUntilEnded(Guest guest) {
        guest.vectors(60_000);
        while (true) {
            assertThat(guest.call("fd_write", 1, Guest.IOV, 1, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        }
    }

    private static void isEnded(Guest guest) {
        assertThatThrownBy(() -> CallContext.withTimeout(SHORT, () -> {
                    writeUntilEnded(guest);
                    return 0;
                }))
                .isInstanceOf(GuestInterruptedException.class);
    }

    private static void isInterrupted(Guest guest) throws InterruptedException {
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                writeUntilEnded(guest);
            } catch (Throwable e) {
                end.set(e);
            }
        });
        Thread.sleep(100);
        thread.interrupt();
        thread.join();
        assertThat(end.get()).isInstanceOf(GuestInterruptedException.class);
    }

    private static void drain(InputStream in, String until) throws IOException {
        StringBuilder tail = new StringBuilder();
        byte[] bytes = new byte[1 << 16];
        while (!tail.toString().endsWith(until)) {
            int n = in.read(bytes);
            assertThat(n).isPositive();
            tail.append(new String(bytes, 0, n, StandardCharsets.ISO_8859_1));
            tail.delete(0, Math.max(0, tail.length() - until.length()));
        }
    }

    @Test
    void aChannelThatBlocksSurvives() throws Exception {
        Pipe pipe = Pipe.open();
        survives(Wasi.defaults().withStdout(pipe.sink(), false), Channels.newInputStream(pipe.source()));
    }

    @Test
    void aStreamOverAChannelThatBlocksSurvives() throws Exception {
        Pipe pipe = Pipe.open();
        OutputStream out = Channels.newOutputStream(pipe.sink());
        survives(Wasi.defaults().withStdout(out), Channels.newInputStream(pipe.source()));
    }

    @Test
    void soItIsWithoutControlCharacters() throws Exception {
        Pipe pipe = Pipe.open();
        survives(
                Wasi.defaults().withStdout(pipe.sink(), false).withPlainOutput(true),
                Channels.newInputStream(pipe.source()));
    }

    private static void survives(Wasi wasi, InputStream drain) throws Exception {
        Guest one = new Guest(wasi);
        Guest other = new Guest(wasi);
        isEnded(one);
        isInterrupted(one);
        isEnded(other);
        Thread writer = Thread.ofPlatform().start(() -> other.write(1, "the end"));
        drain(drain, "the end");
        writer.join();
        assertThat(other.result()).isEqualTo(7);
    }

    @Test
    void aFileChannelSurvivesAnInterruptionInTheMidstOfWriting() throws Exception {
        Path file = temp.resolve("out");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            Wasi wasi = Wasi.defaults().withStdout(channel, false);
            Guest one = new Guest(wasi);
            for (int i = 0; i < 3; i++) {
                isInterrupted(one);
            }
            assertThat(channel.isOpen()).isTrue();
            Guest other = new Guest(wasi);
            assertThat(other.write(1, "the end")).isEqualTo(Errno.SUCCESS);
            assertThat(channel.isOpen()).isTrue();
            long size = channel.size();
            try (FileChannel in = FileChannel.open(file)) {
                ByteBuffer tail = ByteBuffer.allocate(7);
                in.read(tail, size - 7);
                assertThat(new String(tail.array(), StandardCharsets.UTF_8)).isEqualTo("the end");
            }
        }
        Files.delete(file);
    }

    @Test
    void inputFromAChannelSurvives() throws Exception {
        Pipe pipe = Pipe.open();
        Wasi wasi = Wasi.defaults().withStdin(Channels.newInputStream(pipe.source()));
        Guest one = new Guest(wasi);
        assertThatThrownBy(() -> CallContext.withTimeout(SHORT, () -> one.read(0, 10)))
                .isInstanceOf(GuestInterruptedException.class);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> one.read(0, 10)).isInstanceOf(GuestInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
        pipe.sink().write(ByteBuffer.wrap("kept".getBytes(StandardCharsets.UTF_8)));
        Guest other = new Guest(wasi);
        StringBuilder got = new StringBuilder();
        while (got.length() < 4) {
            got.append(other.read(0, 10));
        }
        assertThat(got).hasToString("kept");
        assertThat(pipe.source().isOpen()).isTrue();
    }

    /** A tenant's transfers never hold up who interrupts it. */
    @Test
    void interruptingATransferReturnsAtOnce() throws Exception {
        Path root = Files.createDirectory(temp.resolve("root"));
        Wasi wasi = Wasi.defaults()
                .withPreopen(new Preopen(
                        root, "/", Preopen.Access.READ_WRITE));
        Guest guest = new Guest(wasi, 512);
        int fd = guest.opened(3, "big", Flags.O_CREAT, Rights.FILE);
        for (int i = 0; i < IoVectors.MAX; i++) {
            guest.memory.setInt(Guest.IOV + 8L * i, 0x1_0000);
            guest.memory.setInt(Guest.IOV + 8L * i + 4, 3 << 20);
        }
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                guest.call("fd_write", fd, Guest.IOV, IoVectors.MAX, 0);
            } catch (Throwable e) {
                end.set(e);
            }
        });
        Thread.sleep(100);
        long start = System.nanoTime();
        thread.interrupt();
        long interrupted = System.nanoTime() - start;
        thread.join();
        assertThat(end.get()).isInstanceOf(GuestInterruptedException.class);
        assertThat(interrupted).isLessThan(2_000_000_000L);
        assertThat(guest.call("fd_filestat_set_size", fd, 0)).as("the file is still open").isEqualTo(Errno.SUCCESS);
        guest.close();
    }
}
