package org.sallyport.host.impl;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.Caller;
import org.sallyport.Func;
import org.sallyport.Memory;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.ValType;

/**
 * How Java values cross into guests and back (docs/plugin-abi.md): numbers as they are, {@code boolean} as i32 0 or
 * 1, strings (UTF-8) and byte
 * arrays as address and length, as a result packed into one i64 {@code address << 32 | length}. Buffers that the
 * host fills are taken from the
 * guest's own allocator.
 */
final class Abi {
    /** Words of parameters, long and double counted twice, of a handle that is called through an invoker with a caller. */
    private static final int MAX_WORDS = 252;

    /** The guest's allocator, {@code (i32 size) -> i32 address}. */
    static final String ALLOC = "sallyport_alloc";
    /** The guest's deallocator, {@code (i32 address, i32 size)}; optional. */
    static final String FREE = "sallyport_free";

    static final FuncType ALLOC_TYPE = FuncType.of(List.of(NumType.I32), NumType.I32);
    static final FuncType FREE_TYPE = FuncType.of(List.of(NumType.I32, NumType.I32));

    private static final MethodHandle READ_STRING;
    private static final MethodHandle READ_BYTES;
    private static final MethodHandle WRITE_STRING;
    private static final MethodHandle WRITE_BYTES;
    private static final MethodHandle TO_BOOLEAN;
    private static final MethodHandle FROM_BOOLEAN;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            READ_STRING = lookup.findStatic(
                    Abi.class, "readString", methodType(String.class, Caller.class, int.class, int.class));
            READ_BYTES = lookup.findStatic(
                    Abi.class, "readBytes", methodType(byte[].class, Caller.class, int.class, int.class));
            WRITE_STRING =
                    lookup.findStatic(Abi.class, "writeString", methodType(long.class, Caller.class, String.class));
            WRITE_BYTES =
                    lookup.findStatic(Abi.class, "writeBytes", methodType(long.class, Caller.class, byte[].class));
            TO_BOOLEAN = lookup.findStatic(Abi.class, "toBoolean", methodType(boolean.class, int.class));
            FROM_BOOLEAN = lookup.findStatic(Abi.class, "fromBoolean", methodType(int.class, boolean.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own methods", e);
        }
    }

    private Abi() {}

    /**
     * Turns a host function over Java types into one over wasm types with a {@link Caller} in front.
     *
     * @throws IllegalArgumentException if a parameter or the result has no counterpart
     */
    static MethodHandle toRaw(MethodHandle function) {
        MethodType given = function.type();
        boolean takesCaller = given.parameterCount() > 0 && given.parameterType(0) == Caller.class;
        MethodHandle h = takesCaller ? function : MethodHandles.dropArguments(function, 0, Caller.class);
        for (int i = h.type().parameterCount() - 1; i >= 1; i--) {
            Class<?> type = h.type().parameterType(i);
            if (type == String.class) {
                h = MethodHandles.collectArguments(h, i, READ_STRING);
            } else if (type == byte[].class) {
                h = MethodHandles.collectArguments(h, i, READ_BYTES);
            } else if (type == boolean.class) {
                h = MethodHandles.filterArguments(h, i, TO_BOOLEAN);
            } else if (!isNumber(type)) {
                throw new IllegalArgumentException("parameter type " + type.getName() + " has no wasm counterpart");
            }
        }
        Class<?> result = h.type().returnType();
        if (result == String.class) {
            h = MethodHandles.collectArguments(WRITE_STRING, 1, h);
        } else if (result == byte[].class) {
            h = MethodHandles.collectArguments(WRITE_BYTES, 1, h);
        } else if (result == boolean.class) {
            h = MethodHandles.filterReturnValue(h, FROM_BOOLEAN);
        } else if (result != void.class && !isNumber(result)) {
            throw new IllegalArgumentException("result type " + result.getName() + " has no wasm counterpart");
        }
        return mergeCallers(h);
    }

    /** Makes all parameters of type {@link Caller} one, in front. */
    private static MethodHandle mergeCallers(MethodHandle h) {
        List<Class<?>> params = new ArrayList<>(List.of(Caller.class));
        int[] order = new int[h.type().parameterCount()];
        for (int i = 0; i < order.length; i++) {
            Class<?> type = h.type().parameterType(i);
            if (type == Caller.class) {
                order[i] = 0;
            } else {
                order[i] = params.size();
                params.add(type);
            }
        }
        return MethodHandles.permuteArguments(h, methodType(h.type().returnType(), params), order);
    }

    private static boolean isNumber(Class<?> type) {
        return type == int.class || type == long.class || type == float.class || type == double.class;
    }

    /**
     * The Java type of a host function of that wasm type, with a {@link Caller} in front; null when it has
     * references, several results, or more parameters than Java allows.
     */
    static @Nullable MethodType rawType(FuncType type) {
        List<Class<?>> params = new ArrayList<>(List.of(Caller.class));
        for (ValType param : type.params()) {
            if (!(param instanceof NumType number)) {
                return null;
            }
            params.add(javaType(number));
        }
        if (isWide(type)) {
            return null;
        }
        if (type.results().isEmpty()) {
            return methodType(void.class, params);
        }
        return type.results().size() == 1 && type.results().getFirst() instanceof NumType number
                ? methodType(javaType(number), params)
                : null;
    }

    private static boolean isWide(FuncType type) {
        int words = 0;
        for (ValType param : type.params()) {
            words += param == NumType.I64 || param == NumType.F64 ? 2 : 1;
        }
        return words > MAX_WORDS;
    }

    private static Class<?> javaType(NumType type) {
        return switch (type) {
            case I32 -> int.class;
            case I64 -> long.class;
            case F32 -> float.class;
            case F64 -> double.class;
        };
    }

    /** The wasm type that an export must have to implement a Java method of that type; null when there is none. */
    static @Nullable FuncType exportType(MethodType method) {
        List<ValType> params = new ArrayList<>();
        for (Class<?> param : method.parameterList()) {
            if (isBuffer(param)) {
                params.add(NumType.I32);
                params.add(NumType.I32);
            } else {
                NumType type = wasmType(param);
                if (type == null) {
                    return null;
                }
                params.add(type);
            }
        }
        Class<?> result = method.returnType();
        if (result == void.class) {
            return narrow(new FuncType(params, List.of()));
        }
        NumType type = isBuffer(result) ? NumType.I64 : wasmType(result);
        return type == null ? null : narrow(new FuncType(params, List.of(type)));
    }

    private static @Nullable FuncType narrow(FuncType type) {
        return isWide(type) ? null : type;
    }

    /** The Java type of an export's own handle, for a method of that type: see {@link #exportType}. */
    static MethodType rawExport(MethodType method) {
        FuncType type = exportType(method);
        MethodType raw = type == null ? null : rawType(type);
        if (raw == null) {
            throw new AssertionError("BUG: unchecked method type " + method);
        }
        return raw.dropParameterTypes(0, 1);
    }

    static boolean isBuffer(Class<?> type) {
        return type == String.class || type == byte[].class;
    }

    private static @Nullable NumType wasmType(Class<?> type) {
        if (type == int.class || type == boolean.class) {
            return NumType.I32;
        }
        if (type == long.class) {
            return NumType.I64;
        }
        if (type == float.class) {
            return NumType.F32;
        }
        return type == double.class ? NumType.F64 : null;
    }

    static byte[] bytes(Object value) {
        return value instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : (byte[]) value;
    }

    /**
     * Copies bytes into a buffer of the guest's allocator.
     *
     * @param alloc {@code (int)int}
     * @return its address
     * @throws IllegalStateException if the guest gives no buffer, or one outside of its memory
     */
    static int allocate(MethodHandle alloc, Memory memory, byte[] bytes) throws Throwable {
        int address = (int) alloc.invokeExact(bytes.length);
        if (address == 0 && bytes.length > 0) {
            throw new IllegalStateException(
                    "the guest has no memory for " + bytes.length + " bytes: its " + ALLOC + " returned 0");
        }
        try {
            memory.writeBytes(Integer.toUnsignedLong(address), bytes);
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalStateException(
                    "the guest's " + ALLOC + " returned a buffer outside of its memory: address "
                            + Integer.toUnsignedString(address) + ", length " + bytes.length,
                    e);
        }
        return address;
    }

    static long pack(int address, int length) {
        return (long) address << 32 | Integer.toUnsignedLong(length);
    }

    static int address(long packed) {
        return (int) (packed >>> 32);
    }

    static int length(long packed) {
        return (int) packed;
    }

    private static String readString(Caller caller, int address, int length) {
        return new String(readBytes(caller, address, length), StandardCharsets.UTF_8);
    }

    private static byte[] readBytes(Caller caller, int address, int length) {
        return Transfers.read(caller, address, length);
    }

    private static long writeString(Caller caller, String value) throws Throwable {
        return writeBytes(caller, value.getBytes(StandardCharsets.UTF_8));
    }

    private static long writeBytes(Caller caller, byte[] bytes) throws Throwable {
        if (caller.export(ALLOC).orElse(null) instanceof Func alloc && alloc.type().equals(ALLOC_TYPE)) {
            return pack(allocate(alloc.handle(), caller.memory(), bytes), bytes.length);
        }
        throw new IllegalStateException(
                "a host function gives the guest bytes, but the guest does not export " + ALLOC + " " + ALLOC_TYPE);
    }

    static boolean toBoolean(int value) {
        return value != 0;
    }

    static int fromBoolean(boolean value) {
        return value ? 1 : 0;
    }
}
