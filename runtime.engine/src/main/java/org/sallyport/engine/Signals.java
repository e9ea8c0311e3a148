package org.sallyport.engine;

import org.jspecify.annotations.Nullable;
import org.sallyport.engine.LinuxProcess.Action;
import org.sallyport.spi.NativeMemory;

/**
 * The signal handlers of one code space. Hardware faults and the interruption signal go to a handler that is itself
 * emitted code (docs/abi.md): it looks at the program counter, turns a fault of guest code into a trap, and jumps on to
 * the handler that was there before with anything else; so the JVM's NullPointerExceptions and safepoints, and other
 * code spaces, keep working.
 *
 * <p>A handler is never unmapped: another thread may be in it at any time. All methods are called under the lock of
 * {@link CodeSpace}.
 */
final class Signals {
    private static final int[] FAULTS = {
        LinuxProcess.SIGSEGV, LinuxProcess.SIGBUS, LinuxProcess.SIGFPE, LinuxProcess.SIGILL
    };
    /** Real-time signals are taken from above; the C library and the JVM use low numbers. */
    private static final int LAST_REAL_TIME = LinuxProcess.SIGNALS - 1;
    private static final int FIRST_REAL_TIME = 40;
    private static int chosen;

    private final long handler;
    private final long table;
    private final int interruptSignal;
    private final Action[] before = new Action[LinuxProcess.SIGNALS + 1];
    private boolean installed;

    /**
     * @param handler address of the handler's code
     * @param table address of its table of previous handlers, by signal number
     */
    Signals(long handler, long table, int interruptSignal) {
        this.handler = handler;
        this.table = table;
        this.interruptSignal = interruptSignal;
    }

    /**
     * The real-time signal that interrupts guests: the same for all code spaces, which forward to each other.
     *
     * @throws IllegalStateException if there is none that nobody else uses
     */
    static int realTimeSignal() {
        if (chosen == 0) {
            int signal = LAST_REAL_TIME;
            while (LinuxProcess.signalAction(signal, null).handler() != 0) {
                if (--signal < FIRST_REAL_TIME) {
                    throw new IllegalStateException("no free real-time signal for interrupting guests");
                }
            }
            chosen = signal;
        }
        return chosen;
    }

    int interruptSignal() {
        return interruptSignal;
    }

    boolean isInstalled() {
        return installed;
    }

    /** @throws IllegalStateException if the JVM does not handle the faults; then nothing has changed */
    void install() {
        Action segv = LinuxProcess.signalAction(LinuxProcess.SIGSEGV, null);
        for (int signal : FAULTS) {
            Action old = LinuxProcess.signalAction(signal, null);
            if (!old.isFunction()) {
                throw new IllegalStateException(
                        "signal " + signal + " has no handler: this JVM does not handle its faults itself");
            }
        }
        for (int signal : FAULTS) {
            install(signal, null);
        }
        install(interruptSignal, new Action(0, Action.SA_RESTART | Action.SA_RESTORER, segv.restorer(), 0));
        installed = true;
    }

    /** @param model flags, mask and restorer to use; null for those of the handler that is there */
    private void install(int signal, @Nullable Action model) {
        Action old = LinuxProcess.signalAction(signal, null);
        forwardTo(signal, old);
        Action like = model == null ? old : model;
        long flags = like.flags() | Action.SA_SIGINFO | Action.SA_ONSTACK;
        before[signal] = LinuxProcess.signalAction(signal, new Action(handler, flags, like.restorer(), like.mask()));
        forwardTo(signal, before[signal]); // the same, unless somebody installed a handler in between
    }

    private void forwardTo(int signal, Action next) {
        if (next.handler() == handler) {
            throw new AssertionError("BUG: signal handler installed twice");
        }
        NativeMemory.putLong(table + 8L * signal, next.isFunction() ? next.handler() : 0);
    }

    /** Whether this handler is the first to be asked for every signal it takes, so that it can be taken away. */
    boolean isTop() {
        for (int signal : FAULTS) {
            if (LinuxProcess.signalAction(signal, null).handler() != handler) {
                return false;
            }
        }
        return true;
    }

    /** Puts back what was there before {@link #install}. Only where {@link #isTop}. */
    void restore() {
        for (int signal : FAULTS) {
            LinuxProcess.signalAction(signal, before[signal]);
        }
        LinuxProcess.signalAction(interruptSignal, before[interruptSignal]);
        installed = false;
    }
}
