package org.sallyport.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The C kernels of {@code kernels/}, one trait of compiled code each, in Sallyport and in a peer. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 7, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class Kernels {
    @Param({"sallyport", "chicory"})
    public String engine;

    @Param({
        "calls", "alu32", "alu64", "float64", "cipher", "bignum", "matrix", "bytes", "random", "table", "indirect", "sort",
        "brtable", "blake3", "chacha", "sha512", "blake2b", "matrix4", "machine", "bulk", "hostcall", "callin"
    })
    public String kernel;

    private Guest guest;
    private int rounds;

    @Setup
    public void setUp() throws ReflectiveOperationException, IOException {
        guest = Guest.of(engine, kernel);
        rounds = rounds().get(kernel);
    }

    @TearDown
    public void tearDown() {
        guest.close();
    }

    @Benchmark
    public long run() throws Throwable {
        return kernel.equals("callin") ? guest.callIn(rounds) : guest.run(rounds);
    }

    /** Rounds per run by kernel, the same for every engine and for the native programs. */
    static Map<String, Integer> rounds() throws IOException {
        Map<String, Integer> map = new LinkedHashMap<>();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                Kernels.class.getResourceAsStream("/kernels/rounds.txt"), StandardCharsets.UTF_8))) {
            for (String line; (line = in.readLine()) != null; ) {
                String[] words = line.split(" ");
                map.put(words[0], Integer.valueOf(words[1]));
            }
        }
        return map;
    }
}
