package org.sallyport.wasi;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.sallyport.EntityType;
import org.sallyport.ImportType;
import org.sallyport.Instance;
import org.sallyport.LinkedModule;
import org.sallyport.Linker;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.wasi.fs.StandardStream;
import org.sallyport.wasi.preview1.GuestThreads;
import org.sallyport.wasi.preview1.Input;
import org.sallyport.wasi.preview1.Output;
import org.sallyport.wasi.preview1.Preview1;
import org.sallyport.wasi.preview1.Process;
import org.sallyport.wasi.preview1.Settings;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;

/**
 * What a guest gets of the host through WASI preview 1 ({@code wasi_snapshot_preview1}). At first nothing but clocks
 * and random numbers: no arguments, no environment, empty input, output thrown away, no directory. Immutable; the
 * {@code with} methods return a changed copy.
 *
 * <pre>{@code
 * Wasi wasi = Wasi.defaults()
 *         .withArgs("wc", "input.txt")
 *         .withStdout(System.out)
 *         .withDirectory(Path.of("work"), ".");        // read-only
 * LinkedModule program = wasi.addTo(engine.newLinker()).link(module);
 * try (Store store = engine.newStore(); WasiProcess process = wasi.attachTo(store)) {
 *     program.instantiate(store).func("_start").call();
 * } catch (GuestExitException exit) {
 *     return exit.status();
 * }
 * }</pre>
 *
 * <p>One configuration serves any number of stores. A guest that calls {@code proc_exit} ends its call with
 * {@link org.sallyport.GuestExitException}. Calls that wait (input, {@code poll_oneoff}) answer to the deadline of
 * {@link org.sallyport.CallContext} and to {@link Thread#interrupt}.
 */
public final class Wasi {
    /** The module name of preview 1's functions. */
    public static final String MODULE = Preview1.MODULE;

    private static final FuncType SPAWN_TYPE = FuncType.of(List.of(NumType.I32), NumType.I32);
    private static final Wasi DEFAULTS = new Wasi();

    private List<byte[]> args = List.of();
    private Map<ByteBuffer, byte[]> env = Map.of();
    private @Nullable Input stdin = Input.EMPTY;
    private @Nullable Output stdout = Output.NOWHERE;
    private @Nullable Output stderr = Output.NOWHERE;
    private List<Preopen> preopens = List.of();
    private WasiClock clock = WasiClock.SYSTEM;
    private @Nullable RandomGenerator random;
    private int maxOpenFiles = 1024;
    private long maxOutputBytes = Long.MAX_VALUE;
    private boolean plainOutput;
    private int maxThreads;

    private Wasi() {}

    private Wasi(Wasi from) {
        args = from.args;
        env = from.env;
        stdin = from.stdin;
        stdout = from.stdout;
        stderr = from.stderr;
        preopens = from.preopens;
        clock = from.clock;
        random = from.random;
        maxOpenFiles = from.maxOpenFiles;
        maxOutputBytes = from.maxOutputBytes;
        plainOutput = from.plainOutput;
        maxThreads = from.maxThreads;
    }

    public static Wasi defaults() {
        return DEFAULTS;
    }

    /** @param args the first is the program's name; none may contain a NUL character */
    public Wasi withArgs(String... args) {
        return withArgs(List.of(args));
    }

    /**
     * The guest sees them in UTF-8.
     *
     * @throws IllegalArgumentException if one contains a NUL character or an unpaired surrogate, which has no UTF-8 form
     */
    public Wasi withArgs(List<String> args) {
        return withArgBytes(args.stream().map(arg -> GuestString.of("argument", arg)).toList());
    }

    /**
     * Arguments that need not be text, such as names of files of the host.
     *
     * @param args without a NUL byte, which the guest finds behind each
     * @throws IllegalArgumentException if one contains a NUL byte
     */
    public Wasi withArgBytes(List<byte[]> args) {
        Wasi wasi = new Wasi(this);
        wasi.args = args.stream().map(arg -> GuestString.of("argument", arg)).toList();
        return wasi;
    }

    /**
     * Adds or replaces a variable. The guest sees it in UTF-8.
     *
     * @throws IllegalArgumentException if the name is empty or contains {@code =}, or one of them contains a NUL
     *     character or an unpaired surrogate, which has no UTF-8 form
     */
    public Wasi withEnv(String name, String value) {
        return withEnvBytes(
                GuestString.of("environment variable", name), GuestString.of("environment variable " + name, value));
    }

    /**
     * Adds or replaces a variable that need not be text.
     *
     * @throws IllegalArgumentException if the name is empty or contains {@code =}, or one of them contains a NUL byte
     */
    public Wasi withEnvBytes(byte[] name, byte[] value) {
        ByteBuffer key = ByteBuffer.wrap(GuestString.variable(name));
        Wasi wasi = new Wasi(this);
        Map<ByteBuffer, byte[]> changed = new LinkedHashMap<>(env);
        changed.put(key, GuestString.of("environment variable " + GuestString.shown(name), value));
        wasi.env = Collections.unmodifiableMap(changed);
        return wasi;
    }

    /**
     * The standard streams of this process. Quicker than any stream or channel on them, because no other thread is
     * needed on Linux: a guest's call that waits for a pipe or a terminal can be stopped all the same, and what is
     * stopped leaves them open for the others. Input is read only as far as a guest asks for it. One that this process
     * was started without is not open for the guest either.
     *
     * @param isTerminal whether the guest is told that 0 (input), 1 (output), 2 (error) is a terminal
     */
    public Wasi withStandardStreams(IntPredicate isTerminal) {
        Wasi wasi = new Wasi(this);
        wasi.stdin = standardInput(isTerminal.test(0));
        wasi.stdout = standardOutput(1, FileDescriptor.out, isTerminal.test(1));
        wasi.stderr = standardOutput(2, FileDescriptor.err, isTerminal.test(2));
        return wasi;
    }

    private static @Nullable Input standardInput(boolean terminal) {
        if (StandardStream.isClosed(0)) {
            return null;
        }
        StandardStream in = StandardStream.of(0);
        return in != null ? Input.of(in, terminal) : Input.of(new FileInputStream(FileDescriptor.in), terminal);
    }

    private static @Nullable Output standardOutput(int number, FileDescriptor descriptor, boolean terminal) {
        if (StandardStream.isClosed(number)) {
            return null;
        }
        StandardStream out = StandardStream.of(number);
        return out != null ? Output.of(out, terminal) : Output.of(new FileOutputStream(descriptor), terminal);
    }

    /**
     * Input that may block: it is read in a daemon thread, so that the guest's call can be stopped and the stream stays
     * open for others. Never closed.
     */
    public Wasi withStdin(InputStream in) {
        return withStdin(in, false);
    }

    /** @param terminal whether the guest is told that it is a terminal */
    public Wasi withStdin(InputStream in, boolean terminal) {
        Wasi wasi = new Wasi(this);
        wasi.stdin = Input.of(in, terminal);
        return wasi;
    }

    /**
     * Flushed after each write of the guest, never closed. Written to in a daemon thread, so that a write that blocks
     * can be given up, also by other guests that share the stream; what was handed over by then is written later.
     */
    public Wasi withStdout(OutputStream out) {
        Wasi wasi = new Wasi(this);
        wasi.stdout = Output.of(out, false);
        return wasi;
    }

    /**
     * As {@link #withStdout(OutputStream)}.
     *
     * @param terminal whether the guest is told that it is a terminal
     */
    public Wasi withStdout(WritableByteChannel out, boolean terminal) {
        Wasi wasi = new Wasi(this);
        wasi.stdout = Output.of(out, terminal);
        return wasi;
    }

    /** As {@link #withStdout(OutputStream)}. */
    public Wasi withStderr(OutputStream err) {
        Wasi wasi = new Wasi(this);
        wasi.stderr = Output.of(err, false);
        return wasi;
    }

    /** As {@link #withStdout(WritableByteChannel, boolean)}. */
    public Wasi withStderr(WritableByteChannel err, boolean terminal) {
        Wasi wasi = new Wasi(this);
        wasi.stderr = Output.of(err, terminal);
        return wasi;
    }

    /** The guest may read below {@code host} and sees it as {@code guest}. */
    public Wasi withDirectory(Path host, String guest) {
        return withPreopen(new Preopen(host, guest, Preopen.Access.READ_ONLY));
    }

    /** Adds a directory; the guest finds them from descriptor 3 on in the order they were added. */
    public Wasi withPreopen(Preopen preopen) {
        Wasi wasi = new Wasi(this);
        List<Preopen> changed = new ArrayList<>(preopens);
        changed.add(preopen);
        wasi.preopens = List.copyOf(changed);
        return wasi;
    }

    public Wasi withClock(WasiClock clock) {
        Wasi wasi = new Wasi(this);
        wasi.clock = clock;
        return wasi;
    }

    /** Random numbers from here instead of the host's secure source; not secret, for reproducible runs. */
    public Wasi withRandom(RandomGenerator random) {
        Wasi wasi = new Wasi(this);
        wasi.random = random;
        return wasi;
    }

    /**
     * @param maxOpenFiles descriptors a guest may have at a time, and descriptors of the operating system for them; 1024
     *     at first. On Linux each takes one; elsewhere a directory takes up to four
     */
    public Wasi withMaxOpenFiles(int maxOpenFiles) {
        if (maxOpenFiles < 3) {
            throw new IllegalArgumentException("maxOpenFiles must be at least 3: " + maxOpenFiles);
        }
        Wasi wasi = new Wasi(this);
        wasi.maxOpenFiles = maxOpenFiles;
        return wasi;
    }

    /** @param bytes what a guest may write to each of the two output streams; more is answered with {@code ENOSPC} */
    public Wasi withMaxOutputBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("maxOutputBytes: " + bytes);
        }
        Wasi wasi = new Wasi(this);
        wasi.maxOutputBytes = bytes;
        return wasi;
    }

    /**
     * Replaces control characters in both output streams by U+FFFD, all but tabs and line ends, so that a terminal or
     * a log can show what a guest writes that is not trusted. Off at first: output goes through as it is.
     */
    public Wasi withPlainOutput(boolean on) {
        Wasi wasi = new Wasi(this);
        wasi.plainOutput = on;
        return wasi;
    }

    /**
     * Lets programs start threads (the wasi-threads proposal, what wasi-sdk's pthreads use), if {@link #instantiate} makes
     * their instances, and if the engine counts no fuel. None at first.
     *
     * @param threads that a guest may have at a time, besides the main one
     */
    public Wasi withThreads(int threads) {
        if (threads < 0) {
            throw new IllegalArgumentException("threads: " + threads);
        }
        Wasi wasi = new Wasi(this);
        wasi.maxThreads = threads;
        return wasi;
    }

    /**
     * Makes an instance of a program, which may start threads as far as {@link #withThreads} says. Shared memories that it
     * imports are made, for the store; each thread gets an instance and a store with the same limits of its own. Begin the
     * program by {@link WasiProcess#run}.
     *
     * @param linker for this instance only: WASI's functions and the memories are added
     * @param store that has a process of {@link #attachTo} or gets one of this configuration
     */
    public Instance instantiate(Linker linker, Module module, Store store) {
        addTo(linker, module);
        if (maxThreads == 0 || !imports(module, GuestThreads.MODULE, GuestThreads.SPAWN)) {
            return linker.link(module).instantiate(store);
        }
        for (ImportType type : module.imports()) {
            if (type.type() instanceof EntityType.Memory memory && memory.type().shared()) {
                linker.define(type.module(), type.name(), store.newMemory(memory.type()).shared());
            }
        }
        linker.define(GuestThreads.MODULE, GuestThreads.SPAWN, SPAWN_TYPE, (caller, arguments) ->
                new Object[] {GuestThreads.spawn(caller, (int) arguments[0])});
        LinkedModule program = linker.link(module);
        if (!(store.attachment(WasiProcess.class) instanceof Process)) {
            attachTo(store);
        }
        Process process = (Process) store.attachment(WasiProcess.class);
        process.allowThreads(new GuestThreads(process, store, program, maxThreads));
        return program.instantiate(store);
    }

    private static boolean imports(Module module, String from, String name) {
        for (ImportType type : module.imports()) {
            if (type.module().equals(from) && type.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Defines all 46 functions of {@link #MODULE}. A store that has no {@link WasiProcess} yet gets one of this
     * configuration with its guest's first call.
     *
     * @return {@code linker}
     */
    public Linker addTo(Linker linker) {
        return new Preview1(settings()).addTo(linker, _ -> true);
    }

    /**
     * The same functions by their names, for whoever links them in another way: {@code (Caller, …)} over core types.
     */
    public Map<String, MethodHandle> functions() {
        return new Preview1(settings()).functions(_ -> true);
    }

    /**
     * The same for linking one module: only the functions that it imports, which is quicker in a fresh JVM. If it
     * imports one that there is not, all are defined, so that the link error can name the nearest.
     *
     * @return {@code linker}
     */
    public Linker addTo(Linker linker, Module module) {
        Set<String> imported = new HashSet<>();
        for (ImportType type : module.imports()) {
            if (type.module().equals(MODULE)) {
                imported.add(type.name());
            }
        }
        return imported.stream().allMatch(Preview1::has)
                ? new Preview1(settings()).addTo(linker, imported::contains)
                : addTo(linker);
    }

    /**
     * Opens the preopened directories and attaches the process to the store, in place of one that was there.
     *
     * @return close it to close the guest's files
     * @throws UncheckedIOException if a directory cannot be opened; names it
     * @throws org.sallyport.LimitExceededException if store, engine or process may not have so many descriptors
     */
    public WasiProcess attachTo(Store store) {
        Process process;
        try {
            process = new Process(settings(), store.resources());
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
        store.attach(WasiProcess.class, process);
        return process;
    }

    /** Bytes that are no UTF-8 show as U+FFFD. */
    public List<String> args() {
        return args.stream().map(GuestString::shown).toList();
    }

    /** Bytes that are no UTF-8 show as U+FFFD. */
    public Map<String, String> env() {
        Map<String, String> texts = new LinkedHashMap<>();
        env.forEach((name, value) -> texts.put(GuestString.shown(name.array()), GuestString.shown(value)));
        return Collections.unmodifiableMap(texts);
    }

    public List<Preopen> preopens() {
        return preopens;
    }

    private Settings settings() {
        return new Settings(
                args,
                GuestString.variables(env),
                stdin,
                filtered(stdout),
                filtered(stderr),
                preopens,
                clock,
                random,
                maxOpenFiles,
                maxOutputBytes);
    }

    private @Nullable Output filtered(@Nullable Output out) {
        return plainOutput && out != null ? out.withoutControls() : out;
    }
}
