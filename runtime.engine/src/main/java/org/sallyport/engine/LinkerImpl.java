package org.sallyport.engine;

import java.lang.classfile.TypeKind;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.sallyport.Caller;
import org.sallyport.Extern;
import org.sallyport.Func;
import org.sallyport.HostFunction;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.SharedMemory;
import org.sallyport.V128;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Printable;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;

/** The function resolver: names and what they stand for, a {@link HostEntry}, a {@link SharedMemoryImpl} or an {@link Extern}. */
final class LinkerImpl implements Linker {

    /** Of the arguments of a method handle, long and double counted twice. */
    private static final int MAX_WORDS = 254;

    private final EngineImpl engine;
    private final Map<String, Map<String, Object>> definitions = new LinkedHashMap<>();
    private boolean shadowing;

    LinkerImpl(EngineImpl engine) {
        this.engine = engine;
    }

    // ---- definitions

    @Override
    public Linker define(String module, String name, MethodHandle function) {
        put(module, name, typedHost(module + "." + name, function));
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
        for (Method method : Contract.methods(contract)) {
            String name = Contract.wasmName(method);
            HostEntry entry = typedHost(module + "." + name, unreflect(method).bindTo(implementation));
            if (functions.put(name, entry) != null) {
                throw new IllegalArgumentException(contract.getName() + " has two methods of the wasm name \"" + name
                        + "\": give one a @WasmName");
            }
        }
        functions.forEach((name, entry) -> put(module, name, entry));
        return this;
    }

    private static MethodHandle unreflect(Method method) {
        int words = 1; // this
        for (Class<?> param : method.getParameterTypes()) {
            words += TypeKind.from(param).slotSize();
        }
        if (words > MAX_WORDS) {
            throw new IllegalArgumentException(method.getDeclaringClass().getName() + "." + method.getName()
                    + " has more parameters than a method handle can have; define the function with its FuncType and a"
                    + " HostFunction");
        }
        try {
            return MethodHandles.publicLookup().unreflect(method);
        } catch (IllegalAccessException e) {
            try {
                return Contract.within(method.getDeclaringClass()).unreflect(method);
            } catch (IllegalAccessException denied) {
                throw new IllegalArgumentException(
                        method + " is not accessible: make its interface public, in an exported package, or open its package",
                        denied);
            }
        }
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

    private HostEntry typedHost(String name, MethodHandle function) {
        MethodHandle fixed = function.asFixedArity();
        MethodType java = fixed.type();
        boolean wantsCaller = java.parameterCount() > 0 && java.parameterType(0) == Caller.class;
        List<ValType> params = new ArrayList<>();
        for (Class<?> param : java.parameterList().subList(wantsCaller ? 1 : 0, java.parameterCount())) {
            params.add(wasmType(param, name, java));
        }
        List<ValType> results = java.returnType() == void.class
                ? List.of()
                : List.of(wasmType(java.returnType(), name, java));
        return new TypedHost(engine, name, new FuncType(params, results), fixed, wantsCaller);
    }

    private static ValType wasmType(Class<?> type, String name, MethodType function) {
        if (type == int.class) {
            return NumType.I32;
        } else if (type == long.class) {
            return NumType.I64;
        } else if (type == float.class) {
            return NumType.F32;
        } else if (type == double.class) {
            return NumType.F64;
        } else if (type == V128.class) {
            return VecType.V128;
        } else if (type == Func.class) {
            return RefType.FUNCREF;
        } else if (type == Object.class) {
            return RefType.EXTERNREF;
        }
        throw new IllegalArgumentException(Printable.name(name) + ": " + type.getName() + " in " + function
                + " has no WebAssembly type; use int, long, float, double, V128, Func or Object");
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
