package org.sallyport.contract;

import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.Caller;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.ValType;

/** The types of a Java method, and the wasm function type that stands for them (docs/plugin-abi.md). Immutable. */
public final class Signature {
    /** Words of parameters, long and double counted twice, of a handle with a guest in front that an invoker calls. */
    private static final int MAX_WORDS = 252;

    private final boolean caller;
    private final List<ValueType> params;
    private final @Nullable ValueType result;
    private final FuncType type;

    private Signature(boolean caller, List<ValueType> params, @Nullable ValueType result) {
        this.caller = caller;
        this.params = params;
        this.result = result;
        List<ValType> wasm = new ArrayList<>();
        params.forEach(param -> wasm.addAll(param.params()));
        type = new FuncType(wasm, result == null ? List.of() : List.of(result.result()));
    }

    /**
     * Of a method that an export stands behind.
     *
     * @throws IllegalArgumentException if a parameter or the result has no counterpart
     */
    public static Signature ofExport(Method method) {
        return of(false, method.getGenericParameterTypes(), method.getGenericReturnType());
    }

    /**
     * Of a method that is a host function: perhaps with a {@link Caller} in front.
     *
     * @throws IllegalArgumentException likewise
     */
    public static Signature ofHost(Method method) {
        return ofHost(method.getGenericParameterTypes(), method.getGenericReturnType());
    }

    /** Likewise, of a method handle, which cannot say of what a {@link List} is. */
    public static Signature ofHost(MethodType method) {
        return ofHost(method.parameterArray(), method.returnType());
    }

    private static Signature ofHost(Type[] params, Type result) {
        return of(params.length > 0 && params[0] == Caller.class, params, result);
    }

    private static Signature of(boolean caller, Type[] params, Type result) {
        List<ValueType> values = new ArrayList<>();
        for (int i = caller ? 1 : 0; i < params.length; i++) {
            values.add(ValueType.of(params[i]));
        }
        return new Signature(caller, List.copyOf(values), result == void.class ? null : ValueType.of(result));
    }

    /** The wasm function type. */
    public FuncType type() {
        return type;
    }

    /** Whether it is a host function that wants to know who calls. */
    public boolean takesCaller() {
        return caller;
    }

    List<ValueType> params() {
        return params;
    }

    @Nullable ValueType result() {
        return result;
    }

    /**
     * Whether some value does not cross as it is.
     *
     * @throws IllegalArgumentException if so and there are more parameters than Java allows
     */
    public boolean isConverted() {
        boolean converted = params.stream().anyMatch(param -> !param.isPlain()) || result != null && !result.isPlain();
        if (converted && words() > MAX_WORDS) {
            throw new IllegalArgumentException(
                    "in wasm it has more parameters than a method handle can have: " + type.params().size());
        }
        return converted;
    }

    private int words() {
        return type.params().stream().mapToInt(param -> param == NumType.I64 || param == NumType.F64 ? 2 : 1).sum();
    }

    /** The Java types of what crosses: numbers, vectors, and references of the classes that the method has. */
    public MethodType crossing() {
        List<Class<?>> classes = new ArrayList<>();
        for (ValueType param : params) {
            addCrossing(classes, param, param.params());
        }
        List<Class<?>> results = new ArrayList<>();
        if (result != null) {
            addCrossing(results, result, List.of(result.result()));
        }
        return MethodType.methodType(results.isEmpty() ? void.class : results.getFirst(), classes);
    }

    private static void addCrossing(List<Class<?>> classes, ValueType value, List<ValType> wasm) {
        if (value.isPlain()) {
            classes.add(value.java);
        } else {
            wasm.forEach(type -> classes.add(ScalarType.javaType((NumType) type)));
        }
    }

    /** Whether nothing but numbers crosses outside of the guest's memory, and a method handle can have that many. */
    public boolean isOverNumbers() {
        return javaType(type) != null;
    }

    /** Whether what is passed to an export, or returned by a host function, needs the guest's allocator. */
    public boolean needsAllocator(boolean ofHost) {
        return ofHost
                ? result instanceof ValueType.Buffered
                : params.stream().anyMatch(ValueType.Buffered.class::isInstance);
    }

    /**
     * The Java type of a function over numbers; null when it has vectors, references, several results, or more parameters
     * than Java allows.
     */
    public static @Nullable MethodType javaType(FuncType type) {
        List<Class<?>> params = new ArrayList<>();
        int words = 0;
        for (ValType param : type.params()) {
            if (!(param instanceof NumType number)) {
                return null;
            }
            params.add(ScalarType.javaType(number));
            words += number == NumType.I64 || number == NumType.F64 ? 2 : 1;
        }
        if (words > MAX_WORDS) {
            return null;
        }
        if (type.results().isEmpty()) {
            return MethodType.methodType(void.class, params);
        }
        return type.results().size() == 1 && type.results().getFirst() instanceof NumType number
                ? MethodType.methodType(ScalarType.javaType(number), params)
                : null;
    }
}
