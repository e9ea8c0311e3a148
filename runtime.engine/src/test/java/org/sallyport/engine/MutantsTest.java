package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sallyport.CompilationException;
import org.sallyport.Engine;
import org.sallyport.InvalidModuleException;
import org.sallyport.LimitExceededException;
import org.sallyport.MalformedModuleException;
import org.sallyport.SallyportException;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.spi.LoadLimits;
import org.sallyport.spi.Loader;
import org.sallyport.spi.Validator;
import org.sallyport.text.Wat;
import org.sallyport.text.wast.Command;
import org.sallyport.text.wast.EngineHost;
import org.sallyport.text.wast.Testsuite;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.WasmModule;

/**
 * Mutated binaries of the testsuite's modules: loader and validator accept them or throw what they document, within
 * heap bounded by a multiple of the input and bounded time; what they accept, the compiler compiles or refuses
 * likewise. So many: {@code -Dsallyport.mutants} (20 000), from {@code -Dsallyport.seed} (1) on.
 */
class MutantsTest {
    private static final long MUTANTS = Long.getLong("sallyport.mutants", 20_000);
    private static final long SEED = Long.getLong("sallyport.seed", 1);
    /** One of so many accepted mutants is compiled. */
    private static final int COMPILED = 4;
    private static final int LARGEST = 8 << 10;
    private static final long HEAP_AT_LEAST = 4 << 20;
    private static final long HEAP_PER_BYTE = 4096;
    private static final long NANOS_AT_LEAST = 5_000_000_000L;

    private static final Loader LOADER = ServiceLoader.load(Loader.class).findFirst().orElseThrow();
    private static final Validator VALIDATOR = ServiceLoader.load(Validator.class).findFirst().orElseThrow();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Set<Feature> ALL = EnumSet.allOf(Feature.class);

    private long valid;
    private long compiled;
    private long refused;
    private long mostHeap;

    @Test
    void areJudgedWithinBounds() throws Exception {
        List<byte[]> originals = originals();
        try (Engine engine = Engine.create(EngineHost.config(ALL).withCompileThreads(1))) {
            for (long i = 0; i < MUTANTS; i++) {
                long seed = SEED + i;
                byte[] mutant = mutant(originals, new Random(seed * 0x9E37_79B9_7F4A_7C15L));
                try {
                    judge(mutant, engine);
                } catch (RuntimeException | Error e) {
                    String hex = HexFormat.of().formatHex(mutant);
                    throw new AssertionError("seed " + seed + ": " + e + "\n" + hex, e);
                }
            }
        }
        System.out.printf(
                "mutants: %d from seed %d, valid %d, compiled %d, refused by the compiler %d, at most %d bytes%n",
                MUTANTS, SEED, valid, compiled, refused, mostHeap);
        assertThat(valid).as("valid mutants").isPositive();
    }

    private void judge(byte[] mutant, Engine engine) {
        long heap = THREADS.getCurrentThreadAllocatedBytes();
        long time = THREADS.getCurrentThreadCpuTime();
        boolean accepted = isValid(mutant);
        long used = THREADS.getCurrentThreadAllocatedBytes() - heap;
        assertThat(used).as("bytes of heap").isLessThan(HEAP_AT_LEAST + HEAP_PER_BYTE * mutant.length);
        mostHeap = Math.max(mostHeap, used);
        assertThat(THREADS.getCurrentThreadCpuTime() - time).as("nanoseconds").isLessThan(NANOS_AT_LEAST);
        if (accepted && valid++ % COMPILED == 0) {
            compile(mutant, engine);
        }
    }

    private static boolean isValid(byte[] mutant) {
        try {
            WasmModule module = LOADER.load(mutant, ALL, LoadLimits.DEFAULT);
            VALIDATOR.validate(module, ALL, LoadLimits.DEFAULT, Runnable::run);
            return true;
        } catch (MalformedModuleException | InvalidModuleException | LimitExceededException e) {
            assertThat(e.getMessage()).isNotBlank();
            return false;
        }
    }

    private void compile(byte[] mutant, Engine engine) {
        try {
            engine.compile(mutant).close();
            compiled++;
        } catch (UnsupportedFeatureException | CompilationException | LimitExceededException e) {
            refused++;
        }
    }

    // ---- mutants

    private static byte[] mutant(List<byte[]> originals, Random random) {
        byte[] bytes = originals.get(random.nextInt(originals.size())).clone();
        for (int changes = random.nextInt(3); changes >= 0 && bytes.length > 9; changes--) {
            bytes = changed(bytes, random);
        }
        return bytes;
    }

    private static byte[] changed(byte[] bytes, Random random) {
        int at = 8 + random.nextInt(bytes.length - 8);
        switch (random.nextInt(8)) {
            case 0 -> bytes[at] = (byte) random.nextInt();
            case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> bytes[at] = (byte) random.nextInt(8);
            case 3 -> bytes[at] = bytes[8 + random.nextInt(bytes.length - 8)];
            case 4 -> bytes[at]++;
            case 5 -> bytes[at] = (byte) (random.nextBoolean() ? 0x7F - random.nextInt(24) : 0xFF);
            case 6 -> {
                return Arrays.copyOf(bytes, at);
            }
            default -> { // a byte more or less
                int to = random.nextBoolean() ? at + 1 : at - 1;
                byte[] moved = new byte[bytes.length + to - at];
                System.arraycopy(bytes, 0, moved, 0, Math.min(at, moved.length));
                System.arraycopy(bytes, at, moved, to, bytes.length - at);
                return moved;
            }
        }
        return bytes;
    }

    private static List<byte[]> originals() throws IOException {
        List<byte[]> originals = new ArrayList<>();
        originals.add(Wat.compile("(module (memory 1) (func (param i32) (result i32) (i32.load (local.get 0))))"));
        originals.add(Wat.compile("""
                (module (type $s (sub (struct (field i32) (field (mut i8))))) (type $a (array (mut i64)))
                  (tag (param i32)) (global (mut i32) (i32.const 1)) (table 2 funcref) (elem (i32.const 0) $f)
                  (func $f (result i32)
                    (block $b (result i32)
                      (br_table $b $b (i32.const 1) (call_indirect (result i32) (i32.const 0))))))"""));
        Testsuite suite = Testsuite.find().orElse(null);
        if (suite == null) {
            System.err.println("NOTE: no WebAssembly testsuite; mutants of two modules only");
            return originals;
        }
        for (String name : suite.names()) {
            for (Command command : suite.script(name).commands()) {
                if (command instanceof Command.Module module && random(name, command).nextInt(4) == 0) {
                    add(module, originals);
                }
            }
        }
        return originals;
    }

    private static Random random(String name, Command command) {
        return new Random(name.hashCode() * 31L + command.line());
    }

    private static void add(Command.Module command, List<byte[]> originals) {
        try {
            byte[] binary = command.definition().binary();
            if (binary.length < LARGEST) {
                originals.add(binary);
            }
        } catch (SallyportException e) {
            throw new AssertionError("line " + command.line(), e);
        }
    }
}
