package org.sallyport.engine;

import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.sallyport.contract.ContractClass;
import org.sallyport.contract.JavaContract;

/**
 * A Java interface that functions of instances implement, and the hidden classes that do it: one for all instances whose
 * functions are called alike. What its objects hold is which functions of which instance. Thread-safe.
 */
final class Contract {
    /** Classes that are kept; modules could make do with another combination of handles for each instance. */
    private static final int MAX_CLASSES = 8;

    private final Class<?> type;
    private final List<ContractMethod> methods;
    private final Map<List<MethodHandle>, MethodHandle> constructors = new ConcurrentHashMap<>();

    Contract(Class<?> type) {
        this.type = type;
        methods = JavaContract.operations(type).stream().map(ContractMethod::new).toList();
    }

    List<ContractMethod> methods() {
        return methods;
    }

    /**
     * Implements the interface.
     *
     * @param handles for each method what calls its target: of the method's type with an object in front
     * @param targets those objects
     * @throws IllegalArgumentException if the interface cannot be implemented from here
     */
    Object implement(List<MethodHandle> handles, Object[] targets) {
        try {
            return constructor(handles).invokeExact(targets);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError("BUG: generated class for " + type.getName(), t);
        }
    }

    private MethodHandle constructor(List<MethodHandle> handles) {
        @Nullable MethodHandle known = constructors.get(handles);
        if (known == null) {
            synchronized (this) {
                known = constructors.get(handles);
                if (known == null) { // who has an object that was bound keeps this (BoundClasses)
                    known = ContractClass.define(
                            type, methods.stream().map(ContractMethod::operation).toList(), handles, null, this);
                    if (constructors.size() < MAX_CLASSES) {
                        constructors.put(List.copyOf(handles), known);
                    }
                }
            }
        }
        return known;
    }
}
