package org.sallyport.codegen.regalloc;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints how good and how fast the allocator is on random code; for comparing heuristics. Not a test. */
final class AllocationFigures {
    private AllocationFigures() {}

    public static void main(String[] args) {
        quality("small, no calls", 400, new RandomCode.Shape(12, 80, 10, 0, 11, true));
        quality("small, calls", 400, new RandomCode.Shape(12, 80, 10, 8, 11, true));
        quality("pressure, no calls", 200, new RandomCode.Shape(30, 300, 30, 0, 11, true));
        quality("pressure, calls", 200, new RandomCode.Shape(30, 300, 30, 5, 11, true));
        quality("wild", 200, new RandomCode.Shape(30, 300, 20, 2, 11, false));
        speed("tiny functions", 3_000, new RandomCode.Shape(6, 30, 8, 5, 11, true));
        speed("functions of 300", 400, new RandomCode.Shape(30, 300, 16, 3, 11, true));
        speed("functions of 20 000", 8, new RandomCode.Shape(2_000, 20_000, 40, 3, 11, true));
        speed("one of 300 000", 1, new RandomCode.Shape(20_000, 300_000, 60, 3, 11, true));
    }

    private static void quality(String name, int count, RandomCode.Shape shape) {
        var quality = new AllocationQuality();
        for (int seed = 0; seed < count; seed++) {
            TestCode code = RandomCode.generate(seed, shape);
            quality.add(code, RegisterAllocator.allocate(code));
        }
        System.out.println(name + ": " + quality);
    }

    private static void speed(String name, int count, RandomCode.Shape shape) {
        List<TestCode> codes = new ArrayList<>();
        long instructions = 0;
        for (int seed = 0; seed < count; seed++) {
            codes.add(RandomCode.generate(seed, shape));
            instructions += codes.getLast().instructionCount();
        }
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 12; round++) {
            long start = cpuTime();
            for (TestCode code : codes) RegisterAllocator.allocate(code);
            best = Math.min(best, cpuTime() - start);
        }
        System.out.printf(Locale.ROOT,
                "%s: %d instructions in %d functions, %.2f M instructions/s, %.1f us a function%n",
                name, instructions, count, instructions * 1e3 / best, best / 1e3 / count);
    }

    private static long cpuTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
