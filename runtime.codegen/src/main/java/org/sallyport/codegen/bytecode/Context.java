package org.sallyport.codegen.bytecode;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sallyport.I31Ref;
import org.sallyport.LimitExceededException;
import org.sallyport.OutOfFuelException;
import org.sallyport.TrapCode;
import org.sallyport.spi.ArrayMemory;
import org.sallyport.spi.ArrayTable;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.GlobalCell;
import org.sallyport.spi.GuestArray;
import org.sallyport.spi.GuestFunction;
import org.sallyport.spi.GuestObject;
import org.sallyport.spi.GuestType;
import org.sallyport.spi.ObjectMeter;
import org.sallyport.spi.ObjectParts;
import org.sallyport.spi.PassedObjects;
import org.sallyport.spi.Raised;
import org.sallyport.spi.SegmentMemory;
import org.sallyport.spi.StopSign;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.ir.Type;
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
    /** What the handler has that was entered last. */
    public @Nullable Raised arrived;
    /** By tag: its number. */
    public long[] tags = {};
    /** Values of the exception that is about to be thrown, in {@link Raised}'s two forms. */
    public final long[] raisedWords;

    public final @Nullable Object[] raisedObjects;

    private final PassedObjects passed;
    private final ObjectMeter meter;
    private final @Nullable GuestType[] types;

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
        passed = parts.passed();
        meter = parts.meter();
        types = new @Nullable GuestType[module.facts().valid().module().types().size()];
        raisedWords = new long[2 * module.exceptionValues()];
        raisedObjects = new @Nullable Object[module.exceptionValues()];
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
        passed = caller.passed;
        meter = caller.meter;
        types = caller.types;
        raisedWords = caller.raisedWords;
        raisedObjects = caller.raisedObjects;
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
        tags = new long[spaces.tagCount()];
        Arrays.setAll(tags, parts::tag);
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
        Shape shape = Shape.ofStore(parts.funcTypeOf(reference));
        Target target = target(parts.function(reference), shape, parts.typeOf(reference));
        targets[reference] = target;
        return target;
    }

    /** A function that the module imports. */
    public Target imported(int index) {
        Target target = imports[index];
        if (target == null) {
            target = target(parts.imported(index), module.shapeOf(index), 0);
            imports[index] = target;
        }
        return target;
    }

    private Target target(GuestFunction function, Shape shape, int typeId) {
        if (function instanceof BytecodeFunction guest) {
            return guest.target(typeId);
        }
        return new Target(module.foreignCode(shape), null, null, new Context(this, function, shape), typeId);
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
        int before = passed.mark();
        long result = parts.builtin(which, Arrays.copyOf(new long[] {a, b, c, d, e}, which.type().params().size()));
        if ((which == Builtin.TABLE_GROW || which == Builtin.TABLE_FILL) && before > 0) {
            passed.release(isOfObjects((int) a) && c > 0 ? before - 1 : before);
        }
        return result;
    }

    private boolean isOfObjects(int table) {
        ModuleFacts facts = module.facts();
        return facts.type(facts.valid().spaces().table(table).element()) == Type.REF;
    }

    /** A reference on its way where only numbers go. */
    public static long pass(@Nullable Object reference, Context context) {
        return reference == null ? 0 : context.passed.pass(reference);
    }

    public static @Nullable Object take(long reference, Context context) {
        return reference == 0 ? null : context.passed.take(reference);
    }

    /** An exception of the tag with the values that have been set. */
    public Raised raise(int tag) {
        Type[] types = module.exceptionTypes(tag);
        boolean hasObjects = false;
        for (Type type : types) {
            hasObjects |= type == Type.REF;
        }
        @Nullable Object[] objects = NO_OBJECTS;
        if (hasObjects) {
            objects = Arrays.copyOf(raisedObjects, types.length);
            Arrays.fill(raisedObjects, null);
        }
        return parts.raise(tag, Arrays.copyOf(raisedWords, 2 * types.length), objects);
    }

    /** A reference to what has arrived. */
    public Raised caught() {
        Raised exception = arrived;
        if (exception == null) {
            throw new AssertionError("BUG: no exception was caught");
        }
        parts.refersTo(exception);
        return exception;
    }

    private static final Builtin[] BUILTINS = Builtin.values();
    private static final @Nullable Object[] NO_OBJECTS = {};
    /** Elements between two looks at the deadline. */
    private static final int PIECE = 1 << 17;

    public void copy(int memories, long to, long from, long length) {
        parts.copyMemory(memories & 0xFFFF, memories >>> 16, to, from, length);
    }

    public void fill(int memory, long to, int value, long length) {
        parts.fillMemory(memory, to, (byte) value, length);
    }

    // ---- structures and arrays

    /** A type of structures or arrays of the module. */
    public GuestType type(int index) {
        GuestType type = types[index];
        return type != null ? type : findType(index);
    }

    private GuestType findType(int index) {
        GuestType type = parts.guestType(index);
        types[index] = type;
        return type;
    }

    /** Counts an object that has just been made. */
    public void made(GuestObject object, int bytes) {
        if ((meter.left -= bytes) <= 0) {
            meter.look(object);
        }
    }

    /** An array of zeros. */
    public GuestArray newArray(int typeIndex, int length) {
        GuestType type = type(typeIndex);
        long bytes = GuestArray.bytes(type.kind(0), length);
        if (bytes >= meter.largeBytes()) {
            return newLarge(type, length, bytes);
        }
        GuestArray array = GuestArray.of(type, length);
        made(array, (int) bytes);
        return array;
    }

    private GuestArray newLarge(GuestType type, int length, long bytes) {
        meter.reserve(GuestArray.mayHave(type.kind(0), length) ? bytes : Long.MAX_VALUE);
        try {
            GuestArray array = GuestArray.of(type, length);
            meter.addLarge(array, bytes);
            return array;
        } catch (OutOfMemoryError e) {
            throw new LimitExceededException("heap bytes", bytes, Runtime.getRuntime().maxMemory(), "the Java heap");
        }
    }

    private static GuestArray array(@Nullable Object reference) {
        if (reference == null) {
            throw GuestTrap.of(TrapCode.NULL_REFERENCE);
        }
        return (GuestArray) reference;
    }

    /** All unsigned. */
    private static void check(int start, int length, int size, TrapCode code) {
        if (Integer.compareUnsigned(length, size) > 0 || Integer.compareUnsigned(start, size - length) > 0) {
            throw GuestTrap.of(code);
        }
    }

    /** {@code array.fill}, with the value in both of its ways. */
    public void fill(@Nullable Object target, int start, long low, long high, @Nullable Object object, int length) {
        GuestArray array = array(target);
        check(start, length, array.length(), TrapCode.ARRAY_OUT_OF_BOUNDS);
        for (int left = length; left > 0; left -= PIECE) {
            parts.checkpoint();
            int from = start + length - left;
            array.fill(from, from + Math.min(left, PIECE), low, high, object);
        }
    }

    /** {@code array.copy}. */
    public void copy(@Nullable Object target, int to, @Nullable Object source, int from, int length) {
        GuestArray goal = array(target);
        GuestArray origin = array(source);
        check(to, length, goal.length(), TrapCode.ARRAY_OUT_OF_BOUNDS);
        check(from, length, origin.length(), TrapCode.ARRAY_OUT_OF_BOUNDS);
        boolean backwards = to > from;
        for (int left = length; left > 0; left -= PIECE) {
            parts.checkpoint();
            int piece = Math.min(left, PIECE);
            int at = backwards ? left - piece : length - left;
            goal.copy(to + at, origin, from + at, piece);
        }
    }

    /** {@code array.new_data}. */
    public GuestArray newArrayOfData(int typeIndex, int segment, int start, int length) {
        checkData(type(typeIndex), segment, start, length);
        GuestArray array = newArray(typeIndex, length);
        parts.putData(array, 0, segment, start, length);
        return array;
    }

    private void checkData(GuestType type, int segment, int start, int length) {
        long bytes = type.kind(0).bytes() * (length & 0xFFFF_FFFFL);
        long size = parts.dataLength(segment);
        if (bytes > size || (start & 0xFFFF_FFFFL) > size - bytes) {
            throw GuestTrap.of(TrapCode.MEMORY_OUT_OF_BOUNDS);
        }
    }

    /** {@code array.new_elem}. */
    public GuestArray newArrayOfElements(int typeIndex, int segment, int start, int length) {
        check(start, length, parts.elementCount(segment), TrapCode.TABLE_OUT_OF_BOUNDS);
        GuestArray array = newArray(typeIndex, length);
        parts.putElements(array, 0, segment, start, length);
        return array;
    }

    /** {@code array.init_data}. */
    public void initOfData(int segment, @Nullable Object target, int to, int from, int length) {
        GuestArray array = array(target);
        check(to, length, array.length(), TrapCode.ARRAY_OUT_OF_BOUNDS);
        checkData(array.type, segment, from, length);
        parts.putData(array, to, segment, from, length);
    }

    /** {@code array.init_elem}. */
    public void initOfElements(int segment, @Nullable Object target, int to, int from, int length) {
        GuestArray array = array(target);
        check(to, length, array.length(), TrapCode.ARRAY_OUT_OF_BOUNDS);
        check(from, length, parts.elementCount(segment), TrapCode.TABLE_OUT_OF_BOUNDS);
        parts.putElements(array, to, segment, from, length);
    }

    // ---- references

    public static int isThere(@Nullable Object reference) {
        return reference != null ? 1 : 0;
    }

    /** Whether it is of the heap type eq. */
    public static int isEq(@Nullable Object reference) {
        return reference instanceof GuestObject || reference instanceof I31Ref ? 1 : 0;
    }

    /** {@code ref.eq}. */
    public static int isSame(@Nullable Object a, @Nullable Object b) {
        return a == b || a instanceof I31Ref(int x) && b instanceof I31Ref(int y) && x == y ? 1 : 0;
    }

    /** {@code ref.i31}. */
    public static Object i31(int value) {
        return new I31Ref(value << 1 >> 1);
    }

    /** Of an i31, with its sign. */
    public static int i31Value(@Nullable Object reference) {
        return reference instanceof I31Ref(int value) ? value : 0;
    }

    /** Number of the type that many below the root in the type of a function; 0 for none. */
    public int ancestor(long reference, int depth) {
        return reference == 0 ? 0 : parts.ancestorOf(reference, depth);
    }

    public OutOfFuelException outOfFuel() {
        return parts.outOfFuel();
    }

    RuntimeException trap(TrapCode code, Throwable cause) {
        return parts.trap(code, module.backEnd().backtrace(cause));
    }
}
