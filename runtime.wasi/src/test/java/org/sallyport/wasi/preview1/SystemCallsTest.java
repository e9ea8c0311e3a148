package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sallyport.CallContext;
import org.sallyport.GuestExitException;
import org.sallyport.GuestInterruptedException;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.WasiClock;
import org.sallyport.wasi.fs.Errno;

class SystemCallsTest {

    @Test
    void argumentsAreTerminatedAndPointedTo() {
        Guest guest = new Guest(Wasi.defaults().withArgs("prog", "", "grüße"));
        assertThat(guest.call("args_sizes_get", 0, 4)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getInt(0)).isEqualTo(3);
        assertThat(guest.memory.getInt(4)).isEqualTo(5 + 1 + 8);
        assertThat(guest.call("args_get", 0x100, 0x200)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.readString(0x200, 14)).isEqualTo("prog\0\0grüße\0");
        assertThat(guest.memory.getInt(0x108)).isEqualTo(0x206);
    }

    @Test
    void environmentKeepsItsOrderAndReplacesValues() {
        Guest guest = new Guest(Wasi.defaults().withEnv("B", "1").withEnv("A", "x=y").withEnv("B", "2"));
        assertThat(guest.call("environ_sizes_get", 0, 4)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getInt(0)).isEqualTo(2);
        assertThat(guest.call("environ_get", 0x100, 0x200)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.readString(0x200, 10)).isEqualTo("B=2\0A=x=y\0");
    }

    @Test
    void argumentsThatDoNotFitAreFaults() {
        Guest guest = new Guest(Wasi.defaults().withArgs("abcdef"));
        int end = (int) guest.memory.byteSize();
        assertThat(guest.call("args_get", end - 3, 0)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("args_get", 0, end - 6)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("args_get", 0, end - 7)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("args_get", 0, -2)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("args_sizes_get", -1, 0)).isEqualTo(Errno.FAULT);
    }

    @Test
    void nulInArgumentsAndEnvironmentIsRefused() {
        assertThatThrownBy(() -> Wasi.defaults().withArgs("a\0b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Wasi.defaults().withEnv("A", "\0")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Wasi.defaults().withEnv("A=B", "")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void argumentsAndEnvironmentMayBeAnyBytes() {
        byte[] arg = {'a', (byte) 0xE9, (byte) 0xFF, 'b'};
        Guest guest = new Guest(Wasi.defaults()
                .withArgBytes(List.of(arg, new byte[0]))
                .withEnvBytes(new byte[] {(byte) 0x80}, new byte[] {'=', (byte) 0xC0})
                .withEnvBytes(new byte[] {(byte) 0x81}, new byte[0])
                .withEnvBytes(new byte[] {(byte) 0x80}, new byte[] {(byte) 0xFE}));
        arg[0] = 'x'; // it was copied
        assertThat(guest.call("args_sizes_get", 0, 4)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getInt(4)).isEqualTo(6);
        assertThat(guest.call("args_get", 0x100, 0x200)).isEqualTo(Errno.SUCCESS);
        assertThat(bytes(guest, 0x200, 6)).containsExactly('a', 0xE9, 0xFF, 'b', 0, 0);
        assertThat(guest.call("environ_get", 0x100, 0x200)).isEqualTo(Errno.SUCCESS);
        assertThat(bytes(guest, 0x200, 7)).containsExactly(0x80, '=', 0xFE, 0, 0x81, '=', 0);
    }

    private static int[] bytes(Guest guest, int at, int length) {
        int[] bytes = new int[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = guest.memory.getByte(at + i) & 0xFF;
        }
        return bytes;
    }

    @Test
    void textThatHasNoUtf8FormIsRefusedNotChanged() {
        for (String text : List.of("\ud800", "a\udc00", "\udfff\ud800", "\udce9", "x\ud83dy")) {
            Wasi wasi = Wasi.defaults();
            assertThatThrownBy(() -> wasi.withArgs(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("surrogate");
            assertThatThrownBy(() -> wasi.withEnv("A", text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("variable A");
            assertThatThrownBy(() -> wasi.withEnv(text, "")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> wasi.withDirectory(Path.of("."), text)).isInstanceOf(IllegalArgumentException.class);
        }
        Wasi wasi = Wasi.defaults().withArgs("\ud83d\ude00").withArgBytes(List.of(new byte[] {(byte) 0xFF}));
        assertThat(wasi.args()).containsExactly("\ufffd");
        assertThat(wasi.withEnv("A", "\u00e9").env()).containsEntry("A", "\u00e9");
        assertThatThrownBy(() -> wasi.withEnvBytes(new byte[0], new byte[0])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> wasi.withEnvBytes(new byte[] {'a', '='}, new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> wasi.withArgBytes(List.of(new byte[1]))).isInstanceOf(IllegalArgumentException.class);
    }

    /** Stands still until someone sleeps. */
    private static final class TestClock implements WasiClock {
        long passed;

        @Override
        public long realtimeNanos() {
            return 1_000_000_000_000L + passed;
        }

        @Override
        public long monotonicNanos() {
            return passed;
        }

        @Override
        public long resolutionNanos() {
            return 1000;
        }

        @Override
        public void sleep(long nanos) {
            passed += nanos;
        }
    }

    @Test
    void clocksComeFromTheSettings() {
        TestClock clock = new TestClock();
        Guest guest = new Guest(Wasi.defaults().withClock(clock));
        clock.passed = 5;
        assertThat(guest.call("clock_time_get", 0, 0, 8)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getLong(8)).isEqualTo(1_000_000_000_005L);
        assertThat(guest.call("clock_time_get", 1, 0, 8)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getLong(8)).isEqualTo(5);
        assertThat(guest.call("clock_res_get", 1, 8)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getLong(8)).isEqualTo(1000);
        assertThat(guest.call("clock_time_get", 4, 0, 8)).isEqualTo(Errno.INVAL);
        assertThat(guest.call("clock_res_get", -1, 8)).isEqualTo(Errno.INVAL);
    }

    @Test
    void cpuTimeGrowsOnPlatformThreads() {
        Guest guest = new Guest(Wasi.defaults());
        assertThat(guest.call("clock_time_get", 2, 0, 8)).isEqualTo(Errno.SUCCESS);
        long before = guest.memory.getLong(8);
        long until = System.nanoTime() + 20_000_000;
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        assertThat(guest.call("clock_time_get", 3, 0, 8)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getLong(8)).isGreaterThan(before);
    }

    @Test
    void randomBytesFillExactlyTheBuffer() {
        Guest guest = new Guest(Wasi.defaults());
        assertThat(guest.call("random_get", 100, 64)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.readBytes(100, 64)).isNotEqualTo(new byte[64]);
        assertThat(guest.memory.readBytes(164, 16)).isEqualTo(new byte[16]);
        assertThat(guest.call("random_get", 0, (int) guest.memory.byteSize())).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getLong(guest.memory.byteSize() - 8)).isNotZero();
        assertThat(guest.call("random_get", 1, (int) guest.memory.byteSize())).isEqualTo(Errno.FAULT);
        assertThat(guest.call("random_get", -4, 8)).isEqualTo(Errno.FAULT);
        assertThat(guest.call("random_get", 0, 0)).isEqualTo(Errno.SUCCESS);
    }

    @Test
    void randomSourceCanBeReproducible() {
        Guest first = new Guest(Wasi.defaults().withRandom(new Random(7)));
        Guest second = new Guest(Wasi.defaults().withRandom(new Random(7)));
        first.call("random_get", 0, 32);
        second.call("random_get", 0, 32);
        assertThat(first.memory.readBytes(0, 32)).isEqualTo(second.memory.readBytes(0, 32));
    }

    @Test
    void randomBytesEndAtTheDeadline() {
        Guest guest = new Guest(Wasi.defaults());
        assertThatThrownBy(() -> CallContext.withTimeout(Duration.ZERO, () -> guest.call("random_get", 0, 100)))
                .isInstanceOf(GuestInterruptedException.class);
    }

    @Test
    void exitEndsTheCallWithTheStatus() {
        Guest guest = new Guest(Wasi.defaults());
        assertThatThrownBy(() -> guest.call("proc_exit", 42))
                .isInstanceOfSatisfying(GuestExitException.class, e -> assertThat(e.status()).isEqualTo(42));
    }

    @Test
    void raisedSignalsEndTheProcessOrNothing() {
        Guest guest = new Guest(Wasi.defaults());
        assertThat(guest.call("proc_raise", 0)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("proc_raise", 16)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.call("proc_raise", 18)).isEqualTo(Errno.NOTSUP);
        assertThat(guest.call("proc_raise", 31)).isEqualTo(Errno.INVAL);
        assertThatThrownBy(() -> guest.call("proc_raise", 6))
                .isInstanceOfSatisfying(GuestExitException.class, e -> assertThat(e.status()).isEqualTo(134));
    }

    @Test
    void yieldIsWhereAStoppedGuestStops() {
        Guest guest = new Guest(Wasi.defaults());
        assertThat(guest.call("sched_yield")).isEqualTo(Errno.SUCCESS);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> guest.call("sched_yield")).isInstanceOf(GuestInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void thereAreNoSockets() {
        Guest guest = new Guest(Wasi.defaults());
        assertThat(guest.call("sock_accept", 0, 0, 0)).isEqualTo(Errno.NOTSOCK);
        assertThat(guest.call("sock_recv", 1, 0, 0, 0, 0, 0)).isEqualTo(Errno.NOTSOCK);
        assertThat(guest.call("sock_send", 9, 0, 0, 0, 0)).isEqualTo(Errno.BADF);
        assertThat(guest.call("sock_shutdown", -1, 0)).isEqualTo(Errno.BADF);
    }

    @Test
    void aStoreWithoutProcessGetsOneWithTheFirstCall() {
        Guest guest = Guest.withoutProcess(Wasi.defaults().withArgs("a", "b"));
        assertThat(guest.call("args_sizes_get", 0, 4)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getInt(0)).isEqualTo(2);
        assertThat(guest.process().openDescriptors()).isEqualTo(3);
    }
}
