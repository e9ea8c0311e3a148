package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.BooleanSupplier;
import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.Test;
import org.sallyport.CompilationException;
import org.sallyport.Engine;
import org.sallyport.InvalidModuleException;
import org.sallyport.LimitExceededException;
import org.sallyport.LoadLimits;
import org.sallyport.MalformedModuleException;
import org.sallyport.SallyportException;
import org.sallyport.UnsupportedFeatureException;
import org.sallyport.itests.support.Mutator;
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
 * heap bounded by a multiple of the input and bounded time; of what they accept, the compiler compiles or refuses
 * likewise one in {@link #COMPILED}. So many: {@code -Dsallyport.mutants} (20 000), from {@code -Dsallyport.seed} (1)
 * on.
 */
class MutantsTest {
    private static final long MUTANTS = Long.getLong("sallyport.mutants", 20_000);
    private static final long SEED = Long.getLong("sallyport.seed", 1);
    /** One of so many accepted mutants is compiled. */
    private static final int COMPILED = 4;
    private static final int LARGEST = 8 << 10;
    private static final long NANOS_AT_LEAST = 5_000_000_000L;

    private static final Loader LOADER = ServiceLoader.load(Loader.class).findFirst().orElseThrow();
    private static final Validator VALIDATOR = ServiceLoader.load(Validator.class).findFirst().orElseThrow();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Set<Feature> ALL = EnumSet.allOf(Feature.class);

    private final Costs judging = new Costs(4 << 20, 4096);
    private final Costs compiling = new Costs(32 << 20, 16 << 10);
    private long valid;
    private long compiled;
    private long refused;

    @Test
    void areJudgedWithinBounds() throws Exception {
        List<byte[]> originals = originals();
        try (Engine engine = Engine.create(EngineHost.config(ALL).withCompileThreads(1))) {
            for (long i = 0; i < MUTANTS; i++) {
                long seed = SEED + i;
                byte[] mutant = new Mutator(originals, seed).mutant();
                try {
                    judge(mutant, engine);
                } catch (RuntimeException | Error e) {
                    String hex = HexFormat.of().formatHex(mutant);
                    throw new AssertionError("seed " + seed + ": " + e + "\n" + hex, e);
                }
                if ((i + 1) % 250_000 == 0) {
                    report(i + 1);
                }
            }
        }
        report(MUTANTS);
        assertThat(compiled).as("compiled mutants").isPositive();
    }

    private void report(long done) {
        System.out.printf(
                "mutants: %d from seed %d, valid %d, compiled %d, refused by the compiler %d; at most %d bytes and"
                        + " %d us to judge, %d bytes and %d us to compile%n",
                done, SEED, valid, compiled, refused, judging.mostHeap, judging.mostNanos / 1000,
                compiling.mostHeap, compiling.mostNanos / 1000);
    }

    private void judge(byte[] mutant, Engine engine) {
        if (judging.run(mutant.length, () -> isValid(mutant)) && valid++ % COMPILED == 0) {
            if (compiling.run(mutant.length, () -> compiles(mutant, engine))) {
                compiled++;
            } else {
                refused++;
            }
        }
    }

    /** Checks what steps cost on this thread. */
    private static final class Costs {
        private final long heapAtLeast;
        private final long heapPerByte;
        private long mostHeap;
        private long mostNanos;

        Costs(long heapAtLeast, long heapPerByte) {
            this.heapAtLeast = heapAtLeast;
            this.heapPerByte = heapPerByte;
        }

        boolean run(int bytes, BooleanSupplier step) {
            long heap = THREADS.getCurrentThreadAllocatedBytes();
            long time = THREADS.getCurrentThreadCpuTime();
            boolean result = step.getAsBoolean();
            long nanos = THREADS.getCurrentThreadCpuTime() - time;
            long used = THREADS.getCurrentThreadAllocatedBytes() - heap;
            mostHeap = Math.max(mostHeap, used);
            mostNanos = Math.max(mostNanos, nanos);
            assertThat(used).as("bytes of heap").isLessThan(heapAtLeast + heapPerByte * bytes);
            assertThat(nanos).as("nanoseconds").isLessThan(NANOS_AT_LEAST);
            return result;
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

    private static boolean compiles(byte[] mutant, Engine engine) {
        try {
            engine.compile(mutant).close();
            return true;
        } catch (UnsupportedFeatureException | CompilationException | LimitExceededException e) {
            return false;
        }
    }

    // ---- originals

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
