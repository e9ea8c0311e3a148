package org.sallyport.wasi.preview1;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sallyport.CallContext;
import org.sallyport.GuestExitException;
import org.sallyport.GuestInterruptedException;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.fs.Directory;
import org.sallyport.wasi.fs.Errno;

/**
 * Every function with the largest sizes that a guest can give, in a place that was made to be slow: each call ends soon
 * after its deadline of 100 ms, whatever it is about to do, and holds little of Java's heap.
 */
@Timeout(600)
class HostileSizesTest {
    private static final Duration DEADLINE = Duration.ofMillis(100);
    /** Generous: the machine may be busy. Without pieces and limits these calls take half a minute and more. */
    private static final long SOON = TimeUnit.SECONDS.toNanos(8);
    private static final long HEAP = 48L << 20;

    private static final int PAGES = 512;
    private static final int MEMORY = PAGES << 16;
    private static final int IOVS = 0x1_0000;
    private static final int BIG = 0x2_0000;
    private static final long HUGE = 8L << 30;
    /** A path whose every name is a link that leads up and down a deep directory. */
    private static final String BOMB = "l" + "/l".repeat(39);

    private record Call(Number... args) {}

    @TempDir
    Path temp;

    private final CountDownLatch never = new CountDownLatch(1);
    private Guest guest;
    private int file;
    private int small;
    private int path;
    private int pathLength;

    @BeforeEach
    void start() throws Exception {
        Path root = Files.createDirectory(temp.resolve("root"));
        try (RandomAccessFile big = new RandomAccessFile(root.resolve("big").toFile(), "rw")) {
            big.setLength(HUGE);
        }
        Files.createDirectories(root.resolve("d/".repeat(120)));
        Files.createSymbolicLink(root.resolve("l"), Path.of("d/".repeat(120) + "../".repeat(120)));
        for (int i = 0; i < 3000; i++) {
            Files.createFile(root.resolve("file" + i));
        }
        assertThat(new ProcessBuilder("mkfifo", root.resolve("pipe").toString()).start().waitFor()).isZero();
        InputStream silent = new InputStream() {
            @Override
            public int read() throws IOException {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                return -1;
            }
        };
        Wasi wasi = Wasi.defaults()
                .withArgs("a".repeat(100_000))
                .withEnv("E", "e".repeat(100_000))
                .withStdin(silent)
                .withStdout(Pipe.open().sink(), false)
                .withPlainOutput(true)
                .withPreopen(new Preopen(root, "/", Preopen.Access.READ_WRITE));
        guest = new Guest(wasi, PAGES);
        file = guest.opened(3, "big", 0, Rights.FILE);
        small = guest.opened(3, "file0", 0, Rights.FILE);
        fillMemory();
    }

    private void fillMemory() {
        for (int i = 0; i < IoVectors.MAX; i++) { // all over the same 3 MiB, 3 GiB together
            guest.memory.setInt(IOVS + 8L * i, BIG);
            guest.memory.setInt(IOVS + 8L * i + 4, 3 << 20);
        }
        path = Guest.PATH;
        byte[] bomb = BOMB.getBytes();
        pathLength = bomb.length;
        guest.memory.write(path, bomb, 0, bomb.length);
        for (int i = 0; i < PollCalls.MAX_SUBSCRIPTIONS; i++) { // input that never comes, and clocks that never ring
            long at = BIG + 48L * i;
            guest.memory.setByte(at + 8, (byte) (i % 2 == 0 ? Flags.EVENT_FD_READ : Flags.EVENT_CLOCK));
            guest.memory.setInt(at + 16, i % 2);
            guest.memory.setLong(at + 24, Long.MAX_VALUE);
        }
    }

    @AfterEach
    void stop() {
        never.countDown();
        guest.close();
    }

    /** At least one row for each function. */
    private Map<Function, List<Call>> calls() {
        Map<Function, List<Call>> calls = new EnumMap<>(Function.class);
        for (Function function : Function.values()) {
            calls.put(function, new ArrayList<>());
        }
        int vectors = IoVectors.MAX;
        int fits = MEMORY - BIG;
        add(calls, Function.ARGS_GET, 0, 64);
        add(calls, Function.ARGS_SIZES_GET, 0, 8);
        add(calls, Function.ENVIRON_GET, 0, 64);
        add(calls, Function.ENVIRON_SIZES_GET, 0, 8);
        add(calls, Function.CLOCK_RES_GET, 3, 0);
        add(calls, Function.CLOCK_TIME_GET, 3, -1, 0);
        add(calls, Function.FD_ADVISE, file, 0, Long.MAX_VALUE, 3);
        add(calls, Function.FD_ALLOCATE, file, HUGE, HUGE);
        add(calls, Function.FD_ALLOCATE, file, 0, Long.MAX_VALUE);
        add(calls, Function.FD_DATASYNC, small); // how long the system takes to keep what was written is its own
        add(calls, Function.FD_FDSTAT_GET, file, 0);
        add(calls, Function.FD_FDSTAT_SET_FLAGS, file, Flags.FD_APPEND);
        add(calls, Function.FD_FDSTAT_SET_FLAGS, file, 0);
        add(calls, Function.FD_FDSTAT_SET_RIGHTS, file, -1L, -1L);
        add(calls, Function.FD_FILESTAT_GET, file, 0);
        add(calls, Function.FD_FILESTAT_SET_SIZE, file, Long.MAX_VALUE);
        add(calls, Function.FD_FILESTAT_SET_SIZE, file, HUGE);
        add(calls, Function.FD_FILESTAT_SET_TIMES, file, Long.MAX_VALUE, Long.MAX_VALUE, 5);
        for (int count : new int[] {vectors, vectors + 1, Integer.MAX_VALUE, -1}) {
            add(calls, Function.FD_PREAD, file, IOVS, count, 0, 0);
            add(calls, Function.FD_READ, file, IOVS, count, 0);
            add(calls, Function.FD_READ, 0, IOVS, count, 0);
            add(calls, Function.FD_PWRITE, file, IOVS, count, HUGE, 0);
            add(calls, Function.FD_WRITE, file, IOVS, count, 0);
            add(calls, Function.FD_WRITE, 1, IOVS, count, 0);
            add(calls, Function.FD_WRITE, 2, IOVS, count, 0);
            add(calls, Function.SOCK_RECV, 0, IOVS, count, 0, 0, 0);
            add(calls, Function.SOCK_SEND, 1, IOVS, count, 0, 0);
            add(calls, Function.POLL_ONEOFF, BIG, BIG, count, 0);
        }
        add(calls, Function.FD_PRESTAT_GET, 3, 0);
        add(calls, Function.FD_PRESTAT_DIR_NAME, 3, BIG, fits);
        add(calls, Function.FD_READDIR, 3, BIG, fits, 0, 0);
        add(calls, Function.FD_READDIR, 3, BIG, -1, 0, 0);
        add(calls, Function.FD_READDIR, 3, BIG, fits, Long.MAX_VALUE, 0);
        add(calls, Function.FD_RENUMBER, -1, Integer.MAX_VALUE);
        add(calls, Function.FD_SEEK, file, Long.MAX_VALUE, Flags.WHENCE_SET, 0);
        add(calls, Function.FD_SEEK, file, 0, Flags.WHENCE_SET, 0);
        add(calls, Function.FD_SYNC, small);
        add(calls, Function.FD_TELL, file, 0);
        for (int length : new int[] {pathLength, 4096, 4097, fits, -1}) {
            add(calls, Function.PATH_CREATE_DIRECTORY, 3, path, length);
            add(calls, Function.PATH_FILESTAT_GET, 3, 1, path, length, BIG);
            add(calls, Function.PATH_FILESTAT_SET_TIMES, 3, 1, path, length, 0, 0, 10);
            add(calls, Function.PATH_LINK, 3, 0, path, length, 3, path, length);
            add(calls, Function.PATH_OPEN, 3, 1, path, length, 0, Rights.FD_READ, 0, 0, 0);
            add(calls, Function.PATH_READLINK, 3, path, length, BIG, fits, 0);
            add(calls, Function.PATH_REMOVE_DIRECTORY, 3, path, length);
            add(calls, Function.PATH_RENAME, 3, path, length, 3, path, length);
            add(calls, Function.PATH_SYMLINK, path, length, 3, path, length);
            add(calls, Function.PATH_UNLINK_FILE, 3, path, length);
        }
        add(calls, Function.POLL_ONEOFF, BIG, BIG, PollCalls.MAX_SUBSCRIPTIONS, 0);
        add(calls, Function.PROC_EXIT, -1);
        add(calls, Function.PROC_RAISE, -1);
        add(calls, Function.SCHED_YIELD);
        add(calls, Function.RANDOM_GET, BIG, fits);
        add(calls, Function.RANDOM_GET, BIG, -1);
        add(calls, Function.SOCK_ACCEPT, 0, 0, 0);
        add(calls, Function.SOCK_SHUTDOWN, 0, 0);
        add(calls, Function.FD_CLOSE, Integer.MAX_VALUE);
        return calls;
    }

    private static void add(Map<Function, List<Call>> calls, Function function, Number... args) {
        calls.computeIfAbsent(function, _ -> new ArrayList<>()).add(new Call(args));
    }

    @Test
    void everyFunctionEndsAndHoldsLittle() throws Exception {
        everyFunctionEnds();
    }

    @Test
    void soItIsThePortableWay() throws Exception {
        stop();
        System.setProperty(Directory.PORTABLE, "true");
        try {
            Files.move(temp.resolve("root"), temp.resolve("before"));
            start();
            everyFunctionEnds();
        } finally {
            System.clearProperty(Directory.PORTABLE);
        }
    }

    private void everyFunctionEnds() {
        calls().forEach((function, calls) -> {
            assertThat(calls).as(function.wasmName()).isNotEmpty();
            for (Call call : calls) {
                ends(function, call);
            }
        });
    }

    private void ends(Function function, Call call) {
        String what = function.wasmName() + List.of(call.args());
        fillMemory();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = threads.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        try {
            CallContext.withTimeout(DEADLINE, () -> guest.call(function.wasmName(), call.args()));
        } catch (GuestInterruptedException | GuestExitException e) {
            // ended
        }
        assertThat(System.nanoTime() - start).as(what).isLessThan(SOON);
        assertThat(threads.getCurrentThreadAllocatedBytes() - allocated).as(what).isLessThan(HEAP);
    }

    @Test
    void whatWasTransferredIsTold() throws IOException {
        Files.writeString(temp.resolve("root/small"), "x".repeat(3000));
        int source = guest.openedForReading(3, "small");
        assertThat(guest.call("fd_read", source, IOVS, 4, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.result()).isEqualTo(3000);
        int sink = guest.opened(3, "sink", Flags.O_CREAT, Rights.FILE);
        assertThat(guest.call("fd_write", sink, IOVS, 2, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.result()).isEqualTo(6 << 20);
        assertThat(Files.size(temp.resolve("root/sink"))).isEqualTo(6 << 20);
        assertThat(guest.call("fd_tell", sink, Guest.RESULT)).isEqualTo(Errno.SUCCESS);
        assertThat(guest.memory.getLong(Guest.RESULT)).isEqualTo(6 << 20);
    }

    @Test
    void aWalkWithoutDeadlineEnds() {
        assertThat(guest.onPath("path_create_directory", 3, BOMB + "/x")).isIn(Errno.LOOP, Errno.NOENT);
    }
}
