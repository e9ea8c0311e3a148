package org.sallyport.codegen;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.sallyport.CompileOptions;
import org.sallyport.LoadLimits;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.spi.Builtin;
import org.sallyport.spi.CodeGenerator;
import org.sallyport.spi.CompileBudget;
import org.sallyport.spi.CompiledModule;
import org.sallyport.spi.LazyCompiler;
import org.sallyport.spi.Loader;
import org.sallyport.spi.SideTables;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.Validator;
import org.sallyport.text.wast.Command;
import org.sallyport.text.wast.Testsuite;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;

/**
 * Shows whether a change of the compiler changes what it makes. Prints one line for each module and setting: a digest
 * of machine code, relocations and side tables; the same for stubs and trampolines. Run it before and after, and
 * compare the lines:
 *
 * <pre>
 *   java -cp CLASSES org.sallyport.codegen.CodeDigest FILE… &gt; before.txt
 * </pre>
 *
 * Arguments are binaries, scripts of the specification's testsuite, and folders of them. The system property {@code
 * sallyport.cpu} chooses the CPU features, as ever.
 */
public final class CodeDigest {
    private static final Loader LOADER = first(Loader.class);
    private static final Validator VALIDATOR = first(Validator.class);

    private final CodeGenerator generator = first(CodeGenerator.class);
    private final PrintStream out;
    private final MessageDigest digest;
    private long codeBytes;

    private CodeDigest(PrintStream out) throws NoSuchAlgorithmException {
        this.out = out;
        digest = MessageDigest.getInstance("SHA-256");
    }

    public static void main(String[] args) throws IOException, NoSuchAlgorithmException {
        var tool = new CodeDigest(System.out);
        tool.stubs();
        for (String arg : args) {
            try (Stream<Path> files = Files.walk(Path.of(arg))) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    tool.file(file);
                }
            }
        }
    }

    private static <T> T first(Class<T> type) {
        return ServiceLoader.load(type).findFirst().orElseThrow();
    }

    private void file(Path file) throws IOException {
        String name = file.toString();
        if (name.endsWith(".wasm")) {
            module(name, Files.readAllBytes(file), EnumSet.allOf(Feature.class));
        } else if (name.endsWith(".wast") && !name.contains("/legacy/") && !name.contains("/custom-descriptors/")) {
            script(file);
        }
    }

    private void script(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Set<Feature> features = Testsuite.features(file);
        List<Command> commands =
                new Testsuite(folder).script(file.getFileName().toString()).commands();
        for (Command command : commands) {
            if (command instanceof Command.Module m) {
                module(file + ":" + m.line(), m.definition().binary(), features);
            }
        }
    }

    // ---- one module

    private void module(String name, byte[] binary, Set<Feature> features) {
        ValidModule module = VALIDATOR.validate(LOADER.load(binary, features, LoadLimits.DEFAULT), features);
        setting(name, "optimized", module, CompileOptions.DEFAULT);
        setting(name, "unoptimized", module, CompileOptions.DEFAULT.withOptimize(false));
        setting(name, "checked", module, CompileOptions.DEFAULT.withExplicitBoundsChecks(true));
        CompileOptions plain = CompileOptions.DEFAULT.withOptimize(false).withExplicitBoundsChecks(true);
        setting(name, "checked unoptimized", module, plain);
        try {
            lazy(module);
            print(name, "lazy");
        } catch (UnsupportedFeatureException e) {
            print(name, "lazy: " + e.getMessage());
        }
        module.module().types().stream()
                .map(t -> t.composite())
                .filter(t -> t instanceof FuncType)
                .forEach(t -> trampolines((FuncType) t));
        print(name, "trampolines");
    }

    private void setting(String name, String setting, ValidModule module, CompileOptions options) {
        try {
            add(generator.compile(module, options, Runnable::run));
            print(name, setting);
        } catch (UnsupportedFeatureException e) {
            print(name, setting + ": " + e.getMessage());
        }
    }

    private void lazy(ValidModule module) {
        LazyCompiler lazy = generator.lazy(module, CompileOptions.DEFAULT, CompileBudget.unlimited());
        int functions = module.module().bodies().size();
        add(lazy.stubs(lazy.stubBytes() + 7 & -8));
        for (int i = 0; i < functions; i++) {
            add(lazy.stub(i));
            add(lazy.beforeCode(i));
            LazyCompiler.Function function = lazy.compile(i, CompileBudget.unlimited());
            add(function.code());
            add(function.callFields());
            add(function.callTargets());
        }
    }

    private void trampolines(FuncType type) {
        add(generator.entryTrampoline(type));
        add(generator.hostTrampoline(type));
    }

    private void stubs() {
        add(generator.enterStub());
        add(generator.exitStub());
        add(generator.landingStub());
        add(generator.signalHandler(0x123456789AL, 0x2345678, 0x3456789AB0L, 34));
        add(generator.sentry());
        for (Builtin builtin : Builtin.values()) {
            add(generator.builtinTrampoline(builtin));
        }
        print("-", settings(generator.fingerprint()));
    }

    // ---- what is digested

    private void add(CompiledModule code) {
        digest.update(settings(code.fingerprint()).getBytes(StandardCharsets.UTF_8));
        add(code.code());
        add(code.functionCount());
        add(code.functions().starts());
        add(code.functions().ends());
        SideTables.Traps traps = code.tables().traps();
        SideTables.Sites calls = code.tables().calls();
        add(traps.sites().offsets());
        add(traps.codes());
        add(traps.sites().positions());
        add(calls.offsets());
        add(calls.positions());
        int[] inCalls = Arrays.stream(calls.inlined()).map(i -> i + traps.sites().count()).toArray();
        add(both(traps.sites().inlined(), inCalls));
        add(both(traps.sites().inlinedAt(), calls.inlinedAt()));
    }

    /** Without what counts changes: the version of the contract with the runtime core, and that of emitted code. */
    private static String settings(String fingerprint) {
        return fingerprint.replaceFirst(" contract [0-9a-f]+", "").replaceFirst("-x64-[0-9]+", "-x64-1");
    }

    private static int[] both(int[] a, int[] b) {
        return IntStream.concat(Arrays.stream(a), Arrays.stream(b)).toArray();
    }

    private void add(byte[] bytes) {
        codeBytes += bytes.length;
        add(bytes.length);
        digest.update(bytes);
    }

    private void add(int... numbers) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * numbers.length + 4);
        buffer.putInt(numbers.length);
        for (int number : numbers) {
            buffer.putInt(number);
        }
        digest.update(buffer.array());
    }

    private void print(String name, String setting) {
        String hex = HexFormat.of().formatHex(digest.digest(), 0, 8);
        out.println(hex + " " + codeBytes + " " + name + " " + setting);
        codeBytes = 0;
    }
}
