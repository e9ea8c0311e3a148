package org.sallyport.host.wasi;

import java.io.File;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.sallyport.Caller;
import org.sallyport.host.HostModule;
import org.sallyport.host.PluginIdentity;
import org.sallyport.wasi.Wasi;

/**
 * WASI preview 1 as a host module. A plugin whose grant allows {@code (sallyport.module=wasi_snapshot_preview1)} has all its
 * functions, and behind them what {@link WasiGrant} says: at first no directory, no variable, no time, no random numbers, and
 * output that goes nowhere. Thread-safe.
 *
 * <p>In OSGi it is a service; in plain Java hosts find it by themselves, and {@code builder.module(WasiModule.NAME, new
 * WasiModule(directory))} gives it a place for {@code data:}.
 */
public final class WasiModule implements HostModule {
    /** Under which plugins import it. */
    public static final String NAME = Wasi.MODULE;

    private static final MethodHandle ATTACH;

    static {
        try {
            ATTACH = MethodHandles.lookup().findStatic(
                    WasiModule.class, "attach", MethodType.methodType(void.class, PluginWasi.class, Caller.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own method", e);
        }
    }

    private final Places places;

    /** Without a place for {@code data:}. */
    public WasiModule() {
        this(() -> null);
    }

    /** @param data below it each plugin that is granted {@code data:} has a directory of its own */
    public WasiModule(Path data) {
        this(() -> data);
    }

    WasiModule(Supplier<@Nullable Path> data) {
        places = new Places(data);
    }

    @Override
    public String module() {
        return NAME;
    }

    @Override
    public Map<String, MethodHandle> functions(PluginIdentity plugin) {
        PluginWasi own = new PluginWasi(plugin, places);
        MethodHandle attach = ATTACH.bindTo(own);
        Map<String, MethodHandle> functions = new LinkedHashMap<>();
        Wasi.defaults().functions().forEach((name, handle) ->
                functions.put(name, MethodHandles.foldArguments(handle, attach)));
        return functions;
    }

    private static void attach(PluginWasi wasi, Caller caller) {
        wasi.attachTo(caller.store());
    }

    /** A service object of the framework's. */
    static @Nullable Path path(@Nullable File file) {
        return file == null ? null : file.toPath();
    }
}
