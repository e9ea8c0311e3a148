package org.sallyport.cli;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sallyport.Engine;
import org.sallyport.EntityType;
import org.sallyport.ExportType;
import org.sallyport.Func;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.WasiProcess;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.Printable;

/**
 * A module on its way to be an instance.
 *
 * @param preloads what it can import besides WASI
 * @param chosen the export to call, or null for what WASI calls
 */
record Guest(
        Module module,
        List<Preload> preloads,
        Wasi wasi,
        @Nullable String chosen,
        List<String> args,
        Streams streams,
        StepTimes times) {
    private static final String START = "_start";
    private static final String INITIALIZE = "_initialize";

    int run(Engine engine) throws IOException {
        String function = entry();
        boolean initialize = has(INITIALIZE) && !(function.equals(INITIALIZE) && !isPlain(INITIALIZE));
        if (initialize) {
            refuseUnlessPlain(INITIALIZE);
        }
        try (Store store = engine.newStore();
                WasiProcess process = wasi.attachTo(store)) {
            call(engine, store, process, function, initialize);
            return ExitStatus.OK;
        } finally {
            times.done("run");
            times.say(engine.codeCache());
        }
    }

    private void call(Engine engine, Store store, WasiProcess process, String function, boolean initialize) {
        try {
            Instance instance = wasi.instantiate(Preload.instantiate(preloads, wasi, engine, store), module, store);
            times.done("instance");
            process.run(() -> call(instance, function, initialize));
        } finally {
            sayFuel(store);
            sayHeap(store);
        }
    }

    /** Says what structures and arrays are left, unless the guest was stopped. */
    private void sayHeap(Store store) {
        if (times.isVerbose() && store.poisonedBecause() == null) {
            HeapReport.lines(store.heap().statistics()).forEach(times::say);
        }
    }

    /** Says what was used, if it is counted. */
    private void sayFuel(Store store) {
        if (store.engine().config().compile().fuel()) {
            times.say("fuel used: " + (store.limits().fuel() - store.fuel()));
        }
    }

    private void call(Instance instance, String function, boolean initialize) {
        if (initialize) {
            instance.func(INITIALIZE).call();
        }
        if (function.equals(START) && isPlain(START)) {
            instance.func(START).call();
        } else if (!(function.equals(INITIALIZE) && initialize)) {
            invoke(instance.func(function));
        }
    }

    private String entry() {
        if (chosen != null) {
            return chosen;
        }
        for (String name : List.of(START, INITIALIZE)) {
            if (has(name)) {
                refuseUnlessPlain(name);
                return name;
            }
        }
        throw new FailureException(module.name() + ": exports neither _start nor _initialize, so it is no WASI "
                + "command; call a function with --invoke: " + functions(module));
    }

    private boolean has(String function) {
        return typeOf(function) != null;
    }

    /** Whether it takes and gives nothing, as WASI wants the functions to be that it calls. */
    private boolean isPlain(String function) {
        FuncType type = typeOf(function);
        return type != null && type.params().isEmpty() && type.results().isEmpty();
    }

    private void refuseUnlessPlain(String function) {
        if (!isPlain(function)) {
            throw new FailureException(module.name() + ": " + function + " is a function " + typeOf(function)
                    + ", but what WASI calls takes and gives nothing; call it yourself with --invoke " + function);
        }
    }

    private @Nullable FuncType typeOf(String function) {
        for (ExportType export : module.exports()) {
            if (export.name().equals(function) && export.type() instanceof EntityType.Func func) {
                return func.type();
            }
        }
        return null;
    }

    private void invoke(Func function) {
        Object[] results = function.call(Values.parse(function.name(), function.type(), args));
        for (Object result : results) {
            streams.out().println(Values.print(result));
        }
    }

    private static String functions(Module module) {
        String names = module.exports().stream()
                .filter(e -> e.type() instanceof EntityType.Func)
                .map(export -> export.name().isEmpty() ? "\"\"" : Printable.name(export.name()))
                .limit(20)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "it exports none" : names;
    }
}
