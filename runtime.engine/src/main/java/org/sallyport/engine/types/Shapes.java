package org.sallyport.engine.types;

import java.util.ArrayList;
import java.util.List;

import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.TypeCanon;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;

/** Function types by what machine code sees of them: one letter per value. Types of one shape share trampolines. */
public final class Shapes {
    private Shapes() {}

    /** Such as {@code il>d}. */
    public static String of(FuncType type) {
        StringBuilder text = new StringBuilder(type.params().size() + type.results().size() + 1);
        append(text, type.params());
        append(text.append('>'), type.results());
        return text.toString();
    }

    private static void append(StringBuilder text, List<ValType> types) {
        for (ValType type : types) {
            text.append(letter(type));
        }
    }

    /** Without a switch over the sealed type: the first of those costs a fresh JVM 20 ms. */
    private static char letter(ValType type) {
        if (type instanceof NumType number) {
            return switch (number) {
                case I32 -> 'i';
                case I64 -> 'l';
                case F32 -> 'f';
                case F64 -> 'd';
            };
        }
        return type instanceof VecType ? 'v' : 'l';
    }

    /** Whether the reference is to an exception: a handle of {@code ExceptionTable}. */
    public static boolean isException(RefType type) {
        return type.heap() == HeapType.Abstract.EXN || type.heap() == HeapType.Abstract.NOEXN;
    }

    /** Whether the reference points to functions. Of concrete types only those are {@linkplain #forJava left}. */
    public static boolean isFunction(RefType type) {
        return type.heap() instanceof HeapType.Concrete
                || type.heap() == HeapType.Abstract.FUNC || type.heap() == HeapType.Abstract.NOFUNC;
    }

    /** Whether the reference points to functions. */
    public static boolean isFunction(RefType type, TypeCanon types) {
        return type.heap() instanceof HeapType.Concrete(int id)
                ? types.kind(id) == HeapType.Abstract.FUNC
                : isFunction(type);
    }

    /** Whether such a reference may be one to the heap of structures and arrays. */
    public static boolean isCollected(RefType type, TypeCanon types) {
        return !isException(type) && !isFunction(type, types);
    }

    /** The type with references to anything for those to concrete structures and arrays: what Java sees is the same. */
    public static FuncType forJava(FuncType type, TypeCanon types) {
        boolean[] changed = new boolean[1];
        List<ValType> params = forJava(type.params(), types, changed);
        List<ValType> results = forJava(type.results(), types, changed);
        return changed[0] ? new FuncType(params, results) : type;
    }

    private static List<ValType> forJava(List<ValType> list, TypeCanon types, boolean[] changed) {
        List<ValType> copy = null;
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) instanceof RefType(boolean nullable, HeapType.Concrete heap)
                    && types.kind(heap.typeIndex()) != HeapType.Abstract.FUNC) {
                changed[0] = true;
                copy = copy == null ? new ArrayList<>(list) : copy;
                copy.set(i, new RefType(nullable, HeapType.Abstract.ANY));
            }
        }
        return copy == null ? list : copy;
    }
}
