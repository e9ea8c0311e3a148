package org.sallyport.engine.process;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.engine.process.LinuxProcess.Action;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ProcessPage;
import org.sallyport.spi.VirtualMemory;
import org.sallyport.spi.VirtualMemory.Access;

/**
 * A page of stubs with a signal handler behind them, and a page of facts about it. One engine at a time uses it; it is
 * never unmapped, because a thread may be in the handler at any time, and a handler of somebody else's may forward to
 * it for ever. Blocks are a list that begins in the {@link ProcessPage}, so that engines of all class loaders use them
 * in turn; an engine takes a block only if its code is the very code that the engine would write there.
 *
 * <p><b>Contract between versions</b>, like that of the process page: any version may have to take the handlers of any
 * other away. The page of facts:
 *
 * <pre>
 *     0   address of the next older block
 *     8   address of the block that was installed before, while this one is installed
 *    16   1 while an engine uses the block
 *    24   1 while the handler is installed
 *    32   address of the handler
 *    40   start of the range of code in which it acts        read by the handler
 *    48   size of that range; 0 while no engine has it       read by the handler
 *    56   length of the code
 *    64   the signals that the handler is installed for, a bit for each: 1 for signal 1
 *    72   bytes from here to the code, 0 for 4096
 *   128   previous handlers by signal, 8 bytes each          read by the handler
 *  1024   what was there before by signal, as the kernel has it: handler, flags, restorer, mask; 32 bytes each
 * </pre>
 *
 * All is read and written under {@link ProcessPage#LOCK}, unless by the handler.
 *
 * @param address of the page of facts; the code is in the page behind it
 */
public record HandlerBlock(long address) {
    private static final int AT_OLDER = 0;
    private static final int AT_BELOW = 8;
    private static final int AT_USED = 16;
    private static final int AT_INSTALLED = 24;
    private static final int AT_HANDLER = 32;
    private static final int AT_RANGE = 40;
    private static final int AT_RANGE_SIZE = 48;
    private static final int AT_CODE_LENGTH = 56;
    private static final int AT_SIGNALS = 64;
    private static final int AT_PREVIOUS = 128;
    private static final int AT_BEFORE = 1024;
    private static final int ACTION_SIZE = 32;
    private static final int AT_CODE = 72;
    private static final int PAGE = 4096;

    /**
     * The code of a block at a certain address.
     *
     * @param bytes enter stub, exit stub, landing stub, handler and the sentry's loop, which may be empty
     * @param starts where each of them begins
     */
    private record Code(byte[] bytes, int[] starts) {
        static final int LANDING = 2;
        static final int HANDLER = 3;
        static final int THREAD_POINTER = 4;
        static final int SENTRY = 5;

        static Code of(CodeGenerator generator, long block, long at, int interruptSignal) {
            byte[][] stubs = {
                generator.enterStub(), generator.exitStub(), generator.landingStub(), new byte[0], generator.threadPointer(),
                generator.sentry()
            };
            int[] starts = new int[stubs.length];
            for (int i = 1; i < stubs.length; i++) {
                starts[i] = starts[i - 1] + stubs[i - 1].length + 63 & -64;
                if (i == HANDLER) {
                    stubs[i] = generator.signalHandler(
                            block + AT_RANGE, at + starts[LANDING], block + AT_PREVIOUS, interruptSignal);
                }
            }
            byte[] bytes = new byte[starts[SENTRY] + stubs[SENTRY].length];
            for (int i = 0; i < stubs.length; i++) {
                System.arraycopy(stubs[i], 0, bytes, starts[i], stubs[i].length);
            }
            return new Code(bytes, starts);
        }
    }

    /** The block at that address; null if it is 0. */
    public static @Nullable HandlerBlock at(long address) {
        return address == 0 ? null : new HandlerBlock(address);
    }

    /** Makes a block and puts it at the head of the list. */
    public static HandlerBlock create(
            VirtualMemory memory, ProcessPage page, CodeGenerator generator, int interruptSignal) {
        long bytes = Math.max(PAGE, memory.pageSize());
        long size = 2 * bytes;
        long address = memory.reserve(size, 2);
        try {
            commit(memory, address, size, Access.READ_WRITE);
            Code code = Code.of(generator, address, address + bytes, interruptSignal);
            if (code.bytes.length > bytes) {
                throw new AssertionError("BUG: " + code.bytes.length + " bytes of stubs");
            }
            NativeMemory.write(address + bytes, code.bytes, 0, code.bytes.length);
            commit(memory, address + bytes, bytes, Access.READ_EXECUTE);
            HandlerBlock block = new HandlerBlock(address);
            block.put(AT_CODE_LENGTH, code.bytes.length);
            block.put(AT_CODE, bytes);
            block.put(AT_HANDLER, address + bytes + code.starts[Code.HANDLER]);
            block.put(AT_OLDER, page.newestHandlers());
            page.setNewestHandlers(address);
            memory.keepForEver(address);
            return block;
        } catch (Throwable t) {
            memory.release(address, size);
            throw t;
        }
    }

    static void commit(VirtualMemory memory, long address, long size, Access access) {
        if (!memory.protect(address, size, access)) {
            throw new LimitExceededException("code bytes", size, 0, "the operating system: out of memory");
        }
    }

    /** Whether the block holds exactly the code that {@link #create} would write there. */
    public boolean isOf(CodeGenerator generator, int interruptSignal) {
        byte[] wanted = Code.of(generator, address, code(), interruptSignal).bytes;
        if (get(AT_CODE_LENGTH) != wanted.length) {
            return false;
        }
        byte[] there = new byte[wanted.length];
        NativeMemory.read(code(), there, 0, there.length);
        return Arrays.equals(there, wanted);
    }

    // ---- the list, and the chain of those that are installed

    @Nullable public HandlerBlock older() {
        return at(get(AT_OLDER));
    }

    @Nullable HandlerBlock below() {
        return at(get(AT_BELOW));
    }

    public boolean isUsed() {
        return get(AT_USED) != 0;
    }

    public void setUsed(boolean used) {
        put(AT_USED, used ? 1 : 0);
    }

    public boolean isInstalled() {
        return get(AT_INSTALLED) != 0;
    }

    void setInstalled(boolean installed, @Nullable HandlerBlock below) {
        put(AT_BELOW, below == null ? 0 : below.address);
        put(AT_INSTALLED, installed ? 1 : 0);
    }

    // ---- the handler

    long handler() {
        return get(AT_HANDLER);
    }

    /** From now on the handler acts on faults of that code. The size is written last; the handler reads it first. */
    public void open(long start, long size) {
        NativeMemory.putLongRelease(address + AT_RANGE, start);
        NativeMemory.putLongRelease(address + AT_RANGE_SIZE, size);
    }

    /** From now on the handler only forwards. */
    public void close() {
        NativeMemory.putLongRelease(address + AT_RANGE_SIZE, 0);
    }

    long previous(int signal) {
        return get(AT_PREVIOUS + 8 * signal);
    }

    void forward(int signal, long handler) {
        put(AT_PREVIOUS + 8 * signal, handler);
    }

    /** The signals that the handler was last installed for. */
    int[] signals() {
        long bits = get(AT_SIGNALS);
        int[] signals = new int[Long.bitCount(bits)];
        for (int i = 0; i < signals.length; i++) {
            signals[i] = Long.numberOfTrailingZeros(bits) + 1;
            bits &= bits - 1;
        }
        return signals;
    }

    void setSignals(int... signals) {
        long bits = 0;
        for (int signal : signals) {
            bits |= 1L << signal - 1;
        }
        put(AT_SIGNALS, bits);
    }

    Action before(int signal) {
        int at = AT_BEFORE + ACTION_SIZE * signal;
        return new Action(get(at), get(at + 8), get(at + 16), get(at + 24));
    }

    void setBefore(int signal, Action action) {
        int at = AT_BEFORE + ACTION_SIZE * signal;
        put(at, action.handler());
        put(at + 8, action.flags());
        put(at + 16, action.restorer());
        put(at + 24, action.mask());
    }

    // ---- the stubs, for the engine that uses the block

    public long enterStub() {
        return code();
    }

    public long exitStub(CodeGenerator generator) {
        return code() + (generator.enterStub().length + 63 & -64);
    }

    /** Address of the sentry's loop, or 0 if the machine has none. */
    public long sentry(CodeGenerator generator, int interruptSignal) {
        return generator.sentry().length == 0 ? 0 : stub(Code.SENTRY, generator, interruptSignal);
    }

    /** Address of {@link org.sallyport.spi.GuestBorder#threadPointer}, or 0 if the machine has none. */
    public long threadPointer(CodeGenerator generator, int interruptSignal) {
        return generator.threadPointer().length == 0 ? 0 : stub(Code.THREAD_POINTER, generator, interruptSignal);
    }

    private long stub(int stub, CodeGenerator generator, int interruptSignal) {
        return code() + Code.of(generator, address, code(), interruptSignal).starts[stub];
    }

    /** Address of the code. */
    private long code() {
        long distance = get(AT_CODE);
        return address + (distance == 0 ? PAGE : distance);
    }

    private long get(int offset) {
        return NativeMemory.getLong(address + offset);
    }

    private void put(int offset, long value) {
        NativeMemory.putLong(address + offset, value);
    }
}
