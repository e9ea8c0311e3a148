package org.sallyport.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.CallContext;
import org.sallyport.Compilation;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.GuestInterruptedException;
import org.sallyport.Module;
import org.sallyport.StoreLimits;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;

/** Runs a module: a WASI command, or one exported function. The guest's exit status becomes ours. */
final class RunCommand extends Subcommand {
    private static final String ARGV0 = "--argv0";
    private static final String COMPILE = "--compile";
    private static final String CORE_DUMP = "--coredump";
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
        syntax.option(ARGV0, "NAME", "What the guest sees as its own name; FILE without.");
        Preload.describe(syntax);
        syntax.option(CORE_DUMP, "FILE", "When the guest traps, or is stopped, write its memories, globals and calls there, in"
                + " WebAssembly's format of core dumps.");
        syntax.option(INVOKE, "FUNC", "Call this exported function with ARGS and print its results.");
        Profiling.describe(syntax);
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
        syntax.choice(COMPILE, "WHEN", List.of("eager", "lazy", "background"), "eager: all before the run, as where a cache"
                + " keeps it. lazy: each function when it is first called. background: as lazy, and all of them beside the run,"
                + " as with --no-cache.");
        EngineOptions.describe(syntax);
        CacheOptions.describe(syntax);
        syntax.file("Module in any format, also compiled; - is standard input.");
        syntax.guestArguments("Arguments of the guest; all that follows FILE.");
    }

    @Override
    int execute(Line line, Streams streams) throws IOException {
        StepTimes times = new StepTimes(line.has("--verbose"), streams);
        CacheOptions.prepare(line);
        Profiling.Choice profiling = Profiling.choice(line);
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
        times.done("options, standard streams");
        ModuleFile source = ModuleFile.read(file, streams);
        times.done("file");
        try (Engine engine = CacheOptions.engine(config, line, streams)) {
            times.say("back end: " + engine.backEnd());
            times.done("engine");
            List<Preload> preloads = Preload.compile(line, engine, streams);
            try (Module module = compile(source, engine, streams)) {
                module.setDebugFiles(DebugFolder.of(file));
                times.done("module " + module.name());
                String function = line.has(INVOKE) ? line.value(INVOKE) : null;
                String dump = line.has(CORE_DUMP) ? line.value(CORE_DUMP) : null;
                Guest guest = new Guest(module, preloads, wasi, function, dump, args, streams, times);
                try (Profiling _ = Profiling.begin(profiling, engine, file, streams)) {
                    return timeout == null ? guest.run(engine) : stopped(engine, guest, timeout);
                }
            } finally {
                preloads.forEach(preload -> preload.module().close());
            }
        }
    }

    private static Module compile(ModuleFile source, Engine engine, Streams streams) throws IOException {
        try (LongWork _ = LongWork.begin("compiling " + source.shortName(), streams)) {
            return source.compile(engine);
        }
    }

    private static int stopped(Engine engine, Guest guest, Duration timeout) throws IOException {
        try {
            return CallContext.withTimeout(timeout, () -> guest.run(engine));
        } catch (GuestInterruptedException e) {
            long ms = timeout.toMillis();
            guest.streams().say("timeout: the guest was stopped after " + ms + " ms");
            Failures.frames(e, guest.streams());
            return ExitStatus.TIMEOUT;
        }
    }

    // ---- options

    private static Wasi wasi(Line line, Streams streams, String file, List<String> args) {
        List<byte[]> all = new ArrayList<>();
        all.add(HostText.bytes(line.has(ARGV0) ? line.value(ARGV0) : file));
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
}
