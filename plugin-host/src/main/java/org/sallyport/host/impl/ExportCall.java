package org.sallyport.host.impl;

import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.BindException;
import org.sallyport.EntityType;
import org.sallyport.ExportType;
import org.sallyport.Func;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.WasmName;
import org.sallyport.wasm.FuncType;

/** One Java method implemented by one export: how arguments and the result cross (docs/plugin-abi.md). */
record ExportCall(String export, Class<?>[] params, Class<?> result) {

    /**
     * The calls for all abstract methods of an interface.
     *
     * @throws BindException lists every method without a fitting export
     */
    static Map<Method, ExportCall> of(Class<?> contract, Module module) {
        Map<String, FuncType> exports = new LinkedHashMap<>();
        for (ExportType export : module.exports()) {
            if (export.type() instanceof EntityType.Func func) {
                exports.put(export.name(), func.type());
            }
        }
        List<String> mismatches = new ArrayList<>();
        Map<Method, ExportCall> calls = new LinkedHashMap<>();
        boolean buffers = false;
        for (Method method : contract.getMethods()) {
            if (!Modifier.isAbstract(method.getModifiers())) {
                continue;
            }
            WasmName annotation = method.getAnnotation(WasmName.class);
            String name = annotation == null ? method.getName() : annotation.value();
            String problem = problem(method, name, exports.get(name));
            if (problem != null) {
                mismatches.add(problem);
                continue;
            }
            calls.put(method, new ExportCall(name, method.getParameterTypes(), method.getReturnType()));
            for (Class<?> param : method.getParameterTypes()) {
                buffers |= Abi.isBuffer(param);
            }
        }
        if (buffers && !exports.containsKey(Abi.ALLOC)) {
            mismatches.add("strings and byte arrays as arguments need the export \"" + Abi.ALLOC + "\" (i32) -> (i32)");
        }
        if (!mismatches.isEmpty()) {
            throw new BindException(contract, module.name(), mismatches);
        }
        return calls;
    }

    private static @Nullable String problem(Method method, String name, @Nullable FuncType found) {
        MethodType type = MethodType.methodType(method.getReturnType(), method.getParameterTypes());
        FuncType wanted = Abi.exportType(type);
        if (wanted == null) {
            return method.getName() + type + ": a type that cannot cross; use int, long, float, double, boolean, String, byte[]";
        }
        if (found == null) {
            return method.getName() + type + ": no exported function \"" + name + "\" " + wanted;
        }
        return found.equals(wanted) ? null : method.getName() + type + ": export \"" + name + "\" is " + found + ", wanted " + wanted;
    }

    /** Calls the export in this instance. Buffers made for arguments are given back to the guest afterwards. */
    @Nullable Object invoke(GuestInstance guest, Object @Nullable [] args) {
        List<Object> raw = new ArrayList<>();
        List<int[]> buffers = new ArrayList<>();
        for (int i = 0; i < params.length; i++) {
            lower(guest, args == null ? null : args[i], params[i], raw, buffers);
        }
        Object[] results = guest.func(export).call(raw.toArray());
        Object value = results.length == 0 ? null : lift(guest, results[0]);
        Func free = buffers.isEmpty() ? null : guest.free();
        if (free != null) {
            buffers.forEach(buffer -> free.call(buffer[0], buffer[1]));
        }
        return value;
    }

    private static void lower(
            GuestInstance guest, @Nullable Object arg, Class<?> type, List<Object> raw, List<int[]> buffers) {
        if (arg == null) {
            throw new NullPointerException("null cannot cross into a plugin (parameter of type " + type.getName() + ")");
        }
        if (Abi.isBuffer(type)) {
            byte[] bytes = Abi.bytes(arg);
            int address = Abi.allocate(guest.alloc(), guest.memory(), bytes);
            raw.add(address);
            raw.add(bytes.length);
            buffers.add(new int[] {address, bytes.length});
        } else {
            raw.add(arg instanceof Boolean flag ? (Object) (flag ? 1 : 0) : arg);
        }
    }

    private Object lift(GuestInstance guest, Object value) {
        if (result == boolean.class) {
            return (int) value != 0;
        }
        if (!Abi.isBuffer(result)) {
            return value;
        }
        int address = Abi.address((long) value);
        int length = Abi.length((long) value);
        Memory memory = guest.memory();
        if (length < 0 || Integer.toUnsignedLong(address) + length > memory.byteSize()) {
            throw new IllegalStateException(
                    "export \"" + export + "\" returned a buffer outside of its memory: address "
                            + Integer.toUnsignedString(address) + ", length " + Integer.toUnsignedString(length));
        }
        byte[] bytes = memory.readBytes(Integer.toUnsignedLong(address), length);
        Func free = guest.free();
        if (free != null) {
            free.call(address, length);
        }
        return result == String.class ? new String(bytes, StandardCharsets.UTF_8) : bytes;
    }
}
