package org.sallyport.engine;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.GuestFrame;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunctionException;
import org.sallyport.OutOfFuelException;
import org.sallyport.SallyportException;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.engine.events.FlightEvents;
import org.sallyport.engine.fuel.FuelTank;
import org.sallyport.spi.GuestArray;
import org.sallyport.spi.GuestObject;
import org.sallyport.spi.GuestType;
import org.sallyport.spi.PassedObjects;
import org.sallyport.spi.ReferenceTable;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;

/**
 * Calls in one store: how they begin, nest and end, and what becomes of what they throw, whatever kind of code a guest is.
 * How it runs is said by who extends this.
 *
 * <p>A thread begins an outermost call or stay, and from within its host functions others, which nest. What ends one puts
 * back what was before it, to absolute values, and every frame further out does so again; so a {@link StackOverflowError}
 * in the middle of that leaves nothing wrong.
 */
public abstract class Execution extends Occupancy {
    private static final int FIRST_LEVELS = 4;
    private static final String NO_OBJECTS = "BUG: these guests have no structures and arrays that are Java objects";

    /** What is done in a stay or call. */
    public interface Action<T extends @Nullable Object> {
        /** @param block see {@link #begin} */
        T run(long block);
    }

    public final StoreImpl store;
    /** Null in engines that do not count. */
    public final @Nullable FuelTank fuel;
    /** By level: the deadline of the entry around. */
    private long[] outerDeadlines = new long[FIRST_LEVELS];

    public Execution(EngineImpl engine, StoreImpl store, @Nullable FuelTank fuel) {
        super(engine);
        this.store = store;
        this.fuel = fuel;
    }

    // ---- how a guest runs

    /** Begins an outermost entry. @return address of an argument block, where there is such a thing */
    protected abstract long beginOutermost(int blockSize);

    /**
     * Looks whether a nested entry may begin.
     *
     * @return as {@link #beginOutermost}
     * @throws TrapException if the guest's stack is exhausted
     */
    protected abstract long beginInner(int blockSize);

    /** Keeps where the guest around goes on, for {@link #restore} with the same level. */
    protected abstract void save(int outer);

    protected abstract void restore(int outer);

    /** After {@link #beginOutermost}: no guest runs yet, and those that do will nest. */
    protected abstract void beginEmpty();

    /** The frames of a guest that is suspended in a call out of it; no frames while none is. */
    protected abstract List<GuestFrame> backtrace();

    /** The frames of a guest that cannot go on where it is. */
    List<GuestFrame> trapBacktrace() {
        return backtrace();
    }

    /** Who has structures and arrays: only machine code makes some. */
    NativeExecution machine() {
        throw new AssertionError("BUG: these guests have no structures and arrays");
    }

    /** On the way to and from guests to which references to anything but functions are objects; null where they are numbers. */
    public @Nullable PassedObjects passed() {
        return null;
    }

    /** What the host has for an object that a guest has a reference to. */
    protected @Nullable Object forHost(@Nullable Object reference) {
        return reference;
    }

    /** The reverse; the object is of this store. */
    protected Object forGuest(Object value) {
        return value;
    }

    /** The heap type, in the engine's numbers, of what Java has for a structure or array; null if it is none of this store. */
    protected HeapType.@Nullable Concrete heapTypeOf(Object value) {
        return null;
    }

    /** Where structures and arrays are Java objects: the store's type for one of the engine's numbers. */
    protected GuestType guestType(int id) {
        throw new AssertionError(NO_OBJECTS);
    }

    /** There: an array of zeros. @param length unsigned @throws org.sallyport.LimitExceededException if that is too much */
    protected GuestArray newArray(GuestType type, int length) {
        throw new AssertionError(NO_OBJECTS);
    }

    /** There: an object of about so many bytes has been made. */
    protected void count(GuestObject object, long bytes) {
        throw new AssertionError(NO_OBJECTS);
    }

    /** There: about how many bytes structures and arrays take. */
    protected long objectBytes() {
        return 0;
    }

    /** Structures and arrays that Java makes. */
    protected ObjectMaker maker() {
        throw new UnsupportedFeatureException(Feature.GC, "structures and arrays", engine.backEnd(), 0);
    }

    /** Whether the object is a reference to an exception. */
    protected boolean isException(Object value) {
        return value instanceof Thrown;
    }

    /** Java gives the reference to a guest: it counts as reachable until guests have run. */
    void note(long reference) {}

    final ObjectBuiltins objectBuiltins() {
        return machine().objectBuiltins;
    }

    // ---- what a store is made of; by the thread inside

    /** @throws org.sallyport.LimitExceededException if the limits do not allow it; as the others here */
    protected abstract MemoryImpl newMemory(MemoryType type);

    /** The shared memory, of the same engine, as one of this store. */
    protected abstract MemoryImpl use(SharedMemoryImpl shared);

    protected abstract ReferenceTable newTable(TableType type, long initial);

    /** One whose bits are zero. */
    protected abstract GlobalImpl newGlobal(GlobalType type);

    protected abstract TagImpl newTag(FuncType type, int typeId);

    /** An exception that a reference stands for ({@link ExceptionTable#isHandle}). */
    protected abstract Thrown exception(long reference);

    protected abstract long exceptionReference(Thrown exception);

    /** An element segment, of that type in the engine's numbers, gets the reference. @return what it has from now on */
    protected abstract long hold(RefType type, long reference);

    /** The store's function for a host function: one for each. */
    protected abstract FuncImpl hostFunction(HostEntry entry);

    /** Makes an instance (WebAssembly 3.0, 4.7.3). @param imports in the order of the module */
    protected abstract InstanceImpl instantiate(ModuleImpl module, List<Object> imports);

    /** The number in {@link References} of the function that a reference stands for. */
    protected abstract int functionNumber(long reference);

    /** Whether a host function that the instance called is running in this thread. */
    protected abstract boolean isCalling(InstanceImpl instance);

    /** Bytes of all memories now. */
    protected abstract long memoryBytes();

    /** @throws AssertionError if a number or address stands for something else than it should */
    protected abstract void check();

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
            if (fuel != null) {
                fuel.settle(); // likewise
            }
            if (isInterruptible()) {
                attendToThread();
            }
            CallContext call = CallContext.current();
            if (call != null) {
                beginIn(call);
            }
            return beginOutermost(blockSize);
        } catch (Throwable t) {
            level = 0;
            if (byHabit) {
                resident = null;
            } else {
                owner = null;
            }
            leaveThread();
            throw t;
        }
    }

    private void beginIn(CallContext call) {
        if (call.limitsFuel()) {
            share(call);
        }
        if (call.hasDeadline()) {
            setDeadline(call.deadlineNanos());
            // only now: from here on the sentry knows of it, and if the JVM stands still, the call ends where it would enter
            if (call.remainingNanos() <= 0) {
                resetDeadline(NO_DEADLINE);
                throw new GuestInterruptedException(GuestInterruptedException.Reason.DEADLINE, List.of());
            }
        }
    }

    /** @throws IllegalStateException if this engine cannot keep what the call was promised */
    private void share(CallContext call) {
        if (fuel == null) {
            throw new IllegalStateException("CallContext.withFuel: " + FuelTank.NOT_COUNTED);
        }
        fuel.share(call);
    }

    private long beginNested(int blockSize) {
        if (alarm != 0) {
            stopIfAsked();
        }
        long block = beginInner(blockSize);
        if (level == outerDeadlines.length) {
            outerDeadlines = Arrays.copyOf(outerDeadlines, 2 * level);
        }
        outerDeadlines[level] = deadline();
        save(level);
        CallContext call = CallContext.current();
        if (call != null) {
            if (call.limitsFuel()) {
                share(call);
            }
            if (call.hasDeadline() && (!hasDeadline() || call.deadlineNanos() - deadline() < 0)) {
                setDeadline(call.deadlineNanos());
            }
        }
        level++;
        return block;
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
        if (isInterruptible()) {
            leaveThread();
        }
        if (fuel != null) {
            fuel.settleForGood();
        }
        level = 0;
        vacate();
    }

    private void endNested() {
        if (fuel != null) {
            fuel.settle();
        }
        restore(level - 1);
        if (hasDeadline()) {
            resetDeadline(outerDeadlines[level - 1]);
        }
        level--;
    }

    /**
     * Ends what {@link #begin} began, after an exception. Callers catch the {@link StackOverflowError} that this may
     * throw and, where {@link #level} is 1 or 0, give the store back by storing, as {@link #within} does.
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
        if (isInterruptible()) {
            leaveThread();
        }
        if (fuel != null) {
            fuel.settleForGood();
        }
        level = 0;
        vacate();
    }

    /**
     * Runs something between {@link #begin} and {@link #end}. Where that is a stay in which this thread runs no guest code yet
     * ({@code blockSize} 0), calls begun in it nest. This and the classes
     * of {@link SpinEntries} are the only ones that end a stay which an exception ended.
     */
    public final <T extends @Nullable Object> T within(int blockSize, Action<T> action) {
        long block = begin(blockSize);
        int mine = level;
        boolean before = hosting;
        try {
            if (mine == 1 && blockSize == 0) {
                beginEmpty();
            }
            T result = action.run(block);
            level = mine;
            hosting = before;
            end();
            return result;
        } catch (Throwable t) {
            level = mine;
            hosting = before;
            try {
                abandon();
            } catch (StackOverflowError e) {
                if (mine <= 1) {
                    level = 0;
                    if (byHabit) {
                        resident = null;
                    } else {
                        owner = null;
                    }
                }
            }
            throw t;
        }
    }

    /** Runs a host function that the host itself calls; calls that it makes into guests nest. */
    final Object[] callHost(HostEntry function, @Nullable Object[] args) {
        return within(0, new Action<>() {
            @Override
            public Object[] run(long block) {
                int mine = level;
                boolean before = hosting;
                hosting = true;
                try {
                    return function.callDirectly(new NoCaller(store), args);
                } catch (Throwable t) {
                    level = mine;
                    hosting = before;
                    throw hostFailure(function, t);
                }
            }
        });
    }

    // ---- ways not to go on

    /** Before something is begun whose end the thread's stack does not allow. */
    protected final TrapException tooDeep(String what) {
        return FlightEvents.ended(new TrapException(
                TrapCode.STACK_OVERFLOW, "too little of the Java stack is left for " + what, backtrace()));
    }

    /** At the start of a call. @throws OutOfFuelException if there is nothing */
    public final void checkSome(FuelTank tank) {
        if (tank.get() <= 0) {
            throw outOfFuel(tank.emptied(), level > 1 ? backtrace() : List.of());
        }
    }

    public final OutOfFuelException outOfFuel(OutOfFuelException.Budget budget, List<GuestFrame> frames) {
        return FlightEvents.ended(new OutOfFuelException(budget, frames));
    }

    /** What a call ends with after a host function threw. */
    public final RuntimeException hostFailure(HostEntry function, Throwable thrown) {
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
    public final void checkpoint() {
        if (alarm != 0) {
            stopIfAsked();
        }
    }

    final void stopIfAsked() {
        stopIfAsked(false);
    }

    /** @param hasTrapped whether the guest left because of a trap or signal */
    final void stopIfAsked(boolean hasTrapped) {
        GuestInterruptedException.Reason why = answer();
        if (why != null) {
            throw stop(why, hasTrapped);
        }
    }

    /** One exception for a stop, however many calls of guest and host it ends: a guest chooses how many. */
    private GuestInterruptedException stop(GuestInterruptedException.Reason why, boolean hasTrapped) {
        GuestInterruptedException known = ending;
        if (known == null || known.reason() != why) {
            known = FlightEvents.ended(
                    new GuestInterruptedException(why, hasTrapped ? trapBacktrace() : backtrace()));
            ending = known;
        }
        return known;
    }

    // ---- closing

    @Override
    final void finish() {
        engine.closed(store);
    }

    @Override
    final void closeAttached() {
        store.closeAttached();
    }

    @Override
    final boolean closeAttachedElsewhere() {
        return store.closeAttachedElsewhere();
    }

    @Override
    final boolean free() {
        return freeGuests() && store.freeModules();
    }

    /** Gives back what guests ran in, as {@link #free}. */
    protected abstract boolean freeGuests();
}
