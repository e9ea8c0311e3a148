package org.sallyport.engine;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.sallyport.contract.ExportCall;
import org.sallyport.contract.JavaContract.Operation;
import org.sallyport.contract.Signature;

/** A method of a {@link Contract}, and how functions stand behind it: as they are, or with values that cross. Thread-safe. */
final class ContractMethod {
    private static final MethodHandle FUNCTION;

    static {
        try {
            FUNCTION = MethodHandles.lookup()
                    .findVirtual(BoundGuest.Target.class, "function", MethodType.methodType(Object.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own method", e);
        }
    }

    private final Operation operation;
    private final @Nullable Signature signature;
    private final @Nullable String problem;
    /** By the handle of the function: the handle of the method, with a {@link BoundGuest.Target} in front. */
    private final Map<MethodHandle, MethodHandle> crossing = new ConcurrentHashMap<>();

    ContractMethod(Operation operation) {
        this.operation = operation;
        Signature found = null;
        String why = null;
        try {
            Signature read = Signature.ofExport(operation.method());
            found = read.isConverted() ? read : null;
        } catch (IllegalArgumentException e) {
            why = e.getMessage();
        }
        signature = found;
        problem = why;
    }

    Operation operation() {
        return operation;
    }

    /** Why its values cannot cross otherwise than they are, or null. */
    @Nullable String problem() {
        return problem;
    }

    /** How its values cross; null where they do as they are, or cannot otherwise. */
    @Nullable Signature signature() {
        return signature;
    }

    /**
     * @param function calls a function of the signature's type that is its first argument
     * @return of the method's type with a target in front
     */
    MethodHandle crossing(MethodHandle function, Signature values) {
        return crossing.computeIfAbsent(function, _ -> ExportCall.of(
                        operation.type(),
                        values,
                        operation.name(),
                        MethodHandles.filterArguments(
                                ReferenceViews.ofGuest(function, values.crossing()), 0, FUNCTION))
                .asType(operation.type().insertParameterTypes(0, Object.class)));
    }

    /** The function as of the method's type, whose classes of references fit. */
    MethodHandle referring(MethodHandle function) {
        return crossing.computeIfAbsent(function, _ -> ReferenceViews.ofGuest(function, operation.type()));
    }
}
