package org.sallyport.host.impl;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.sallyport.BindException;
import org.sallyport.EntityType;
import org.sallyport.ExportType;
import org.sallyport.Module;
import org.sallyport.WasmName;
import org.sallyport.wasm.FuncType;

/**
 * One Java method implemented by one export: how arguments and the result cross (docs/plugin-abi.md). The result is a
 * method handle of the method's type with a {@link GuestInstance} in front. Over numbers only, it is a chain of handles
 * that the JIT compiles into the caller; with strings and byte arrays it goes through {@link #invoke}.
 */
final class ExportCall {
    private static final MethodHandle HANDLE;
    private static final MethodHandle INVOKE;
    private static final MethodHandle TO_BOOLEAN;
    private static final MethodHandle FROM_BOOLEAN;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            HANDLE = lookup.findVirtual(
                    GuestInstance.class, "handle", methodType(MethodHandle.class, int.class, String.class));
            INVOKE = lookup.findVirtual(
                    ExportCall.class, "invoke", methodType(Object.class, GuestInstance.class, Object[].class));
            TO_BOOLEAN = lookup.findStatic(Abi.class, "toBoolean", methodType(boolean.class, int.class));
            FROM_BOOLEAN = lookup.findStatic(Abi.class, "fromBoolean", methodType(int.class, boolean.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own methods", e);
        }
    }

    private final String export;
    private final MethodType type;
    /** The export, {@code (GuestInstance, Object[]) -> Object} over wasm types. */
    private final MethodHandle spread;

    private ExportCall(String export, MethodType type, MethodHandle raw) {
        this.export = export;
        this.type = type;
        int count = raw.type().parameterCount() - 1;
        this.spread = raw.asType(MethodType.genericMethodType(count + 1).changeParameterType(0, GuestInstance.class))
                .asSpreader(Object[].class, count);
    }

    /**
     * The calls for all abstract methods of an interface.
     *
     * @param indices gives each export's name a small number of its own
     * @throws BindException lists every method without a fitting export
     */
    static Map<Method, MethodHandle> of(Class<?> contract, Module module, ToIntFunction<String> indices) {
        Map<String, FuncType> exports = new LinkedHashMap<>();
        for (ExportType export : module.exports()) {
            if (export.type() instanceof EntityType.Func func) {
                exports.put(export.name(), func.type());
            }
        }
        List<String> mismatches = new ArrayList<>();
        if (!contract.isInterface() || contract.isSealed() || !Modifier.isPublic(contract.getModifiers())) {
            mismatches.add("a contract is a public interface that is not sealed");
        }
        Map<Method, MethodHandle> calls = new LinkedHashMap<>();
        boolean buffers = false;
        for (Method method : methods(contract)) {
            MethodType type = methodType(method.getReturnType(), method.getParameterTypes());
            String name = exportName(method);
            FuncType found = exports.get(name);
            String problem = problem(method.getName(), type, name, found);
            if (problem != null) {
                mismatches.add(problem);
                continue;
            }
            calls.put(method, call(name, type, indices));
            buffers |= Arrays.stream(method.getParameterTypes()).anyMatch(Abi::isBuffer);
        }
        if (buffers && !Abi.ALLOC_TYPE.equals(exports.get(Abi.ALLOC))) {
            mismatches.add(
                    "strings and byte arrays as arguments need the export \"" + Abi.ALLOC + "\" " + Abi.ALLOC_TYPE);
        }
        if (!mismatches.isEmpty()) {
            throw new BindException(contract, module.name(), mismatches);
        }
        return calls;
    }

    /** What has to be implemented: one method of each name and type. */
    static List<Method> methods(Class<?> contract) {
        List<Method> methods = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Method method : contract.getMethods()) {
            boolean ours = Modifier.isAbstract(method.getModifiers()) && !isOfObject(method);
            if (ours && seen.add(method.getName() + methodType(method.getReturnType(), method.getParameterTypes()))) {
                methods.add(method);
            }
        }
        return methods;
    }

    static String exportName(Method method) {
        WasmName annotation = method.getAnnotation(WasmName.class);
        return annotation == null ? method.getName() : annotation.value();
    }

    /** Interfaces may name public methods of {@code Object}; every implementation has those already. */
    private static boolean isOfObject(Method method) {
        try {
            Object.class.getMethod(method.getName(), method.getParameterTypes());
            return true;
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    private static @Nullable String problem(String method, MethodType type, String name, @Nullable FuncType found) {
        FuncType wanted = Abi.exportType(type);
        String what = method + type;
        if (wanted == null) {
            return what + ": a type that cannot cross; use int, long, float, double, boolean, String, byte[]";
        }
        if (found == null) {
            return what + ": no exported function \"" + name + "\" " + wanted;
        }
        return found.equals(wanted) ? null : what + ": export \"" + name + "\" is " + found + ", wanted " + wanted;
    }

    private static MethodHandle call(String name, MethodType type, ToIntFunction<String> indices) {
        MethodHandle own = MethodHandles.insertArguments(HANDLE, 1, indices.applyAsInt(name), name);
        MethodHandle raw = MethodHandles.filterArguments(MethodHandles.exactInvoker(Abi.rawExport(type)), 0, own);
        boolean buffers = Abi.isBuffer(type.returnType()) || type.parameterList().stream().anyMatch(Abi::isBuffer);
        MethodType called = type.insertParameterTypes(0, GuestInstance.class);
        if (buffers) {
            return INVOKE.bindTo(new ExportCall(name, type, raw))
                    .asCollector(Object[].class, type.parameterCount())
                    .asType(called);
        }
        for (int i = 0; i < type.parameterCount(); i++) {
            if (type.parameterType(i) == boolean.class) {
                raw = MethodHandles.filterArguments(raw, i + 1, FROM_BOOLEAN);
            }
        }
        return type.returnType() == boolean.class ? MethodHandles.filterReturnValue(raw, TO_BOOLEAN) : raw;
    }

    /** Calls the export in this instance. Buffers made for arguments are given back to the guest afterwards. */
    private @Nullable Object invoke(GuestInstance guest, Object[] args) throws Throwable {
        List<Object> raw = new ArrayList<>(args.length * 2);
        int[] buffers = new int[args.length * 2];
        int count = 0;
        for (int i = 0; i < args.length; i++) {
            if (Abi.isBuffer(type.parameterType(i))) {
                byte[] bytes = Abi.bytes(notNull(args[i], i));
                int address = Abi.allocate(guest.alloc(), guest.memory(), bytes);
                raw.add(address);
                raw.add(bytes.length);
                buffers[count++] = address;
                buffers[count++] = bytes.length;
            } else {
                raw.add(args[i] instanceof Boolean flag ? (Object) Abi.fromBoolean(flag) : args[i]);
            }
        }
        Object result = spread.invokeExact(guest, raw.toArray());
        Object value = lift(guest, result);
        MethodHandle free = count == 0 ? null : guest.free();
        if (free != null) {
            for (int i = 0; i < count; i += 2) {
                free.invokeExact(buffers[i], buffers[i + 1]);
            }
        }
        return value;
    }

    private Object notNull(@Nullable Object arg, int position) {
        if (arg == null) {
            throw new NullPointerException(
                    "null cannot cross into a plugin: argument " + position + " of export \"" + export + "\" " + type);
        }
        return arg;
    }

    private @Nullable Object lift(GuestInstance guest, @Nullable Object result) throws Throwable {
        if (type.returnType() == boolean.class) {
            return Abi.toBoolean((int) result);
        }
        if (!Abi.isBuffer(type.returnType())) {
            return result;
        }
        int address = Abi.address((long) result);
        int length = Abi.length((long) result);
        byte[] bytes;
        try {
            bytes = guest.transfers().read(guest.memory(), address, length);
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalStateException(
                    "export \"" + export + "\" returned a buffer outside of its memory: address "
                            + Integer.toUnsignedString(address) + ", length " + Integer.toUnsignedString(length),
                    e);
        }
        MethodHandle free = guest.free();
        if (free != null) {
            free.invokeExact(address, length);
        }
        return type.returnType() == String.class ? new String(bytes, StandardCharsets.UTF_8) : bytes;
    }
}
