package org.sallyport.host.core;

import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.sallyport.Engine;
import org.sallyport.EntityType;
import org.sallyport.ImportType;
import org.sallyport.Instance;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.contract.Abi;
import org.sallyport.contract.JavaContract;
import org.sallyport.contract.Signature;
import org.sallyport.contract.Transfers;
import org.sallyport.wasm.FuncType;

/**
 * Has every method of a contract called before anybody else can call it: in a fresh JVM the first call through a chain
 * of method handles loads, links and makes classes for some 50 ms, which are no work of the guest's and must not be
 * counted as such.
 *
 * <p>The plugin is not asked: a call of its code is the application's business. A <em>stand-in</em> is, a module of the
 * same types, whose exports call imports of the types that the plugin's have and return constants. What it warms is
 * shared by types: handles of the contract, entries, the host's side of imports, the way of deadlines.
 */
final class Rehearsal {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final long FUEL = 1_000_000_000;
    /** Import types that are rehearsed; few modules have more. */
    private static final int MOST_IMPORTS = 200;

    private final Engine engine;
    private final Module module;

    /** @param module the plugin's */
    Rehearsal(Engine engine, Module module) {
        this.engine = engine;
        this.module = module;
    }

    /**
     * As {@link PluginCalls#implement}, and rehearsed.
     *
     * @throws org.sallyport.BindException lists every method without a fitting export
     */
    <T> T implement(Class<T> contract, ToIntFunction<String> indices, PluginCalls.Gate gate, String name) {
        Entrance entrance = new Entrance(gate, engine.config().compile().fuel());
        T made = PluginCalls.implement(contract, module, indices, entrance, name);
        rehearseIfPossible(contract, made, entrance);
        return made;
    }

    /**
     * As {@link PluginCalls#define}, and rehearsed.
     *
     * @throws org.sallyport.BindException likewise
     */
    <T> Function<PluginCalls.Gate, T> define(
            Class<T> contract, ToIntFunction<String> indices, PluginCalls.Gate gate, String name) {
        Function<PluginCalls.Gate, T> constructor = PluginCalls.define(contract, module, indices, name);
        Entrance entrance = new Entrance(gate, engine.config().compile().fuel());
        rehearseIfPossible(contract, constructor.apply(entrance), entrance);
        return constructor;
    }

    private void rehearseIfPossible(Class<?> contract, Object made, Entrance entrance) {
        try {
            rehearse(contract, made, entrance);
        } catch (Exception e) { // it only makes the first call faster
            LOG.log(System.Logger.Level.DEBUG, () -> "no rehearsal of " + contract.getName() + " for " + made, e);
        } finally {
            entrance.standIn = null;
        }
    }

    /** Leads to the stand-in during the rehearsal, when nobody else knows the object, and to the plugin ever after. */
    private static final class Entrance implements PluginCalls.Gate {
        private final PluginCalls.Gate plugin;
        private @Nullable GuestInstance standIn;
        private final boolean counts;
        private boolean timed;

        /** @param counts whether the engine counts fuel */
        Entrance(PluginCalls.Gate plugin, boolean counts) {
            this.plugin = plugin;
            this.counts = counts;
        }

        @Override
        public @Nullable Duration timeout() {
            return standIn == null ? plugin.timeout() : timed ? TIMEOUT : null;
        }

        @Override
        public long fuel() {
            return standIn == null ? plugin.fuel() : timed && counts ? FUEL : -1;
        }

        @Override
        public GuestInstance enter() {
            GuestInstance instead = standIn;
            return instead == null ? plugin.enter() : instead;
        }

        @Override
        public void leave(@Nullable Throwable failure, GuestInstance instance) {
            if (standIn == null) {
                plugin.leave(failure, instance);
            }
        }
    }

    private void rehearse(Class<?> contract, Object made, Entrance entrance) throws Exception {
        List<JavaContract.Operation> methods = JavaContract.operations(contract);
        Map<String, FuncType> exports = new LinkedHashMap<>();
        for (JavaContract.Operation method : methods) {
            exports.put(method.name(), Signature.ofExport(method.method()).type());
        }
        exports.put(Abi.ALLOC, Abi.ALLOC_TYPE);
        exports.put(Abi.FREE, Abi.FREE_TYPE);
        List<FuncType> imports = importTypes();
        StoreLimits limits = StoreLimits.DEFAULT.withMemoryBytes(1 << 16);
        try (Module standIn = engine.compile(StandIn.module(imports, exports), "rehearsal");
                Store store = engine.newStore(limits)) {
            Linker linker = engine.newLinker();
            for (int i = 0; i < imports.size(); i++) {
                MethodType type = ImportBinding.handleType(imports.get(i));
                linker.define(StandIn.IMPORTS, StandIn.name(i), ImportBinding.standIn(type));
            }
            Transfers transfers = Transfers.of(store);
            Instance instance = linker.link(standIn).instantiate(store);
            entrance.standIn = new GuestInstance(0, store, instance, transfers);
            for (JavaContract.Operation method : methods) {
                for (boolean timed : new boolean[] {true, false}) {
                    entrance.timed = timed;
                    call(method.method(), made);
                }
            }
        }
    }

    private static void call(Method method, Object made) throws IllegalAccessException {
        Object[] args = new Object[method.getParameterCount()];
        for (int i = 0; i < args.length; i++) {
            args[i] = example(method.getParameterTypes()[i]);
        }
        try {
            method.invoke(made, args);
        } catch (InvocationTargetException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "rehearsal of " + method, e.getCause());
        }
    }

    private static Object example(Class<?> type) {
        if (type == String.class) {
            return "a";
        }
        if (type == List.class) {
            return List.of();
        }
        return type.isArray()
                ? Array.newInstance(type.getComponentType(), 1)
                : Array.get(Array.newInstance(type, 1), 0); // null for a record: the call ends early
    }

    private List<FuncType> importTypes() {
        Set<FuncType> types = new LinkedHashSet<>();
        for (ImportType wanted : module.imports()) {
            if (types.size() < MOST_IMPORTS
                    && wanted.type() instanceof EntityType.Func func
                    && Signature.javaType(func.type()) != null) {
                types.add(new FuncType(func.type().params(), func.type().results()));
            }
        }
        return List.copyOf(types);
    }
}
