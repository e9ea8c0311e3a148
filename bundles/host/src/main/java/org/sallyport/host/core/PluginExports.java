package org.sallyport.host.core;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.sallyport.BindException;
import org.sallyport.EntityType;
import org.sallyport.ExportType;
import org.sallyport.Module;
import org.sallyport.contract.Abi;
import org.sallyport.contract.ExportCall;
import org.sallyport.contract.JavaContract;
import org.sallyport.contract.JavaContract.Operation;
import org.sallyport.contract.Signature;
import org.sallyport.wasm.FuncType;

/** The exports of a plugin as the methods of an interface, checked as a whole. */
final class PluginExports {
    private static final MethodHandle HANDLE;

    static {
        try {
            HANDLE = MethodHandles.lookup()
                    .findVirtual(GuestInstance.class, "handle", methodType(MethodHandle.class, int.class, String.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own method", e);
        }
    }

    private final Map<String, FuncType> exports = new LinkedHashMap<>();
    private final ToIntFunction<String> indices;
    private final Map<Operation, MethodHandle> calls = new LinkedHashMap<>();
    private final List<String> mismatches = new ArrayList<>();
    private boolean allocates;

    private PluginExports(Module module, ToIntFunction<String> indices) {
        this.indices = indices;
        for (ExportType export : module.exports()) {
            if (export.type() instanceof EntityType.Func func) {
                exports.put(export.name(), func.type());
            }
        }
    }

    /**
     * The calls for all methods of an interface, each of the method's type with a {@link GuestInstance} in front.
     *
     * @param indices gives each export's name a small number of its own
     * @throws BindException lists every method without a fitting export
     */
    static Map<Operation, MethodHandle> of(Class<?> contract, Module module, ToIntFunction<String> indices) {
        PluginExports found = new PluginExports(module, indices);
        if (JavaContract.isImplementable(contract)) {
            JavaContract.operations(contract).forEach(found::match);
        } else {
            found.mismatches.add("a contract is an interface that can be implemented: not sealed, not hidden");
        }
        if (found.allocates && !Abi.ALLOC_TYPE.equals(found.exports.get(Abi.ALLOC))) {
            found.mismatches.add("strings, arrays, lists and records as arguments need the export \"" + Abi.ALLOC + "\" "
                    + Abi.ALLOC_TYPE);
        }
        if (!found.mismatches.isEmpty()) {
            throw new BindException(contract, module.name(), found.mismatches);
        }
        return found.calls;
    }

    private void match(Operation operation) {
        String what = operation.describe() + ": ";
        String name = operation.name();
        try {
            Signature signature = Signature.ofExport(operation.method());
            FuncType wanted = signature.type();
            FuncType found = exports.get(name);
            if (!signature.isOverNumbers()) {
                mismatches.add(what + "vectors and references do not cross into plugins, nor more parameters than Java allows");
            } else if (found == null) {
                mismatches.add(what + "no exported function \"" + name + "\" " + wanted);
            } else if (!found.equals(wanted)) {
                mismatches.add(what + "export \"" + name + "\" is " + found + ", wanted " + wanted);
            } else {
                allocates |= signature.needsAllocator(false);
                calls.put(operation, call(operation, signature));
            }
        } catch (IllegalArgumentException e) {
            mismatches.add(what + e.getMessage());
        }
    }

    private MethodHandle call(Operation operation, Signature signature) {
        String name = operation.name();
        MethodHandle own = MethodHandles.insertArguments(HANDLE, 1, indices.applyAsInt(name), name);
        MethodHandle raw = MethodHandles.filterArguments(
                MethodHandles.exactInvoker(Signature.javaType(signature.type())), 0, own);
        return ExportCall.of(operation.type(), signature, name, raw);
    }
}
