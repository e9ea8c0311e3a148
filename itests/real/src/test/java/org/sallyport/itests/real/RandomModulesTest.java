package org.sallyport.itests.real;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Instance;
import org.sallyport.Memory;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.TrapException;
import org.sallyport.text.Wat;

/**
 * Random modules do the same with all optimizations, with none, with explicit bounds checks, and in another engine
 * (Chicory's interpreter): results, traps, globals and memory after every call. Runs for {@code
 * sallyport.oracle.seconds} (5) over at most {@code sallyport.modules} (150) modules, from {@code sallyport.seed} (1)
 * on. A difference names the seed; {@link #main} prints its module.
 *
 * <p>The peer has faults of its own, rarely: where only it differs and Node.js is there and agrees with us, the
 * difference is counted as the peer's. Without Node.js it is a failure.
 */
class RandomModulesTest {
    private static final long SECONDS = Long.getLong("sallyport.oracle.seconds", 5);
    private static final long MODULES = Long.getLong("sallyport.modules", 150);
    private static final long SEED = Long.getLong("sallyport.seed", 1);
    private static final int CALLS = 3;
    private static final List<String> NO_ARBITER = List.of("there is no Node.js");

    public static void main(String[] seed) {
        System.out.println(new RandomModule(Long.parseLong(seed[0])).text());
    }

    /** What a call left behind; traps of other engines have no code that we could compare. */
    private record State(String end, List<String> globals, int memoryHash, long memoryBytes) {}

    @Test
    void enginesAgree() throws Exception {
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        Config config = Config.defaults().withCompileThreads(1);
        int done = 0;
        int[] calls = {0, 0, 0};
        try (Engine optimized = Engine.create(config);
                Engine plain = Engine.create(config.withCompile(config.compile().withOptimize(false)));
                Engine checked = Engine.create(config.withExplicitBoundsChecks(true))) {
            for (; done < MODULES && System.nanoTime() - end < 0; done++) {
                long seed = SEED + done;
                RandomModule random = new RandomModule(seed);
                byte[] binary = Wat.compile(random.text());
                List<State> expected = run(plain, binary, random, seed);
                assertThat(run(optimized, binary, random, seed)).as("optimized, seed %d", seed).isEqualTo(expected);
                assertThat(run(checked, binary, random, seed)).as("checked, seed %d", seed).isEqualTo(expected);
                List<State> peer = runPeer(binary, random, seed);
                List<State> ours = expected.stream().map(RandomModulesTest::withoutCode).toList();
                if (!peer.equals(ours) && !arbitrated(binary, random, seed).equals(lines(ours))) {
                    assertThat(peer).as("peer, seed %d", seed).isEqualTo(ours);
                }
                calls[2] += peer.equals(ours) ? 0 : 1;
                calls[0] += expected.size();
                calls[1] += (int) expected.stream().filter(s -> s.end.startsWith("trap")).count();
                if ((done + 1) % 1000 == 0) {
                    System.out.printf("random modules: %d, %d s left%n", done + 1, (end - System.nanoTime()) >> 30);
                }
            }
        }
        System.out.printf(
                "random modules: %d from seed %d, calls %d, trapped %d; the peer alone differed in %d modules%n",
                done, SEED, calls[0], calls[1], calls[2]);
        assertThat(done).isPositive();
    }

    /** The arbiter understands what we ask. */
    @Test
    void arbiterAgrees() throws Exception {
        RandomModule random = new RandomModule(SEED);
        byte[] binary = Wat.compile(random.text());
        List<String> found = arbitrated(binary, random, SEED);
        Assumptions.assumeFalse(found.equals(NO_ARBITER), "no Node.js");
        try (Engine engine = Engine.create()) {
            List<State> ours = run(engine, binary, random, SEED);
            assertThat(found).isEqualTo(lines(ours.stream().map(RandomModulesTest::withoutCode).toList()));
        }
    }

    private static State withoutCode(State state) {
        String end = state.end.startsWith("trap") ? "trap" : state.end;
        return new State(end, state.globals, state.memoryHash, state.memoryBytes);
    }

    private static List<String> lines(List<State> states) {
        return states.stream()
                .map(s -> s.end + "|" + String.join(",", s.globals) + "|" + s.memoryHash + "|" + s.memoryBytes)
                .toList();
    }

    private static List<String> arbitrated(byte[] binary, RandomModule module, long seed) throws Exception {
        Random random = new Random(seed);
        List<String> plan = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            for (int f = 0; f < module.signatures().size(); f++) {
                RandomModule.Signature type = module.signatures().get(f);
                StringBuilder line = new StringBuilder("e" + f + " ");
                Arrays.stream(type.results()).forEach(t -> line.append(TYPE_NAMES[t]).append(','));
                long[] arguments = arguments(type, random);
                for (int k = 0; k < arguments.length; k++) {
                    line.append(' ').append(TYPE_NAMES[type.params()[k]]).append(':').append(arguments[k]);
                }
                plan.add(line.toString());
            }
        }
        return NodeArbiter.run(binary, plan).orElse(NO_ARBITER);
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
            out.append(' ').append(TYPE_NAMES[types[i]]).append(' ').append(show(types[i], bits[i]));
        }
        return out.toString();
    }

    private static final String[] TYPE_NAMES = {"i32", "i64", "f32", "f64"};

    // ---- ours

    private static List<State> run(Engine engine, byte[] binary, RandomModule module, long seed) {
        List<State> states = new ArrayList<>();
        Random random = new Random(seed);
        try (Module compiled = engine.compile(binary);
                Store store = engine.newStore()) {
            Instance instance = engine.newLinker().link(compiled).instantiate(store);
            for (int i = 0; i < CALLS; i++) {
                for (int f = 0; f < module.signatures().size(); f++) {
                    RandomModule.Signature type = module.signatures().get(f);
                    states.add(call(instance, "e" + f, type, arguments(type, random)));
                }
            }
            assertThat(store.poisonedBecause()).isNull();
        }
        return states;
    }

    private static State call(Instance instance, String name, RandomModule.Signature type, long[] arguments) {
        Object[] boxed = new Object[arguments.length];
        for (int i = 0; i < boxed.length; i++) {
            boxed[i] = box(type.params()[i], arguments[i]);
        }
        String end;
        try {
            Object[] results = instance.func(name).call(boxed);
            end = show(type.results(), Arrays.stream(results).mapToLong(RandomModulesTest::bits).toArray());
        } catch (TrapException e) {
            end = "trap " + e.code();
        }
        List<String> globals = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            globals.add(show(t, bits(instance.global("g" + t).get())));
        }
        Memory memory = instance.memory("m");
        byte[] content = memory.readBytes(0, (int) memory.byteSize());
        return new State(end, globals, Arrays.hashCode(content), content.length);
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

    private static List<State> runPeer(byte[] binary, RandomModule module, long seed) {
        List<State> states = new ArrayList<>();
        Random random = new Random(seed);
        var instance = com.dylibso.chicory.runtime.Instance.builder(Parser.parse(binary))
                .withMemoryFactory(ByteArrayMemory::new)
                .build();
        for (int i = 0; i < CALLS; i++) {
            for (int f = 0; f < module.signatures().size(); f++) {
                RandomModule.Signature type = module.signatures().get(f);
                states.add(callPeer(instance, "e" + f, type, arguments(type, random)));
            }
        }
        return states;
    }

    private static State callPeer(
            com.dylibso.chicory.runtime.Instance instance, String name, RandomModule.Signature type, long[] arguments) {
        String end;
        try {
            long[] results = instance.export(name).apply(arguments);
            end = show(type.results(), results == null ? new long[0] : results);
        } catch (ChicoryException e) {
            end = "trap";
        }
        List<String> globals = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            globals.add(show(t, instance.exports().global("g" + t).getValue()));
        }
        byte[] content = instance.memory().readBytes(0, instance.memory().pages() * 65536);
        return new State(end, globals, Arrays.hashCode(content), content.length);
    }
}
