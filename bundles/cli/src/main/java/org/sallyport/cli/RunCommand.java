package org.sallyport.cli;

import java.io.IOException;
import java.math.BigDecimal;
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
import org.sallyport.ExportType;
import org.sallyport.Func;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Instance;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.StoreLimits;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.WasiProcess;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.Printable;

/** Runs a module: a WASI command, or one exported function. The guest's exit status becomes ours. */
final class RunCommand extends Subcommand {
    private static final String START = "_start";
    private static final String INITIALIZE = "_initialize";
    private static final String COMPILE = "--compile";
    private static final String INVOKE = "--invoke";
    private static final String THREADS = "--threads";
    private static final int DEFAULT_THREADS = 64;
    private static final String TIMEOUT = "--timeout";

    RunCommand() {
        super("run", "Run a WASI command, or one exported function of a module.");
    }

    @Override
    void describe(Syntax syntax) {
        syntax.often(
                "--dir", "HOST[::GUEST[::rw]]", "Let the guest see directory HOST as GUEST; read-only without rw.");
        syntax.often("--env", "NAME[=VALUE]", "Give the guest a variable; ours without VALUE.");
        syntax.option(INVOKE, "FUNC", "Call this exported function with ARGS and print its results.");
        syntax.option("--max-memory", "SIZE", "Sum of the guest's memories, such as 512m; 4 GiB without.");
        syntax.option("--max-stack", "SIZE", "Stack of the guest's calls, 64k to 1g; 1 MiB without.");
        syntax.option("--max-exceptions", "SIZE", "Java heap for the exceptions that the guest refers to; 16 MiB without.");
        syntax.option(THREADS, "N", "Threads that the guest may have besides the main one; 64 without, 0 for none. It can start"
                + " none while fuel is counted.");
        syntax.option(TIMEOUT, "TIME", "Stop the guest after this time, such as 2s, with status 124.");
        syntax.option(EngineOptions.FUEL, "NUMBER", "Stop the guest when it has executed so many instructions, such as 50M, with"
                + " status 123. Counts them, as --count-fuel does; --verbose says how many there were.");
        syntax.flag("--plain-output", "Replace control characters in the guest's output, for guests not trusted.");
        syntax.flag("--verbose", "Say on standard error which back end runs, how long things take, and which structures and"
                + " arrays live at the end.");
        syntax.option(COMPILE, "WHEN", "eager: all before the run, as where a cache keeps it. lazy: each function when it"
                + " is first called. background: as lazy, and all of them beside the run, as with --no-cache.");
        EngineOptions.describe(syntax);
        CacheOptions.describe(syntax);
        syntax.file("Module in any format, also compiled; - is standard input.");
        syntax.guestArguments("Arguments of the guest; all that follows FILE.");
    }

    @Override
    int execute(Line line, Streams streams) throws IOException {
        Progress progress = new Progress(line.has("--verbose"), streams);
        CacheOptions.prepare(line);
        String file = line.file();
        List<String> args = line.rest();
        Wasi wasi;
        try {
            wasi = wasi(line, streams, file, args);
        } catch (IllegalArgumentException e) { // only embedders can say what is no argument of any process
            throw new UsageException(String.valueOf(e.getMessage()));
        }
        Duration timeout = timeout(line);
        StoreLimits limits = limits(line);
        Config config = EngineOptions.config(line)
                .withDefaultLimits(limits)
                .withCompilation(compilation(line));
        progress.done("options, standard streams");
        ModuleFile source = ModuleFile.read(file, streams);
        progress.done("file");
        try (Engine engine = CacheOptions.engine(config, line, streams)) {
            progress.say("back end: " + engine.backEnd());
            progress.done("engine");
            try (Module module = source.compile(engine)) {
                progress.done("module " + module.name());
                String function = line.has(INVOKE) ? line.value(INVOKE) : null;
                Guest guest = new Guest(module, wasi, function, args, streams, progress);
                return timeout == null ? guest.run(engine) : stopped(engine, guest, timeout);
            }
        }
    }

    private static int stopped(Engine engine, Guest guest, Duration timeout) throws IOException {
        try {
            return CallContext.withTimeout(timeout, () -> guest.run(engine));
        } catch (GuestInterruptedException e) {
            long ms = timeout.toMillis();
            guest.streams.say("timeout: the guest was stopped after " + ms + " ms");
            Failures.frames(e, guest.streams.err());
            return ExitStatus.TIMEOUT;
        }
    }

    /**
     * A module on its way to be an instance.
     *
     * @param chosen the export to call, or null for what WASI calls
     */
    private record Guest(
            Module module, Wasi wasi, @Nullable String chosen, List<String> args, Streams streams, Progress progress) {

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
                progress.done("run");
                progress.say(engine.codeCache());
            }
        }

        private void call(Engine engine, Store store, WasiProcess process, String function, boolean initialize) {
            try {
                Instance instance = wasi.instantiate(engine.newLinker(), module, store);
                progress.done("instance");
                process.run(() -> call(instance, function, initialize));
            } finally {
                sayFuel(store);
                sayHeap(store);
            }
        }

        /** Says what structures and arrays are left, unless the guest was stopped. */
        private void sayHeap(Store store) {
            if (progress.verbose && store.poisonedBecause() == null) {
                HeapReport.lines(store.heap().statistics()).forEach(progress::say);
            }
        }

        /** Says what was used, if it is counted. */
        private void sayFuel(Store store) {
            if (store.engine().config().compile().fuel()) {
                progress.say("fuel used: " + (store.limits().fuel() - store.fuel()));
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
    }

    private static String functions(Module module) {
        String names = module.exports().stream()
                .filter(e -> e.type() instanceof EntityType.Func)
                .map(export -> export.name().isEmpty() ? "\"\"" : Printable.name(export.name()))
                .limit(20)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "it exports none" : names;
    }

    // ---- options

    private static Wasi wasi(Line line, Streams streams, String file, List<String> args) {
        List<byte[]> all = new ArrayList<>();
        all.add(HostText.bytes(file));
        args.forEach(arg -> all.add(HostText.bytes(arg)));
        Wasi wasi = streams.give(Wasi.defaults()).withArgBytes(all).withPlainOutput(line.has("--plain-output"))
                .withThreads(threads(line));
        for (String variable : line.all("--env")) {
            int equals = variable.indexOf('=');
            String name = equals < 0 ? variable : variable.substring(0, equals);
            if (name.isEmpty()) {
                throw new UsageException("--env " + HostText.shown(variable) + ": the name is missing");
            }
            String value = equals < 0 ? HostProcess.variable(variable) : variable.substring(equals + 1);
            wasi = value == null ? wasi : wasi.withEnvBytes(HostText.bytes(name), HostText.bytes(value));
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
            throw new UsageException("--dir " + HostText.shown(text) + ": expected HOST, HOST::GUEST or HOST::GUEST::rw");
        }
        Path host = HostPath.of(parts[0]);
        if (!HostText.isUtf8(guest)) {
            throw new UsageException("--dir " + HostText.shown(text) + ": the guest's name for it must be UTF-8");
        }
        return new Preopen(host, guest, writable ? Preopen.Access.READ_WRITE : Preopen.Access.READ_ONLY);
    }

    private static @Nullable Duration timeout(Line line) {
        if (!line.has(TIMEOUT)) {
            return null;
        }
        Duration timeout = Quantity.duration(TIMEOUT, line);
        if (timeout.isZero()) {
            throw new UsageException(TIMEOUT + " " + HostText.shown(line.value(TIMEOUT))
                    + " leaves the guest no time at all; without the option it has as much as it wants");
        }
        return timeout;
    }

    private static StoreLimits limits(Line line) {
        StoreLimits limits = StoreLimits.DEFAULT;
        long memory = bytes(line, "--max-memory", limits.memoryBytes());
        long stack = bytes(line, "--max-stack", limits.stackBytes());
        long exceptions = bytes(line, "--max-exceptions", limits.exceptionBytes());
        try {
            return limits.withMemoryBytes(memory)
                    .withExceptionBytes(exceptions)
                    .withStackBytes((int) Math.min(stack, Integer.MAX_VALUE))
                    .withFuel(fuel(line));
        } catch (IllegalArgumentException e) {
            throw new UsageException("--max-stack: " + HostText.shown(line.value("--max-stack")) + " is not from 64k to 1g");
        }
    }

    private static long bytes(Line line, String option, long otherwise) {
        try {
            return line.has(option) ? Quantity.bytes(line.value(option)) : otherwise;
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage());
        }
    }

    private static long fuel(Line line) {
        try {
            return line.has(EngineOptions.FUEL)
                    ? Quantity.count(line.value(EngineOptions.FUEL))
                    : StoreLimits.UNLIMITED_FUEL;
        } catch (IllegalArgumentException e) {
            throw new UsageException(EngineOptions.FUEL + ": " + e.getMessage());
        }
    }

    private static int threads(Line line) {
        if (!line.has(THREADS)) {
            return DEFAULT_THREADS;
        }
        try {
            int threads = Integer.parseInt(line.value(THREADS));
            if (threads >= 0) {
                return threads;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new UsageException(THREADS + " " + HostText.shown(line.value(THREADS)) + ": expected a number from 0");
    }

    private static Compilation compilation(Line line) {
        if (!line.has(COMPILE)) {
            return CacheOptions.isOff(line) ? Compilation.BACKGROUND : Compilation.EAGER;
        }
        String when = line.value(COMPILE);
        return switch (when) {
            case "eager" -> Compilation.EAGER;
            case "lazy" -> Compilation.LAZY;
            case "background" -> Compilation.BACKGROUND;
            default -> throw new UsageException(COMPILE + " " + HostText.shown(when) + ": expected eager, lazy or background");
        };
    }

    /** Times for {@code --verbose}. */
    private static final class Progress {
        private final boolean verbose;
        private final Streams streams;
        private long since = System.nanoTime();

        Progress(boolean verbose, Streams streams) {
            this.verbose = verbose;
            this.streams = streams;
            if (verbose) {
                sayLaunch(System.getProperty("sallyport.launched", ""));
            }
        }

        /** @param launched when the launcher began, in seconds since the epoch; empty if none did */
        private void sayLaunch(String launched) {
            try {
                BigDecimal start = new BigDecimal(launched.replace(',', '.')).movePointRight(3);
                say("launcher, start of Java", System.currentTimeMillis() - start.doubleValue());
            } catch (NumberFormatException e) {
                // there is nothing to say
            }
        }

        void say(String text) {
            if (verbose) {
                streams.say(text);
            }
        }

        void say(@Nullable CodeCache cache) {
            if (verbose) {
                say(cache == null ? "no code cache" : "code cache: " + shown(cache.statistics()));
            }
        }

        private static String shown(CodeCache.Statistics counts) {
            return "hits=" + counts.hits() + ", misses=" + counts.misses() + ", stored=" + counts.stored()
                    + ", refused=" + counts.refused() + ", failures=" + counts.failures()
                    + ", evicted=" + counts.evicted() + "; it holds " + counts.entries() + " modules, "
                    + counts.bytes() + " bytes";
        }

        void done(String step) {
            if (verbose) {
                long now = System.nanoTime();
                say(step, (now - since) / 1e6);
                since = System.nanoTime();
            }
        }

        private void say(String step, double milliseconds) {
            say(String.format(Locale.ROOT, "%-30s %9.3f ms", step, milliseconds));
        }
    }
}
