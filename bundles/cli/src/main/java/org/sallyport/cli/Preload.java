package org.sallyport.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sallyport.Engine;
import org.sallyport.EntityType;
import org.sallyport.ExportType;
import org.sallyport.Instance;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.wasi.Wasi;

/**
 * A module whose exports the main one imports under a name: a library, which WASI calls a reactor.
 *
 * @param as the import module that it stands for
 */
record Preload(String as, Module module) {
    static final String OPTION = "--preload";
    private static final String INITIALIZE = "_initialize";

    static void describe(Syntax syntax) {
        syntax.often(OPTION, "NAME=FILE", "Instantiate this module first; what it exports can be imported from NAME.");
    }

    /** Compiles what the line names. @return in its order; the caller closes the modules */
    static List<Preload> compile(Line line, Engine engine, Streams streams) throws IOException {
        Map<String, Preload> all = new LinkedHashMap<>();
        try {
            for (String text : line.all(OPTION)) {
                int equals = text.indexOf('=');
                if (equals < 0 || equals == text.length() - 1) {
                    throw new UsageException(OPTION + " " + HostText.shown(text) + ": expected NAME=FILE");
                }
                String as = text.substring(0, equals);
                if (as.equals(Wasi.MODULE) || all.containsKey(as)) {
                    throw new UsageException(OPTION + " " + HostText.shown(text) + ": there is a module of that name already");
                }
                ModuleFile file = ModuleFile.read(text.substring(equals + 1), streams);
                try (LongWork _ = LongWork.begin("compiling " + file.shortName(), streams)) {
                    all.put(as, new Preload(as, file.compile(engine)));
                }
            }
            return List.copyOf(all.values());
        } catch (IOException | RuntimeException | Error e) {
            all.values().forEach(made -> made.module.close());
            throw e;
        }
    }

    /** @param linker for the main module, which finds all instances */
    record Made(Linker linker, List<Instance> instances) {}

    /** Makes an instance of each, which finds those before it. */
    static Made instantiate(List<Preload> preloads, Wasi wasi, Engine engine, Store store) {
        List<Instance> made = new ArrayList<>();
        for (Preload preload : preloads) {
            if (preload.isPlain("_start")) {
                throw new FailureException(preload.module.name() + ": exports _start, so it is a program; a preloaded"
                        + " module is a library (a WASI reactor)");
            }
            Instance instance = wasi.withThreads(0).instantiate(linker(preloads, made, engine), preload.module, store);
            if (preload.isPlain(INITIALIZE)) {
                instance.func(INITIALIZE).call();
            }
            made.add(instance);
        }
        return new Made(linker(preloads, made, engine), made);
    }

    private static Linker linker(List<Preload> preloads, List<Instance> made, Engine engine) {
        Linker linker = engine.newLinker();
        for (int i = 0; i < made.size(); i++) {
            linker.define(preloads.get(i).as, made.get(i));
        }
        return linker;
    }

    private boolean isPlain(String function) {
        for (ExportType export : module.exports()) {
            if (export.name().equals(function) && export.type() instanceof EntityType.Func func) {
                return func.type().params().isEmpty() && func.type().results().isEmpty();
            }
        }
        return false;
    }
}
