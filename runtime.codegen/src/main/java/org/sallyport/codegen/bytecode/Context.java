package org.sallyport.codegen.bytecode;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sallyport.OutOfFuelException;
import org.sallyport.TrapCode;
import org.sallyport.spi.ArrayMemory;
import org.sallyport.spi.ArrayTable;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.GlobalCell;
import org.sallyport.spi.GuestFunction;
import org.sallyport.spi.ObjectParts;
import org.sallyport.spi.SegmentMemory;
import org.sallyport.spi.StopSign;
import org.sallyport.wasm.IndexSpaces;

/**
 * What generated code knows of its instance: the last argument of each of its methods. The first parts of each kind have fields
 * of their own, the others are in lists. Used by the thread inside the store.
 */
public final class Context {
    /** Results of the call that returned last, behind the first word. */
    public final long[] results;

    public final ObjectParts parts;
    public final StopSign stop;
    public @Nullable ArrayMemory memory0;
    public @Nullable ArrayTable table0;
    public @Nullable GlobalCell global0;
    public @Nullable GlobalCell global1;
    public @Nullable GlobalCell fuel;
    /** By index, as all of these: null where a memory is shared. */
    public @Nullable ArrayMemory[] memories = {};

    /** Null where it is not. */
    public @Nullable SegmentMemory[] shared = {};

    public ArrayTable[] tables = {};
    public GlobalCell[] globals = {};
    /** A tail call that the function which has just returned wants to be done in its place; null for none. */
    public @Nullable Target tail;

    public long[] tailSlots = {};

    /** What is called with it if this is the context of a function that is no code of this back end. */
    final @Nullable GuestFunction foreign;

    private final ModuleCode module;
    private final BytecodeFunction[] own;
    private @Nullable Target[] targets = new Target[16];
    private @Nullable Target[] imports = {};
    private boolean isReady;

    Context(ModuleCode module, ObjectParts parts) {
        this.module = module;
        this.parts = parts;
        stop = parts.stopSign();
        foreign = null;
        results = new long[module.resultWords()];
        own = new BytecodeFunction[module.functionCount()];
        Arrays.setAll(own, i -> new BytecodeFunction(this, i));
    }

    /** For a function of somebody else. */
    private Context(Context caller, GuestFunction function, Shape shape) {
        module = caller.module;
        parts = caller.parts;
        stop = caller.stop;
        own = caller.own;
        foreign = function;
        results = new long[Math.max(1, shape.resultWords.size())];
    }

    ModuleCode module() {
        return module;
    }

    BytecodeFunction[] functions() {
        return own.clone();
    }

    /** Asks for all parts, when they are there: at the first call. */
    void prepare() {
        if (isReady) {
            return;
        }
        IndexSpaces spaces = module.facts().valid().spaces();
        memories = new ArrayMemory[spaces.memoryCount()];
        shared = new SegmentMemory[memories.length];
        for (int i = 0; i < memories.length; i++) {
            if (spaces.memory(i).shared()) {
                shared[i] = parts.sharedMemory(i);
            } else {
                memories[i] = parts.memory(i);
            }
        }
        tables = new ArrayTable[spaces.tableCount()];
        Arrays.setAll(tables, parts::table);
        globals = new GlobalCell[spaces.globalCount()];
        Arrays.setAll(globals, parts::global);
        imports = new Target[spaces.importedFuncs()];
        memory0 = memories.length > 0 ? memories[0] : null;
        table0 = tables.length > 0 ? tables[0] : null;
        global0 = globals.length > 0 ? globals[0] : null;
        global1 = globals.length > 1 ? globals[1] : null;
        fuel = parts.fuel();
        isReady = true;
    }

    // ---- called by generated code

    public void checkpoint() {
        parts.checkpoint();
    }

    /** The function that a reference stands for, which is not null. */
    public Target target(long reference) {
        int i = (int) reference;
        @Nullable Target[] known = targets;
        if (i < known.length) {
            Target target = known[i];
            if (target != null) {
                return target;
            }
        }
        return find(i);
    }

    private Target find(int reference) {
        if (reference >= targets.length) {
            targets = Arrays.copyOf(targets, Math.max(reference + 1, 2 * targets.length));
        }
        Target target = target(parts.function(reference), parts.funcTypeOf(reference), parts.typeOf(reference));
        targets[reference] = target;
        return target;
    }

    /** A function that the module imports. */
    public Target imported(int index) {
        Target target = imports[index];
        if (target == null) {
            target = target(parts.imported(index), module.facts().valid().spaces().funcType(index), 0);
            imports[index] = target;
        }
        return target;
    }

    private Target target(GuestFunction function, org.sallyport.wasm.FuncType type, int typeId) {
        if (function instanceof BytecodeFunction guest) {
            return guest.target(typeId);
        }
        Shape shape = new Shape(type);
        return new Target(module.foreignCode(type), null, null, new Context(this, function, shape), typeId);
    }

    /** One of the module's own, for a tail call. */
    public Target own(int index) {
        return own[index].target(0);
    }

    /** Does the tail calls that a function has left. @return where the results are */
    public long[] finish() {
        Context at = this;
        long[] slots;
        do {
            Target target = at.tail;
            slots = at.tailSlots;
            at.tail = null;
            if (target == null) {
                throw new AssertionError("BUG: there is no tail call");
            }
            target.enterBody(slots);
            at = target.context;
        } while (at.tail != null);
        return slots;
    }

    /** Calls what is no code of this back end. */
    public void callForeign(long[] slots) {
        if (foreign == null) {
            throw new AssertionError("BUG: this is the context of an instance");
        }
        foreign.call(slots);
    }

    public int typeOf(long reference) {
        return reference == 0 ? 0 : target(reference).typeId;
    }

    public long builtin(int builtin, long a, long b, long c, long d, long e) {
        Builtin which = BUILTINS[builtin];
        return parts.builtin(which, Arrays.copyOf(new long[] {a, b, c, d, e}, which.type().params().size()));
    }

    private static final Builtin[] BUILTINS = Builtin.values();

    public void copy(int memories, long to, long from, long length) {
        parts.copyMemory(memories & 0xFFFF, memories >>> 16, to, from, length);
    }

    public void fill(int memory, long to, int value, long length) {
        parts.fillMemory(memory, to, (byte) value, length);
    }

    public OutOfFuelException outOfFuel() {
        return parts.outOfFuel();
    }

    RuntimeException trap(TrapCode code, Throwable cause) {
        return parts.trap(code, module.backEnd().backtrace(cause));
    }
}
