package org.sallyport.engine;

import static org.sallyport.TrapCode.ARRAY_OUT_OF_BOUNDS;
import static org.sallyport.TrapCode.MEMORY_OUT_OF_BOUNDS;
import static org.sallyport.TrapCode.NULL_REFERENCE;
import static org.sallyport.TrapCode.TABLE_OUT_OF_BOUNDS;

import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.engine.heap.ObjectTypes;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.wasm.WasmModule;

/**
 * What compiled code and constant expressions ask of the heap of structures and arrays (WebAssembly 3.0, 4.6). Lengths and
 * indices are unsigned. Objects that are given are reachable for the collector: they lie on the guest stack.
 */
final class ObjectBuiltins {
    private static final long[] NO_REFERENCES = {};

    private final NativeExecution execution;

    ObjectBuiltins(NativeExecution execution) {
        this.execution = execution;
    }

    /** Runs a builtin. @return its result, if it has one */
    long run(Builtin builtin, InstanceImpl instance, long[] a) {
        int first = (int) a[0];
        switch (builtin) {
            case STRUCT_NEW -> {
                return newStruct(instance, first);
            }
            case ARRAY_NEW -> {
                return newArray(instance, first, (int) a[1]);
            }
            case ARRAY_NEW_DATA -> {
                return newFromData(instance, first, (int) a[1], (int) a[2], (int) a[3]);
            }
            case ARRAY_NEW_ELEM -> {
                return newFromElements(instance, first, (int) a[1], (int) a[2], (int) a[3]);
            }
            case ARRAY_FILL -> fill(a[0], (int) a[1], a[2], a[3], (int) a[4]);
            case ARRAY_COPY -> copy(a[0], (int) a[1], a[2], (int) a[3], (int) a[4]);
            case ARRAY_INIT_DATA -> initFromData(instance, first, a[1], (int) a[2], (int) a[3], (int) a[4]);
            case ARRAY_INIT_ELEM -> initFromElements(instance, first, a[1], (int) a[2], (int) a[3], (int) a[4]);
            default -> throw new AssertionError("BUG: " + builtin + " is called");
        }
        return 0;
    }

    private RuntimeException trap(TrapCode code) {
        return new TrapException(code, "", execution.backtrace());
    }

    private static long unsigned(int number) {
        return number & 0xFFFF_FFFFL;
    }

    private ObjectTypes.Type type(InstanceImpl instance, int index) {
        return execution.types.ofId(instance.moduleImpl().typeIds()[index]);
    }

    private ObjectTypes.Type typeOf(long reference) {
        return execution.types.ofNumber(NativeMemory.getInt(execution.heap.base() + reference + ObjectLayout.TYPE));
    }

    // ---- making

    long newStruct(InstanceImpl instance, int typeIndex) {
        ObjectTypes.Type type = type(instance, typeIndex);
        return execution.heap.allocate(type.number(), type.bytes(), 0);
    }

    long newArray(InstanceImpl instance, int typeIndex, int length) {
        ObjectTypes.Type type = type(instance, typeIndex);
        return execution.heap.allocate(type.number(), ObjectLayout.arrayBytes(type.bytes(), length), length);
    }

    long newFromData(InstanceImpl instance, int typeIndex, int segment, int start, int length) {
        long bytes = unsigned(length) * type(instance, typeIndex).bytes();
        if (Builtins.isOutside(unsigned(start), bytes, dataBytes(instance, segment))) {
            throw trap(MEMORY_OUT_OF_BOUNDS);
        }
        long array = newArray(instance, typeIndex, length);
        copyData(instance, segment, start, element(array, 0), bytes);
        return array;
    }

    long newFromElements(InstanceImpl instance, int typeIndex, int segment, int start, int length) {
        long[] references = elements(instance, segment);
        if (Builtins.isOutside(unsigned(start), unsigned(length), references.length)) {
            throw trap(TABLE_OUT_OF_BOUNDS);
        }
        long array = newArray(instance, typeIndex, length);
        putReferences(array, 0, references, start, length);
        return array;
    }

    // ---- changing

    void fill(long array, int start, long low, long high, int length) {
        check(array, start, length);
        noteWrites(array, start, length);
        int bytes = typeOf(array).bytes();
        long address = element(array, start);
        for (long i = 0; i < unsigned(length); i++) {
            step(i);
            ObjectFields.put(address + i * bytes, bytes, low, high);
        }
    }

    void copy(long target, int to, long source, int from, int length) {
        if (target == 0 || source == 0) {
            throw trap(NULL_REFERENCE);
        }
        check(target, to, length);
        check(source, from, length);
        noteWrites(target, to, length);
        int bytes = typeOf(target).bytes();
        long size = unsigned(length) * bytes;
        long start = element(source, from);
        long goal = element(target, to);
        boolean backwards = goal > start;
        for (long done = 0; done < size; done += Builtins.PIECE_BYTES) {
            execution.checkpoint();
            long piece = Math.min(size - done, Builtins.PIECE_BYTES);
            long at = backwards ? size - done - piece : done;
            NativeMemory.copy(start + at, goal + at, piece);
        }
    }

    void initFromData(InstanceImpl instance, int segment, long array, int to, int from, int length) {
        check(array, to, length);
        long bytes = unsigned(length) * typeOf(array).bytes();
        if (Builtins.isOutside(unsigned(from), bytes, dataBytes(instance, segment))) {
            throw trap(MEMORY_OUT_OF_BOUNDS);
        }
        copyData(instance, segment, from, element(array, to), bytes);
    }

    void initFromElements(InstanceImpl instance, int segment, long array, int to, int from, int length) {
        check(array, to, length);
        long[] references = elements(instance, segment);
        if (Builtins.isOutside(unsigned(from), unsigned(length), references.length)) {
            throw trap(TABLE_OUT_OF_BOUNDS);
        }
        putReferences(array, to, references, from, length);
    }

    private void check(long array, int start, int length) {
        if (array == 0) {
            throw trap(NULL_REFERENCE);
        }
        long size = unsigned(NativeMemory.getInt(execution.heap.base() + array + ObjectLayout.LENGTH));
        if (Builtins.isOutside(unsigned(start), unsigned(length), size)) {
            throw trap(ARRAY_OUT_OF_BOUNDS);
        }
    }

    /** For the collector: elements are about to be written. */
    private void noteWrites(long array, int start, int length) {
        if (length != 0 && typeOf(array).references().length > 0) {
            execution.heap.noteWrites(array + 4 * unsigned(start), array + 4 * (unsigned(start) + unsigned(length) - 1));
        }
    }

    private long element(long array, int index) {
        return execution.heap.base() + array + ObjectLayout.ELEMENTS + unsigned(index) * typeOf(array).bytes();
    }

    // ---- segments

    private static long dataBytes(InstanceImpl instance, int segment) {
        return instance.dataDropped[segment]
                ? 0
                : instance.moduleImpl().wasm().data().get(segment).bytes().length();
    }

    private void copyData(InstanceImpl instance, int segment, int from, long address, long bytes) {
        WasmModule wasm = instance.moduleImpl().wasm();
        int start = wasm.data().get(segment).bytes().start() + from;
        for (int done = 0; done < bytes; done += Builtins.PIECE_BYTES) {
            execution.checkpoint();
            int piece = (int) Math.min(bytes - done, Builtins.PIECE_BYTES);
            NativeMemory.write(address + done, wasm.binary(), start + done, piece);
        }
    }

    private static long[] elements(InstanceImpl instance, int segment) {
        long[] references = instance.elements[segment];
        return references == null ? NO_REFERENCES : references;
    }

    private void putReferences(long array, int to, long[] references, int from, int length) {
        noteWrites(array, to, length);
        int bytes = typeOf(array).bytes();
        long address = element(array, to);
        for (int i = 0; i < length; i++) {
            step(i);
            ObjectFields.put(address + (long) i * bytes, bytes, references[from + i], 0);
        }
    }

    private void step(long i) {
        if ((i & Builtins.PIECE_ELEMENTS - 1) == 0) {
            execution.checkpoint();
        }
    }
}
