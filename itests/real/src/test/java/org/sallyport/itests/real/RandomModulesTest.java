package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sallyport.itests.real.RandomExpressions.TYPES;

import java.io.ByteArrayInputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.zip.CRC32;
import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.Linker;
import org.sallyport.LoadLimits;
import org.sallyport.Memory;
import org.sallyport.OutOfFuelException;
import org.sallyport.Store;
import org.sallyport.TrapException;
import org.sallyport.engine.service.GraphEngines;
import org.sallyport.engine.service.PortableEngines;
import org.sallyport.spi.Loader;
import org.sallyport.text.Wat;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.WasmModule;

/**
 * Random modules do the same with all optimizations, with none, with explicit bounds checks, every fourth with
 * functions compiled when they are first called, as class files, interpreted ({@code GraphBackEnd}), and in another engine
 * (Chicory's interpreter): results, traps, globals
 * and memories after every call. Runs for {@code sallyport.oracle.seconds} (5) over at most {@code sallyport.modules}
 * (150) modules, from {@code sallyport.seed} (1) on. A difference names the seed; {@link #main} prints its module.
 *
 * <p>The peer has faults of its own, rarely: where only it differs and Node.js is there and agrees with us, the
 * difference is counted as the peer's. Without Node.js, or with one that lacks typed references where the module has them,
 * it is a failure.
 */
class RandomModulesTest {
    private static final long SECONDS = Long.getLong("sallyport.oracle.seconds", 5);
    private static final long MODULES = Long.getLong("sallyport.modules", 150);
    private static final long SEED = Long.getLong("sallyport.seed", 1);
    private static final int CALLS = 3;
    private static final long ENOUGH = 1L << 40;
    /** Its validator (1.7.5) takes declared functions for undeclared ones. */
    private static final Parser PEER = Parser.builder().withValidation(false).build();
    private static final List<String> NO_ARBITER = List.of("there is no Node.js");

    public static void main(String[] seed) {
        new RandomModule(Long.parseLong(seed[0])).texts().forEach(System.out::println);
    }

    /** What a call left behind; traps of other engines have no code that we could compare. */
    record State(String end, List<String> globals, long memoryCrc, long memoryBytes) {
        String endKind() {
            return end.startsWith("trap") ? end.substring(5) : "results";
        }
    }

    private final Map<String, Long> ends = new TreeMap<>();
    private long bytes;
    /** Seeds. */
    private final List<Long> peerAlone = new ArrayList<>();

    @Test
    void enginesAgree() throws Exception {
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        Config config = Config.defaults().withCompileThreads(1);
        long done = 0;
        try (Engine optimized = Engine.create(config);
                Engine plain = Engine.create(config.withCompile(config.compile().withOptimize(false)));
                Engine checked = Engine.create(config.withExplicitBoundsChecks(true));
                Engine lazy = Engine.create(config.withLazy(true));
                Engine portable = PortableEngines.create(config);
                Engine cut = PortableEngines.createCutting(config);
                Engine graph = GraphEngines.create(config)) {
            Map<String, Engine> eager =
                    Map.of("optimized", optimized, "checked", checked, "portable", portable, "graph", graph);
            Map<String, Engine> all = new HashMap<>(eager);
            all.put("lazy", lazy);
            all.put("cut", cut);
            for (; done < MODULES && System.nanoTime() - end < 0; done++) {
                long seed = SEED + done;
                try {
                    compare(plain, seed % 4 == 0 ? all : eager, seed);
                } catch (RuntimeException | Error e) {
                    throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
                }
                if ((done + 1) % 5000 == 0) {
                    report(done + 1);
                }
            }
        }
        report(done);
        assertThat(ends.getOrDefault("results", 0L)).as("calls that end normally").isPositive();
    }

    private void compare(Engine plain, Map<String, Engine> others, long seed) throws Exception {
        RandomModule random = new RandomModule(seed);
        List<byte[]> binaries = binaries(random);
        binaries.forEach(binary -> bytes += binary.length);
        List<State> expected = run(plain, binaries, random, seed);
        others.forEach((name, other) ->
                assertThat(run(other, binaries, random, seed)).as("%s, seed %d", name, seed).isEqualTo(expected));
        comparePeer(binaries, random, seed, expected);
        expected.forEach(state -> ends.merge(state.endKind(), 1L, Long::sum));
    }

    static List<byte[]> binaries(RandomModule random) {
        return random.texts().stream().map(Wat::compile).toList();
    }

    private void comparePeer(List<byte[]> binaries, RandomModule random, long seed, List<State> expected) throws Exception {
        List<State> peer;
        try {
            peer = runPeer(binaries(new RandomModule(seed, false)), random, seed); // (1.7.5) its own tail calls go wrong
        } catch (RuntimeException e) { // a fault of the peer, as the arbiter will say
            peer = List.of(new State(e.toString(), List.of(), 0, 0));
        }
        List<State> ours = expected.stream().map(RandomModulesTest::withoutCode).toList();
        if (!peer.equals(ours)) {
            if (!arbitrated(binaries, random, seed).equals(lines(ours))) {
                assertThat(peer).as("peer, seed %d", seed).isEqualTo(ours);
            }
            peerAlone.add(seed);
        }
    }

    private void report(long done) {
        System.out.printf(
                "random modules: %d from seed %d, %d bytes each, ends of calls %s; the peer alone differed in %d,"
                        + " seeds %s%n",
                done, SEED, bytes / Math.max(done, 1), ends, peerAlone.size(),
                peerAlone.subList(0, Math.min(peerAlone.size(), 20)));
    }

    /** The generator claims all scalar instructions of WebAssembly 2.0, tail calls and typed references. */
    @Test
    void emitsEveryInstruction() throws Exception {
        Set<Feature> features = EnumSet.of(Feature.MUTABLE_GLOBALS, Feature.SIGN_EXTENSION,
                Feature.SATURATING_CONVERSION, Feature.MULTI_VALUE, Feature.BULK_MEMORY, Feature.REFERENCE_TYPES,
                Feature.TAIL_CALLS, Feature.FUNCTION_REFERENCES);
        Set<Opcode> missing = new HashSet<>();
        for (Opcode opcode : Opcode.values()) {
            if (opcode.feature() == null || features.contains(opcode.feature())) {
                missing.add(opcode);
            }
        }
        Loader loader = ServiceLoader.load(Loader.class).findFirst().orElseThrow();
        for (long seed = SEED; seed < SEED + 2000 && !missing.isEmpty(); seed++) {
            for (byte[] binary : binaries(new RandomModule(seed))) {
                for (WasmModule.Body body : loader.load(binary, features, LoadLimits.DEFAULT).bodies()) {
                    CodeReader reader = new CodeReader(binary, body.code(), body.end());
                    while (reader.hasNext()) {
                        missing.remove(reader.next());
                    }
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    /** The arbiter understands what we ask: of one module, of linked ones, and of those with functions of the host. */
    @Test
    void arbiterAgrees() throws Exception {
        boolean typed = NodeArbiter.hasTypedReferences();
        try (Engine engine = Engine.create()) {
            for (long seed = SEED; seed < SEED + 24; seed++) {
                RandomModule random = new RandomModule(seed);
                if (random.hasTypedReferences() && !typed) {
                    continue;
                }
                List<byte[]> binaries = binaries(random);
                List<String> found = arbitrated(binaries, random, seed);
                Assumptions.assumeFalse(found.equals(NO_ARBITER), "no Node.js");
                List<State> ours = run(engine, binaries, random, seed);
                assertThat(found).as("seed %d", seed)
                        .isEqualTo(lines(ours.stream().map(RandomModulesTest::withoutCode).toList()));
            }
        }
    }

    private static State withoutCode(State state) {
        String end = state.end.startsWith("trap") ? "trap" : state.end;
        return new State(end, state.globals, state.memoryCrc, state.memoryBytes);
    }

    private static List<String> lines(List<State> states) {
        return states.stream()
                .map(s -> s.end + "|" + String.join(",", s.globals) + "|" + s.memoryCrc + "|" + s.memoryBytes)
                .toList();
    }

    private static List<String> arbitrated(List<byte[]> binaries, RandomModule module, long seed) throws Exception {
        Random random = new Random(seed);
        List<String> plan = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            for (int f = 0; f < module.signatures().size(); f++) {
                RandomModule.Signature type = module.signatures().get(f);
                StringBuilder line = new StringBuilder("e" + f + " ");
                Arrays.stream(type.results()).forEach(t -> line.append(TYPES.get(t)).append(','));
                long[] arguments = arguments(type, random);
                for (int k = 0; k < arguments.length; k++) {
                    line.append(' ').append(TYPES.get(type.params()[k])).append(':').append(arguments[k]);
                }
                plan.add(line.toString());
            }
        }
        return NodeArbiter.run(binaries, plan).orElse(NO_ARBITER);
    }

    // ---- arguments and results as bits

    static long[] arguments(RandomModule.Signature type, Random random) {
        return Arrays.stream(type.params()).mapToLong(t -> switch (t) {
            case 0 -> (int) (random.nextLong() >> random.nextInt(64));
            case 1 -> random.nextLong() >> random.nextInt(64);
            case 2 -> Float.floatToRawIntBits(random.nextInt(64) / 4f - 8);
            default -> Double.doubleToRawLongBits(
                    random.nextInt(4) == 0 ? random.nextGaussian() * 1e12 : random.nextInt(64) / 4.0 - 8);
        }).toArray();
    }

    /** All NaNs are alike. */
    private static String show(int type, long bits) {
        return switch (type) {
            case 0 -> Integer.toHexString((int) bits);
            case 1 -> Long.toHexString(bits);
            case 2 -> Float.isNaN(Float.intBitsToFloat((int) bits)) ? "nan" : Integer.toHexString((int) bits);
            default -> Double.isNaN(Double.longBitsToDouble(bits)) ? "nan" : Long.toHexString(bits);
        };
    }

    private static String show(int[] types, long[] bits) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < types.length; i++) {
            out.append(' ').append(TYPES.get(types[i])).append(' ').append(show(types[i], bits[i]));
        }
        return out.toString();
    }

    // ---- the functions of the host

    static int h0(int a, int b) {
        return a * 31 + Integer.rotateLeft(b, 5);
    }

    static long h1(long a) {
        return a ^ a >>> 7;
    }

    static double h2(double a, float b) {
        return a * 0.5 - b;
    }

    private static MethodHandle host(String name, Class<?> result, Class<?>... params) {
        try {
            return MethodHandles.lookup().findStatic(
                    RandomModulesTest.class, name, MethodType.methodType(result, params));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    // ---- ours

    /** An engine that counts gives every third call little fuel, the others enough; what is left is part of the state. */
    static List<State> run(Engine engine, List<byte[]> binaries, RandomModule module, long seed) {
        List<State> states = new ArrayList<>();
        Random random = new Random(seed);
        try (Store store = engine.newStore()) {
            Linker linker = engine.newLinker()
                    .define("host", "h0", host("h0", int.class, int.class, int.class))
                    .define("host", "h1", host("h1", long.class, long.class))
                    .define("host", "h2", FuncType.of(List.of(NumType.F64, NumType.F32), NumType.F64),
                            (_, args) -> new Object[] {h2((double) args[0], (float) args[1])});
            List<Instance> instances = new ArrayList<>();
            for (byte[] binary : binaries) {
                if (!instances.isEmpty()) {
                    linker.define("lib", instances.getFirst());
                }
                instances.addFirst(linker.link(engine.compile(binary)).instantiate(store));
            }
            List<Instance> withMemory = module.hasTwoMemories() ? instances : instances.subList(0, 1);
            for (int i = 0; i < CALLS; i++) {
                for (int f = 0; f < module.signatures().size(); f++) {
                    RandomModule.Signature type = module.signatures().get(f);
                    long[] arguments = arguments(type, random);
                    if (engine.config().compile().fuel()) {
                        store.setFuel(states.size() % 3 == 2 ? (seed + f) * 7919 % 1000 : ENOUGH);
                    }
                    states.add(call(withMemory, "e" + f, type, arguments));
                }
            }
            assertThat(store.poisonedBecause()).isNull();
            instances.forEach(instance -> instance.module().close());
        }
        return states;
    }

    /** @param instances the one to call, first, and those whose memories are looked at */
    private static State call(List<Instance> instances, String name, RandomModule.Signature type, long[] arguments) {
        Instance main = instances.getFirst();
        Object[] boxed = new Object[arguments.length];
        for (int i = 0; i < boxed.length; i++) {
            boxed[i] = box(type.params()[i], arguments[i]);
        }
        String end;
        try {
            Object[] results = main.func(name).call(boxed);
            end = show(type.results(), Arrays.stream(results).mapToLong(RandomModulesTest::bits).toArray());
        } catch (TrapException e) {
            end = "trap " + e.code();
        } catch (OutOfFuelException e) {
            end = "out of fuel";
        }
        if (main.store().engine().config().compile().fuel()) {
            end += ", fuel " + main.store().fuel();
        }
        List<String> globals = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            globals.add(show(t, bits(main.global("g" + t).get())));
        }
        CRC32 crc = new CRC32();
        long bytes = 0;
        for (Instance instance : instances) {
            Memory memory = instance.memory("m");
            crc.update(memory.segment().asByteBuffer());
            bytes += memory.byteSize();
        }
        return new State(end, globals, crc.getValue(), bytes);
    }

    static Object box(int type, long bits) {
        return switch (type) {
            case 0 -> (Object) (int) bits;
            case 1 -> bits;
            case 2 -> Float.intBitsToFloat((int) bits);
            default -> Double.longBitsToDouble(bits);
        };
    }

    private static long bits(Object value) {
        return switch (value) {
            case Integer v -> v;
            case Long v -> v;
            case Float v -> Float.floatToRawIntBits(v);
            case Double v -> Double.doubleToRawLongBits(v);
            default -> throw new IllegalArgumentException(value.toString());
        };
    }

    // ---- the peer

    private static List<State> runPeer(List<byte[]> binaries, RandomModule module, long seed) {
        List<State> states = new ArrayList<>();
        Random random = new Random(seed);
        var store = new com.dylibso.chicory.runtime.Store().addFunction(
                peerHost("h0", List.of(ValType.I32, ValType.I32), ValType.I32, a -> h0((int) a[0], (int) a[1])),
                peerHost("h1", List.of(ValType.I64), ValType.I64, a -> h1(a[0])),
                peerHost("h2", List.of(ValType.F64, ValType.F32), ValType.F64, a -> Double.doubleToRawLongBits(
                        h2(Double.longBitsToDouble(a[0]), Float.intBitsToFloat((int) a[1])))));
        List<com.dylibso.chicory.runtime.Instance> instances = new ArrayList<>();
        for (byte[] binary : binaries) {
            instances.addFirst(store.instantiate("lib", imports ->
                    com.dylibso.chicory.runtime.Instance.builder(PEER.parse(() -> new ByteArrayInputStream(binary)))
                            .withMemoryFactory(ByteArrayMemory::new)
                            .withImportValues(imports)
                            .build()));
        }
        var withMemory = module.hasTwoMemories() ? instances : instances.subList(0, 1);
        for (int i = 0; i < CALLS; i++) {
            for (int f = 0; f < module.signatures().size(); f++) {
                RandomModule.Signature type = module.signatures().get(f);
                states.add(callPeer(withMemory, "e" + f, type, arguments(type, random)));
            }
        }
        return states;
    }

    private static com.dylibso.chicory.runtime.HostFunction peerHost(
            String name, List<ValType> params, ValType result, ToLongFunction<long[]> function) {
        return new com.dylibso.chicory.runtime.HostFunction(
                "host", name, FunctionType.of(params, List.of(result)),
                (_, args) -> new long[] {function.applyAsLong(args)});
    }

    private static State callPeer(
            List<com.dylibso.chicory.runtime.Instance> instances,
            String name,
            RandomModule.Signature type,
            long[] arguments) {
        var main = instances.getFirst();
        String end;
        try {
            long[] results = main.export(name).apply(arguments);
            end = show(type.results(), results == null ? new long[0] : results);
        } catch (ChicoryException e) {
            end = "trap";
        }
        List<String> globals = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            globals.add(show(t, main.exports().global("g" + t).getValue()));
        }
        CRC32 crc = new CRC32();
        long bytes = 0;
        for (var instance : instances) {
            byte[] content = instance.memory().readBytes(0, instance.memory().pages() * 65536);
            crc.update(content);
            bytes += content.length;
        }
        return new State(end, globals, crc.getValue(), bytes);
    }
}
