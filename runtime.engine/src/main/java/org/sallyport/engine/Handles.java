package org.sallyport.engine;

import java.lang.classfile.TypeKind;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.sallyport.engine.threads.JavaStack;
import org.sallyport.engine.types.Shapes;
import org.sallyport.wasm.FuncType;

/**
 * Method handles of functions. Functions of one type share a handle whose first argument tells which one is called;
 * nothing is made for each.
 *
 * <p>Java allows a method 255 words of arguments, long and double counted twice. A function that has more parameters
 * than a handle can have beside that first argument takes them boxed, in one array.
 */
final class Handles {
    /** Words of arguments that a handle may have beside what it is bound to. */
    private static final int MAX_WORDS = 253;

    private static final MethodHandle CALL;
    private static final MethodHandle ONLY;
    private static final MethodHandle NONE;

    static {
        try {
            MethodHandles.Lookup here = MethodHandles.lookup();
            CALL = here.findVirtual(FuncImpl.class, "call", MethodType.methodType(Object[].class, Object[].class));
            ONLY = here.findStatic(Handles.class, "only", MethodType.methodType(Object.class, Object[].class));
            NONE = here.findStatic(Handles.class, "none", MethodType.methodType(void.class, Object[].class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: handles", e);
        }
    }

    /**
     * A function in two parts.
     *
     * @param handle of the function's {@link #javaType} with an {@code Object} in front; the same object for all
     *     functions of an engine that are called alike
     * @param function what to pass there
     */
    record Unbound(MethodHandle handle, Object function) {
        MethodHandle bind() {
            return handle.bindTo(function);
        }
    }

    private final SpinEntries entries = new SpinEntries();
    /** By {@link SpinEntries#key}. */
    private final Map<String, MethodHandle> boxing = new ConcurrentHashMap<>();

    /** See {@link org.sallyport.Func#handle}. */
    MethodHandle handle(FuncImpl function) {
        return unbound(function).bind();
    }

    Unbound unbound(FuncImpl function) {
        FuncType type = Shapes.forJava(function.type(), function.types());
        return function instanceof NativeFunc compiled && function.host() == null && type.results().size() <= 1 && !isWide(type)
                ? new Unbound(entries.call(type), compiled.entryPoint())
                : new Unbound(boxed(type), function);
    }

    /** The exact method type of a function: see {@link org.sallyport.Func#handle}. */
    static MethodType javaType(FuncType type) {
        Class<?> result = switch (type.results().size()) {
            case 0 -> void.class;
            case 1 -> Values.javaType(type.results().getFirst());
            default -> Object[].class;
        };
        return isWide(type)
                ? MethodType.methodType(result, Object[].class)
                : SpinEntries.javaType(type).changeReturnType(result);
    }

    /** Whether a handle cannot have that many parameters. */
    static boolean isWide(FuncType type) {
        if (type.params().size() <= MAX_WORDS / 2) {
            return false;
        }
        int words = 0;
        for (var param : type.params()) {
            words += TypeKind.from(Values.javaType(param)).slotSize();
        }
        return words > MAX_WORDS;
    }

    private MethodHandle boxed(FuncType type) {
        String key = SpinEntries.key(type);
        MethodHandle known = boxing.get(key);
        return known != null ? known : JavaStack.withRoom(() -> boxing.computeIfAbsent(key, _ -> boxing(type)));
    }

    /** For host functions, several results, and very many parameters. */
    private static MethodHandle boxing(FuncType type) {
        MethodHandle call = isWide(type) ? CALL : CALL.asCollector(Object[].class, type.params().size());
        if (type.results().isEmpty()) {
            call = MethodHandles.filterReturnValue(call, NONE);
        } else if (type.results().size() == 1) {
            call = MethodHandles.filterReturnValue(call, ONLY);
        }
        return call.asType(javaType(type).insertParameterTypes(0, Object.class));
    }

    private static Object only(Object[] results) {
        return results[0];
    }

    private static void none(Object[] results) {}
}
