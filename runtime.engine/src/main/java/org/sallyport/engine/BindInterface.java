package org.sallyport.engine;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.sallyport.BindException;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.contract.Abi;
import org.sallyport.contract.JavaContract;
import org.sallyport.contract.Signature;
import org.sallyport.engine.types.Shapes;
import org.sallyport.wasm.TypeCanon;
import org.sallyport.wasm.Printable;

/** Implements a Java interface by the functions of one instance. What is the same for all is the {@link Contract}. */
final class BindInterface {
    private final InstanceImpl instance;
    private final Contract contract;
    private final List<MethodHandle> handles = new ArrayList<>();
    private final List<Object> targets = new ArrayList<>();
    private final List<String> mismatches = new ArrayList<>();
    private final Suggestion suggestion = new Suggestion();
    private @Nullable BoundGuest guest;
    private boolean allocates;

    private BindInterface(InstanceImpl instance, Contract contract) {
        this.instance = instance;
        this.contract = contract;
    }

    /** See {@link org.sallyport.Instance#bind}. */
    static <T> T bind(InstanceImpl instance, Class<T> type) {
        if (!JavaContract.isImplementable(type)) {
            throw new IllegalArgumentException(type.getName() + " is no interface that can be implemented");
        }
        Contract contract = instance.storeImpl().engine.boundClasses().contract(type);
        BindInterface binding = new BindInterface(instance, contract);
        contract.methods().forEach(binding::match);
        binding.checkAllocator();
        if (!binding.mismatches.isEmpty()) {
            throw new BindException(type, instance.module().name(), binding.mismatches);
        }
        return type.cast(contract.implement(binding.handles, binding.targets.toArray()));
    }

    private void match(ContractMethod method) {
        String name = method.operation().name();
        Optional<Extern> export = instance.export(name);
        if (export.isEmpty()) {
            mismatch(method, "no export \"" + Printable.name(name) + "\"" + suggestion.from(name, instance.exportNames()));
        } else if (export.get() instanceof FuncImpl function) {
            match(method, function);
        } else {
            mismatch(method, "export \"" + Printable.name(name) + "\" is a " + export.get().entityType());
        }
    }

    private void match(ContractMethod method, FuncImpl function) {
        Handles.Unbound unbound = instance.storeImpl().engine.handles().unbound(function);
        Signature values = method.signature();
        TypeCanon types = function.types();
        MethodType java = javaType(function);
        boolean isBoxed = java.parameterCount() != function.type().params().size();
        if (java.equals(method.operation().type())) {
            handles.add(unbound.handle());
            targets.add(unbound.function());
        } else if (!isBoxed && ReferenceViews.fitsGuest(method.operation().type(), function.type(), types)) {
            handles.add(method.referring(unbound.handle()));
            targets.add(unbound.function());
        } else if (values != null && ReferenceViews.fitsGuest(values.crossing(), function.type(), types)) {
            allocates |= values.needsAllocator(false);
            handles.add(method.crossing(unbound.handle(), values));
            targets.add(new BoundGuest.Target(guest(), unbound.function()));
        } else {
            String wanted = values != null
                    ? "; the method wants " + values.type()
                    : method.problem() == null ? "" : "; " + method.problem();
            mismatch(method, "export \"" + Printable.name(method.operation().name()) + "\" has type " + function.type()
                    + ", in Java " + Printable.name(java.toString()) + wanted);
        }
    }

    private BoundGuest guest() {
        BoundGuest known = guest;
        if (known == null) {
            known = new BoundGuest(instance);
            guest = known;
        }
        return known;
    }

    private void checkAllocator() {
        boolean has = instance.export(Abi.ALLOC).orElse(null) instanceof Func func && func.type().equals(Abi.ALLOC_TYPE);
        if (allocates && !has) {
            mismatches.add("strings, arrays, lists and records as arguments need the export \"" + Abi.ALLOC + "\" "
                    + Abi.ALLOC_TYPE);
        }
    }

    private void mismatch(ContractMethod method, String what) {
        mismatches.add(method.operation().describe() + ": " + what);
    }

    private static MethodType javaType(FuncImpl function) {
        return Handles.javaType(Shapes.forJava(function.type(), function.types()));
    }
}
