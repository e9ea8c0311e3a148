package org.sallyport.contract;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Printable;

/**
 * A call of an export as a Java method: arguments go into the guest, the result comes out (docs/plugin-abi.md). Over numbers
 * only, it is a chain of method handles that the JIT compiles into the caller; others are boxed.
 */
public final class ExportCall {
    private static final MethodHandle INVOKE;
    private static final MethodHandle TO_BOOLEAN;
    private static final MethodHandle FROM_BOOLEAN;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            INVOKE = lookup.findVirtual(
                    ExportCall.class, "invoke", methodType(Object.class, Guest.class, Object[].class));
            TO_BOOLEAN = lookup.findStatic(ScalarType.class, "toBoolean", methodType(boolean.class, int.class));
            FROM_BOOLEAN = lookup.findStatic(ScalarType.class, "fromBoolean", methodType(int.class, boolean.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own methods", e);
        }
    }

    private final Signature signature;
    private final String export;
    private final String where;
    /** The export, {@code (Guest, Object[])Object} over wasm types. */
    private final MethodHandle spread;

    private ExportCall(Signature signature, String export, MethodHandle raw) {
        this.signature = signature;
        this.export = "export \"" + Printable.name(export) + "\"";
        this.where = this.export + " returned";
        int count = raw.type().parameterCount() - 1;
        this.spread = raw.asType(MethodType.genericMethodType(count + 1).changeParameterType(0, Guest.class))
                .asSpreader(Object[].class, count);
    }

    /**
     * @param type of the Java method
     * @param export its name, for messages
     * @param raw calls the export: {@code (G, W…)w} over wasm types, where G is a {@link Guest}
     * @return {@code (G, A…)R} over Java types
     */
    public static MethodHandle of(MethodType type, Signature signature, String export, MethodHandle raw) {
        if (hasBuffers(signature)) {
            return INVOKE.bindTo(new ExportCall(signature, export, raw))
                    .asCollector(Object[].class, type.parameterCount())
                    .asType(type.insertParameterTypes(0, raw.type().parameterType(0)));
        }
        MethodHandle call = raw;
        for (int i = 0; i < type.parameterCount(); i++) {
            if (type.parameterType(i) == boolean.class) {
                call = MethodHandles.filterArguments(call, i + 1, FROM_BOOLEAN);
            }
        }
        return type.returnType() == boolean.class ? MethodHandles.filterReturnValue(call, TO_BOOLEAN) : call;
    }

    private static boolean hasBuffers(Signature signature) {
        return signature.result() instanceof ValueType.Buffered || signature.needsAllocator(false);
    }

    private @Nullable Object invoke(Guest guest, Object[] args) throws Throwable {
        guest.transfers().begin();
        try {
            return invokeCounted(guest, args);
        } finally {
            guest.transfers().end();
        }
    }

    /** Buffers made for arguments are given back to the guest afterwards. */
    private @Nullable Object invokeCounted(Guest guest, Object[] args) throws Throwable {
        Object[] raw = new Object[args.length * 2];
        int[] buffers = new int[args.length * 2];
        int passed = 0;
        int made = 0;
        for (int i = 0; i < args.length; i++) {
            ValueType param = signature.params().get(i);
            if (param instanceof ValueType.Buffered type) {
                Image image = type.image(notNull(args[i], i), "argument " + i + " of " + export);
                int address = Abi.allocate(guest, image);
                raw[passed++] = address;
                if (type.isCounted()) {
                    raw[passed++] = image.count();
                }
                buffers[made++] = address;
                buffers[made++] = image.length();
            } else {
                raw[passed++] = param.java == boolean.class ? (Object) ScalarType.fromBoolean((boolean) args[i]) : args[i];
            }
        }
        Object result = spread.invokeExact(guest, Arrays.copyOf(raw, passed));
        Object value = lift(guest, result);
        MethodHandle free = made == 0 ? null : guest.free();
        if (free != null) {
            for (int i = 0; i < made; i += 2) {
                free.invokeExact(buffers[i], buffers[i + 1]);
            }
        }
        return value;
    }

    private Object notNull(@Nullable Object arg, int position) {
        if (arg == null) {
            throw new NullPointerException("null cannot cross into a guest: argument " + position + " of " + export);
        }
        return arg;
    }

    private @Nullable Object lift(Guest guest, @Nullable Object result) throws Throwable {
        if (signature.result() instanceof ScalarType scalar && scalar.isBoolean()) {
            return ScalarType.toBoolean((int) result);
        }
        if (!(signature.result() instanceof ValueType.Buffered type)) {
            return result;
        }
        int address = type.isCounted() ? Abi.address((long) result) : (int) result;
        int count = type.isCounted() ? Abi.length((long) result) : 1;
        Object value = type.read(new Incoming(guest.memory(), guest.transfers(), where), address, count);
        MethodHandle free = guest.free();
        if (free != null) {
            free.invokeExact(address, type.length(count));
        }
        return value;
    }
}
