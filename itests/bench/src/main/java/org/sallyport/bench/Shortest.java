package org.sallyport.bench;

import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.sallyport.Config;
import org.sallyport.Engine;
import org.sallyport.Module;
import org.sallyport.Store;

/**
 * Times a kernel by many short samples, of which the shortest is what the processor can do when nobody disturbs it: what
 * {@code peers/compare.py} compares on a machine that is busy with other things. Arguments: file, rounds of a run, samples,
 * milliseconds of a sample; prints nanoseconds of a run, the shortest and the median, and the checksum.
 */
public final class Shortest {
    private static final long WARM_UP = 60_000_000;

    private Shortest() {}

    public static void main(String[] args) throws Throwable {
        int rounds = Integer.parseInt(args[1]);
        long[] samples = new long[Integer.parseInt(args[2])];
        try (Engine engine = Engine.create(Config.defaults())) {
            Module module = engine.compile(Files.readAllBytes(Path.of(args[0])));
            Store store = engine.newStore();
            MethodHandle run = engine.newLinker().link(module).instantiate(store).func("run").handle();
            long begin = System.nanoTime();
            long runs = 0;
            long sum;
            do {
                sum = (long) run.invokeExact(rounds);
                runs++;
            } while (System.nanoTime() - begin < WARM_UP);
            runs = Math.max(1, Long.parseLong(args[3]) * 1_000_000 * runs / (System.nanoTime() - begin));
            for (int i = 0; i < samples.length; i++) {
                long start = System.nanoTime();
                for (long k = 0; k < runs; k++) {
                    sum = (long) run.invokeExact(rounds);
                }
                samples[i] = (System.nanoTime() - start) / runs;
            }
            Arrays.sort(samples);
            System.out.println(samples[0] + " " + samples[samples.length / 2] + " " + sum);
        }
    }
}
