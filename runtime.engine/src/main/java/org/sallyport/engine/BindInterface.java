package org.sallyport.engine;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.sallyport.BindException;
import org.sallyport.Extern;
import org.sallyport.engine.types.Shapes;
import org.sallyport.wasm.Printable;

/** Implements a Java interface by the functions of one instance. What is the same for all is the {@link Contract}. */
final class BindInterface {
    private final InstanceImpl instance;
    private final Contract contract;
    private final List<MethodHandle> handles = new ArrayList<>();
    private final List<Object> functions = new ArrayList<>();
    private final List<String> mismatches = new ArrayList<>();
    private final Suggestion suggestion = new Suggestion();

    private BindInterface(InstanceImpl instance, Contract contract) {
        this.instance = instance;
        this.contract = contract;
    }

    /** See {@link org.sallyport.Instance#bind}. */
    static <T> T bind(InstanceImpl instance, Class<T> type) {
        if (!type.isInterface() || type.isSealed() || type.isHidden() || type.isAnnotation()) {
            throw new IllegalArgumentException(type.getName() + " is no interface that can be implemented");
        }
        Contract contract = instance.storeImpl().engine.boundClasses().contract(type);
        BindInterface binding = new BindInterface(instance, contract);
        contract.operations().forEach(binding::match);
        if (!binding.mismatches.isEmpty()) {
            throw new BindException(type, instance.module().name(), binding.mismatches);
        }
        return type.cast(contract.implement(binding.handles, binding.functions.toArray()));
    }

    private void match(Contract.Operation operation) {
        String name = operation.export();
        Optional<Extern> export = instance.export(name);
        if (export.isEmpty()) {
            mismatches.add(signature(operation.method()) + ": no export \"" + Printable.name(name) + "\""
                    + suggestion.from(name, instance.exportNames()));
        } else if (!(export.get() instanceof FuncImpl function)) {
            mismatches.add(signature(operation.method()) + ": export \"" + Printable.name(name) + "\" is a "
                    + export.get().entityType());
        } else if (!javaType(function).equals(operation.type())) {
            mismatches.add(signature(operation.method()) + ": export \"" + Printable.name(name) + "\" has type "
                    + function.type() + ", in Java " + Printable.name(javaType(function).toString()));
        } else {
            Handles.Unbound unbound = instance.storeImpl().engine.handles().unbound(function);
            handles.add(unbound.handle());
            functions.add(unbound.function());
        }
    }

    private static MethodType javaType(FuncImpl function) {
        return Handles.javaType(Shapes.forJava(function.type(), function.types()));
    }

    private static String signature(Method method) {
        StringBuilder text = new StringBuilder();
        text.append(method.getReturnType().getSimpleName()).append(' ').append(method.getName()).append('(');
        String between = "";
        for (Class<?> param : method.getParameterTypes()) {
            text.append(between).append(param.getSimpleName());
            between = ", ";
        }
        return text.append(')').toString();
    }
}
