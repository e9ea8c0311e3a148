package org.sallyport.itests.support.random;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.Engine;
import org.sallyport.GuestException;
import org.sallyport.Instance;
import org.sallyport.InvalidModuleException;
import org.sallyport.LimitExceededException;
import org.sallyport.LinkException;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.OutOfFuelException;
import org.sallyport.SallyportException;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.Tag;
import org.sallyport.TrapCode;
import org.sallyport.TrapException;
import org.sallyport.WasmException;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;

/** Runs a plan in one of our engines, with the functions of the host that random modules import. */
public final class OurEngine {
    private static final RefType ANY = new RefType(true, HeapType.Abstract.ANY);
    private static final RefType EXTERN = new RefType(true, HeapType.Abstract.EXTERN);
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final long ENOUGH = 1L << 40;
    private static final int OF_NULL = -7;
    private static final int OF_OTHERS = -9;

    private final Engine engine;
    private final Consumer<Store> atEnd;
    /** The main module's instance, once it is there. */
    private @Nullable Instance main;
    private int functions;

    private OurEngine(Engine engine, Consumer<Store> atEnd) {
        this.engine = engine;
        this.atEnd = atEnd;
    }

    /**
     * Lines as {@link Plan} describes them. An engine that counts gives every third call little fuel, the others enough; what is
     * left is part of the lines.
     */
    public static List<String> run(Engine engine, List<byte[]> binaries, Plan plan) {
        return run(engine, StoreLimits.DEFAULT, binaries, plan, _ -> {});
    }

    /** @param atEnd is given the store before it is closed */
    public static List<String> run(
            Engine engine, StoreLimits limits, List<byte[]> binaries, Plan plan, Consumer<Store> atEnd) {
        return CallContext.withTimeout(LIMIT, () -> new OurEngine(engine, atEnd).lines(limits, binaries, plan));
    }

    private List<String> lines(StoreLimits limits, List<byte[]> binaries, Plan plan) {
        List<String> lines = new ArrayList<>();
        List<Module> modules = new ArrayList<>();
        functions = plan.functions();
        try (Store store = engine.newStore(limits)) {
            Linker linker = linker();
            try {
                for (byte[] binary : binaries) {
                    Module module = engine.compile(binary);
                    modules.add(module);
                    if (main != null) {
                        linker.define("lib", main);
                    }
                    main = linker.link(module).instantiate(store);
                }
            } catch (InvalidModuleException | LinkException e) {
                return List.of("refused " + e.getMessage());
            } catch (TrapException e) {
                return List.of(trap(e));
            }
            boolean state = main.export("state").isPresent();
            for (Plan.Call call : plan.calls()) {
                fuel(store, lines.size() % 3 == 2 ? call.arguments().length * 431L : ENOUGH);
                lines.add(call(call) + left(store));
                fuel(store, ENOUGH);
                if (state) {
                    lines.add("state " + state() + left(store));
                }
            }
            if (store.poisonedBecause() != null) {
                lines.add("poisoned");
            }
            atEnd.accept(store);
        } finally {
            modules.forEach(Module::close);
        }
        return lines;
    }

    private void fuel(Store store, long fuel) {
        if (engine.config().compile().fuel()) {
            store.setFuel(fuel);
        }
    }

    private String left(Store store) {
        return engine.config().compile().fuel() ? ", fuel " + store.fuel() : "";
    }

    private String call(Plan.Call call) {
        Signature type = call.type();
        Object[] arguments = IntStream.range(0, call.arguments().length)
                .mapToObj(i -> box(type.params().get(i), call.arguments()[i])).toArray();
        try {
            Object[] results = main.func(call.name()).call(arguments);
            List<String> shown = new ArrayList<>();
            for (int i = 0; i < results.length; i++) {
                shown.add(Plan.show(type.results().get(i), bits(results[i])));
            }
            return String.join(" ", shown);
        } catch (GuestException | LimitExceededException e) {
            return end(e);
        }
    }

    private String state() {
        try {
            return Long.toHexString((long) main.func("state").call()[0]);
        } catch (GuestException | LimitExceededException e) {
            return end(e);
        }
    }

    // ---- ends

    private String end(SallyportException e) {
        return switch (e) {
            case TrapException trap -> trap(trap);
            case WasmException thrown -> exception(thrown);
            case OutOfFuelException _ -> "out of fuel";
            case LimitExceededException limit -> "limit " + limit.limit();
            default -> throw e;
        };
    }

    private static String trap(TrapException e) {
        TrapCode code = e.code();
        return "trap " + switch (code) {
            case UNREACHABLE -> "unreachable";
            case MEMORY_OUT_OF_BOUNDS -> "memory";
            case TABLE_OUT_OF_BOUNDS, UNDEFINED_ELEMENT -> "table";
            case UNINITIALIZED_ELEMENT, INDIRECT_CALL_TYPE_MISMATCH -> "callee";
            case INTEGER_DIVIDE_BY_ZERO -> "zero";
            case INTEGER_OVERFLOW, INVALID_CONVERSION -> "range";
            case STACK_OVERFLOW -> "stack";
            case NULL_REFERENCE, NULL_FUNCTION_REFERENCE -> "null";
            case CAST_FAILURE -> "cast";
            case ARRAY_OUT_OF_BOUNDS -> "array";
            case UNALIGNED_ATOMIC -> "unaligned";
            case EXPECTED_SHARED_MEMORY -> "shared";
            case OUT_OF_FUEL -> "fuel";
        };
    }

    private String exception(WasmException e) {
        for (int i = 0; main.export("x" + i).orElse(null) instanceof Tag tag; i++) {
            if (tag.equals(e.tag())) {
                StringBuilder out = new StringBuilder("exception " + i);
                for (int k = 0; i < 3 && k < e.values().size(); k++) {
                    out.append(' ').append(Plan.show(tag.type().params().get(k).toString(), bits(e.values().get(k))));
                }
                return out.toString();
            }
        }
        return "exception of another tag";
    }

    // ---- numbers

    private static Object box(String type, long bits) {
        return switch (type) {
            case "i32" -> (Object) (int) bits;
            case "i64" -> bits;
            case "f32" -> Float.intBitsToFloat((int) bits);
            default -> Double.longBitsToDouble(bits);
        };
    }

    private static long bits(@Nullable Object value) {
        return switch (value) {
            case Integer v -> v;
            case Long v -> v;
            case Float v -> Float.floatToRawIntBits(v);
            case Double v -> Double.doubleToRawLongBits(v);
            case null, default -> throw new IllegalArgumentException(String.valueOf(value));
        };
    }

    // ---- the host

    private Linker linker() {
        return engine.newLinker()
                .define("host", "h0", handle("h0", int.class, int.class, int.class))
                .define("host", "h1", handle("h1", long.class, long.class))
                .define("host", "h2", FuncType.of(List.of(NumType.F64, NumType.F32), NumType.F64),
                        (_, args) -> new Object[] {(double) args[0] * 0.5 - (float) args[1]})
                .define("host", "back", FuncType.of(List.of(NumType.I32, NumType.I64), NumType.I64),
                        (_, args) -> main.func("n" + Integer.remainderUnsigned((int) args[0], functions))
                                .call(args[0], args[1], 0.5))
                .define("host", "wrap", FuncType.of(List.of(NumType.I32), EXTERN), (_, args) -> new Object[] {args[0]})
                .define("host", "unwrap", FuncType.of(List.of(EXTERN), NumType.I32), (_, args) -> new Object[] {
                    args[0] == null ? OF_NULL : args[0] instanceof Integer v ? v : OF_OTHERS})
                .define("host", "raise", FuncType.of(List.of(NumType.I32), NumType.I32), (_, args) -> {
                    int a = (int) args[0];
                    if ((a & 7) == 0) {
                        throw new WasmException((Tag) main.export("x0").orElseThrow(), a);
                    }
                    return new Object[] {a * 3};
                })
                .define("host", "pass", FuncType.of(List.of(NumType.I32, ANY), ANY),
                        (_, args) -> new Object[] {((int) args[0] & 1) == 1 ? args[1] : null});
    }

    private static MethodHandle handle(String name, Class<?> result, Class<?>... params) {
        try {
            return MethodHandles.lookup().findStatic(OurEngine.class, name, MethodType.methodType(result, params));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    static int h0(int a, int b) {
        return a * 31 + Integer.rotateLeft(b, 5);
    }

    static long h1(long a) {
        return a ^ a >>> 7;
    }
}
