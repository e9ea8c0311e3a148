package org.sallyport.engine;

import java.lang.invoke.MethodHandle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

import org.sallyport.Extern;
import org.sallyport.HostFunction;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.SharedMemory;
import org.sallyport.contract.HostCall;
import org.sallyport.contract.JavaContract;
import org.sallyport.contract.Signature;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.Printable;

/** The function resolver: names and what they stand for, a {@link HostEntry}, a {@link SharedMemoryImpl} or an {@link Extern}. */
final class LinkerImpl implements Linker {
    private final EngineImpl engine;
    private final Map<String, Map<String, Object>> definitions = new LinkedHashMap<>();
    private boolean shadowing;

    LinkerImpl(EngineImpl engine) {
        this.engine = engine;
    }

    // ---- definitions

    @Override
    public Linker define(String module, String name, MethodHandle function) {
        MethodHandle fixed = function.asFixedArity();
        put(module, name, typedHost(module + "." + name, fixed, () -> Signature.ofHost(fixed.type())));
        return this;
    }

    @Override
    public Linker define(String module, String name, FuncType type, HostFunction function) {
        put(module, name, new BoxedHost(engine, module + "." + name, type, function));
        return this;
    }

    @Override
    public <T> Linker define(String module, Class<T> contract, T implementation) {
        if (!contract.isInterface()) {
            throw new IllegalArgumentException(contract.getName() + " is no interface");
        }
        contract.cast(implementation);
        Map<String, HostEntry> functions = new LinkedHashMap<>();
        for (JavaContract.Operation operation : JavaContract.operations(contract)) {
            String name = operation.name();
            HostEntry entry = typedHost(
                    module + "." + name, JavaContract.bind(operation.method(), implementation), () ->
                            Signature.ofHost(operation.method()));
            if (functions.put(name, entry) != null) {
                throw new IllegalArgumentException(contract.getName() + " has two methods of the wasm name \"" + name
                        + "\": give one a @WasmName");
            }
        }
        functions.forEach((name, entry) -> put(module, name, entry));
        return this;
    }

    @Override
    public Linker define(String module, String name, Extern extern) {
        if (extern.store().engine() != engine) {
            throw new IllegalArgumentException(quote(module, name) + " belongs to another engine");
        }
        put(module, name, extern);
        return this;
    }

    @Override
    public Linker define(String module, String name, SharedMemory memory) {
        if (!(memory instanceof SharedMemoryImpl shared) || shared.engine() != engine) {
            throw new IllegalArgumentException(quote(module, name) + " belongs to another engine");
        }
        put(module, name, shared);
        return this;
    }

    @Override
    public Linker define(String module, Instance instance) {
        for (String name : instance.exportNames()) {
            define(module, name, instance.export(name).orElseThrow());
        }
        return this;
    }

    @Override
    public Linker allowShadowing(boolean allow) {
        shadowing = allow;
        return this;
    }

    private void put(String module, String name, Object definition) {
        Map<String, Object> names = definitions.computeIfAbsent(module, _ -> new LinkedHashMap<>());
        if (!shadowing && names.containsKey(name)) {
            throw new IllegalArgumentException(
                    quote(module, name) + " is defined already; see Linker.allowShadowing");
        }
        names.put(name, definition);
    }

    private static String quote(String module, String name) {
        return "\"" + Printable.name(module) + "\" \"" + Printable.name(name) + "\"";
    }

    /** @param read finds out what the function's types are in wasm, or refuses */
    private HostEntry typedHost(String name, MethodHandle function, Supplier<Signature> read) {
        Signature signature;
        try {
            signature = read.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    Printable.name(name) + ": " + e.getMessage() + ", in " + function.type(), e);
        }
        if (!signature.isConverted()) {
            MethodHandle plain = ReferenceViews.ofHost(function);
            return new TypedHost(engine, name, signature.type(), plain, signature.takesCaller());
        }
        MethodHandle raw = ReferenceViews.ofHost(HostCall.toRaw(function, signature, name));
        return new TypedHost(engine, name, signature.type(), raw, true);
    }

    // ---- resolution

    @Override
    public LinkedModule link(Module module) {
        if (!(module instanceof ModuleImpl wanted) || wanted.engine() != engine) {
            throw new IllegalArgumentException("module " + module.name() + " belongs to another engine");
        }
        Resolution resolution = new Resolution(engine, wanted, definitions);
        resolution.run();
        return new LinkedModuleImpl(wanted, resolution.bound());
    }
}
