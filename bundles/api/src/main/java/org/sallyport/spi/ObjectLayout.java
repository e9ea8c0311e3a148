package org.sallyport.spi;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.HeapTypes;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.VecType;

/**
 * How a structure or array lies in a store's heap (docs/abi.md, "Objects"), which compiled code and the collector agree on.
 * Fields stand in their order, each at a multiple of its size or of 8, so that a subtype begins like its supertype.
 * Immutable; a function of the type alone.
 */
public final class ObjectLayout {
    /** At the start of each object: the number of its type in the store, 32 bits. */
    public static final int TYPE = 0;
    /** Number of elements of an array, 32 bits, unsigned. */
    public static final int LENGTH = 4;
    /** Where the elements of an array begin. */
    public static final int ELEMENTS = 8;
    /** Where the fields of a structure begin. */
    public static final int FIELDS = 4;
    /** Objects begin at multiples of this and take multiples of it. */
    public static final int ALIGNMENT = 8;

    /** No object lies below this offset from the heap's base, and nothing there is accessible: a null reference faults. */
    public static final int GUARD = 64 << 10;
    /** Offset of what looks like an object of a type that is no subtype of any: what a test reads that has no object. */
    public static final int NOTHING = GUARD;

    /** In a type's number: it is that of an array. */
    public static final int ARRAY_BIT = 4;
    /** Bytes of a type's row in the heap: numbers of its supertypes from the root on and its own; 0 behind them. */
    public static final int ROW = 512;
    /** The most supertypes that a type has. */
    public static final int MAX_DEPTH = 63;

    /**
     * A card is this many bytes of the heap, counted from its base. A byte of {@link StoreContext#OBJECT_CARDS} says whether a
     * reference was written in it since the last collection: into a structure that begins there, or an element 8 bytes behind.
     */
    public static final int CARD_LOG2 = 9;

    /** Low bits of a reference: an i31 with its value above bit 0; a handle of the host above bit 1; neither: an offset. */
    public static final int I31_BIT = 1;
    public static final int HOST_BIT = 2;
    public static final int TAG_BITS = 3;

    private static final int[] NONE = {};

    private final int[] offsets;
    private final int bytes;
    private final int[] references;
    private final int[] wideExceptions;

    private ObjectLayout(int[] offsets, int bytes, int[] references, int[] wideExceptions) {
        this.offsets = offsets;
        this.bytes = bytes;
        this.references = references;
        this.wideExceptions = wideExceptions;
    }

    /**
     * @param isFunction whether a concrete heap type, by the number that the type uses, is that of functions
     * @return null for a function type
     */
    public static @Nullable ObjectLayout of(CompositeType type, IntPredicate isFunction) {
        return switch (type) {
            case StructType(List<FieldType> fields) -> structure(fields, isFunction);
            case ArrayType(FieldType element) -> array(element.storage(), isFunction);
            case FuncType _ -> null;
        };
    }

    private static ObjectLayout structure(List<FieldType> fields, IntPredicate isFunction) {
        int[] offsets = new int[fields.size()];
        int[] references = NONE;
        int[] exceptions = NONE;
        int end = FIELDS;
        for (int i = 0; i < offsets.length; i++) {
            StorageType storage = fields.get(i).storage();
            int size = bytes(storage, isFunction);
            int alignment = Math.min(size, ALIGNMENT);
            offsets[i] = end + alignment - 1 & -alignment;
            end = offsets[i] + size;
            if (isCollected(storage, isFunction)) {
                references = with(references, offsets[i]);
            } else if (isException(storage)) {
                exceptions = with(exceptions, offsets[i]);
            }
        }
        return new ObjectLayout(offsets, end + ALIGNMENT - 1 & -ALIGNMENT, trim(references), trim(exceptions));
    }

    private static ObjectLayout array(StorageType storage, IntPredicate isFunction) {
        int[] self = with(NONE, 0);
        int[] zero = trim(self);
        return new ObjectLayout(
                NONE,
                bytes(storage, isFunction),
                isCollected(storage, isFunction) ? zero : NONE,
                isException(storage) ? zero : NONE);
    }

    /** Appends; the first word of what grows is the number of entries. */
    private static int[] with(int[] list, int value) {
        int n = list.length == 0 ? 1 : list[0];
        int[] longer = list.length > n ? list : Arrays.copyOf(list, Math.max(8, 2 * list.length));
        longer[n] = value;
        longer[0] = n + 1;
        return longer;
    }

    private static int[] trim(int[] list) {
        return list.length == 0 ? list : Arrays.copyOfRange(list, 1, list[0]);
    }

    /** Bytes that a field or element takes: 1, 2, 4, 8 or 16. References to functions and exceptions take 8, others 4. */
    public static int bytes(StorageType storage, IntPredicate isFunction) {
        return switch (storage) {
            case PackedType packed -> packed == PackedType.I8 ? 1 : 2;
            case NumType number -> number == NumType.I32 || number == NumType.F32 ? 4 : 8;
            case VecType _ -> 16;
            case RefType ref -> isCollected(ref, isFunction) ? 4 : 8;
        };
    }

    /** Whether it is a reference to what may lie in the heap, or to an object of the host. */
    public static boolean isCollected(StorageType storage, IntPredicate isFunction) {
        return storage instanceof RefType ref && switch (ref.heap()) {
            case HeapType.Concrete(int type) -> !isFunction.test(type);
            case HeapType.Abstract kind -> switch (HeapTypes.top(kind)) {
                case ANY, EXTERN -> true;
                default -> false;
            };
        };
    }

    private static boolean isException(StorageType storage) {
        return storage instanceof RefType ref
                && ref.heap() instanceof HeapType.Abstract kind
                && HeapTypes.top(kind) == HeapType.Abstract.EXN;
    }

    /** Where a field of a structure lies. */
    public int offset(int field) {
        return offsets[field];
    }

    /** Bytes of a structure, or of one element of an array. */
    public int bytes() {
        return bytes;
    }

    /** Where a structure has references that are followed; of an array, {@code {0}} if its elements are some, else empty. */
    public int[] references() {
        return references;
    }

    /** The same of references to exceptions. */
    public int[] exceptions() {
        return wideExceptions;
    }

    /** Bytes of an array, header included, rounded up. @param length unsigned */
    public static long arrayBytes(int elementBytes, int length) {
        return ELEMENTS + (length & 0xFFFF_FFFFL) * elementBytes + ALIGNMENT - 1 & -ALIGNMENT;
    }
}
