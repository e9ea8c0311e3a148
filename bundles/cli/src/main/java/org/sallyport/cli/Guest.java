package org.sallyport.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sallyport.Engine;
import org.sallyport.EntityType;
import org.sallyport.ExportType;
import org.sallyport.Func;
import org.sallyport.GuestException;
import org.sallyport.GuestExitException;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.SallyportException;
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
 * @param dump file for a core dump, or null
 */
record Guest(
        Module module,
        List<Preload> preloads,
        Wasi wasi,
        @Nullable String chosen,
        @Nullable String dump,
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
        List<Instance> made = new ArrayList<>();
        try {
            Preload.Made before = Preload.instantiate(preloads, wasi, engine, store);
            made.addAll(before.instances());
            Instance instance = wasi.instantiate(before.linker(), module, store);
            made.add(instance);
            times.done("instance");
            process.run(() -> call(instance, function, initialize));
        } catch (GuestException e) {
            dump(e, made);
            throw e;
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

    /** Writes a core dump, if the line asks for one and the guest did not end by itself. */
    private void dump(GuestException failure, List<Instance> instances) {
        if (dump == null || failure instanceof GuestExitException) {
            return;
        }
        if (instances.size() <= preloads.size()) {
            streams.say("no core dump: the guest failed before it was an instance");
            return;
        }
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(HostPath.of(dump)))) {
            CoreDumpWriter.write(module.name(), failure, instances, out);
        } catch (IOException e) {
            streams.say("no core dump: " + Failures.named(dump, e).getMessage());
            return;
        } catch (FailureException | SallyportException e) {
            streams.say("no core dump: " + e.getMessage());
            return;
        }
        streams.say("core dumped to " + HostText.shown(dump) + "; \"sallyport inspect\" shows it");
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
