package org.sallyport.engine;

import java.util.List;

import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;

/** Function types by what machine code sees of them: one letter per value. Types of one shape share trampolines. */
final class Shapes {
    private Shapes() {}

    /** Such as {@code il>d}. */
    static String of(FuncType type) {
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

    /** Whether the reference is to an exception: a handle of {@link ExceptionTable}. */
    static boolean isException(RefType type) {
        return type.heap() == HeapType.Abstract.EXN || type.heap() == HeapType.Abstract.NOEXN;
    }

    /** Whether the reference points to functions; else it is a handle of the host. */
    static boolean isFunction(RefType type) {
        return switch (type.heap()) {
            case HeapType.Abstract kind -> kind == HeapType.Abstract.FUNC || kind == HeapType.Abstract.NOFUNC;
            case HeapType.Concrete _ -> true;
        };
    }
}
