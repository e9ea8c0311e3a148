package org.sallyport.engine.code;

import java.util.concurrent.atomic.AtomicLongArray;

import org.jspecify.annotations.Nullable;
import org.sallyport.engine.process.HandlerBlock;
import org.sallyport.engine.process.ProcessBarrier;
import org.sallyport.engine.process.Signals;
import org.sallyport.engine.process.ThreadNumbers;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ProcessPage;
import org.sallyport.spi.ResourceAccount.Kind;
import org.sallyport.spi.VirtualMemory;

/**
 * The address space for an engine's machine code, and the stubs and signal handlers that serve it.
 *
 * <pre>
 *   barrier   one page for {@link ProcessBarrier}      none
 *   code      for {@link CodeSpace}                    none, or read, execute: the range of the handler
 * </pre>
 *
 * <p>Stubs and handler lie in a {@link HandlerBlock}, which the process keeps; the address space goes back when the
 * engine closes. Stubs are outside of the handler's range: they do not keep the rules of guest code ({@code r15} is a
 * context), and an interruption that finds a thread there must come again.
 */
public final class CodeReservation {
    private static final long BARRIER = 64 << 10;
    /** The barrier's page, what is behind it, and the code; what is mapped there is charged when it is. */
    private static final int MAPPINGS = 4;
    /**
     * So many blocks may wait beneath handlers of somebody else's. Then such a block is used again, for better or
     * worse: one that forwards is no obstacle, and who installs handlers without end leaves no other choice.
     */
    private static final int MOST_BURIED = 64;

    private final long base;
    /** Bytes for code: any of it reaches any other. */
    private final long code;
    /** One number, charged to the process for what is mapped; part of a last will. */
    private final AtomicLongArray mappings = new AtomicLongArray(1);
    private final HandlerBlock block;
    private final long exitStub;
    private final long threadPointer;
    private final int interruptSignal;
    // guarded by ProcessPage.LOCK
    private boolean leftBlock;
    private boolean gone;

    /**
     * A reservation with its signal handlers installed.
     *
     * @throws IllegalStateException if this process does not allow it; says why
     * @throws org.sallyport.LimitExceededException if there is no memory for it
     */
    public static CodeReservation take(VirtualMemory memory, CodeGenerator generator) {
        ProcessPage page = memory.processPage();
        long size = BARRIER + generator.reach();
        long base = memory.reserve(size, MAPPINGS);
        try {
            synchronized (ProcessPage.LOCK) {
                return new CodeReservation(base, memory, generator, page);
            }
        } catch (Throwable t) {
            memory.release(base, size);
            throw t;
        }
    }

    private CodeReservation(long base, VirtualMemory memory, CodeGenerator generator, ProcessPage page) {
        this.base = base;
        code = generator.reach();
        interruptSignal = Signals.interruptSignal(page);
        HandlerBlock waiting = findWaiting(page, generator);
        block = waiting == null ? HandlerBlock.create(memory, page, generator, interruptSignal) : waiting;
        exitStub = block.exitStub(generator);
        threadPointer = ThreadNumbers.pointer(block.threadPointer(generator, interruptSignal));
        if (!block.isInstalled()) {
            Signals.install(page, block, interruptSignal);
        }
        block.open(codeStart(), code);
        block.setUsed(true);
    }

    private @Nullable HandlerBlock findWaiting(ProcessPage page, CodeGenerator generator) {
        HandlerBlock buried = null;
        int count = 0;
        for (HandlerBlock b = HandlerBlock.at(page.newestHandlers()); b != null; b = b.older()) {
            if (!b.isUsed() && b.isOf(generator, interruptSignal)) {
                if (!b.isInstalled() || Signals.isReached(page, b)) {
                    return b;
                }
                buried = b;
                count++;
            }
        }
        return count < MOST_BURIED ? null : buried;
    }

    /** @return the next aligned address */
    static long write(long address, byte[] code) {
        NativeMemory.write(address, code, 0, code.length);
        return address + code.length + 63 & -64L;
    }

    /** Nothing runs here any more. Does nothing the second time; after an error it goes on. */
    public void giveBack(VirtualMemory memory) {
        synchronized (ProcessPage.LOCK) {
            if (gone) {
                return;
            }
            if (!leftBlock) {
                block.close();
                block.setUsed(false);
                leftBlock = true; // from now on it may be somebody else's
            }
            Signals.restore(memory.processPage());
            memory.release(base, BARRIER + code);
            gone = true;
        }
        memory.account().giveBack(Kind.MAPPINGS, mappings.getAndSet(0, 0));
    }

    /**
     * Charges to the process what code may become besides.
     *
     * @throws org.sallyport.LimitExceededException if it may not have so many
     */
    void chargeMappings(VirtualMemory memory, int count) {
        memory.account().charge(Kind.MAPPINGS, count);
        mappings.addAndGet(0, count);
    }

    void giveBackMappings(VirtualMemory memory, int count) {
        mappings.addAndGet(0, -count);
        memory.account().giveBack(Kind.MAPPINGS, count);
    }

    public AtomicLongArray mappings() {
        return mappings;
    }

    long codeStart() {
        return base + BARRIER;
    }

    long codeEnd() {
        return codeStart() + code;
    }

    /** Address of a page that nobody else uses. */
    long barrierPage() {
        return base;
    }

    long enterStub() {
        return block.enterStub();
    }

    long exitStub() {
        return exitStub;
    }

    /** Bytes from what pthread_self gives to the machine's thread pointer. */
    long threadPointer() {
        return threadPointer;
    }

    /** Address of the sentry's loop, or 0 if the machine has none. */
    long sentry(CodeGenerator generator) {
        return block.sentry(generator, interruptSignal);
    }

    int interruptSignal() {
        return interruptSignal;
    }
}
