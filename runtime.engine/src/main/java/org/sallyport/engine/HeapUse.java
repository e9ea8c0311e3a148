package org.sallyport.engine;

import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.IndexSpaces;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.WasmModule;
import org.sallyport.wasm.WasmModule.ElementSegment;
import org.sallyport.wasm.WasmModule.Mode;

/**
 * What modules and instances take of the Java heap, in bytes: an estimate by counts, so that who loads many is refused
 * before the JVM has no heap left. The test that measures them says how far it may be wrong.
 */
public final class HeapUse {
    // Bytes for each entry of a section, as measured with compressed references; a little more than less.
    private static final int TYPE = 380;
    private static final int MEMBER = 70;
    private static final int IMPORT = 210;
    private static final int FUNCTION = 90;
    private static final int TABLE = 110;
    private static final int GLOBAL = 120;
    private static final int TAG = 24;
    private static final int EXPORT = 190;
    private static final int SEGMENT = 90;
    private static final int EXPRESSION = 32;
    private static final int CUSTOM = 90;
    private static final int NAME = 130;
    private static final int LOCALS = 32;

    private static final int MODULE = 4000;
    private static final int INSTANCE = 400;
    private static final int REFERENCE = 8;

    private HeapUse() {}

    /** A module that is loaded, validated and compiled, without its machine code. */
    public static long ofModule(WasmModule module) {
        long sum = MODULE + module.binary().length;
        for (SubType type : module.types()) {
            sum += TYPE + MEMBER * members(type);
        }
        sum += (long) IMPORT * module.imports().size();
        sum += (long) FUNCTION * module.functions().length;
        sum += (long) TABLE * module.tables().size();
        sum += (long) GLOBAL * module.globals().size();
        sum += (long) TAG * module.tags().size();
        sum += (long) EXPORT * module.exports().size();
        sum += (long) SEGMENT * (module.elements().size() + module.data().size());
        for (ElementSegment segment : module.elements()) {
            sum += 2L * Integer.BYTES * segment.funcs().length + (long) EXPRESSION * segment.exprs().size();
        }
        for (WasmModule.Body body : module.bodies()) {
            sum += (long) LOCALS * body.locals().size();
        }
        sum += (long) CUSTOM * module.customSections().size();
        sum += (long) NAME * module.names().functions().size();
        return sum;
    }

    private static long members(SubType type) {
        if (type.composite() instanceof FuncType function) { // no switch over the sealed type: see Shapes.letter
            return function.params().size() + function.results().size();
        }
        return type.composite() instanceof StructType structure ? structure.fields().size() : 1;
    }

    /** An instance, with the references of segments that it keeps, but not what hosts ask of it. */
    static long ofInstance(WasmModule module, IndexSpaces spaces) {
        long sum = INSTANCE + 4L * spaces.funcCount();
        sum += 110L * (spaces.tableCount() + spaces.memoryCount());
        sum += 64L * spaces.globalCount() + 32L * spaces.tagCount();
        sum += module.data().size();
        for (ElementSegment segment : module.elements()) {
            sum += REFERENCE + (segment.mode() instanceof Mode.Passive ? ofElements(segment.size()) : 0);
        }
        return sum;
    }

    /** What instances keep of segments until they are copied, besides. */
    static long ofInitialization(WasmModule module) {
        long sum = 0;
        for (ElementSegment segment : module.elements()) {
            sum += segment.mode() instanceof Mode.Passive ? 0 : ofElements(segment.size());
        }
        return sum;
    }

    /** The references of a segment. */
    static long ofElements(int size) {
        return 16 + (long) REFERENCE * size;
    }
}
