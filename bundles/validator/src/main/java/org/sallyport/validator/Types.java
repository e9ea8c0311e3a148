package org.sallyport.validator;

import static org.sallyport.validator.Problem.NOT_AN_ARRAY;
import static org.sallyport.validator.Problem.NOT_A_FUNCTION;
import static org.sallyport.validator.Problem.NOT_A_STRUCTURE;
import static org.sallyport.validator.Problem.UNKNOWN_TYPE;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.StringJoiner;
import org.sallyport.LimitExceededException;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.HeapTypes;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RecGroup;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.TypeCanon;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;

/**
 * The types of one module as ints, so that the types on the operand stack are compared by identity and subtyping is
 * only asked where they differ. A code is {@link #BOTTOM}, a number or vector type, or a reference: {@link #REF} with
 * {@link #NULLABLE} and a heap type. A heap type is {@link #ABSTRACT} with an ordinal, or the smallest index of the
 * type's equals in this module.
 *
 * <p>Filled group by group while the type section is checked; read-only, and safe for all threads, from then on.
 */
final class Types {
    static final int BOTTOM = 0;
    static final int I32 = 1;
    static final int I64 = 2;
    static final int F32 = 3;
    static final int F64 = 4;
    static final int V128 = 5;
    static final int REF = 1 << 30;
    static final int NULLABLE = 1 << 29;
    static final int ABSTRACT = 1 << 28;
    static final int HEAP = (1 << 29) - 1;

    static final int[] NONE = {};

    /** The heap type below all others, where the operand's type is unknown. */
    static final int BOTTOM_HEAP = ABSTRACT | 0xFFFF;

    static final int ANY = heap(HeapType.Abstract.ANY);
    static final int EXTERN = heap(HeapType.Abstract.EXTERN);
    static final int FUNCREF = REF | NULLABLE | heap(HeapType.Abstract.FUNC);
    static final int EXNREF = REF | NULLABLE | heap(HeapType.Abstract.EXN);

    private static final HeapType.Abstract[] ABSTRACTS = HeapType.Abstract.values();

    private final List<SubType> definitions;
    private final Runnable check;
    private final TypeCanon canon = new TypeCanon();
    private final int[] ids;
    private final int[] firstOfId;
    private final int[] canonical;
    private final int[][] params;
    private final int[][] results;
    private final int[][] fields;
    private final BitSet hasDefault = new BitSet();
    private int defined;

    /** @param check called every few milliseconds; what it throws ends the work */
    Types(List<SubType> definitions, Runnable check) {
        this.check = check;
        int n = definitions.size();
        if (n >= ABSTRACT) {
            throw new LimitExceededException(Limit.TYPES.what(), n, ABSTRACT - 1, "the validator");
        }
        this.definitions = definitions;
        ids = new int[n];
        firstOfId = new int[n];
        Arrays.fill(firstOfId, -1);
        canonical = new int[n];
        params = new int[n][];
        results = new int[n][];
        fields = new int[n][];
    }

    /** Adds the next group, whose references have been checked to be in range. */
    void define(RecGroup group) {
        canon.register(definitions, group, ids, check);
        int end = group.firstType() + group.size();
        for (int i = group.firstType(); i < end; i++) {
            int id = ids[i];
            if (firstOfId[id] < 0) {
                firstOfId[id] = i;
            }
            canonical[i] = firstOfId[id];
        }
        defined = end;
        for (int i = group.firstType(); i < end; i++) {
            members(i);
        }
    }

    private void members(int index) {
        int same = canonical[index];
        if (same < index) {
            params[index] = params[same];
            results[index] = results[same];
            fields[index] = fields[same];
            hasDefault.set(index, hasDefault.get(same));
            return;
        }
        switch (definitions.get(index).composite()) {
            case FuncType(var in, var out) -> {
                params[index] = codes(in);
                results[index] = codes(out);
            }
            case StructType(var list) -> {
                fields[index] = list.stream().mapToInt(f -> unpackedCode(f.storage())).toArray();
                hasDefault.set(index, list.stream().allMatch(f -> f.storage().unpacked().isDefaultable()));
            }
            case ArrayType(var element) -> hasDefault.set(index, element.storage().unpacked().isDefaultable());
        }
    }

    int size() {
        return definitions.size();
    }

    /** Smallest index of an equal type, by index. */
    int[] canonical() {
        return canonical;
    }

    SubType definition(int index) {
        checkIndex(index);
        return definitions.get(index);
    }

    void checkIndex(int index) {
        if (index >= defined) {
            throw Violation.index(UNKNOWN_TYPE, index, defined);
        }
    }

    /** Checks that the index is a function type. */
    void checkFunction(int index) {
        checkIndex(index);
        if (params[index] == null) {
            throw Violation.entry(NOT_A_FUNCTION, index);
        }
    }

    /** Of a function type. */
    int[] params(int index) {
        return params[index];
    }

    int[] results(int index) {
        return results[index];
    }

    /** Unpacked types of the fields of a structure type. */
    int[] fields(int index) {
        return fields[index];
    }

    /** Whether every field of a structure, or the element of an array, has an initial value. */
    boolean hasDefault(int index) {
        return hasDefault.get(index);
    }

    StructType struct(int index) {
        if (definition(index).composite() instanceof StructType type) {
            return type;
        }
        throw Violation.entry(NOT_A_STRUCTURE, index);
    }

    FieldType arrayElement(int index) {
        if (definition(index).composite() instanceof ArrayType(FieldType element)) {
            return element;
        }
        throw Violation.entry(NOT_AN_ARRAY, index);
    }

    // Codes

    static int heap(HeapType.Abstract heap) {
        return ABSTRACT | heap.ordinal();
    }

    /** A type without indices. */
    static int simpleCode(ValType type) {
        return switch (type) {
            case NumType number -> I32 + number.ordinal();
            case VecType _ -> V128;
            case RefType(boolean nullable, HeapType.Abstract heap) -> REF | (nullable ? NULLABLE : 0) | heap(heap);
            case RefType ref -> throw new AssertionError("BUG: " + ref + " depends on a module");
        };
    }

    int code(ValType type) {
        return type instanceof RefType(boolean nullable, HeapType.Concrete(int index))
                ? REF | (nullable ? NULLABLE : 0) | heap(index)
                : simpleCode(type);
    }

    int code(HeapType type) {
        return switch (type) {
            case HeapType.Abstract heap -> heap(heap);
            case HeapType.Concrete(int index) -> heap(index);
        };
    }

    int unpackedCode(StorageType type) {
        return code(type.unpacked());
    }

    int[] codes(List<ValType> types) {
        if (types.isEmpty()) {
            return NONE;
        }
        int[] codes = new int[types.size()];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = code(types.get(i));
        }
        return codes;
    }

    private int heap(int index) {
        checkIndex(index);
        return canonical[index];
    }

    /** {@code (ref index)}. */
    int refTo(int index) {
        return REF | heap(index);
    }

    static boolean isRef(int code) {
        return (code & REF) != 0;
    }

    static boolean isDefaultable(int code) {
        return (code & (REF | NULLABLE)) != REF;
    }

    // Subtyping (3.3)

    boolean isSubtype(int sub, int sup) {
        if (sub == sup || sub == BOTTOM) {
            return true;
        }
        return isRef(sub) && isRef(sup) && (sub & ~sup & NULLABLE) == 0 && isHeapSubtype(sub & HEAP, sup & HEAP);
    }

    boolean isHeapSubtype(int sub, int sup) {
        if (sub == sup || sub == BOTTOM_HEAP) {
            return true;
        }
        if (sup == BOTTOM_HEAP) {
            return false;
        }
        boolean abstractSub = (sub & ABSTRACT) != 0;
        if ((sup & ABSTRACT) == 0) {
            return abstractSub
                    ? abstractOf(sub) == HeapTypes.bottom(kind(sup))
                    : canon.isSubtype(ids[sub], ids[sup]);
        }
        return HeapTypes.isSubtype(abstractSub ? abstractOf(sub) : kind(sub), abstractOf(sup));
    }

    /** Whether a list matches another, element by element. */
    boolean areSubtypes(int[] sub, int[] sup) {
        if (Arrays.equals(sub, sup)) {
            return true;
        }
        if (sub.length != sup.length) {
            return false;
        }
        for (int i = 0; i < sub.length; i++) {
            if (!isSubtype(sub[i], sup[i])) {
                return false;
            }
        }
        return true;
    }

    /** {@code (ref null top)} of the hierarchy of a heap type: what a cast to it may start from. */
    int castSource(int heap) {
        HeapType.Abstract kind = (heap & ABSTRACT) != 0 ? abstractOf(heap) : kind(heap);
        return REF | NULLABLE | heap(HeapTypes.top(kind));
    }

    boolean isSubtype(StorageType sub, StorageType sup) {
        return sub.equals(sup) || sub instanceof ValType a && sup instanceof ValType b && isSubtype(code(a), code(b));
    }

    private boolean isSubtype(FieldType sub, FieldType sup) {
        if (sub.mutable() != sup.mutable() || !isSubtype(sub.storage(), sup.storage())) {
            return false;
        }
        return !sub.mutable() || isSubtype(sup.storage(), sub.storage());
    }

    /** Whether a definition may be declared as a subtype of the other (3.3.10). */
    boolean isSubtype(CompositeType sub, CompositeType sup) {
        return switch (sub) {
            case FuncType a -> sup instanceof FuncType b
                    && areSubtypes(codes(b.params()), codes(a.params()))
                    && areSubtypes(codes(a.results()), codes(b.results()));
            case ArrayType a -> sup instanceof ArrayType b && isSubtype(a.element(), b.element());
            case StructType a -> sup instanceof StructType b && hasPrefix(a.fields(), b.fields());
        };
    }

    private boolean hasPrefix(List<FieldType> fields, List<FieldType> prefix) {
        if (fields.size() < prefix.size()) {
            return false;
        }
        for (int i = 0; i < prefix.size(); i++) {
            if (!isSubtype(fields.get(i), prefix.get(i))) {
                return false;
            }
        }
        return true;
    }

    private HeapType.Abstract kind(int index) {
        return HeapTypes.kind(definitions.get(index).composite());
    }

    private static HeapType.Abstract abstractOf(int heap) {
        return ABSTRACTS[heap & ~ABSTRACT];
    }

    // Text

    static String text(int code) {
        if (isRef(code)) {
            int heap = code & HEAP;
            boolean nullable = (code & NULLABLE) != 0;
            if (heap == BOTTOM_HEAP) {
                return nullable ? "(ref null unknown)" : "(ref unknown)";
            }
            HeapType type = (heap & ABSTRACT) != 0 ? abstractOf(heap) : new HeapType.Concrete(heap);
            return new RefType(nullable, type).toString();
        }
        return switch (code) {
            case BOTTOM -> "unknown";
            case V128 -> VecType.V128.toString();
            default -> NumType.values()[code - I32].toString();
        };
    }

    /** {@code [i32 f64]}; long lists are cut. */
    static String text(int[] codes, int from, int to) {
        StringJoiner joiner = new StringJoiner(" ", "[", "]");
        int shown = Math.min(to, from + 20);
        for (int i = from; i < shown; i++) {
            joiner.add(text(codes[i]));
        }
        return shown < to ? joiner.add("… " + (to - from) + " in all").toString() : joiner.toString();
    }
}
