package org.sallyport.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.CodeCache;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.EntityType;
import org.sallyport.Func;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.WasiProcess;
import org.sallyport.wasm.Printable;

/** Runs a module: a WASI command, or one exported function. The guest's exit status becomes ours. */
final class RunCommand extends Subcommand {
    private static final String START = "_start";
    private static final String INITIALIZE = "_initialize";
    private static final String COMPILE = "--compile";

    RunCommand() {
        super("run", "Run a WASI command, or one exported function of a module.");
    }

    @Override
    void describe(Syntax syntax) {
        syntax.often(
                "--dir", "HOST[::GUEST[::rw]]", "Let the guest see directory HOST as GUEST; read-only without rw.");
        syntax.often("--env", "NAME[=VALUE]", "Give the guest a variable; ours without VALUE.");
        syntax.option("--invoke", "FUNC", "Call this exported function with ARGS and print its results.");
        syntax.option("--max-memory", "SIZE", "Sum of the guest's memories, such as 512m; 4 GiB without.");
        syntax.option("--max-stack", "SIZE", "Stack of the guest's calls, 64k to 1g; 1 MiB without.");
        syntax.option("--timeout", "TIME", "Stop the guest after this time, such as 2s, with status 124.");
        syntax.flag("--plain-output", "Replace control characters in the guest's output, for guests not trusted.");
        syntax.flag("--verbose", "Say on standard error which back end runs and how long things take.");
        syntax.option(COMPILE, "WHEN", "eager: all before the run, as without this option. lazy: each function when it"
                + " is first called. background: as lazy, and all of them beside the run.");
        EngineOptions.describe(syntax);
        CacheOptions.describe(syntax);
        syntax.file("Module in any format, also compiled; - is standard input.");
        syntax.guestArguments("Arguments of the guest; all that follows FILE.");
    }

    @Override
    int execute(Line line, Streams streams) throws IOException {
        String file = line.file();
        List<String> args = line.rest();
        Wasi wasi = wasi(line, streams, file, args);
        StoreLimits limits = limits(line);
        Config config = EngineOptions.config(line)
                .withDefaultLimits(limits)
                .withCompilation(compilation(line));
        Progress progress = new Progress(line.has("--verbose"), streams.err());
        ModuleFile source = ModuleFile.read(file, streams);
        try (Engine engine = CacheOptions.engine(config, line, streams.err())) {
            progress.say("back end: " + engine.backEnd());
            progress.done("engine");
            try (Module module = source.compile(engine)) {
                progress.done("module " + module.name());
                Guest guest = new Guest(module, wasi, line.value("--invoke"), args, streams, progress);
                String timeout = line.value("--timeout");
                return timeout.isEmpty() ? guest.run(engine) : stopped(engine, guest, parse("--timeout", timeout));
            }
        }
    }

    private static int stopped(Engine engine, Guest guest, Duration timeout) throws IOException {
        try {
            return CallContext.withTimeout(timeout, () -> guest.run(engine));
        } catch (GuestInterruptedException e) {
            long ms = timeout.toMillis();
            guest.streams.err().println("sallyport: timeout: the guest was stopped after " + ms + " ms");
            return ExitStatus.TIMEOUT;
        }
    }

    /** A module on its way to be an instance. */
    private record Guest(
            Module module, Wasi wasi, String invoke, List<String> args, Streams streams, Progress progress) {

        int run(Engine engine) throws IOException {
            String function = entry();
            try (Store store = engine.newStore();
                    WasiProcess _ = wasi.attachTo(store)) {
                Instance instance = wasi.addTo(engine.newLinker(), module).link(module).instantiate(store);
                progress.done("instance");
                if (exports(module, INITIALIZE)) {
                    instance.func(INITIALIZE).call();
                }
                if (function.equals(START)) {
                    instance.func(START).call();
                } else if (!function.equals(INITIALIZE)) {
                    invoke(instance.func(function));
                }
                return ExitStatus.OK;
            } finally {
                progress.done("run");
                progress.say(engine.codeCache());
            }
        }

        private String entry() {
            if (!invoke.isEmpty()) {
                return invoke;
            }
            for (String name : List.of(START, INITIALIZE)) {
                if (exports(module, name)) {
                    return name;
                }
            }
            throw new FailureException(module.name() + ": exports neither _start nor _initialize, so it is no WASI "
                    + "command; call a function with --invoke: " + functions(module));
        }

        private void invoke(Func function) {
            Object[] results = function.call(Values.parse(function.name(), function.type(), args));
            for (Object result : results) {
                streams.out().println(Values.print(result));
            }
            streams.out().flush();
        }
    }

    private static boolean exports(Module module, String function) {
        return module.exports().stream()
                .anyMatch(e -> e.name().equals(function) && e.type() instanceof EntityType.Func);
    }

    private static String functions(Module module) {
        String names = module.exports().stream()
                .filter(e -> e.type() instanceof EntityType.Func)
                .map(export -> Printable.name(export.name()))
                .limit(20)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "it exports none" : names;
    }

    // ---- options

    private static Wasi wasi(Line line, Streams streams, String file, List<String> args) {
        List<String> all = new ArrayList<>();
        all.add(file);
        all.addAll(args);
        Wasi wasi = streams.give(Wasi.defaults()).withArgs(all).withPlainOutput(line.has("--plain-output"));
        for (String variable : line.all("--env")) {
            int equals = variable.indexOf('=');
            String name = equals < 0 ? variable : variable.substring(0, equals);
            String value = equals < 0 ? System.getenv(variable) : variable.substring(equals + 1);
            if (name.isEmpty()) {
                throw new UsageException("--env " + variable + ": the name is missing");
            }
            wasi = value == null ? wasi : wasi.withEnv(name, value);
        }
        for (String directory : line.all("--dir")) {
            wasi = wasi.withPreopen(preopen(directory));
        }
        return wasi;
    }

    static Preopen preopen(String text) {
        String[] parts = text.split("::", -1);
        String guest = parts.length > 1 ? parts[1] : parts[0];
        boolean writable = parts.length == 3 && parts[2].equals("rw");
        boolean readable = parts.length < 3 || parts[2].equals("ro");
        if (parts.length > 3 || parts[0].isEmpty() || guest.isEmpty() || !(writable || readable)) {
            throw new UsageException("--dir " + text + ": expected HOST, HOST::GUEST or HOST::GUEST::rw");
        }
        return new Preopen(Path.of(parts[0]), guest, writable ? Preopen.Access.READ_WRITE : Preopen.Access.READ_ONLY);
    }

    private static StoreLimits limits(Line line) {
        StoreLimits limits = StoreLimits.DEFAULT;
        long memory = bytes(line, "--max-memory", limits.memoryBytes());
        long stack = bytes(line, "--max-stack", limits.stackBytes());
        try {
            return limits.withMemoryBytes(memory).withStackBytes((int) Math.min(stack, Integer.MAX_VALUE));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--max-stack: " + line.value("--max-stack") + " is not from 64k to 1g");
        }
    }

    private static long bytes(Line line, String option, long otherwise) {
        try {
            return line.has(option) ? Quantity.bytes(line.value(option)) : otherwise;
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage());
        }
    }

    private static Compilation compilation(Line line) {
        if (!line.has(COMPILE)) {
            return Compilation.EAGER;
        }
        String when = line.value(COMPILE);
        return switch (when) {
            case "eager" -> Compilation.EAGER;
            case "lazy" -> Compilation.LAZY;
            case "background" -> Compilation.BACKGROUND;
            default -> throw new UsageException(COMPILE + " " + when + ": expected eager, lazy or background");
        };
    }

    private static Duration parse(String option, String text) {
        try {
            return Quantity.duration(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage());
        }
    }

    /** Times for {@code --verbose}. */
    private static final class Progress {
        private final boolean verbose;
        private final PrintStream err;
        private long since = System.nanoTime();

        Progress(boolean verbose, PrintStream err) {
            this.verbose = verbose;
            this.err = err;
        }

        void say(String text) {
            if (verbose) {
                err.println("sallyport: " + text);
            }
        }

        void say(@Nullable CodeCache cache) {
            if (verbose) {
                say(cache == null ? "no code cache" : "code cache: " + cache.statistics());
            }
        }

        void done(String step) {
            if (verbose) {
                long now = System.nanoTime();
                say(String.format(Locale.ROOT, "%-30s %9.3f ms", step, (now - since) / 1e6));
                since = now;
            }
        }
    }
}
