package org.sallyport.contract;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import org.sallyport.Caller;
import org.sallyport.Func;
import org.sallyport.Memory;
import org.sallyport.ValueException;
import org.sallyport.wasm.Printable;

/** A Java method as a host function: arguments come out of the guest, the result goes into it (docs/plugin-abi.md). */
public final class HostCall {
    private static final MethodHandle READ_COUNTED;
    private static final MethodHandle READ;
    private static final MethodHandle WRITE_COUNTED;
    private static final MethodHandle WRITE;
    private static final MethodHandle TO_BOOLEAN;
    private static final MethodHandle FROM_BOOLEAN;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            READ_COUNTED = lookup.findVirtual(
                    HostCall.class, "read", methodType(Object.class, Caller.class, int.class, int.class));
            READ = lookup.findVirtual(HostCall.class, "read", methodType(Object.class, Caller.class, int.class));
            WRITE_COUNTED =
                    lookup.findVirtual(HostCall.class, "writeCounted", methodType(long.class, Caller.class, Object.class));
            WRITE = lookup.findVirtual(HostCall.class, "write", methodType(int.class, Caller.class, Object.class));
            TO_BOOLEAN = lookup.findStatic(ScalarType.class, "toBoolean", methodType(boolean.class, int.class));
            FROM_BOOLEAN = lookup.findStatic(ScalarType.class, "fromBoolean", methodType(int.class, boolean.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own methods", e);
        }
    }

    private final ValueType.Buffered type;
    private final String where;

    private HostCall(ValueType.Buffered type, String where) {
        this.type = type;
        this.where = where;
    }

    /**
     * Turns a host function over Java types into one over wasm types with a {@link Caller} in front.
     *
     * @param name of the function, for messages
     */
    public static MethodHandle toRaw(MethodHandle function, Signature signature, String name) {
        MethodHandle h = signature.takesCaller() ? function : MethodHandles.dropArguments(function, 0, Caller.class);
        String host = "host function " + Printable.name(name);
        for (int i = signature.params().size(); i >= 1; i--) {
            ValueType type = signature.params().get(i - 1);
            if (type instanceof ValueType.Buffered buffered) {
                HostCall way = new HostCall(buffered, host + " was given");
                MethodHandle read = (buffered.isCounted() ? READ_COUNTED : READ).bindTo(way);
                h = MethodHandles.collectArguments(h, i, read.asType(read.type().changeReturnType(type.java)));
            } else if (!type.isPlain()) {
                h = MethodHandles.filterArguments(h, i, TO_BOOLEAN);
            }
        }
        ValueType result = signature.result();
        if (result instanceof ValueType.Buffered buffered) {
            HostCall way = new HostCall(buffered, "result of " + host);
            MethodHandle write = (buffered.isCounted() ? WRITE_COUNTED : WRITE).bindTo(way);
            h = MethodHandles.collectArguments(write.asType(write.type().changeParameterType(1, result.java)), 1, h);
        } else if (result != null && !result.isPlain()) {
            h = MethodHandles.filterReturnValue(h, FROM_BOOLEAN);
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
        return MethodHandles.permuteArguments(h, MethodType.methodType(h.type().returnType(), params), order);
    }

    private Object read(Caller caller, int address, int count) {
        return type.read(new Incoming(caller.memory(), Transfers.of(caller), where), address, count);
    }

    private Object read(Caller caller, int address) {
        return read(caller, address, 1);
    }

    private long writeCounted(Caller caller, Object value) throws Throwable {
        Image image = image(value);
        return Abi.pack(Abi.allocate(guest(caller), image), image.count());
    }

    private int write(Caller caller, Object value) throws Throwable {
        return Abi.allocate(guest(caller), image(value));
    }

    private Image image(Object value) {
        if (value == null) {
            throw new NullPointerException("null cannot cross into a guest: " + where);
        }
        return type.image(value, where);
    }

    private Guest guest(Caller caller) {
        if (caller.export(Abi.ALLOC).orElse(null) instanceof Func alloc && alloc.type().equals(Abi.ALLOC_TYPE)) {
            return new Calling(caller, alloc.handle());
        }
        throw new ValueException(where + " goes into the guest's memory, but the guest does not export " + Abi.ALLOC + " "
                + Abi.ALLOC_TYPE);
    }

    /** The guest that calls. */
    private record Calling(Caller caller, MethodHandle alloc) implements Guest {
        @Override
        public Memory memory() {
            return caller.memory();
        }

        @Override
        public @org.jspecify.annotations.Nullable MethodHandle free() {
            return null;
        }

        @Override
        public Transfers transfers() {
            return Transfers.of(caller);
        }
    }

    /** What a host function does that looks at the guest's memory and returns nothing, for rehearsals. */
    public static void look(Caller caller, int address, int length) {
        var _ = BlockType.of(byte[].class) instanceof BlockType bytes
                ? bytes.read(new Incoming(caller.memory(), Transfers.of(caller), "rehearsal"), address, length)
                : null;
    }
}
