package org.sallyport.host.core;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.Module;
import org.sallyport.contract.ContractClass;
import org.sallyport.contract.JavaContract;

/**
 * Puts a call together: take an instance, call its export, give it back, whatever happens; within the plugin's time and
 * fuel, if these are limited. Each method of a contract becomes one method handle, so that calls over numbers neither
 * box nor allocate as long as neither is limited (a limit opens a scope, and what runs in a scope is an object).
 */
final class PluginCalls {
    /** The way in and out. */
    interface Gate {
        /** Longest time of one call, or null. Asked at each call. */
        @Nullable Duration timeout();

        /** Instructions that one call may execute, or -1. Asked at each call. */
        long fuel();

        GuestInstance enter();

        /**
         * @param failure what the call threw, or null; it goes on to the caller unless this method throws another
         */
        void leave(@Nullable Throwable failure, GuestInstance instance);
    }

    private static final MethodHandle ENTER;
    private static final MethodHandle LEAVE;
    private static final MethodHandle IS_FREE;
    private static final MethodHandle TIMED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ENTER = lookup.findVirtual(Gate.class, "enter", methodType(GuestInstance.class));
            LEAVE = lookup.findVirtual(
                    Gate.class, "leave", methodType(void.class, Throwable.class, GuestInstance.class));
            IS_FREE = lookup.findStatic(PluginCalls.class, "isFree", methodType(boolean.class, Gate.class));
            TIMED = lookup.findStatic(
                    PluginCalls.class,
                    "timed",
                    methodType(Object.class, Gate.class, MethodHandle.class, Object[].class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own methods", e);
        }
    }

    private PluginCalls() {}

    /**
     * @param indices gives each export's name a small number of its own
     * @param name what {@code toString} returns
     * @throws org.sallyport.BindException lists every method without a fitting export
     */
    static <T> T implement(Class<T> contract, Module module, ToIntFunction<String> indices, Gate gate, String name) {
        Map<JavaContract.Operation, MethodHandle> methods = new LinkedHashMap<>();
        PluginExports.of(contract, module, indices).forEach((method, call) -> methods.put(method, guarded(gate, call)));
        return ContractClass.implement(contract, methods, name);
    }

    /**
     * Likewise, for many objects of one class, each with a gate of its own.
     *
     * @throws org.sallyport.BindException likewise
     */
    static <T> Function<Gate, T> define(
            Class<T> contract, Module module, ToIntFunction<String> indices, String name) {
        Map<JavaContract.Operation, MethodHandle> calls = PluginExports.of(contract, module, indices);
        List<MethodHandle> handles = calls.values().stream()
                .map(PluginCalls::guarded)
                .map(call -> call.asType(call.type().changeParameterType(0, Object.class)))
                .toList();
        MethodHandle constructor =
                ContractClass.define(contract, List.copyOf(calls.keySet()), handles, name, contract);
        return gate -> {
            Object[] gates = new Object[handles.size()];
            Arrays.fill(gates, gate);
            try {
                return contract.cast(constructor.invokeExact(gates));
            } catch (Throwable t) {
                throw new AssertionError("BUG: generated class for " + contract.getName(), t);
            }
        };
    }

    /**
     * As the other one, of a gate.
     *
     * @return {@code (A…)R}
     */
    static MethodHandle guarded(Gate gate, MethodHandle call) {
        return guarded(call).bindTo(gate);
    }

    /**
     * An instance is taken and given back outside of the timeout, which is for the guest's own work.
     *
     * @param call {@code (GuestInstance, A…)R}
     * @return {@code (Gate, A…)R}
     */
    static MethodHandle guarded(MethodHandle call) {
        MethodType type = call.type();
        MethodHandle free = MethodHandles.dropArguments(call, 1, Gate.class);
        MethodHandle spread = call.asType(type.generic()).asSpreader(Object[].class, type.parameterCount());
        MethodHandle timed = MethodHandles.insertArguments(TIMED, 1, spread)
                .asCollector(Object[].class, type.parameterCount())
                .asType(type.insertParameterTypes(0, Gate.class));
        MethodHandle either = MethodHandles.guardWithTest(
                MethodHandles.dropArguments(IS_FREE, 0, GuestInstance.class), free, swapped(timed, free.type()));
        return MethodHandles.foldArguments(MethodHandles.tryFinally(either, cleanup(type.returnType())), ENTER);
    }

    /** Takes its first two arguments in the other order. */
    private static MethodHandle swapped(MethodHandle handle, MethodType type) {
        int[] order = IntStream.range(0, type.parameterCount()).toArray();
        order[0] = 1;
        order[1] = 0;
        return MethodHandles.permuteArguments(handle, type, order);
    }

    /** {@code (Throwable, R, GuestInstance, Gate)R}: leaves and passes the result on. */
    private static MethodHandle cleanup(Class<?> result) {
        MethodHandle leave = MethodHandles.permuteArguments(
                LEAVE, methodType(void.class, Throwable.class, GuestInstance.class, Gate.class), 2, 0, 1);
        if (result == void.class) {
            return leave;
        }
        MethodHandle pass = MethodHandles.dropArguments(MethodHandles.identity(result), 0, Throwable.class);
        pass = MethodHandles.dropArguments(pass, 2, GuestInstance.class, Gate.class);
        return MethodHandles.foldArguments(pass, MethodHandles.dropArguments(leave, 1, result));
    }

    private static boolean isFree(Gate gate) {
        return gate.timeout() == null && gate.fuel() < 0;
    }

    private static @Nullable Object timed(Gate gate, MethodHandle call, Object[] args) throws Throwable {
        Duration timeout = gate.timeout();
        long fuel = gate.fuel();
        ((GuestInstance) args[0]).begin(timeout, fuel);
        return within(timeout, fuel, () -> (Object) call.invokeExact(args));
    }

    /**
     * Runs a call with what it may take.
     *
     * @param timeout null for any time
     * @param fuel -1 for any number of instructions
     */
    static <R, X extends Throwable> R within(@Nullable Duration timeout, long fuel, ScopedValue.CallableOp<R, X> call)
            throws X {
        ScopedValue.CallableOp<R, X> fuelled = fuel < 0 ? call : () -> CallContext.withFuel(fuel, call);
        return timeout == null ? fuelled.call() : CallContext.withTimeout(timeout, fuelled);
    }
}
