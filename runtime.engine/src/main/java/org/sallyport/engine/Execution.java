package org.sallyport.engine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.CompilationException;
import org.sallyport.GuestFrame;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunctionException;
import org.sallyport.SallyportException;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.StoreMemory;

/**
 * Calls into the guest and the guest's calls out of it (docs/abi.md, "In and out of the guest").
 *
 * <p>A call writes its arguments to a block on the guest stack, enters, and answers whatever the guest leaves for,
 * until it leaves because it is done. While a host function runs, the guest is suspended: three words of the store
 * context say where it goes on. A call from within the host function saves them, uses the guest stack below, and puts
 * them back; so calls nest to any depth that the stacks allow. An exception simply does not resume: there is no native
 * frame to unwind.
 *
 * <p>What is restored is restored to absolute values, and again by every frame further out. So a {@link
 * StackOverflowError} in the middle of it leaves nothing wrong.
 */
abstract class Execution extends Occupancy {
    // exit reasons
    private static final int DONE = 0;
    private static final int HOST_CALL = 1;
    private static final int BUILTIN = 2;
    private static final int TRAP = 3;

    /** What a nested entry saves: guest stack pointer, resume address, frame pointer, caller, deadline. */
    private static final int SAVED = 5;

    private static final Builtin[] BUILTINS = Builtin.values();
    private static final MethodHandle ENTER = entry();

    /**
     * Enters without telling the JVM: it saves as much as the rest of the way in costs, and keeps the thread from
     * safepoints. Only for {@linkplain Brevity brief} functions.
     */
    private static final class Briefly {
        static final MethodHandle ENTER = entry(Linker.Option.critical(false));
    }

    private static MethodHandle entry(Linker.Option... options) {
        return Linker.nativeLinker()
                .downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG), options);
    }

    /** Calls of brief functions in a store before the second handle pays, which takes milliseconds to make. */
    private static final int BRIEF_CALLS = 5_000;

    final StoreMemory memory;
    private final MemorySegment enter;
    private final long stackTop;
    private final long stackLimit;
    private long[] saved = new long[4 * SAVED];
    private int briefCalls;
    private final JavaStack javaStack = new JavaStack();

    Execution(EngineImpl engine, StoreMemory memory) {
        super(engine, memory.context());
        this.memory = memory;
        enter = engine.codeSpace().enter();
        stackTop = memory.stackTop();
        stackLimit = memory.stackLimit();
    }

    /**
     * Makes one of each exception that ends calls, so that whatever the JVM does for the first of a kind is done while
     * there is stack and heap for it. Called when an engine is made.
     */
    static void prepare() {
        List<GuestFrame> frames = List.of(new GuestFrame("", 0, "", 0));
        new TrapException(TrapCode.UNREACHABLE, "", frames).getStackTrace();
        new GuestInterruptedException(GuestInterruptedException.Reason.INTERRUPT, frames).getStackTrace();
        new HostFunctionException("", new StackOverflowError(), frames).addSuppressed(new StackOverflowError());
        new JavaStack().suffices(0);
        FlightEvents.areOn();
    }

    /** The host function with that number. */
    abstract HostEntry hostFunction(int id);

    /** Does what the instance at {@code vmctx} asks for; arguments and result are in 16-byte slots at {@code args}. */
    abstract void builtin(Builtin builtin, long vmctx, long args);

    // ---- a call

    /**
     * Begins a call, or another stay of this thread in the store.
     *
     * @param blockSize bytes of the argument block, a multiple of 16
     * @return address of the block
     */
    final long begin(int blockSize) {
        if (!occupy()) {
            return beginNested(blockSize);
        }
        try {
            level = 1;
            if (hasDeadline()) {
                resetDeadline(NO_DEADLINE); // of a call that ended without stack
            }
            CallContext call = CallContext.current();
            if (call != null) {
                beginTimed(call);
            }
            return stackTop - blockSize;
        } catch (Throwable t) {
            level = 0;
            if (byHabit) {
                resident = null;
            } else {
                owner = null;
            }
            throw t;
        }
    }

    private void beginTimed(CallContext call) {
        if (call.remainingNanos() <= 0) {
            throw new GuestInterruptedException(GuestInterruptedException.Reason.DEADLINE, List.of());
        }
        setDeadline(call.deadlineNanos());
    }

    private long beginNested(int blockSize) {
        if (alarm != 0) {
            stopIfAsked();
        }
        long sp = NativeMemory.getLong(context + StoreContext.GUEST_SP);
        long block = sp - blockSize & -16L;
        if (block < stackLimit) {
            throw new TrapException(TrapCode.STACK_OVERFLOW, "", backtrace());
        }
        save();
        CallContext call = CallContext.current();
        if (call != null && (!hasDeadline() || call.deadlineNanos() - deadline() < 0)) {
            setDeadline(call.deadlineNanos());
        }
        level++;
        return block;
    }

    private void save() {
        int at = level * SAVED;
        if (at == saved.length) {
            saved = java.util.Arrays.copyOf(saved, 2 * at);
        }
        saved[at] = NativeMemory.getLong(context + StoreContext.GUEST_SP);
        saved[at + 1] = NativeMemory.getLong(context + StoreContext.RESUME_PC);
        saved[at + 2] = NativeMemory.getLong(context + StoreContext.EXIT_FP);
        saved[at + 3] = NativeMemory.getLong(context + StoreContext.CALLER_VMCTX);
        saved[at + 4] = deadline();
    }

    /** Begins a stay in which the thread runs no guest code yet; calls begun in it nest. */
    final void beginStay() {
        begin(0);
        if (level == 1) {
            NativeMemory.putLong(context + StoreContext.GUEST_SP, stackTop);
            NativeMemory.putLong(context + StoreContext.RESUME_PC, 0);
            NativeMemory.putLong(context + StoreContext.EXIT_FP, 0);
            NativeMemory.putLong(context + StoreContext.CALLER_VMCTX, 0);
        }
    }

    /** Whether a host function that the instance called is running in this thread. */
    final boolean isCalling(long vmctx) {
        if (!isInside() || !hosting) {
            return false;
        }
        if (NativeMemory.getLong(context + StoreContext.CALLER_VMCTX) == vmctx) {
            return true;
        }
        for (int i = 1; i < level; i++) {
            if (saved[i * SAVED + 3] == vmctx) {
                return true;
            }
        }
        return false;
    }

    /** Ends what {@link #begin} began. */
    final void end() {
        if (level > 1) {
            endNested();
            return;
        }
        if (hasDeadline()) {
            resetDeadline(NO_DEADLINE);
        }
        level = 0;
        vacate();
    }

    private void endNested() {
        int at = (level - 1) * SAVED;
        NativeMemory.putLong(context + StoreContext.GUEST_SP, saved[at]);
        NativeMemory.putLong(context + StoreContext.RESUME_PC, saved[at + 1]);
        NativeMemory.putLong(context + StoreContext.EXIT_FP, saved[at + 2]);
        NativeMemory.putLong(context + StoreContext.CALLER_VMCTX, saved[at + 3]);
        if (hasDeadline()) {
            resetDeadline(saved[at + 4]);
        }
        level--;
    }

    /**
     * Ends what {@link #begin} began, after an exception. Callers catch the {@link StackOverflowError} that this may
     * throw and, where {@link #level} is 1 or 0, reset it and {@link #owner} themselves.
     */
    final void abandon() {
        if (level > 1) {
            endNested();
            return;
        }
        VarHandle.fullFence();
        if (hasDeadline()) {
            resetDeadline(NO_DEADLINE);
        }
        level = 0;
        vacate();
    }

    /** Runs the function on the block that {@link #begin} returned; results are in the block afterwards. */
    final void run(long block, EntryPoint function) {
        long c = context;
        NativeMemory.putLong(block, function.code());
        NativeMemory.putLong(c + StoreContext.GUEST_SP, block);
        NativeMemory.putLong(c + StoreContext.RESUME_PC, function.trampoline());
        NativeMemory.putLong(c + StoreContext.VMCTX, function.vmctx());
        int reason = enter(function.isBrief() && isUsual());
        if ((reason | alarm) != 0) {
            goOn(reason);
        }
    }

    private boolean isUsual() {
        return briefCalls == BRIEF_CALLS || ++briefCalls == BRIEF_CALLS && prepareBriefly();
    }

    /** Makes the second handle, if there is stack and memory enough just now, and nobody has failed before. */
    private boolean prepareBriefly() {
        try {
            if (!JavaStack.hasRoom()) {
                briefCalls--;
                return false;
            }
            return Briefly.ENTER != null;
        } catch (LinkageError | VirtualMachineError e) {
            briefCalls = Integer.MIN_VALUE;
            return false;
        }
    }

    private int enter(boolean briefly) {
        try {
            return briefly
                    ? (int) Briefly.ENTER.invokeExact(enter, context)
                    : (int) ENTER.invokeExact(enter, context);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError("BUG: enter", t);
        }
    }

    private void goOn(int first) {
        int reason = first;
        while (true) {
            if (alarm != 0) {
                stopIfAsked(reason);
            }
            switch (reason) {
                case DONE -> {
                    return;
                }
                case HOST_CALL -> hostCall();
                case BUILTIN -> builtinCall();
                case TRAP -> throw trap();
                default -> throw new AssertionError("BUG: exit reason " + reason);
            }
            reason = enter(false);
        }
    }

    private void hostCall() {
        long c = context;
        long sp = NativeMemory.getLong(c + StoreContext.GUEST_SP);
        long pc = NativeMemory.getLong(c + StoreContext.RESUME_PC);
        long vmctx = NativeMemory.getLong(c + StoreContext.EXIT_VMCTX);
        HostEntry function = hostFunction(NativeMemory.getInt(c + StoreContext.EXIT_ID));
        if (!javaStack.suffices(NativeMemory.getLong(c + StoreContext.HOST_SP))) {
            throw tooDeep("host function " + function.name());
        }
        int mine = level;
        boolean before = hosting;
        hosting = true;
        try {
            function.call((StoreImpl) this, NativeMemory.getLong(c + StoreContext.EXIT_ARGS));
        } catch (Throwable t) {
            level = mine;
            hosting = before;
            VarHandle.fullFence();
            throw hostFailure(function, t);
        }
        level = mine;
        hosting = before;
        if (alarm != 0) {
            stopIfAsked();
        }
        NativeMemory.putLong(c + StoreContext.GUEST_SP, sp);
        NativeMemory.putLong(c + StoreContext.RESUME_PC, pc);
        NativeMemory.putLong(c + StoreContext.VMCTX, vmctx);
    }

    private void builtinCall() {
        long c = context;
        long vmctx = NativeMemory.getLong(c + StoreContext.EXIT_VMCTX);
        Builtin builtin = BUILTINS[NativeMemory.getInt(c + StoreContext.EXIT_ID)];
        if (!javaStack.suffices(NativeMemory.getLong(c + StoreContext.HOST_SP))) {
            throw tooDeep(builtin.name());
        }
        try {
            builtin(builtin, vmctx, NativeMemory.getLong(c + StoreContext.EXIT_ARGS));
        } catch (CompilationException e) {
            if (alarm != 0) {
                stopIfAsked();
            }
            throw e;
        }
        NativeMemory.putLong(c + StoreContext.VMCTX, vmctx);
    }

    /** Runs a host function that the host itself calls; calls that it makes into guests nest. */
    final Object[] callHost(HostEntry function, @Nullable Object[] args) {
        beginStay();
        int mine = level;
        boolean before = hosting;
        try {
            hosting = true;
            Object[] results = function.callDirectly(new NoCaller((StoreImpl) this), args);
            level = mine;
            hosting = before;
            end();
            return results;
        } catch (Throwable t) {
            level = mine;
            hosting = before;
            try {
                throw hostFailure(function, t);
            } finally {
                try {
                    abandon();
                } catch (StackOverflowError e) {
                    if (level <= 1) {
                        level = 0;
                        if (byHabit) {
                            resident = null;
                        } else {
                            owner = null;
                        }
                    }
                }
            }
        }
    }

    // ---- ways not to go on

    /** Before something is begun whose end the thread's stack does not allow. */
    private TrapException tooDeep(String what) {
        return FlightEvents.ended(new TrapException(
                TrapCode.STACK_OVERFLOW, "too little of the Java stack is left for " + what, backtrace()));
    }

    private RuntimeException hostFailure(HostEntry function, Throwable thrown) {
        if (alarm != 0) {
            GuestInterruptedException before = ending;
            try {
                stopIfAsked();
            } catch (GuestInterruptedException stop) {
                if (stop != thrown && stop != before) {
                    stop.addSuppressed(thrown);
                }
                return stop;
            }
        }
        if (thrown instanceof SallyportException failure) {
            return failure;
        }
        if (thrown instanceof StackOverflowError) {
            return new TrapException(TrapCode.STACK_OVERFLOW, "in host function " + function.name(), backtrace());
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        return new HostFunctionException(function.name(), thrown, backtrace());
    }

    /**
     * Called in every loop of the runtime that a module or a guest sizes, by the thread inside.
     *
     * @throws GuestInterruptedException if the call inside must stop
     */
    final void checkpoint() {
        if (alarm != 0) {
            stopIfAsked();
        }
    }

    private void stopIfAsked() {
        stopIfAsked(HOST_CALL);
    }

    private void stopIfAsked(int reason) {
        GuestInterruptedException.Reason why = answer();
        if (why != null) {
            throw stop(why, reason);
        }
    }

    /** One exception for a stop, however many calls of guest and host it ends: a guest chooses how many. */
    private GuestInterruptedException stop(GuestInterruptedException.Reason why, int reason) {
        GuestInterruptedException known = ending;
        if (known == null || known.reason() != why) {
            known = FlightEvents.ended(
                    new GuestInterruptedException(why, reason == TRAP ? trapBacktrace() : backtrace()));
            ending = known;
        }
        return known;
    }

    private RuntimeException trap() {
        long c = context;
        long pc = NativeMemory.getLong(c + StoreContext.TRAP_PC);
        int signal = (int) NativeMemory.getLong(c + StoreContext.TRAP_SIGNAL);
        if (signal == engine.codeSpace().interruptSignal()) {
            throw new AssertionError("BUG: interrupted without a reason");
        }
        CodeSpace.@Nullable Mapping mapping = engine.codeSpace().moduleAt(pc);
        TrapCode code = mapping == null
                ? signal == LinuxProcess.SIGILL ? TrapCode.STACK_OVERFLOW : null // in a trampoline
                : mapping.code().trapAt((int) (pc - mapping.base()));
        long address = NativeMemory.getLong(c + StoreContext.TRAP_ADDRESS);
        boolean isAccess = signal == LinuxProcess.SIGSEGV || signal == LinuxProcess.SIGBUS;
        if (code == null || isAccess && !memory.isGuarded(address)) {
            throw new AssertionError("BUG: signal " + signal + " at code 0x" + Long.toHexString(pc) + ", address 0x"
                    + Long.toHexString(address) + ", trap " + code + ", in " + trapBacktrace());
        }
        return FlightEvents.ended(new TrapException(code, "", trapBacktrace()));
    }

    // ---- backtraces

    private List<GuestFrame> trapBacktrace() {
        return frames(NativeMemory.getLong(context + StoreContext.TRAP_PC));
    }

    /** The frames of a guest that is suspended in a call out of it; no frames while none is. */
    final List<GuestFrame> backtrace() {
        return frames(NativeMemory.getLong(context + StoreContext.RESUME_PC));
    }

    private List<GuestFrame> frames(long pc) {
        if (level == 0) {
            return List.of();
        }
        Backtrace trace = new Backtrace(engine.codeSpace(), memory.stackEnd(), stackTop);
        trace.add(
                pc,
                NativeMemory.getLong(context + StoreContext.EXIT_FP),
                NativeMemory.getLong(context + StoreContext.GUEST_SP));
        for (int i = level - 1; i > 0 && !trace.isFull(); i--) {
            trace.add(saved[i * SAVED + 1], saved[i * SAVED + 2], saved[i * SAVED]);
        }
        return trace.frames();
    }
}
