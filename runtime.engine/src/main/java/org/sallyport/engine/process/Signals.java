package org.sallyport.engine.process;

import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.sallyport.engine.process.LinuxProcess.Action;
import org.sallyport.spi.ProcessPage;

/**
 * The signal handlers of this process that are ours. Hardware faults and the interruption signal go to handlers that
 * are themselves emitted code (docs/abi.md): each looks at the program counter, turns a fault of its engine's code into
 * a trap, and jumps on to the handler that was there before with anything else; so the JVM's NullPointerExceptions and
 * safepoints, other engines, and whoever else handles signals keep working.
 *
 * <p>Handlers are taken away when nobody uses them and they are on top. One with another's on top stays where it is and
 * only forwards. It is used again if it is certain that it will be asked: if only handlers of ours come before it.
 *
 * <p>All methods are called under {@link ProcessPage#LOCK}: this is state of the process, not of a class loader.
 */
public final class Signals {
    private static final int[] FAULTS = {
        LinuxProcess.SIGSEGV, LinuxProcess.SIGBUS, LinuxProcess.SIGFPE, LinuxProcess.SIGILL
    };
    /** Real-time signals are taken from above; the C library and the JVM use low numbers. */
    private static final int LAST_REAL_TIME = LinuxProcess.SIGNALS - 1;
    private static final int FIRST_REAL_TIME = 40;

    /** The kernel then forgets those that are pending, of all threads. */
    private static final Action IGNORE = new Action(1, 0, 0, 0);

    private Signals() {}

    /**
     * The real-time signal that interrupts guests: the same for all engines of the process, whose handlers forward to
     * each other.
     *
     * @throws IllegalStateException if there is none that nobody else uses
     */
    public static int interruptSignal(ProcessPage page) {
        int signal = page.interruptSignal();
        // while no handler of ours is installed, somebody else may have taken it
        if (signal == 0 || page.installedHandlers() == 0 && isTaken(signal)) {
            signal = LAST_REAL_TIME;
            while (isTaken(signal)) {
                if (--signal < FIRST_REAL_TIME) {
                    throw new IllegalStateException("no free real-time signal for interrupting guests: all of "
                            + FIRST_REAL_TIME + " to " + LAST_REAL_TIME + " have handlers in this process");
                }
            }
            page.setInterruptSignal(signal);
        }
        return signal;
    }

    private static boolean isTaken(int signal) {
        return LinuxProcess.signalAction(signal, null).handler() != 0;
    }

    /**
     * Puts a block's handler on top.
     *
     * @throws IllegalStateException if the JVM does not handle the faults; then nothing has changed
     */
    public static void install(ProcessPage page, HandlerBlock block, int interruptSignal) {
        Action segv = LinuxProcess.signalAction(LinuxProcess.SIGSEGV, null);
        for (int signal : FAULTS) {
            Action old = LinuxProcess.signalAction(signal, null);
            if (!old.isFunction()) {
                throw new IllegalStateException(
                        "signal " + signal + " has no handler: this JVM does not handle its faults itself");
            }
        }
        for (int signal : FAULTS) {
            install(block, signal, null);
        }
        install(block, interruptSignal, new Action(0, Action.SA_RESTART | segv.flags() & Action.SA_RESTORER, segv.restorer(), 0));
        block.setSignals(
                LinuxProcess.SIGSEGV, LinuxProcess.SIGBUS, LinuxProcess.SIGFPE, LinuxProcess.SIGILL, interruptSignal);
        block.setInstalled(true, HandlerBlock.at(page.installedHandlers()));
        page.setInstalledHandlers(block.address());
    }

    /** @param model flags, mask and restorer to use; null for those of the handler that is there */
    private static void install(HandlerBlock block, int signal, @Nullable Action model) {
        Action old = LinuxProcess.signalAction(signal, null);
        forward(block, signal, old);
        Action like = model == null ? old : model;
        long flags = like.flags() | Action.SA_SIGINFO | Action.SA_ONSTACK;
        Action replaced = LinuxProcess.signalAction(
                signal, new Action(block.handler(), flags, like.restorer(), like.mask()));
        block.setBefore(signal, replaced);
        forward(block, signal, replaced); // the same, unless somebody installed a handler in between
    }

    private static void forward(HandlerBlock block, int signal, Action next) {
        if (next.handler() == block.handler()) {
            throw new AssertionError("BUG: signal handler installed twice");
        }
        block.forward(signal, next.isFunction() ? next.handler() : 0);
    }

    /** Whether the block's handler is asked for all its signals, with only handlers of ours before it. */
    public static boolean isReached(ProcessPage page, HandlerBlock block) {
        Map<Long, HandlerBlock> ours = new HashMap<>();
        for (HandlerBlock b = HandlerBlock.at(page.installedHandlers()); b != null; b = b.below()) {
            ours.put(b.handler(), b);
        }
        for (int signal : block.signals()) {
            long handler = LinuxProcess.signalAction(signal, null).handler();
            for (int i = 0; handler != block.handler(); i++) {
                HandlerBlock first = ours.get(handler);
                if (first == null || i > ours.size()) {
                    return false;
                }
                handler = first.previous(signal);
            }
        }
        return true;
    }

    /** Takes away handlers that no engine uses, as long as such a one is on top. */
    public static void restore(ProcessPage page) {
        HandlerBlock top = HandlerBlock.at(page.installedHandlers());
        while (top != null && !top.isUsed() && isTop(top)) {
            for (int signal : top.signals()) {
                Action before = top.before(signal);
                if (before.handler() == 0) {
                    LinuxProcess.signalAction(signal, IGNORE); // one that a thread has not yet seen would end the process
                }
                LinuxProcess.signalAction(signal, before);
            }
            HandlerBlock below = top.below();
            page.setInstalledHandlers(below == null ? 0 : below.address());
            top.setInstalled(false, null);
            top = below;
        }
    }

    private static boolean isTop(HandlerBlock block) {
        for (int signal : block.signals()) {
            if (LinuxProcess.signalAction(signal, null).handler() != block.handler()) {
                return false;
            }
        }
        return true;
    }
}
