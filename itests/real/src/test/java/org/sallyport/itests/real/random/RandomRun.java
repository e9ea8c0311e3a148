package org.sallyport.itests.real.random;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;
import org.sallyport.itests.inputs.RealInputs;
import org.sallyport.itests.support.random.Family;
import org.sallyport.itests.support.random.NodeEngine;
import org.sallyport.itests.support.random.RandomModule;

/**
 * Compares as many random modules of a family as are asked for, and tells how far it is and what it found, reduced: {@code
 * sallyport.random.family} (ALL), {@code sallyport.random.count} (1000), {@code sallyport.seed} (1), {@code
 * sallyport.random.settings} (two by chance; or names of {@link Settings} that every module has). With {@code
 * sallyport.random.print}, the texts of the one seed only.
 */
final class RandomRun {
    private static final int BATCH = 32;
    private static final int SHOWN = 1024;
    private static final int ENOUGH_DIFFERENCES = 10;
    private static final int REDUCING_SECONDS = 90;
    private static final long NODE_SECONDS = 10;

    private RandomRun() {}

    public static void main(String[] args) {
        Family family = Family.valueOf(System.getProperty("sallyport.random.family", "ALL"));
        int count = Integer.getInteger("sallyport.random.count", 1000);
        long seed = Long.getLong("sallyport.seed", 1);
        if (Boolean.getBoolean("sallyport.random.print")) {
            new RandomModule(seed, family).texts().forEach(System.out::println);
            return;
        }
        try (NodeEngine node = node()) {
            System.exit(run(family, seed, count, node, System.out).isEmpty() ? 0 : 1);
        }
    }

    /** V8 of a fixed version; null, said on standard error, where npm does not give it. */
    static @Nullable NodeEngine node() {
        try {
            return new NodeEngine(RealInputs.node(), NODE_SECONDS);
        } catch (TestAbortedException e) {
            return null;
        }
    }

    /** What was found; after ten differences it ends. */
    static List<Comparison.Difference> run(
            Family family, long seed, int count, @Nullable NodeEngine node, PrintStream out) {
        List<Comparison.Difference> all = new ArrayList<>();
        long start = System.nanoTime();
        try (Comparison comparison = new Comparison(node)) {
            for (int done = 0; done < count && all.size() < ENOUGH_DIFFERENCES;) {
                int batch = Math.min(BATCH, count - done);
                for (Comparison.Difference difference : comparison.compare(family, seed + done, batch)) {
                    all.add(difference);
                    out.println(difference);
                    if (Set.copyOf(all).size() <= ENOUGH_DIFFERENCES / 2) {
                        comparison.reduce(difference, REDUCING_SECONDS).forEach(out::println);
                    }
                }
                done += batch;
                if (done % SHOWN == 0 || done == count) {
                    out.printf("%s: %d modules from seed %d in %.0f s, %d differences, ends %s, engines %s%n", family, done, seed,
                            (System.nanoTime() - start) / 1e9, all.size(), comparison.ends(), comparison.runs());
                }
            }
        }
        return all;
    }
}
