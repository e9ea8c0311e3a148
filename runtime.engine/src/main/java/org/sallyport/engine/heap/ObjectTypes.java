package org.sallyport.engine.heap;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.sallyport.LimitExceededException;
import org.sallyport.spi.NativeMemory;
import org.sallyport.spi.ObjectLayout;
import org.sallyport.spi.StoreContext;
import org.sallyport.spi.StoreMemory;
import org.sallyport.spi.VmLayout;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.TypeCanon;

/**
 * What a store knows of the types that its modules define. A type of structures or arrays gets a row in the heap, whose place
 * is the number that its objects begin with: the numbers of its supertypes from the root on, then its own. So a test of a
 * type is two loads, and equal types of different modules are the same. Function types with supertypes or subtypes get
 * such a row of engine's numbers in the store's memory. Used by the thread inside the store.
 */
public final class ObjectTypes {
    /** A type of objects. */
    public record Type(int number, int id, CompositeType composite, ObjectLayout layout, int bytes, boolean isArray) {
        public int[] references() {
            return layout.references();
        }
    }

    private static final FieldType NO_FIELD = new FieldType(PackedType.I8, false);
    private static final int ROWS = 256;

    private final StoreMemory memory;
    private final ObjectHeap heap;
    private final TypeCanon canon;
    private final Map<Integer, Type> byId = new HashMap<>();
    /** By number: its upper half first. Most stores have no types: it grows as they come. */
    private @Nullable Type[][] byRow = {};
    private final Map<Integer, Long> functions = new HashMap<>();
    private boolean haveExceptions;
    private int lastFunction = -1;
    private long lastRow;

    ObjectTypes(HeapOwner owner, ObjectHeap heap, TypeCanon canon) {
        memory = owner.memory();
        this.heap = heap;
        this.canon = canon;
        long none = memory.context() + StoreContext.NO_FUNCTION;
        NativeMemory.putInt(none + VmLayout.FUNCREF_TYPE, -1);
        NativeMemory.putLong(none + VmLayout.FUNCREF_SUPERTYPES, memory.context() + StoreContext.NO_SUPERTYPES);
    }

    /** Whether objects of some type refer to exceptions. */
    boolean haveExceptions() {
        return haveExceptions;
    }

    /** Bytes of a field or element. */
    public int bytes(StorageType storage) {
        return ObjectLayout.bytes(storage, other -> canon.kind(other) == HeapType.Abstract.FUNC);
    }

    /** What module code compares with: see {@link VmLayout#typeId}. @param id the engine's number of the type */
    public int number(int id) {
        SubType type = canon.type(id);
        return type.composite() instanceof FuncType ? id : ofId(id).number();
    }

    /** Whether {@link #ofId} has been asked for the type before. */
    public boolean knows(int id) {
        return byId.containsKey(id);
    }

    /** A type of objects by the engine's number. */
    public Type ofId(int id) {
        Type known = byId.get(id);
        if (known == null) {
            for (int ancestor : canon.ancestors(id)) { // the root first
                known = byId.get(ancestor);
                if (known == null) {
                    known = add(ancestor);
                }
            }
        }
        if (known == null) {
            throw new AssertionError("BUG: type " + id + " has no row");
        }
        return known;
    }

    /** Numbers from the root down to the type itself. */
    private int[] ancestors(int id) {
        int[] ancestors = canon.ancestors(id);
        if (ancestors.length > ObjectLayout.MAX_DEPTH + 1) {
            throw new LimitExceededException(
                    "supertypes", ancestors.length - 1L, ObjectLayout.MAX_DEPTH, "what a row of ObjectLayout has room for");
        }
        return ancestors;
    }

    private Type add(int id) {
        CompositeType composite = canon.type(id).composite();
        ObjectLayout layout = ObjectLayout.of(composite, other -> canon.kind(other) == HeapType.Abstract.FUNC);
        if (layout == null) {
            throw new AssertionError("BUG: " + composite + " has no objects");
        }
        boolean isArray = composite instanceof ArrayType;
        int number = heap.newRow() | (isArray ? ObjectLayout.ARRAY_BIT : 0);
        Type type = new Type(number, id, composite, layout, layout.bytes(), isArray);
        int[] ancestors = ancestors(id);
        long row = heap.base() + Integer.toUnsignedLong(number);
        for (int i = 0; i < ancestors.length; i++) {
            Type ancestor = ancestors[i] == id ? type : byId.get(ancestors[i]);
            NativeMemory.putInt(row + 4L * i, ancestor == null ? 0 : ancestor.number());
        }
        byId.put(id, type);
        haveExceptions |= layout.exceptions().length > 0;
        put(type);
        return type;
    }

    /** Has a number stand for objects of that size which refer to nothing. */
    void addPlain(int number, int bytes) {
        ObjectLayout layout = ObjectLayout.of(new ArrayType(NO_FIELD), _ -> false);
        if (layout != null) {
            put(new Type(number, -1, new ArrayType(NO_FIELD), layout, bytes, false));
        }
    }

    private void put(Type type) {
        int chunk = type.number() >>> 16;
        if (chunk >= byRow.length) {
            byRow = Arrays.copyOf(byRow, Math.max(chunk + 1, 2 * byRow.length));
        }
        @Nullable Type[] rows = byRow[chunk];
        if (rows == null) {
            rows = new Type[ROWS];
            byRow[chunk] = rows;
        }
        rows[type.number() >>> 8 & ROWS - 1] = type;
    }

    /** The type with that number, as objects begin with. */
    public Type ofNumber(int number) {
        int chunk = number >>> 16;
        @Nullable Type[] rows = chunk < byRow.length ? byRow[chunk] : null;
        Type type = rows == null ? null : rows[number >>> 8 & ROWS - 1];
        if (type == null || type.number() != number) {
            throw new AssertionError("BUG: no type has the number 0x" + Integer.toHexString(number));
        }
        return type;
    }

    /** What {@link VmLayout#FUNCREF_SUPERTYPES} of a function of the type points to. */
    public long functionRow(int id) {
        if (id != lastFunction) {
            lastRow = findFunctionRow(id);
            lastFunction = id;
        }
        return lastRow;
    }

    private long findFunctionRow(int id) {
        SubType type = canon.type(id);
        if (type.isFinal() && type.supertypes().isEmpty()) {
            return memory.context() + StoreContext.NO_SUPERTYPES;
        }
        Long known = functions.get(id);
        if (known == null) {
            int[] ancestors = ancestors(id);
            known = memory.allocate(ObjectLayout.ROW);
            for (int i = 0; i < ancestors.length; i++) {
                NativeMemory.putInt(known + 4L * i, ancestors[i]);
            }
            functions.put(id, known);
        }
        return known;
    }
}
