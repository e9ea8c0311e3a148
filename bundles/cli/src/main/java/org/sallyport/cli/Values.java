package org.sallyport.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.V128;
import org.sallyport.text.Numbers;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Printable;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;

/** Arguments and results of a function as text: numbers and vectors as in the text format. */
final class Values {
    private Values() {}

    /** @throws UsageException if there are too few or too many, or one is not of its type */
    static Object[] parse(String function, FuncType type, List<String> texts) {
        String name = function.isEmpty() ? "\"\"" : Printable.name(function);
        if (texts.size() != type.params().size()) {
            throw new UsageException(
                    name + " takes " + type.params().size() + " arguments: " + type + "; found " + texts.size());
        }
        List<@Nullable Object> values = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            ValType wanted = type.params().get(i);
            try {
                values.add(parse(wanted, texts.get(i)));
            } catch (IllegalArgumentException e) {
                throw new UsageException("argument " + (i + 1) + " of " + name + ": expected " + wanted + ", found \""
                        + HostText.shown(texts.get(i)) + "\": " + e.getMessage());
            }
        }
        return values.toArray();
    }

    static @Nullable Object parse(ValType type, String text) {
        if (type instanceof NumType number) {
            return parse(number, text);
        }
        if (type instanceof RefType ref && ref.nullable()) {
            if (text.equals("null")) {
                return null;
            }
            throw new IllegalArgumentException("the only reference that a command line can give is null");
        }
        if (type instanceof VecType) {
            long[] halves = Numbers.parseVector(text);
            return new V128(halves[0], halves[1]);
        }
        throw new IllegalArgumentException("a command line cannot give one");
    }

    private static Object parse(NumType type, String text) {
        long bits = Numbers.parse(type, text);
        return switch (type) {
            case I32 -> (Object) (int) bits;
            case I64 -> bits;
            case F32 -> Float.intBitsToFloat((int) bits);
            case F64 -> Double.longBitsToDouble(bits);
        };
    }

    /** Integers signed, floats so that they read back as the same, NaNs with sign and payload. */
    static String print(@Nullable Object value) {
        if (value instanceof Float f) {
            return Numbers.print(NumType.F32, Float.floatToRawIntBits(f));
        }
        return value instanceof Double d
                ? Numbers.print(NumType.F64, Double.doubleToRawLongBits(d))
                : String.valueOf(value);
    }
}
