package org.sallyport.codegen.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.sallyport.CompileOptions;

/** Random programs mean the same before and after every pass. */
class DifferentialTest {
    private static final int PROGRAMS = Integer.getInteger("sallyport.ir.programs", 1500);
    private static final long SEED = Long.getLong("sallyport.ir.seed", 1);
    private static final int STEPS = 20_000;

    private final List<long[]> arguments = new ArrayList<>();
    private int finished;

    @Test
    void passesKeepTheMeaning() {
        for (int i = 0; i < PROGRAMS; i++) {
            program(SEED + i, CompileOptions.DEFAULT.withExplicitBoundsChecks(i % 4 == 3).withFuel(i % 8 > 4));
        }
        assertThat(finished).as("runs that came to an end").isGreaterThan(PROGRAMS);
    }

    private void program(long seed, CompileOptions options) {
        TestModule module = new RandomBody(seed, 40 + (int) (seed % 200)).module(options);
        chooseArguments(seed);
        Graph graph = module.buildLowered();
        String built = graph.toString();
        Verifier.verify(graph, "build " + seed);
        List<Interpreter.Outcome> before = run(module, graph);
        String last = built;
        for (Optimizer.Pass pass : Optimizer.all()) {
            pass.body().accept(graph);
            Verifier.verify(graph, pass.name() + " " + seed);
            List<Interpreter.Outcome> after = run(module, graph);
            for (int i = 0; i < before.size(); i++) {
                if (before.get(i) != null && after.get(i) != null && !before.get(i).equals(after.get(i))) {
                    fail("seed %d: pass %s changed %s to %s\n%s\n%s", seed, pass.name(), text(before.get(i)), text(after.get(i)),
                            last, graph);
                }
            }
            last = graph.toString();
        }
    }

    private static String text(Interpreter.Outcome outcome) {
        return outcome.fuel() + " " + outcome.end() + outcome.events() + outcome.memoryHash();
    }

    private void chooseArguments(long seed) {
        Random random = new Random(seed);
        arguments.clear();
        for (int i = 0; i < 4; i++) {
            arguments.add(new long[] {
                random.nextInt(20), (int) (random.nextLong() >> random.nextInt(64)), random.nextLong() >> random.nextInt(64),
                Float.floatToRawIntBits(random.nextInt(1000) / 8f) & 0xFFFF_FFFFL,
                Double.doubleToRawLongBits(random.nextGaussian())
            });
        }
    }

    /** Outcomes for all arguments; null where a run takes too long. */
    private List<Interpreter.Outcome> run(TestModule module, Graph graph) {
        List<Interpreter.Outcome> outcomes = new ArrayList<>();
        var structures = module.structures();
        long[] cells = module.volatileCells();
        for (long[] list : arguments) {
            long fuel = list[0] % 2 == 0 ? STEPS : 7 * list[0]; // some runs have too little
            try {
                outcomes.add(new Interpreter(graph, structures, cells, STEPS).withFuel(fuel).run(list));
                finished++;
            } catch (Interpreter.OutOfSteps _) {
                outcomes.add(null);
            }
        }
        return outcomes;
    }
}
