package org.sallyport.engine;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

import org.sallyport.wasm.FuncType;

/** Method handles of functions. */
final class Handles {
    private static final MethodHandle CALL;
    private static final MethodHandle ONLY;

    static {
        try {
            MethodHandles.Lookup here = MethodHandles.lookup();
            CALL = here.findVirtual(FuncImpl.class, "call", MethodType.methodType(Object[].class, Object[].class));
            ONLY = here.findStatic(Handles.class, "only", MethodType.methodType(Object.class, Object[].class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: handles", e);
        }
    }

    private final SpinEntries entries = new SpinEntries();

    /** See {@link org.sallyport.Func#handle}. */
    MethodHandle handle(FuncImpl function) {
        FuncType type = function.type();
        return function.host() == null && type.results().size() <= 1
                ? entries.call(type).bindTo(function.entryPoint())
                : boxing(function);
    }

    /** For host functions and several results. */
    private static MethodHandle boxing(FuncImpl function) {
        FuncType type = function.type();
        MethodHandle call =
                CALL.bindTo(function).asCollector(Object[].class, type.params().size());
        MethodType exact = SpinEntries.javaType(type);
        if (type.results().size() == 1) {
            call = MethodHandles.filterReturnValue(call, ONLY);
        } else if (type.results().size() > 1) {
            exact = exact.changeReturnType(Object[].class);
        }
        return call.asType(exact);
    }

    private static Object only(Object[] results) {
        return results[0];
    }
}
