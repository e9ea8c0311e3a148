package org.sallyport.engine.objectcode;

import java.lang.foreign.MemorySegment;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.sallyport.GuestFrame;
import org.sallyport.OutOfFuelException;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.engine.Builtins;
import org.sallyport.engine.FuncImpl;
import org.sallyport.engine.InstanceImpl;
import org.sallyport.engine.events.FlightEvents;
import org.sallyport.engine.fuel.FuelTank;
import org.sallyport.engine.types.Shapes;
import org.sallyport.spi.ArrayMemory;
import org.sallyport.spi.ArrayTable;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.GlobalCell;
import org.sallyport.spi.GuestArray;
import org.sallyport.spi.GuestFunction;
import org.sallyport.spi.GuestType;
import org.sallyport.spi.ObjectMeter;
import org.sallyport.spi.ObjectParts;
import org.sallyport.spi.PassedObjects;
import org.sallyport.spi.Raised;
import org.sallyport.spi.SegmentMemory;
import org.sallyport.spi.StopSign;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.WasmModule;

/** An instance whose code is Java's. */
final class ObjectInstance extends InstanceImpl implements ObjectParts {
    private static final int BETWEEN_CHECKS = 1 << 16;

    private final ObjectExecution execution;
    private final ObjectModule module;
    private GuestFunction[] code = {};

    ObjectInstance(ObjectExecution execution, ObjectModule module) {
        super(execution.store, module);
        this.execution = execution;
        this.module = module;
    }

    /** Makes the functions that the module defines. Called once. */
    void prepareCode() {
        code = module.code().instantiate(this);
    }

    @Override
    protected FuncImpl newFunction(int index) {
        return new ObjectFunc(
                execution,
                module.funcType(index),
                module.funcTypeId(index),
                module.functionName(index),
                null,
                code[index - module.spaces().importedFuncs()]);
    }

    @Override
    protected long functionReference(int function) {
        return function(function).reference();
    }

    /** Each function has a number of its own. */
    @Override
    protected int escapingFunctions() {
        return 0;
    }

    @Override
    protected FuncImpl escapingFunction(int i) {
        throw new AssertionError("BUG: no numbers are reserved for an instance");
    }

    // ---- what the code asks for

    @Override
    public ArrayMemory memory(int index) {
        return ((ObjectMemoryImpl) memories[index]).array();
    }

    @Override
    public SegmentMemory sharedMemory(int index) {
        return ((ObjectSharedView) memories[index]).memory();
    }

    /** Bytes of a memory as long as it is now. */
    private MemorySegment bytes(int memory) {
        return memories[memory] instanceof ObjectSharedView view
                ? view.memory().bytes.asSlice(0, view.memory().length)
                : MemorySegment.ofArray(memory(memory).bytes);
    }

    @Override
    public ArrayTable table(int index) {
        return ((ObjectTable) references(index)).array();
    }

    @Override
    public GlobalCell global(int index) {
        return ((ObjectGlobal) globals[index]).cell();
    }

    @Override
    public GuestFunction imported(int index) {
        return ((ObjectFunc) function(index)).codeFor(this);
    }

    @Override
    public long reference(int function) {
        return functionReference(function);
    }

    private ObjectFunc known(long reference) {
        ObjectFunc function = (ObjectFunc) storeImpl().references().function(reference);
        if (function == null) {
            throw new AssertionError("BUG: a null reference is called");
        }
        return function;
    }

    @Override
    public GuestFunction function(long reference) {
        return known(reference).codeFor(this);
    }

    @Override
    public int typeOf(long reference) {
        return known(reference).typeId();
    }

    @Override
    public FuncType funcTypeOf(long reference) {
        return Shapes.forJava(known(reference).type(), execution.types());
    }

    @Override
    public int typeNumber(int type) {
        return module.typeIds()[type];
    }

    @Override
    public long builtin(Builtin builtin, long... arguments) {
        return execution.builtins().run(builtin, this, arguments);
    }

    @Override
    public PassedObjects passed() {
        return execution.passing();
    }

    @Override
    public long tag(int index) {
        return tags[index].number();
    }

    @Override
    public Raised raise(int tag, long[] words, @Nullable Object[] objects) {
        return execution.exceptions().raise(tags[tag], words, objects);
    }

    @Override
    public void refersTo(Raised exception) {
        execution.exceptions().refersTo((ObjectThrown) exception);
    }

    @Override
    public GuestType guestType(int type) {
        return execution.guestType(module.typeIds()[type]);
    }

    @Override
    public int ancestorOf(long reference, int depth) {
        return execution.guestTypes().ancestor(typeOf(reference), depth);
    }

    @Override
    public ObjectMeter meter() {
        return execution.meter();
    }

    @Override
    public int dataLength(int segment) {
        return dataDropped[segment] ? 0 : data(segment).length();
    }

    private WasmModule.Range data(int segment) {
        return module.wasm().data().get(segment).bytes();
    }

    @Override
    public void putData(GuestArray array, int to, int segment, int from, int length) {
        byte[] binary = module.wasm().binary();
        int bytes = array.type.kind(0).bytes();
        int start = data(segment).start() + from;
        for (int i = 0; i < length; i++) {
            if ((i & BETWEEN_CHECKS - 1) == 0) {
                execution.checkpoint();
            }
            array.put(to + i, binary, start + i * bytes);
        }
    }

    @Override
    public int elementCount(int segment) {
        long[] references = elements[segment];
        return references == null ? 0 : references.length;
    }

    @Override
    public void putElements(GuestArray array, int to, int segment, int from, int length) {
        long[] references = elements[segment];
        if (references == null) {
            return;
        }
        boolean areObjects = array.type.kind(0) == GuestType.Kind.OBJECT;
        for (int i = 0; i < length; i++) {
            if ((i & BETWEEN_CHECKS - 1) == 0) {
                execution.checkpoint();
            }
            long reference = references[from + i];
            Object object = areObjects ? execution.passing().get(reference) : null;
            array.fill(to + i, to + i + 1, reference, 0, object);
        }
    }

    @Override
    public void copyMemory(int destination, int source, long to, long from, long length) {
        MemorySegment target = bytes(destination);
        MemorySegment origin = bytes(source);
        if (Builtins.isOutside(from, length, origin.byteSize()) || Builtins.isOutside(to, length, target.byteSize())) {
            throw trap(TrapCode.MEMORY_OUT_OF_BOUNDS);
        }
        boolean backwards = to > from;
        for (long done = 0; done < length; done += Builtins.PIECE_BYTES) {
            execution.checkpoint();
            long piece = Math.min(length - done, Builtins.PIECE_BYTES);
            long at = backwards ? length - done - piece : done;
            MemorySegment.copy(origin, from + at, target, to + at, piece);
        }
    }

    @Override
    public void fillMemory(int memory, long to, byte value, long length) {
        MemorySegment target = bytes(memory);
        if (Builtins.isOutside(to, length, target.byteSize())) {
            throw trap(TrapCode.MEMORY_OUT_OF_BOUNDS);
        }
        for (long done = 0; done < length; done += Builtins.PIECE_BYTES) {
            execution.checkpoint();
            target.asSlice(to + done, Math.min(length - done, Builtins.PIECE_BYTES)).fill(value);
        }
    }

    @Override
    public StopSign stopSign() {
        return execution.stopSign();
    }

    @Override
    public void checkpoint() {
        execution.checkpoint();
    }

    @Override
    public @Nullable GlobalCell fuel() {
        return execution.fuel instanceof ObjectTank tank ? tank.cell() : null;
    }

    @Override
    public OutOfFuelException outOfFuel() {
        FuelTank tank = execution.fuel;
        if (tank == null) {
            throw new AssertionError("BUG: fuel is not counted");
        }
        return execution.outOfFuel(tank.emptied(), execution.backtrace());
    }

    @Override
    public TrapException trap(TrapCode code) {
        return trap(code, execution.backtrace());
    }

    @Override
    public TrapException trap(TrapCode code, List<GuestFrame> frames) {
        return FlightEvents.ended(new TrapException(code, "", frames));
    }
}
