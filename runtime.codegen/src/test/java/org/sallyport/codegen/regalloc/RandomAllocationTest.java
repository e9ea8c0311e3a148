package org.sallyport.codegen.regalloc;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RandomAllocationTest {
    /** One for all, to see that nothing of a function stays behind in the memory of the next. */
    private static final RegisterAllocator ALLOCATOR = new RegisterAllocator();

    @Test
    void smallFunctionsAreAllocatedCorrectly() {
        run(1, 3_000, 6, 20, 8);
    }

    @Test
    void mediumFunctionsAreAllocatedCorrectly() {
        run(1_000_000, 300, 25, 150, 30);
    }

    @Test
    void largeFunctionsAreAllocatedCorrectly() {
        run(2_000_000, 10, 200, 1_500, 60);
    }

    @Test
    void functionsTooLargeToFollowAreAllocatedCorrectly() {
        for (long seed = 5_000_000; seed < 5_000_500; seed++) {
            allocate(seed, shape(seed, 20, 100, 20), (int) (seed % 4) * 40);
        }
    }

    /** As many registers of each kind as AArch64 has. */
    @Test
    void machinesWithManyRegistersAreServed() {
        for (long seed = 8_000_000; seed < 8_001_000; seed++) {
            RandomCode.Shape few = shape(seed, 12, 80, 70);
            int registers = 20 + (int) (seed % 12);
            allocate(seed, new RandomCode.Shape(few.blocks(), few.instructions(), few.variables(), few.calls(), registers,
                    few.structured()), Integer.MAX_VALUE);
        }
    }

    private static void run(long first, int count, int blocks, int instructions, int variables) {
        for (long seed = first; seed < first + count; seed++) {
            allocate(seed, shape(seed, blocks, instructions, variables), Integer.MAX_VALUE);
        }
    }

    private static RandomCode.Shape shape(long seed, int blocks, int instructions, int variables) {
        var random = new Random(~seed);
        int registers = random.nextBoolean() ? 11 : 5 + random.nextInt(4);
        return new RandomCode.Shape(1 + random.nextInt(blocks), 1 + random.nextInt(instructions),
                2 + random.nextInt(variables), random.nextBoolean() ? 0 : random.nextInt(15), registers,
                random.nextInt(3) > 0);
    }

    private static void allocate(long seed, RandomCode.Shape shape, int maxVisits) {
        TestCode code = RandomCode.generate(seed, shape);
        Allocation allocation = null;
        try {
            allocation = ALLOCATOR.run(code, maxVisits);
            AllocationChecker.check(code, allocation);
        } catch (Throwable e) {
            boolean print = code.instructionCount() < Integer.getInteger("sallyport.print", 300);
            String text = print ? "\n" + AllocationPrinter.print(code, allocation) : "";
            throw new AssertionError("seed " + seed + " " + shape + ": " + e.getMessage() + text, e);
        }
    }
}
