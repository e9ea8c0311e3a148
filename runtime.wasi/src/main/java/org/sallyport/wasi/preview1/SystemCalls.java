package org.sallyport.wasi.preview1;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.util.List;
import org.sallyport.GuestExitException;
import org.sallyport.wasi.WasiClock;
import org.sallyport.wasi.fs.Errno;
import org.sallyport.wasi.fs.ErrnoException;
import org.sallyport.wasi.fs.Waiting;

/** Arguments, environment, clocks, random numbers and the end of the process. */
final class SystemCalls {
    private SystemCalls() {}

    static void argsGet(Process process, GuestMemory memory, int pointers, int buffer) throws ErrnoException {
        putStrings(memory, process.settings().args(), pointers, buffer);
    }

    static void argsSizesGet(Process process, GuestMemory memory, int count, int bytes) throws ErrnoException {
        putSizes(memory, process.settings().args(), count, bytes);
    }

    static void environGet(Process process, GuestMemory memory, int pointers, int buffer) throws ErrnoException {
        putStrings(memory, process.settings().env(), pointers, buffer);
    }

    static void environSizesGet(Process process, GuestMemory memory, int count, int bytes) throws ErrnoException {
        putSizes(memory, process.settings().env(), count, bytes);
    }

    private static void putStrings(GuestMemory memory, List<byte[]> strings, int pointers, int buffer)
            throws ErrnoException {
        memory.check(pointers, 4L * strings.size());
        int at = buffer;
        for (int i = 0; i < strings.size(); i++) {
            byte[] bytes = strings.get(i);
            memory.setInt(pointers + 4 * i, at);
            memory.check(at, bytes.length + 1L);
            memory.write(at, bytes, 0, bytes.length);
            memory.setByte(at + bytes.length, 0);
            at += bytes.length + 1;
        }
    }

    private static void putSizes(GuestMemory memory, List<byte[]> strings, int count, int bytes) throws ErrnoException {
        long total = 0;
        for (byte[] string : strings) {
            total += string.length + 1;
        }
        if (total > Integer.MAX_VALUE) {
            throw Errno.TOO_BIG.exception();
        }
        memory.setInt(count, strings.size());
        memory.setInt(bytes, (int) total);
    }

    static void clockResGet(Process process, GuestMemory memory, int clock, int result) throws ErrnoException {
        long resolution =
                switch (clock) {
                    case Flags.CLOCK_REALTIME, Flags.CLOCK_MONOTONIC -> process.settings().clock().resolutionNanos();
                    case Flags.CLOCK_PROCESS_CPUTIME, Flags.CLOCK_THREAD_CPUTIME -> {
                        cpuTime();
                        yield 1000;
                    }
                    default -> throw Errno.INVAL.exception();
                };
        memory.setLong(result, Math.max(1, resolution));
    }

    static void clockTimeGet(Process process, GuestMemory memory, int clock, int result) throws ErrnoException {
        memory.setLong(result, time(process, clock));
    }

    /** @throws ErrnoException {@code INVAL} for a clock that is not there */
    static long time(Process process, int clock) throws ErrnoException {
        WasiClock clocks = process.settings().clock();
        return switch (clock) {
            case Flags.CLOCK_REALTIME -> clocks.realtimeNanos();
            case Flags.CLOCK_MONOTONIC -> clocks.monotonicNanos();
            case Flags.CLOCK_PROCESS_CPUTIME, Flags.CLOCK_THREAD_CPUTIME -> cpuTime();
            default -> throw Errno.INVAL.exception();
        };
    }

    /** CPU time of this thread, the only one the guest has; not known on virtual threads. */
    private static long cpuTime() throws ErrnoException {
        if (Thread.currentThread().isVirtual()) {
            throw Errno.INVAL.exception();
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long nanos = threads.isCurrentThreadCpuTimeSupported() ? threads.getCurrentThreadCpuTime() : -1;
        if (nanos < 0) {
            throw Errno.INVAL.exception();
        }
        return nanos;
    }

    static void randomGet(Process process, GuestMemory memory, int buffer, int length) throws ErrnoException {
        memory.check(buffer, Integer.toUnsignedLong(length));
        int at = buffer;
        long left = Integer.toUnsignedLong(length);
        while (left > 0) {
            ByteBuffer view = memory.view(at, (int) Math.min(left, GuestMemory.MAX_VIEW));
            left -= view.remaining();
            at += view.remaining();
            process.random().fill(view);
        }
    }

    static void schedYield() {
        Waiting.check();
        Thread.yield();
    }

    static GuestExitException exit(int status) {
        return new GuestExitException(status);
    }

    /** Signals act as a POSIX program without handlers sees them: ended with 128 + number, or nothing. */
    static void procRaise(int signal) throws IOException {
        switch (signal) {
            case 0, 16, 17, 22, 27 -> { } // none, CHLD, CONT, URG, WINCH: ignored
            case 18, 19, 20, 21 -> throw Errno.NOTSUP.exception(); // STOP, TSTP, TTIN, TTOU
            default -> {
                if (signal < 0 || signal > 30) {
                    throw Errno.INVAL.exception();
                }
                throw new GuestExitException(128 + signal);
            }
        }
    }
}
