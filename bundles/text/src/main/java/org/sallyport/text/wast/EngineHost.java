package org.sallyport.text.wast;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sallyport.AnyRef;
import org.sallyport.ArrayRef;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Func;
import org.sallyport.I31Ref;
import org.sallyport.Instance;
import org.sallyport.Linker;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StructRef;
import org.sallyport.StoreLimits;
import org.sallyport.text.Wat;
import org.sallyport.wasm.AddressType;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.CompositeType;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.MemoryType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StructType;
import org.sallyport.wasm.SubType;
import org.sallyport.wasm.ValType;

/**
 * Runs scripts on an engine: one store and one linker for a script. Closing it closes the store and what was compiled,
 * not the engine.
 */
public final class EngineHost implements ScriptHost<Module, Instance> {

    /** An object of the host that references of a script stand for. */
    private record HostObject(int number) {}

    private final Engine engine;
    private final Store store;
    private final Linker linker;
    private final List<Module> modules = new ArrayList<>();

    /** Offers the testsuite's module {@code spectest} as well. */
    public EngineHost(Engine engine) {
        this(engine, StoreLimits.DEFAULT);
    }

    public EngineHost(Engine engine, StoreLimits limits) {
        this.engine = engine;
        store = engine.newStore(limits);
        linker = engine.newLinker().allowShadowing(true);
        SpecTest.define(store, linker, engine.config().features());
    }

    /** The default settings with exactly these features: what an engine for a script needs. */
    public static Config config(Set<Feature> features) {
        Config config = Config.defaults();
        for (Feature feature : Feature.values()) {
            config = features.contains(feature) ? config.withFeature(feature) : config.withoutFeature(feature);
        }
        return config;
    }

    public Store store() {
        return store;
    }

    @Override
    public Module compile(byte[] binary) {
        Module module = engine.compile(binary, "script");
        modules.add(module);
        return module;
    }

    @Override
    public Instance instantiate(Module module) {
        return linker.link(module).instantiate(store);
    }

    @Override
    public void register(String name, Instance instance) {
        linker.define(name, instance);
    }

    @Override
    public List<Value> invoke(Instance instance, String function, List<Value> arguments) {
        Func func = instance.func(function);
        Object[] results = func.call(arguments.stream().map(EngineHost::toJava).toArray());
        List<ValType> types = func.type().results();
        if (results.length != types.size()) {
            throw new IllegalStateException(results.length + " results for " + func.type());
        }
        List<Value> values = new ArrayList<>();
        for (int i = 0; i < results.length; i++) {
            values.add(fromJava(results[i], types.get(i), instance));
        }
        return values;
    }

    @Override
    public Value get(Instance instance, String global) {
        var found = instance.global(global);
        return fromJava(found.get(), found.type().type(), instance);
    }

    private static @Nullable Object toJava(Value value) {
        return switch (value) {
            case Value.I32(int v) -> v;
            case Value.I64(long v) -> v;
            case Value.F32(int bits) -> Float.intBitsToFloat(bits);
            case Value.F64(long bits) -> Double.longBitsToDouble(bits);
            case Value.V128(long low, long high) -> new org.sallyport.V128(low, high);
            case Value.Null _ -> null;
            case Value.Host(int number, boolean _) -> new HostObject(number);
            case Value.Ref ref -> throw new IllegalArgumentException(ref + " is no argument");
        };
    }

    private static Value fromJava(@Nullable Object value, ValType type, Instance instance) {
        return switch (value) {
            case Integer v when type == NumType.I32 -> new Value.I32(v);
            case Long v when type == NumType.I64 -> new Value.I64(v);
            case Float v when type == NumType.F32 -> new Value.F32(Float.floatToRawIntBits(v));
            case Double v when type == NumType.F64 -> new Value.F64(Double.doubleToRawLongBits(v));
            case org.sallyport.V128(long low, long high) -> new Value.V128(low, high);
            case null -> new Value.Null(kind(type, instance));
            case Func _ -> new Value.Ref(HeapType.Abstract.FUNC);
            case AnyRef reference when kind(type, instance) != HeapType.Abstract.EXTERN -> new Value.Ref(kind(reference));
            case HostObject(int number) -> new Value.Host(number, kind(type, instance) == HeapType.Abstract.EXTERN);
            default -> {
                if (!(type instanceof RefType)) {
                    throw new IllegalStateException(value.getClass() + " for " + type);
                }
                yield new Value.Ref(kind(type, instance));
            }
        };
    }

    private static HeapType.Abstract kind(AnyRef reference) {
        return switch (reference) {
            case I31Ref _ -> HeapType.Abstract.I31;
            case StructRef _ -> HeapType.Abstract.STRUCT;
            case ArrayRef _ -> HeapType.Abstract.ARRAY;
            default -> HeapType.Abstract.ANY;
        };
    }

    /** The abstract kind of the references of a type. */
    private static HeapType.Abstract kind(ValType type, Instance instance) {
        return switch (type) {
            case RefType(boolean _, HeapType.Abstract kind) -> kind;
            case RefType(boolean _, HeapType.Concrete(int index)) ->
                kind(instance.store().engine().typeDefinition(index));
            default -> throw new IllegalStateException("null for " + type);
        };
    }

    private static HeapType.Abstract kind(SubType type) {
        CompositeType composite = type.composite();
        return switch (composite) {
            case FuncType _ -> HeapType.Abstract.FUNC;
            case StructType _ -> HeapType.Abstract.STRUCT;
            case ArrayType _ -> HeapType.Abstract.ARRAY;
        };
    }

    @Override
    public ScriptHost<Module, Instance> fork() {
        return new EngineHost(engine, store.limits());
    }

    /** An instance of this host's store that exports the shared memories of that one under the same names. */
    @Override
    public Instance share(Instance instance) {
        StringBuilder text = new StringBuilder("(module");
        Linker memories = engine.newLinker();
        int count = 0;
        for (String name : instance.exportNames()) {
            if (instance.export(name).orElseThrow() instanceof Memory memory && memory.type().shared()) {
                String number = Integer.toString(count++);
                memories.define("shared", number, memory.shared());
                text.append(" (import \"shared\" \"").append(number).append("\" (memory ").append(limits(memory.type()))
                        .append(")) (export ").append(string(name)).append(" (memory ").append(number).append("))");
            }
        }
        Module module = compile(Wat.compile(text.append(")").toString()));
        return memories.link(module).instantiate(store);
    }

    /** All bytes escaped. */
    private static String string(String name) {
        StringBuilder out = new StringBuilder("\"");
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            out.append('\\').append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return out.append('"').toString();
    }

    private static String limits(MemoryType type) {
        return (type.address() == AddressType.I64 ? "i64 " : "") + type.limits().min() + " " + type.limits().max() + " shared"
                + (type.pageSizeLog2() == MemoryType.PAGE_SIZE_LOG2 ? "" : " (pagesize " + (1L << type.pageSizeLog2()) + ")");
    }

    @Override
    public @Nullable String check() {
        String reason = store.poisonedBecause();
        return reason == null ? null : "the store is poisoned: " + reason;
    }

    @Override
    public void close() {
        store.close();
        modules.forEach(Module::close);
    }
}
