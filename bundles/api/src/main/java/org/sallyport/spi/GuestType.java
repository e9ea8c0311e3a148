package org.sallyport.spi;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.VecType;

/**
 * A type of structures or arrays of a store whose guests are Java code: one for all that are equal. Fields are of two kinds, each
 * of which is numbered by itself, so that a subtype has a supertype's fields in the same places: references that are objects, and
 * {@code long}s for all others, two for a vector.
 */
public final class GuestType {
    /** What an element or field is kept as. */
    public enum Kind {
        BYTE(1), SHORT(2), INT(4), LONG(8), FLOAT(4), DOUBLE(8), VECTOR(16), OBJECT(4);

        private final int bytes;

        Kind(int bytes) {
            this.bytes = bytes;
        }

        /** Of an array's element, about. */
        public int bytes() {
            return bytes;
        }
    }

    private final int id;
    private final CompositeType composite;
    private final GuestType[] ancestors;
    private final Kind[] kinds;
    private final int[] places;
    private final int objects;
    private final int words;

    /**
     * @param id the engine's number
     * @param supertypes from the root down, without the type itself
     * @param isFunction whether the number in a reference to a defined type is one of functions
     */
    public GuestType(int id, CompositeType composite, List<GuestType> supertypes, IntPredicate isFunction) {
        this.id = id;
        this.composite = composite;
        ancestors = Arrays.copyOf(supertypes.toArray(new GuestType[0]), supertypes.size() + 1);
        ancestors[supertypes.size()] = this;
        List<FieldType> fields = fields(composite);
        kinds = kinds(fields, isFunction);
        places = places(kinds);
        int objectCount = 0;
        int wordCount = 0;
        for (Kind kind : kinds) {
            objectCount += kind == Kind.OBJECT ? 1 : 0;
            wordCount += kind == Kind.OBJECT ? 0 : kind == Kind.VECTOR ? 2 : 1;
        }
        objects = objectCount;
        words = wordCount;
    }

    private static List<FieldType> fields(CompositeType type) {
        return switch (type) {
            case StructType(List<FieldType> fields) -> fields;
            case ArrayType(FieldType element) -> List.of(element);
            default -> throw new IllegalArgumentException("a type of functions has no objects");
        };
    }

    private static Kind[] kinds(List<FieldType> fields, IntPredicate isFunction) {
        return fields.stream().map(field -> kind(field.storage(), isFunction)).toArray(Kind[]::new);
    }

    /** What a field or element is kept as. */
    public static Kind kind(StorageType storage, IntPredicate isFunction) {
        return switch (storage) {
            case PackedType packed -> packed == PackedType.I8 ? Kind.BYTE : Kind.SHORT;
            case NumType number -> switch (number) {
                case I32 -> Kind.INT;
                case I64 -> Kind.LONG;
                case F32 -> Kind.FLOAT;
                case F64 -> Kind.DOUBLE;
            };
            case VecType _ -> Kind.VECTOR;
            case RefType ref -> isOfFunctions(ref, isFunction) ? Kind.LONG : Kind.OBJECT;
        };
    }

    private static boolean isOfFunctions(RefType ref, IntPredicate isFunction) {
        return ref.heap() instanceof HeapType.Concrete(int type)
                ? isFunction.test(type)
                : ref.heap() == HeapType.Abstract.FUNC || ref.heap() == HeapType.Abstract.NOFUNC;
    }

    private static int[] places(Kind[] kinds) {
        int[] places = new int[kinds.length];
        int object = 0;
        int word = 0;
        for (int i = 0; i < kinds.length; i++) {
            if (kinds[i] == Kind.OBJECT) {
                places[i] = object++;
            } else {
                places[i] = word;
                word += kinds[i] == Kind.VECTOR ? 2 : 1;
            }
        }
        return places;
    }

    /** The engine's number. */
    public int id() {
        return id;
    }

    public CompositeType composite() {
        return composite;
    }

    public boolean isArray() {
        return composite instanceof ArrayType;
    }

    /** How many fields a structure has. */
    public int fields() {
        return kinds.length;
    }

    /** Of a field, or of elements (0). */
    public Kind kind(int field) {
        return kinds[field];
    }

    /** Number of a field among those that are kept alike. */
    public int place(int field) {
        return places[field];
    }

    /** References that a structure has. */
    public int objects() {
        return objects;
    }

    /** {@code long}s that a structure has. */
    public int words() {
        return words;
    }

    /** Whether it is that type, or a subtype of it. */
    public boolean is(GuestType other) {
        int depth = other.ancestors.length - 1;
        return this == other || depth < ancestors.length && ancestors[depth] == other;
    }
}
