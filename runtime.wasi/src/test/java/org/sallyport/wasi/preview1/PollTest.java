package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sallyport.CallContext;
import org.sallyport.GuestInterruptedException;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.fs.Errno;

@Timeout(30)
class PollTest {
    private static final int IN = 0x2000;
    private static final int OUT = 0x6000;
    private static final long MILLI = 1_000_000;

    private static void clock(Guest guest, int i, int clock, long timeout, int flags) {
        long at = IN + 48L * i;
        guest.memory.setLong(at, 1000 + i);
        guest.memory.setByte(at + 8, (byte) Flags.EVENT_CLOCK);
        guest.memory.setInt(at + 16, clock);
        guest.memory.setLong(at + 24, timeout);
        guest.memory.setShort(at + 40, (short) flags);
    }

    static void descriptor(Guest guest, int i, int type, int fd) {
        long at = IN + 48L * i;
        guest.memory.setLong(at, 1000 + i);
        guest.memory.setByte(at + 8, (byte) type);
        guest.memory.setInt(at + 16, fd);
    }

    /** The events as {@code userdata:type:errno:bytes:flags}, one per word. */
    static String poll(Guest guest, int count) {
        Errno errno = guest.call("poll_oneoff", IN, OUT, count, Guest.RESULT);
        if (errno != Errno.SUCCESS) {
            return "<" + errno + ">";
        }
        StringBuilder events = new StringBuilder();
        for (int i = 0; i < guest.result(); i++) {
            long at = OUT + 32L * i;
            events.append(events.isEmpty() ? "" : " ")
                    .append(guest.memory.getLong(at)).append(':')
                    .append(guest.memory.getByte(at + 10)).append(':')
                    .append(Errno.values()[guest.memory.getShort(at + 8)]).append(':')
                    .append(guest.memory.getLong(at + 16)).append(':')
                    .append(guest.memory.getShort(at + 24));
        }
        return events.toString();
    }

    @Test
    void waitsForTheFirstOfTheTimers() {
        Guest guest = new Guest(Wasi.defaults());
        clock(guest, 0, Flags.CLOCK_MONOTONIC, 20_000 * MILLI, 0);
        clock(guest, 1, Flags.CLOCK_MONOTONIC, 20 * MILLI, 0);
        long start = System.nanoTime();
        assertThat(poll(guest, 2)).isEqualTo("1001:0:SUCCESS:0:0");
        assertThat(System.nanoTime() - start).isBetween(20 * MILLI, 10_000 * MILLI);
    }

    @Test
    void absoluteTimesInThePastAreDueAtOnce() {
        Guest guest = new Guest(Wasi.defaults());
        clock(guest, 0, Flags.CLOCK_REALTIME, 1, Flags.CLOCK_ABSTIME);
        clock(guest, 1, Flags.CLOCK_MONOTONIC, 0, Flags.CLOCK_ABSTIME);
        clock(guest, 2, Flags.CLOCK_MONOTONIC, -1, 0);
        assertThat(poll(guest, 3)).isEqualTo("1000:0:SUCCESS:0:0 1001:0:SUCCESS:0:0");
    }

    @Test
    void absoluteRealTimeIsWaitedFor() {
        Guest guest = new Guest(Wasi.defaults());
        long due = System.currentTimeMillis() * MILLI + 30 * MILLI;
        clock(guest, 0, Flags.CLOCK_REALTIME, due, Flags.CLOCK_ABSTIME);
        assertThat(poll(guest, 1)).isEqualTo("1000:0:SUCCESS:0:0");
        assertThat(System.currentTimeMillis() * MILLI + MILLI).isGreaterThanOrEqualTo(due);
    }

    @Test
    void senselessSubscriptionsHaveTheirErrorAtOnce() {
        Guest guest = new Guest(Wasi.defaults());
        clock(guest, 0, 9, 1, 0);
        clock(guest, 1, Flags.CLOCK_THREAD_CPUTIME, 1, 0);
        clock(guest, 2, Flags.CLOCK_MONOTONIC, 1, 2);
        descriptor(guest, 3, Flags.EVENT_FD_READ, 77);
        descriptor(guest, 4, Flags.EVENT_FD_READ, 1);
        assertThat(poll(guest, 5))
                .isEqualTo("1000:0:INVAL:0:0 1001:0:NOTSUP:0:0 1002:0:INVAL:0:0 1003:1:BADF:0:0 1004:1:NOTCAPABLE:0:0");
    }

    @Test
    void outputIsReadyAndSoIsInputThatIsThere() {
        Guest guest = new Guest(Wasi.defaults().withStdin(new ByteArrayInputStream(new byte[7])));
        descriptor(guest, 0, Flags.EVENT_FD_WRITE, 2);
        descriptor(guest, 1, Flags.EVENT_FD_READ, 0);
        clock(guest, 2, Flags.CLOCK_MONOTONIC, 60_000 * MILLI, 0);
        assertThat(poll(guest, 3)).isEqualTo("1000:2:SUCCESS:1:0 1001:1:SUCCESS:7:0");
    }

    @Test
    void theEndOfInputIsReadyWithHangup() {
        Guest guest = new Guest(Wasi.defaults().withStdin(InputStream.nullInputStream()));
        descriptor(guest, 0, Flags.EVENT_FD_READ, 0);
        clock(guest, 1, Flags.CLOCK_MONOTONIC, 20_000 * MILLI, 0);
        assertThat(poll(guest, 2)).isEqualTo("1000:1:SUCCESS:0:" + Flags.EVENT_HANGUP);
        assertThat(guest.read(0, 1)).isEmpty();
    }

    @Test
    void waitsForInputOrTime() throws Exception {
        PipedOutputStream feed = new PipedOutputStream();
        Guest guest = new Guest(Wasi.defaults().withStdin(new PipedInputStream(feed)));
        descriptor(guest, 0, Flags.EVENT_FD_READ, 0);
        clock(guest, 1, Flags.CLOCK_MONOTONIC, 30 * MILLI, 0);
        assertThat(poll(guest, 2)).isEqualTo("1001:0:SUCCESS:0:0");
        Thread writer = Thread.ofPlatform().start(() -> {
            try {
                Thread.sleep(20);
                feed.write('x');
                feed.flush();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        clock(guest, 1, Flags.CLOCK_MONOTONIC, 20_000 * MILLI, 0);
        assertThat(poll(guest, 2)).isEqualTo("1000:1:SUCCESS:1:0");
        writer.join();
        assertThat(guest.read(0, 5)).isEqualTo("x");
    }

    @Test
    void sleepEndsAtTheDeadline() {
        Guest guest = new Guest(Wasi.defaults());
        clock(guest, 0, Flags.CLOCK_MONOTONIC, 60_000 * MILLI, 0);
        assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(30), () -> poll(guest, 1)))
                .isInstanceOf(GuestInterruptedException.class);
        clock(guest, 0, Flags.CLOCK_MONOTONIC, -1, 0);
        assertThatThrownBy(() -> CallContext.withTimeout(Duration.ofMillis(30), () -> poll(guest, 1)))
                .isInstanceOf(GuestInterruptedException.class);
    }

    @Test
    void sleepEndsWhenTheThreadIsInterrupted() {
        Guest guest = new Guest(Wasi.defaults());
        clock(guest, 0, Flags.CLOCK_MONOTONIC, 60_000 * MILLI, 0);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> poll(guest, 1)).isInstanceOf(GuestInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void countsAndPointersAreChecked() {
        Guest guest = new Guest(Wasi.defaults());
        assertThat(poll(guest, 0)).isEqualTo("<INVAL>");
        assertThat(poll(guest, -1)).isEqualTo("<INVAL>");
        assertThat(poll(guest, PollCalls.MAX_SUBSCRIPTIONS + 1)).isEqualTo("<INVAL>");
        int end = (int) guest.memory.byteSize();
        assertThat(guest.call("poll_oneoff", end - 47, OUT, 1, Guest.RESULT)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("poll_oneoff", IN, end - 31, 1, Guest.RESULT)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("poll_oneoff", IN, OUT, 1, end)).isEqualTo(Errno.FAULT);
        guest.memory.setByte(IN + 8, (byte) 3);
        assertThat(poll(guest, 1)).isEqualTo("<INVAL>");
    }
}
