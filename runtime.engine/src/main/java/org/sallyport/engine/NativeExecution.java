package org.sallyport.engine;

import java.lang.invoke.VarHandle;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.Caller;
import org.sallyport.CompilationException;
import org.sallyport.Func;
import org.sallyport.GuestFrame;
import org.sallyport.GuestInterruptedException;
import org.sallyport.HostFunctionException;
import org.sallyport.OutOfFuelException;
import org.sallyport.SallyportException;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.WasmException;
import org.sallyport.engine.code.CodeSpace;
import org.sallyport.engine.code.GuestEntry;
import org.sallyport.engine.code.SuspendedGuests;
import org.sallyport.engine.code.Unwinder;
import org.sallyport.engine.events.FlightEvents;
import org.sallyport.engine.fuel.FuelTank;
import org.sallyport.engine.fuel.NativeTank;
import org.sallyport.engine.heap.HeapOwner;
import org.sallyport.engine.heap.ObjectCollector;
import org.sallyport.engine.heap.ObjectHeap;
import org.sallyport.engine.heap.ObjectTypes;
import org.sallyport.engine.process.LinuxProcess;
import org.sallyport.engine.process.ThreadNumbers;
import org.sallyport.engine.stop.Sentry;
import org.sallyport.engine.threads.JavaStack;
import org.sallyport.engine.types.Shapes;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.CallBlock;
import org.sallyport.spi.MemoryImage;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ReferenceTable;
import org.sallyport.spi.ResourceAccount;
import org.sallyport.spi.SentryBlock;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.StoreMemory;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.GlobalType;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TableType;
import org.sallyport.wasm.ValType;

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
final class NativeExecution extends Execution implements HeapOwner {
    // exit reasons
    private static final int DONE = 0;
    private static final int HOST_CALL = 1;
    private static final int BUILTIN = 2;
    private static final int TRAP = 3;
    private static final int LATE = 4;

    final CodeSpace space;
    /** The native store context. */
    final long context;
    private final NativeMachinery machinery;
    final StoreMemory memory;
    final NativeObjects objects;
    final Exceptions exceptions;
    final ObjectTypes types;
    final ObjectHeap heap;
    final ObjectCollector collector;
    final ObjectBuiltins objectBuiltins;
    private final NativeBuiltins builtins;
    private final GuestEntry entry;
    private final SuspendedGuests suspended;
    private final long stackTop;
    private final long stackLimit;
    /** Address of the record with the sentry, or of the store's own where nobody looks. */
    private long record;
    /** Address of the word that says when the sentry looks; 0 before the first deadline; of no such word without a sentry. */
    private long looks;
    private @Nullable Sentry sentry;
    private final JavaStack javaStack = new JavaStack();
    /** What profilers have to do with the store. */
    final ProfiledStore profiled;

    NativeExecution(NativeMachinery machinery, StoreImpl store, StoreMemory memory) {
        super(machinery.engine(), store, tank(machinery.engine(), store, memory));
        this.memory = memory;
        context = memory.context();
        record = context + StoreContext.OWN_RECORD;
        this.machinery = machinery;
        space = machinery.codeSpace();
        entry = new GuestEntry(space, context);
        suspended = new SuspendedGuests(space, memory);
        stackTop = memory.stackTop();
        profiled = new ProfiledStore(this, memory.stackTop());
        stackLimit = memory.stackLimit();
        objects = new NativeObjects(this, machinery);
        exceptions = new Exceptions(this);
        builtins = new NativeBuiltins(this);
        heap = new ObjectHeap(this, engine.types(), ObjectHeap.STRESS);
        types = heap.types();
        collector = heap.collector();
        collector.serve(store.references().hosts());
        objectBuiltins = new ObjectBuiltins(this);
        space.prepare(context);
        if (machinery.isProfiled()) {
            profiled.prepare();
        }
    }

    private static @Nullable FuelTank tank(EngineImpl engine, StoreImpl store, StoreMemory memory) {
        return engine.config().compile().fuel()
                ? new NativeTank(memory.context() + StoreContext.FUEL, store.limits().fuel())
                : null;
    }

    /**
     * Makes one of each exception that ends calls, so that whatever the JVM does for the first of a kind is done while
     * there is stack and heap for it. Called when an engine is made.
     */
    static void prepare() {
        List<GuestFrame> frames = List.of(new GuestFrame("", 0, "", 0));
        new TrapException(TrapCode.UNREACHABLE, "", frames).getStackTrace();
        new GuestInterruptedException(GuestInterruptedException.Reason.INTERRUPT, frames).getStackTrace();
        new OutOfFuelException(OutOfFuelException.Budget.STORE, frames).getStackTrace();
        new HostFunctionException("", new StackOverflowError(), frames).addSuppressed(new StackOverflowError());
        new JavaStack().suffices(0);
        FlightEvents.areOn();
    }

    // ---- stopping

    @Override
    protected void setInterrupt(boolean on) {
        NativeMemory.putLong(context + StoreContext.INTERRUPT, on ? 1 : 0);
    }

    @Override
    protected boolean isInCode() {
        return NativeMemory.getLong(context + StoreContext.THREAD) != 0;
    }

    @Override
    protected boolean prod() {
        long thread = NativeMemory.getLong(context + StoreContext.THREAD);
        if (thread == 0) {
            return false;
        }
        LinuxProcess.Threads.get().signal(thread, space.interruptSignal());
        return true;
    }

    @Override
    protected void showDeadline(long time) {
        NativeMemory.putLongOpaque(record + SentryBlock.DEADLINE, time);
    }

    @Override
    protected void attend(long time) {
        try {
            if (looks == 0) {
                takeRecord();
            }
            showDeadline(time);
            if (sentry != null && time - NativeMemory.getLongOpaque(looks) < 0) {
                sentry.ask();
            }
        } catch (VirtualMachineError | SallyportException e) {
            // no heap, no stack, no address space: the watchdog does it alone, and the next deadline tries again
        }
    }

    /** Only the watchdog ends this store's calls. Before the first deadline. */
    void withoutSentry() {
        looks = context;
    }

    /** Of the engine's sentry, if it has one and a record is left. By the owner, who runs no machine code. */
    private void takeRecord() {
        if (!JavaStack.hasRoom()) {
            return;
        }
        Sentry found = machinery.sentry();
        long taken = found == null ? 0 : found.take();
        if (found == null || taken == 0) {
            withoutSentry();
            return;
        }
        NativeMemory.putLong(context + StoreContext.THREAD_NUMBER, ThreadNumbers.offset());
        NativeMemory.putLong(context + StoreContext.RECORD, taken);
        record = taken;
        looks = found.looks();
        sentry = found;
    }

    /** Nobody enters any more. Can be called again after an error. */
    private void giveRecordBack() {
        Sentry has = sentry;
        if (has != null) {
            if (!JavaStack.hasRoom()) {
                throw new StackOverflowError("no stack to close a store");
            }
            has.giveBack(record);
            sentry = null;
            record = context + StoreContext.OWN_RECORD;
        }
    }

    // ---- a call

    @Override
    protected long beginOutermost(int blockSize) {
        return stackTop - blockSize;
    }

    @Override
    protected long beginInner(int blockSize) {
        long block = NativeMemory.getLong(context + StoreContext.GUEST_SP) - blockSize & -CallBlock.ALIGNMENT;
        if (block < stackLimit) {
            throw new TrapException(TrapCode.STACK_OVERFLOW, "", backtrace());
        }
        return block;
    }

    @Override
    protected void beginEmpty() {
        suspended.clear();
    }

    @Override
    protected void save(int outer) {
        suspended.save(outer);
    }

    @Override
    protected void restore(int outer) {
        suspended.restore(outer);
    }

    /** Runs the function on the block that {@link #begin} returned; results are in the block afterwards. */
    void run(long block, EntryPoint function) {
        long c = context;
        if (fuel != null) {
            checkSome(fuel);
        }
        NativeMemory.putLong(block, function.code());
        NativeMemory.putLong(c + StoreContext.GUEST_SP, block);
        NativeMemory.putLong(c + StoreContext.RESUME_PC, function.trampoline());
        NativeMemory.putLong(c + StoreContext.VMCTX, function.vmctx());
        int reason = entry.enter(function.isBrief());
        if ((reason | alarm) != 0) {
            goOn(reason);
        }
    }

    private void goOn(int first) {
        int reason = first;
        if (reason == LATE) {
            beginEmpty();
        }
        while (true) {
            if (reason == TRAP && NativeMemory.getLong(context + StoreContext.TRAP_SIGNAL) == space.interruptSignal()) {
                wasEnded();
            }
            if (alarm != 0) {
                stopIfAsked(reason == TRAP);
            }
            switch (reason) {
                case DONE -> {
                    return;
                }
                case HOST_CALL -> {
                    collector.forgetNoted();
                    hostCall();
                }
                case BUILTIN -> {
                    collector.forgetNoted();
                    builtinCall();
                }
                case TRAP -> throw trap();
                case LATE -> stopInTime();
                default -> throw new AssertionError("BUG: exit reason " + reason);
            }
            reason = entry.enter(false);
        }
    }

    /** Whether the sentry has found the deadline in force passed. */
    private boolean hasExpired() {
        return NativeMemory.getLong(record + SentryBlock.EXPIRED) == NativeMemory.getLong(record + SentryBlock.DEADLINE);
    }

    /** Before the guest's code runs. */
    private void stopInTime() {
        wasEnded(System.nanoTime(), true);
        stopIfAsked();
    }

    /** By a signal: because somebody has asked for that, or the sentry has found the deadline passed that is in force. */
    private void wasEnded() {
        boolean hasExpired = hasExpired();
        long left = left();
        long signalled = NativeMemory.getLong(record + SentryBlock.SIGNALLED);
        boolean isOfSentry = hasExpired && signalled - deadline() >= 0 && left - signalled >= 0;
        wasEnded(isOfSentry ? signalled : left, hasExpired);
    }

    /** When a signal last had the guest leave machine code, on the scale of {@link System#nanoTime}; 0 before. */
    long left() {
        return NativeMemory.getLong(context + StoreContext.INTERRUPTED_AT);
    }

    private void hostCall() {
        long c = context;
        long sp = NativeMemory.getLong(c + StoreContext.GUEST_SP);
        long pc = NativeMemory.getLong(c + StoreContext.RESUME_PC);
        long fp = NativeMemory.getLong(c + StoreContext.EXIT_FP);
        long vmctx = NativeMemory.getLong(c + StoreContext.EXIT_VMCTX);
        HostEntry function = objects.hostFunction(NativeMemory.getInt(c + StoreContext.EXIT_ID));
        if (!javaStack.suffices(NativeMemory.getLong(c + StoreContext.HOST_SP))) {
            throw tooDeep("host function " + function.name());
        }
        CallContext paying = fuel == null ? null : fuel.settle();
        int mine = level;
        boolean before = hosting;
        hosting = true;
        try {
            function.call(this, NativeMemory.getLong(c + StoreContext.EXIT_ARGS));
        } catch (Throwable t) {
            level = mine;
            hosting = before;
            VarHandle.fullFence();
            if (t instanceof WasmException exception && alarm == 0 && goesOn(function, exception, fp)) {
                pays(paying);
                return;
            }
            throw hostFailure(function, t);
        }
        level = mine;
        hosting = before;
        if (alarm != 0) {
            stopIfAsked();
        }
        pays(paying);
        NativeMemory.putLong(c + StoreContext.GUEST_SP, sp);
        NativeMemory.putLong(c + StoreContext.RESUME_PC, pc);
        NativeMemory.putLong(c + StoreContext.VMCTX, vmctx);
    }

    /** The guest goes on, for a call whose context pays for fuel; null: none does. */
    private void pays(@Nullable CallContext call) {
        if (call != null && fuel != null) {
            fuel.share(call);
        }
    }

    /** Whether the guest that called the function catches what came out of it. */
    private boolean goesOn(HostEntry function, WasmException exception, long framePointer) {
        try {
            return exceptions.catches(exception, framePointer);
        } catch (IllegalArgumentException e) {
            throw new HostFunctionException(function.name(), e, backtrace());
        }
    }

    private void builtinCall() {
        long c = context;
        long vmctx = NativeMemory.getLong(c + StoreContext.EXIT_VMCTX);
        Builtin builtin = NativeBuiltins.builtin(NativeMemory.getInt(c + StoreContext.EXIT_ID));
        if (!javaStack.suffices(NativeMemory.getLong(c + StoreContext.HOST_SP))) {
            throw tooDeep(builtin.name());
        }
        NativeMemory.putLong(c + StoreContext.VMCTX, vmctx); // a builtin that throws puts another one there
        try {
            builtins.run(builtin, objects.instanceAt(vmctx), NativeMemory.getLong(c + StoreContext.EXIT_ARGS));
        } catch (CompilationException e) {
            if (alarm != 0) {
                stopIfAsked();
            }
            throw e;
        }
    }

    // ---- ways not to go on

    private RuntimeException trap() {
        long c = context;
        long pc = NativeMemory.getLong(c + StoreContext.TRAP_PC);
        int signal = (int) NativeMemory.getLong(c + StoreContext.TRAP_SIGNAL);
        if (signal == space.interruptSignal()) {
            throw new AssertionError("BUG: interrupted without a reason");
        }
        CodeSpace.@Nullable Mapping mapping = space.moduleAt(pc);
        TrapCode code = mapping == null
                ? signal == LinuxProcess.SIGILL ? TrapCode.STACK_OVERFLOW : null // in a trampoline
                : mapping.code().trapAt((int) (pc - mapping.base()));
        long address = NativeMemory.getLong(c + StoreContext.TRAP_ADDRESS);
        boolean isAccess = signal == LinuxProcess.SIGSEGV || signal == LinuxProcess.SIGBUS;
        if (code == null || isAccess && !memory.isGuarded(address)) {
            throw new AssertionError("BUG: signal " + signal + " at code 0x" + Long.toHexString(pc) + ", address 0x"
                    + Long.toHexString(address) + ", trap " + code + ", in " + trapBacktrace());
        }
        return code == TrapCode.OUT_OF_FUEL && fuel != null
                ? outOfFuel(fuel.emptied(), trapBacktrace())
                : FlightEvents.ended(new TrapException(code, "", trapBacktrace()));
    }

    // ---- backtraces

    @Override
    List<GuestFrame> trapBacktrace() {
        return frames(NativeMemory.getLong(context + StoreContext.TRAP_PC));
    }

    @Override
    protected List<GuestFrame> backtrace() {
        return frames(NativeMemory.getLong(context + StoreContext.RESUME_PC));
    }

    /** Collects the return addresses of all activations. @return how many */
    int trace(Unwinder unwinder, long[] addresses) {
        return suspended.trace(unwinder, addresses, level);
    }

    private List<GuestFrame> frames(long pc) {
        return level == 0 ? List.of() : suspended.frames(pc, level);
    }

    // ---- for the classes of SpinEntries and SpinHostCalls

    @Nullable Func functionAt(long slot) {
        return store.references().function(NativeMemory.getLong(slot));
    }

    @Nullable Object objectAt(long slot) {
        return store.references().object(NativeMemory.getLong(slot));
    }

    /** @param index of the value in the type: parameters before results */
    void putReference(FuncType type, int index, long slot, @Nullable Object value) {
        int params = type.params().size();
        ValType wanted = index < params
                ? type.params().get(index)
                : type.results().get(index - params);
        NativeMemory.putLong(slot, store.references().toGuest((RefType) wanted, value));
    }

    /** Who called the host function that runs now. */
    Caller caller() {
        return objects.instanceAt(NativeMemory.getLong(context + StoreContext.CALLER_VMCTX)).caller();
    }

    @Override
    protected boolean freeGuests() {
        giveRecordBack();
        profiled.giveBack();
        return objects.free();
    }

    // ---- for the heap of structures and arrays

    @Override
    public StoreMemory memory() {
        return memory;
    }

    @Override
    public ResourceAccount resources() {
        return store.resources();
    }

    @Override
    public boolean isInGuest() {
        return level > 0;
    }

    @Override
    public int exceptionValues() {
        return exceptions.room();
    }

    // ---- what a store is made of

    @Override
    protected MemoryImpl newMemory(MemoryType type) {
        return newMemory(type, null);
    }

    /** A memory of this store, or a shared one that it is the first to have. */
    NativeMemoryImpl newMemory(MemoryType type, @Nullable MemoryImage image) {
        if (!type.shared()) {
            return new NativeMemoryImpl(this, memory.newMemory(type, image));
        }
        SharedMemoryImpl made = SharedMemoryImpl.make(machinery, type, memory.budget());
        try {
            return objects.view(made);
        } finally {
            made.close();
        }
    }

    @Override
    void note(long reference) {
        collector.note(reference);
    }

    @Override
    protected ObjectMaker maker() {
        return new NewObjects(store, this);
    }

    @Override
    NativeExecution machine() {
        return this;
    }

    @Override
    protected MemoryImpl use(SharedMemoryImpl shared) {
        return objects.view(shared);
    }

    @Override
    protected ReferenceTable newTable(TableType type, long initial) {
        ReferenceTable table = memory.newTable(type, initial);
        if (Shapes.isException(type.element())) {
            exceptions.table().watch(table);
        } else if (Shapes.isCollected(type.element(), store.engine.types())) {
            collector.watch(table);
        }
        return table;
    }

    @Override
    protected GlobalImpl newGlobal(GlobalType type) {
        return newGlobal(type, memory.newGlobal());
    }

    /** @param slot its address */
    GlobalImpl newGlobal(GlobalType type, long slot) {
        NativeGlobal global = new NativeGlobal(store, type, slot);
        if (type.type() instanceof RefType ref && Shapes.isException(ref)) {
            exceptions.table().watch(global);
        } else if (type.type() instanceof RefType ref && Shapes.isCollected(ref, store.engine.types())) {
            collector.watchGlobal(slot);
        }
        return global;
    }

    @Override
    protected TagImpl newTag(FuncType type, int typeId) {
        return exceptions.newTag(type, typeId);
    }

    @Override
    protected Thrown exception(long reference) {
        Thrown thrown = exceptions.table().find(reference);
        if (thrown == null) {
            throw new AssertionError("BUG: a null exception");
        }
        return thrown;
    }

    @Override
    protected long exceptionReference(Thrown exception) {
        return exceptions.table().reference(exception);
    }

    @Override
    protected long hold(RefType type, long reference) {
        if (Shapes.isException(type)) {
            exceptions.table().hold(reference);
        }
        return reference;
    }

    @Override
    protected FuncImpl hostFunction(HostEntry entry) {
        return objects.hostFunction(entry);
    }

    @Override
    protected InstanceImpl instantiate(ModuleImpl module, List<Object> imports) {
        return new NativeInstantiation(this, (NativeModule) module).run(imports);
    }

    @Override
    protected int functionNumber(long reference) {
        return NativeMemory.getInt(reference + VmLayout.FUNCREF_HOST_ID);
    }

    @Override
    protected boolean isCalling(InstanceImpl instance) {
        return isInside() && hosting && suspended.isCalling(((NativeInstance) instance).vmctx(), level);
    }

    @Override
    protected long memoryBytes() {
        return memory.memoryBytes();
    }

    @Override
    protected void check() {
        exceptions.table().check();
        collector.check();
        objects.check();
    }
}
