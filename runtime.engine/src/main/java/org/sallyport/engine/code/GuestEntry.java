package org.sallyport.engine.code;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

import org.sallyport.engine.threads.JavaStack;

/** The way of one store's guests into machine code. Used by the thread inside the store. */
public final class GuestEntry {
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

    private final MemorySegment stub;
    private final long context;
    private int briefCalls;

    /** @param context address of the store context */
    public GuestEntry(CodeSpace space, long context) {
        stub = space.enter();
        this.context = context;
    }

    /**
     * Has the guest run from where the store context says.
     *
     * @param isBrief whether it runs a brief function, and from its start
     * @return why it has left
     */
    public int enter(boolean isBrief) {
        try {
            return isBrief && isUsual()
                    ? (int) Briefly.ENTER.invokeExact(stub, context)
                    : (int) ENTER.invokeExact(stub, context);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError("BUG: enter", t);
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
}
