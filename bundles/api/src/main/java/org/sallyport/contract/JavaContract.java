package org.sallyport.contract;

import java.lang.classfile.TypeKind;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import org.sallyport.WasmName;

/**
 * Reads Java interfaces that exports implement, or that host functions are of: their abstract methods, named like the method
 * or by {@link WasmName}.
 */
public final class JavaContract {
    private static final MethodHandles.Lookup HERE = MethodHandles.lookup();
    /** Of the arguments of a method handle, long and double counted twice. */
    private static final int MAX_WORDS = 254;

    private JavaContract() {}

    /**
     * A method that an implementation must have.
     *
     * @param name in wasm
     */
    public record Operation(Method method, String name, MethodType type) {
        private static Operation of(Method method) {
            WasmName name = method.getAnnotation(WasmName.class);
            return new Operation(
                    method,
                    name == null ? method.getName() : name.value(),
                    MethodType.methodType(method.getReturnType(), method.getParameterTypes()));
        }

        /** For messages: {@code String translate(String, List<Integer>)}. */
        public String describe() {
            StringJoiner params = new StringJoiner(", ", method.getName() + "(", ")");
            for (var param : method.getGenericParameterTypes()) {
                params.add(name(param));
            }
            return name(method.getGenericReturnType()) + " " + params;
        }

        private static String name(java.lang.reflect.Type type) {
            return type instanceof Class<?> c ? c.getSimpleName() : type.getTypeName();
        }
    }

    /** Whether a class can implement it. */
    public static boolean isImplementable(Class<?> type) {
        return type.isInterface() && !type.isSealed() && !type.isHidden() && !type.isAnnotation();
    }

    /** What has to be implemented: one method of each name and type. */
    public static List<Operation> operations(Class<?> contract) {
        List<Operation> operations = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Method method : contract.getMethods()) {
            if (Modifier.isAbstract(method.getModifiers()) && !isOfObject(method)) {
                Operation operation = Operation.of(method);
                if (seen.add(method.getName() + operation.type().toMethodDescriptorString())) {
                    operations.add(operation);
                }
            }
        }
        return operations;
    }

    /** Interfaces may name public methods of {@code Object}; every implementation has those already. */
    private static boolean isOfObject(Method method) {
        try {
            return Modifier.isPublic(
                    Object.class.getDeclaredMethod(method.getName(), method.getParameterTypes()).getModifiers());
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    /**
     * The methods of one implementation, by name.
     *
     * @throws IllegalArgumentException if one is not accessible, has too many parameters, or has the name of another one
     */
    public static Map<String, MethodHandle> bind(Class<?> contract, Object implementation) {
        Map<String, MethodHandle> methods = new HashMap<>();
        for (Operation operation : operations(contract)) {
            if (methods.put(operation.name(), bind(operation.method(), implementation)) != null) {
                throw new IllegalArgumentException(contract.getName() + " has two methods of the name " + operation.name());
            }
        }
        return Map.copyOf(methods);
    }

    /**
     * The method of one implementation.
     *
     * @throws IllegalArgumentException if it is not accessible, or has too many parameters
     */
    public static MethodHandle bind(Method method, Object implementation) {
        int words = 1; // this
        for (Class<?> param : method.getParameterTypes()) {
            words += TypeKind.from(param).slotSize();
        }
        if (words > MAX_WORDS) {
            throw new IllegalArgumentException(method.getDeclaringClass().getName() + "." + method.getName()
                    + " has more parameters than a method handle can have; define the function with its FuncType and a"
                    + " HostFunction");
        }
        return unreflect(method).asFixedArity().bindTo(implementation);
    }

    private static MethodHandle unreflect(Method method) {
        try {
            return MethodHandles.publicLookup().unreflect(method);
        } catch (IllegalAccessException e) {
            try {
                JavaContract.class.getModule().addReads(method.getDeclaringClass().getModule());
                return MethodHandles.privateLookupIn(method.getDeclaringClass(), HERE).unreflect(method);
            } catch (IllegalAccessException denied) {
                throw new IllegalArgumentException(method + " is not accessible: make its interface public", denied);
            }
        }
    }
}
