package org.sallyport.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.sallyport.LimitExceededException;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;

/**
 * The address space for an engine's machine code, with the stubs and signal handlers that belong to it.
 *
 * <pre>
 *   stubs     enter, exit, landing, signal handler     read, execute
 *   table     previous signal handlers                 read, write
 *   barrier   one page for {@link ProcessBarrier}      none
 *   code      for {@link CodeSpace}                    none, or read, execute: the range of the handler
 * </pre>
 *
 * <p>Stubs lie outside of the handler's range: they do not keep the rules of guest code ({@code r15} is a context), and
 * an interruption that finds a thread there must come again.
 *
 * <p>A reservation is never unmapped: a thread may be in the handler, and a handler installed later may forward to it.
 * When its engine closes, the memory of its code is given back, its handlers are taken away unless others were
 * installed on top, and it waits for the next engine. That list is the one piece of state here that belongs to the
 * process, as the signal handlers do.
 */
final class CodeReservation {
    private static final long PART = 64 << 10;
    private static final long CODE = 2L << 30;

    /** Reservations whose engine has closed. Guarded by the class. */
    private static final ArrayDeque<CodeReservation> WAITING = new ArrayDeque<>();
    /** Reservations whose handlers are installed, the last one on top. Guarded by the class. */
    private static final List<CodeReservation> INSTALLED = new ArrayList<>();

    private final long base;
    private final byte[][] stubs;
    private final long[] stubAddresses = new long[3];
    private final Signals signals;

    /**
     * A reservation with its signal handlers installed.
     *
     * @throws IllegalStateException if this process does not allow it; says why
     */
    static CodeReservation take(VirtualMemory memory, CodeGenerator generator) {
        synchronized (CodeReservation.class) {
            byte[][] stubs = {generator.enterStub(), generator.exitStub(), generator.landingStub()};
            CodeReservation taken = WAITING.stream()
                    .filter(r -> Arrays.deepEquals(r.stubs, stubs))
                    .findFirst()
                    .orElse(null);
            if (taken == null) {
                taken = new CodeReservation(memory, generator, stubs);
                WAITING.add(taken);
            }
            if (!taken.signals.isInstalled()) {
                taken.signals.install();
                INSTALLED.add(taken);
            }
            WAITING.remove(taken);
            return taken;
        }
    }

    private CodeReservation(VirtualMemory memory, CodeGenerator generator, byte[][] stubs) {
        this.stubs = stubs;
        base = memory.reserve(3 * PART + CODE);
        try {
            signals = write(memory, generator);
        } catch (Throwable t) {
            memory.release(base, 3 * PART + CODE);
            throw t;
        }
    }

    private Signals write(VirtualMemory memory, CodeGenerator generator) {
        long table = base + PART;
        commit(memory, table, Access.READ_WRITE);
        commit(memory, base, Access.READ_WRITE);
        long at = base;
        for (int i = 0; i < stubs.length; i++) {
            stubAddresses[i] = at;
            at = write(at, stubs[i]);
        }
        int signal = Signals.realTimeSignal();
        write(at, generator.signalHandler(codeStart(), codeEnd(), stubAddresses[2], table, signal));
        commit(memory, base, Access.READ_EXECUTE);
        return new Signals(at, table, signal);
    }

    /** @return the next aligned address */
    static long write(long address, byte[] code) {
        NativeMemory.write(address, code, 0, code.length);
        return address + code.length + 63 & -64L;
    }

    private static void commit(VirtualMemory memory, long address, Access access) {
        if (!memory.protect(address, PART, access)) {
            throw new LimitExceededException("code bytes", PART, 0, "the operating system: out of memory");
        }
    }

    /** Nothing runs here any more. */
    void giveBack(VirtualMemory memory) {
        synchronized (CodeReservation.class) {
            memory.decommit(codeStart(), CODE);
            WAITING.push(this);
            while (!INSTALLED.isEmpty()) {
                CodeReservation top = INSTALLED.getLast();
                if (!WAITING.contains(top) || !top.signals.isTop()) {
                    return;
                }
                top.signals.restore();
                INSTALLED.removeLast();
            }
        }
    }

    long codeStart() {
        return base + 3 * PART;
    }

    long codeEnd() {
        return codeStart() + CODE;
    }

    /** Address of a page that nobody else uses. */
    long barrierPage() {
        return base + 2 * PART;
    }

    long enterStub() {
        return stubAddresses[0];
    }

    long exitStub() {
        return stubAddresses[1];
    }

    int interruptSignal() {
        return signals.interruptSignal();
    }
}
