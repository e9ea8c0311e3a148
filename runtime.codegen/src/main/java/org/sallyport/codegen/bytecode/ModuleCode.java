package org.sallyport.codegen.bytecode;

import java.lang.constant.ClassDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.sallyport.GuestFrame;
import org.sallyport.codegen.ir.ModuleFacts;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.meter.Meter;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.GuestFunction;
import org.sallyport.spi.ObjectCode;
import org.sallyport.spi.ObjectParts;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.WasmModule;

/** The classes of a module. Functions that stand together are in one class. */
final class ModuleCode implements ObjectCode {
    /** Bytes of wasm code in a class: with what is copied into it, far from any limit of a class. */
    private static final int CLASS_BYTES = 12 << 10;
    /** What a function costs besides its bytes. */
    private static final int FUNCTION_BYTES = 32;

    private static final String PACKAGE = "wasm";
    private static final String CLASS = "C";

    private final BytecodeBackEnd backEnd;
    private final ModuleFacts facts;
    private final int imported;
    private final GuestLoader loader;
    private final Shape[] shapes;
    /** By function that the module defines: number of its class. */
    private final int[] classOf;
    /** By class: its first function. */
    private final int[] firstOf;
    private final AtomicReferenceArray<byte @Nullable []> files;
    private final AtomicReferenceArray<Lines.Place @Nullable []> lines;
    private final Map<List<List<Type>>, ShapeCode> shapeCodes = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<@Nullable MethodHandle> codes;
    private final AtomicReferenceArray<@Nullable MethodHandle> bodies;
    /** By function: whether it is several methods. Written before the code is published. */
    private final BitSet cut = new BitSet();
    private volatile Frames frames;
    private long heapBytes;

    /** @param loaderName unique in the back end */
    ModuleCode(BytecodeBackEnd backEnd, String name, String loaderName, ModuleFacts facts) {
        this.backEnd = backEnd;
        this.facts = facts;
        frames = (function, offset) ->
                new GuestFrame(name, function, facts.valid().module().names().function(function), offset);
        imported = facts.valid().spaces().importedFuncs();
        loader = new GuestLoader(loaderName, this);
        List<SubType> types = facts.valid().module().types();
        shapes = new Shape[types.size()];
        List<WasmModule.Body> code = facts.valid().module().bodies();
        classOf = new int[code.size()];
        int[] first = new int[code.size() + 1];
        int classes = 0;
        int bytes = 0;
        for (int i = 0; i < classOf.length; i++) {
            bytes += code.get(i).end() - code.get(i).start() + FUNCTION_BYTES;
            if (i == 0 || bytes > CLASS_BYTES) {
                first[classes++] = i;
                bytes = code.get(i).end() - code.get(i).start() + FUNCTION_BYTES;
            }
            classOf[i] = classes - 1;
        }
        first[classes] = classOf.length;
        firstOf = Arrays.copyOf(first, classes + 1);
        files = new AtomicReferenceArray<>(classes);
        lines = new AtomicReferenceArray<>(classes);
        codes = new AtomicReferenceArray<>(classOf.length);
        bodies = new AtomicReferenceArray<>(classOf.length);
    }

    BytecodeBackEnd backEnd() {
        return backEnd;
    }

    ModuleFacts facts() {
        return facts;
    }

    GuestLoader loader() {
        return loader;
    }

    int functionCount() {
        return classOf.length;
    }

    /** Compiles all functions. */
    void compile(CompileBudget budget) {
        Meter meter = new Meter(budget, () -> false);
        meter.allowLarge(true);
        EmitClass emit = new EmitClass(this, meter);
        for (int i = 0; i < files.length(); i++) {
            budget.check();
            Lines table = new Lines();
            byte[] file = emit.run(i, firstOf[i], firstOf[i + 1], table);
            files.set(i, file);
            lines.set(i, table.toArray());
            heapBytes += 2L * file.length;
            budget.addCode(file.length);
        }
    }

    // ---- what code names

    ClassDesc classDesc(int number) {
        return ClassDesc.of(PACKAGE, CLASS + number);
    }

    /** The class of a function that the module defines. */
    ClassDesc classOf(int function) {
        return classDesc(classOf[function]);
    }

    static String methodName(int function) {
        return "f" + function;
    }

    /** Of functions with tail calls: what leaves them to who called it. */
    static String bodyName(int function) {
        return "b" + function;
    }

    /** Of a part of a function. */
    static String partName(int function, int part) {
        return "p" + function + "_" + part;
    }

    /** Says that a function is cut into parts: its frames are theirs. */
    void setCut(int function) {
        cut.set(function);
    }

    boolean tailCalls(int function) {
        return facts.leavesInstance(imported + function);
    }

    Shape shapeOfType(int type) {
        Shape shape = shapes[type];
        if (shape == null) {
            CompositeType composite = facts.valid().module().types().get(type).composite();
            if (!(composite instanceof FuncType function)) {
                throw new AssertionError("BUG: type " + type + " is not of functions");
            }
            shape = new Shape(facts, function);
            shapes[type] = shape; // whoever does the same at the same time makes the same
        }
        return shape;
    }

    /** @param function in the module's index space */
    Shape shapeOf(int function) {
        return shapeOfType(facts.valid().spaces().funcTypeIndex(function));
    }

    /** The most values that an exception of a tag in the module has. */
    int exceptionValues() {
        int most = 0;
        for (int i = 0; i < facts.valid().spaces().tagCount(); i++) {
            most = Math.max(most, exceptionTypes(i).length);
        }
        return most;
    }

    /** The types of the values of a tag's exceptions. */
    Type[] exceptionTypes(int tag) {
        return shapeOfType(facts.valid().spaces().tagTypeIndex(tag)).params;
    }

    /** The most words that a function of a type in the module returns. */
    int resultWords() {
        int most = 1;
        for (SubType type : facts.valid().module().types()) {
            if (type.composite() instanceof FuncType function) {
                most = Math.max(most, 2 * function.results().size());
            }
        }
        return most;
    }

    // ---- handles

    byte @Nullable [] classFile(String className) {
        String prefix = PACKAGE + "." + CLASS;
        if (!className.startsWith(prefix)) {
            return null;
        }
        int number = Integer.parseInt(className.substring(prefix.length()));
        return files.get(number);
    }

    private ShapeCode shapeCode(Shape shape) {
        return shapeCodes.computeIfAbsent(shape.key(), _ -> new ShapeCode(shape));
    }

    MethodHandle entry(int function) {
        return shapeCode(shapeOf(imported + function)).enter();
    }

    MethodHandle foreignCode(Shape shape) {
        return shapeCode(shape).foreign();
    }

    MethodHandle code(int function) {
        return handle(codes, function, methodName(function));
    }

    MethodHandle body(int function) {
        return tailCalls(function) ? handle(bodies, function, bodyName(function)) : code(function);
    }

    private MethodHandle handle(AtomicReferenceArray<@Nullable MethodHandle> known, int function, String method) {
        MethodHandle handle = known.get(function);
        if (handle == null) {
            try {
                Class<?> owner = loader.loadClass(PACKAGE + "." + CLASS + classOf[function]);
                handle = MethodHandles.publicLookup()
                        .findStatic(owner, method, shapeOf(imported + function).methodType(loader));
            } catch (ReflectiveOperationException e) {
                throw new AssertionError("BUG: a class that was made here: " + e, e);
            }
            known.set(function, handle);
        }
        return handle;
    }

    // ---- instances

    @Override
    public GuestFunction[] instantiate(ObjectParts parts) {
        return new Context(this, parts).functions();
    }

    @Override
    public long heapBytes() {
        return heapBytes;
    }

    // ---- frames

    @Override
    public void setFrames(Frames by) {
        frames = by;
    }

    /** Adds the frames of a method of this module: the function, and before it the one copied into it there. */
    void addFrames(StackTraceElement element, List<GuestFrame> to) {
        int number = Integer.parseInt(element.getClassName().substring((PACKAGE + "." + CLASS).length()));
        String method = element.getMethodName();
        int end = method.indexOf('_');
        int own = Integer.parseInt(method.substring(1, end < 0 ? method.length() : end));
        int function = imported + own;
        char kind = method.charAt(0);
        if (kind == 'f' && tailCalls(own) || kind != 'p' && cut.get(own)) {
            return; // the method that it calls stands for it
        }
        Lines.Place[] places = lines.get(number);
        int line = element.getLineNumber();
        if (places == null || line < 1 || line > places.length) {
            to.add(frame(function, -1));
            return;
        }
        Lines.Place place = places[line - 1];
        if (place.call() >= 0) {
            to.add(frame(functionAt(place.offset()), place.offset()));
        }
        to.add(frame(function, place.call() >= 0 ? place.call() : place.offset()));
    }

    /** The function in whose body an offset lies. */
    private int functionAt(int offset) {
        List<WasmModule.Body> code = facts.valid().module().bodies();
        int low = 0;
        int high = code.size() - 1;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (code.get(middle).start() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return imported + low;
    }

    private GuestFrame frame(int function, int offset) {
        return frames.frame(function, offset);
    }
}
