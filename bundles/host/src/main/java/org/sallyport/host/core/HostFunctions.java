package org.sallyport.host.core;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sallyport.contract.HostCall;
import org.sallyport.contract.JavaContract;
import org.sallyport.contract.Signature;
import org.sallyport.host.HostModule;
import org.sallyport.host.PluginIdentity;

/**
 * The functions that a host module service offers to one plugin, over wasm types with a {@code Caller} in front.
 * Methods whose types have no wasm counterpart are no functions. Overloads are told apart by their wasm types; two of
 * the same type cannot be, and count as absent.
 */
final class HostFunctions {

    private static final System.Logger LOG = System.getLogger("org.sallyport.host");

    private final Map<String, List<MethodHandle>> functions = new TreeMap<>();
    private final String refusal;

    private HostFunctions(String refusal) {
        this.refusal = refusal;
    }

    /**
     * What a service offers that cannot be asked.
     *
     * @param refusal why, for the operator
     */
    static HostFunctions none(String refusal) {
        return new HostFunctions(refusal);
    }

    /** Why it offers nothing at all, or empty. */
    String refusal() {
        return refusal;
    }

    /**
     * @throws IllegalArgumentException if a contract is not accessible
     * @throws RuntimeException whatever {@link HostModule#functions} throws
     */
    static HostFunctions of(HostOffer offer, PluginIdentity plugin) {
        HostFunctions all = new HostFunctions("");
        Object service = offer.service();
        if (service instanceof HostModule module) {
            module.functions(plugin).forEach((name, handle) -> all.add(name, handle, () -> Signature.ofHost(handle.type())));
        } else {
            offer.contracts().forEach(contract -> all.addMethods(contract, service));
        }
        return all;
    }

    /** The function of that name and type, or null. */
    @Nullable MethodHandle find(String name, MethodType type) {
        MethodHandle found = null;
        for (MethodHandle candidate : functions.getOrDefault(name, List.of())) {
            if (candidate.type().equals(type)) {
                if (found != null) {
                    return null;
                }
                found = candidate;
            }
        }
        return found;
    }

    /** The types under which the name is there, for messages. */
    List<MethodType> types(String name) {
        return functions.getOrDefault(name, List.of()).stream().map(MethodHandle::type).toList();
    }

    SortedSet<String> names() {
        return new TreeSet<>(functions.keySet());
    }

    private void addMethods(Class<?> contract, Object service) {
        for (JavaContract.Operation operation : JavaContract.operations(contract)) {
            MethodHandle handle = JavaContract.bind(operation.method(), service);
            add(operation.name(), handle, () -> Signature.ofHost(operation.method()));
        }
    }

    private void add(String name, MethodHandle handle, Supplier<Signature> read) {
        List<MethodHandle> overloads = functions.computeIfAbsent(name, _ -> new ArrayList<>(1));
        try {
            Signature signature = read.get();
            if (!signature.isOverNumbers()) {
                throw new IllegalArgumentException("vectors and references do not cross, nor more parameters than Java allows");
            }
            overloads.add(HostCall.toRaw(handle, signature, name));
        } catch (IllegalArgumentException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "not a host function: " + name + ": " + e.getMessage());
        }
    }
}
