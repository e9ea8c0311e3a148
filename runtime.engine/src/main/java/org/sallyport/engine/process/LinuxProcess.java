package org.sallyport.engine.process;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Collections;

import org.jspecify.annotations.Nullable;
import org.sallyport.spi.LinuxCall;

/** The system calls of Linux that signal handling and the threads of the engine need. */
public final class LinuxProcess {
    public static final int SIGILL = 4;
    public static final int SIGBUS = 7;
    static final int SIGFPE = 8;
    public static final int SIGSEGV = 11;
    /** Highest signal number. */
    static final int SIGNALS = 64;

    private static final long SYS_RT_SIGACTION = LinuxCall.RT_SIGACTION.number();
    private static final long SYS_SETPRIORITY = LinuxCall.SETPRIORITY.number();
    private static final long SYS_MEMBARRIER = LinuxCall.MEMBARRIER.number();
    private static final long SYS_GETTID = LinuxCall.GETTID.number();
    private static final long SYS_TGKILL = LinuxCall.TGKILL.number();
    private static final long SYS_FUTEX = LinuxCall.FUTEX.number();
    private static final long SYS_CLOCK_GETTIME = LinuxCall.CLOCK_GETTIME.number();
    private static final long CLOCK_MONOTONIC = 1;
    private static final long FUTEX_WAKE_PRIVATE = 1 | 128;
    private static final long SECOND = 1_000_000_000;
    private static final long PRIO_PROCESS = 0;
    /** A tenth of the weight of an ordinary thread. */
    private static final long NICE = 10;
    private static final long MEMBARRIER_PRIVATE_EXPEDITED = 1 << 3;
    private static final long MEMBARRIER_REGISTER_PRIVATE_EXPEDITED = 1 << 4;
    /** Size of the kernel's signal set, in bytes. */
    private static final long SIGSET_SIZE = 8;

    // struct sigaction of the kernel: handler, flags, restorer, mask; 8 bytes each
    private static final long ACTION_SIZE = 32;

    private static final MethodHandle SYSCALL = downcall(
            "syscall",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    Collections.nCopies(7, ValueLayout.JAVA_LONG).toArray(new ValueLayout.OfLong[0])),
            Linker.Option.captureCallState("errno"));

    /** What the kernel keeps for a signal. */
    record Action(long handler, long flags, long restorer, long mask) {
        static final long SA_SIGINFO = 4;
        static final long SA_RESTORER = 0x0400_0000;
        static final long SA_ONSTACK = 0x0800_0000;
        static final long SA_RESTART = 0x1000_0000;

        /** Neither SIG_DFL (0) nor SIG_IGN (1). */
        boolean isFunction() {
            return handler != 0 && handler != 1;
        }
    }

    private LinuxProcess() {}

    /** The C function, for a {@link org.sallyport.spi.LastWill}. */
    public static MethodHandle syscall() {
        return SYSCALL;
    }

    private static MethodHandle downcall(String name, FunctionDescriptor type, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type, options);
    }

    /** Sets the action of a signal where {@code action} is not null. @return the action before */
    static Action signalAction(int signal, @Nullable Action action) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fresh = arena.allocate(ACTION_SIZE, 8);
            MemorySegment old = arena.allocate(ACTION_SIZE, 8);
            if (action != null) {
                fresh.setAtIndex(ValueLayout.JAVA_LONG, 0, action.handler);
                fresh.setAtIndex(ValueLayout.JAVA_LONG, 1, action.flags);
                fresh.setAtIndex(ValueLayout.JAVA_LONG, 2, action.restorer);
                fresh.setAtIndex(ValueLayout.JAVA_LONG, 3, action.mask);
            }
            long result = call(
                    arena, SYS_RT_SIGACTION, signal, action == null ? 0 : fresh.address(), old.address(), SIGSET_SIZE);
            if (result != 0) {
                throw new IllegalStateException("the operating system refuses a handler for signal " + signal);
            }
            return new Action(
                    old.getAtIndex(ValueLayout.JAVA_LONG, 0),
                    old.getAtIndex(ValueLayout.JAVA_LONG, 1),
                    old.getAtIndex(ValueLayout.JAVA_LONG, 2),
                    old.getAtIndex(ValueLayout.JAVA_LONG, 3));
        }
    }

    /** Makes {@link #barrier} work for this process. @return false if the kernel does not offer it */
    static boolean registerBarrier() {
        try (Arena arena = Arena.ofConfined()) {
            return call(arena, SYS_MEMBARRIER, MEMBARRIER_REGISTER_PRIVATE_EXPEDITED, 0, 0, 0) == 0;
        }
    }

    /**
     * Makes every running thread of the process pass a full memory barrier.
     *
     * @return false if the kernel does not do it (any more)
     */
    static boolean barrier() {
        try (Arena arena = Arena.ofConfined()) {
            return call(arena, SYS_MEMBARRIER, MEMBARRIER_PRIVATE_EXPEDITED, 0, 0, 0) == 0;
        }
    }

    /**
     * Gives this thread a low priority, for good. Java's own priorities do nothing on Linux; a nice value is a thread's
     * here, not the process's. A kernel that refuses changes nothing.
     */
    public static void lowerPriority() {
        setNice(NICE);
    }

    /**
     * Gives this thread a high priority, for good: it runs at once when it wakes up, whoever else wants to. Only processes
     * with the right to do that may; else nothing changes.
     */
    public static void raisePriority() {
        setNice(-NICE);
    }

    /** Whether {@link System#nanoTime} is the kernel's monotonic clock, which machine code can read, too. */
    public static boolean hasClockOfNanoTime() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(2 * Long.BYTES, Long.BYTES);
            long before = System.nanoTime();
            long result = call(arena, SYS_CLOCK_GETTIME, CLOCK_MONOTONIC, time.address(), 0, 0);
            long after = System.nanoTime();
            long read = time.getAtIndex(ValueLayout.JAVA_LONG, 0) * SECOND + time.getAtIndex(ValueLayout.JAVA_LONG, 1);
            return result == 0 && read - before >= 0 && after - read >= 0;
        }
    }

    /** What machine code of the form {@code long f(long)} gives for 0. */
    static long threadPointer(long code) {
        MethodHandle function = Linker.nativeLinker().downcallHandle(
                MemorySegment.ofAddress(code), FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
        try {
            return (long) function.invokeExact(0L);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError("BUG: machine code", t);
        }
    }

    private static void setNice(long value) {
        try (Arena arena = Arena.ofConfined()) {
            call(arena, SYS_SETPRIORITY, PRIO_PROCESS, 0, value, 0);
        }
    }

    private static long call(Arena arena, long number, long a, long b, long c, long d) {
        try {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            return (long) SYSCALL.invokeExact(state, number, a, b, c, d, 0L, 0L);
        } catch (Throwable t) {
            throw new AssertionError("BUG: system call " + number, t);
        }
    }

    /**
     * What is done to threads that run guests. Apart, because it takes milliseconds to make; and no static state of a class,
     * which would be lost for good if there were no memory or stack just then.
     */
    public static final class Threads {
        private static volatile @Nullable Threads made;

        private final MethodHandle pthreadKill = downcall(
                "pthread_kill",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
        private final MethodHandle pthreadSelf =
                downcall("pthread_self", FunctionDescriptor.of(ValueLayout.JAVA_LONG));
        private final MethodHandle function = Linker.nativeLinker()
                .downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
        private final int process = (int) ProcessHandle.current().pid();
        /** Without what the error was, which would be allocated. */
        private final MethodHandle shortSyscall = downcall(
                "syscall",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG));

        private Threads() {}

        /** The only one, but for those that others make at the same time. */
        public static Threads get() {
            Threads known = made;
            if (known == null) {
                known = new Threads();
                made = known;
            }
            return known;
        }

        /** {@link LinuxProcess#barrier}; allocates nothing. */
        boolean barrier() {
            return call(SYS_MEMBARRIER, MEMBARRIER_PRIVATE_EXPEDITED, 0, 0) == 0;
        }

        private long call(long number, long a, long b, long c) {
            try {
                return (long) shortSyscall.invokeExact(number, a, b, c);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable t) {
                throw new AssertionError("BUG: system call " + number, t);
            }
        }

        /**
         * Calls machine code of the form {@code int f(long)}, for as long as that takes; meanwhile the thread is none of the
         * JVM's.
         */
        public int run(MemorySegment code, long argument) {
            try {
                return (int) function.invokeExact(code, argument);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable t) {
                throw new AssertionError("BUG: machine code", t);
            }
        }

        /** The number of the calling thread, as the kernel has it. */
        int number() {
            return (int) call(SYS_GETTID, 0, 0, 0);
        }

        /** The number of this process, as the kernel has it. */
        public int process() {
            return process;
        }

        /** Whether threads may be signalled by their numbers. */
        public boolean canSignalByNumber() {
            return call(SYS_TGKILL, process, number(), 0) == 0;
        }

        /**
         * Signals a thread by its number; one that is gone by then gets nothing, and one that has its number by then the signal.
         * Allocates nothing.
         */
        public void signalNumber(int thread, int signal) {
            call(SYS_TGKILL, process, thread, signal);
        }

        /** Wakes who waits on that word in machine code. Allocates nothing. */
        public void wake(long word) {
            call(SYS_FUTEX, word, FUTEX_WAKE_PRIVATE, 1);
        }

        /**
         * Allocates nothing.
         *
         * @param thread of type {@code pthread_t}; must be alive
         * @param signal 0 sends none
         */
        public void signal(long thread, int signal) {
            try {
                int ignored = (int) pthreadKill.invokeExact(thread, signal);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable t) {
                throw new AssertionError("BUG: pthread_kill", t);
            }
        }

        /** The calling thread, for {@link #signal}. */
        public long self() {
            try {
                return (long) pthreadSelf.invokeExact();
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable t) {
                throw new AssertionError("BUG: pthread_self", t);
            }
        }
    }
}
