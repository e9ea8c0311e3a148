package org.sallyport.codegen.regalloc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Very large functions are allocated, and correctly; the times are printed, not judged. */
class ScalingTest {
    private static void allocate(String name, TestCode code) {
        AllocationChecker.check(code, measure(name, code));
    }

    private static Allocation measure(String name, TestCode code) {
        long start = System.nanoTime();
        Allocation allocation = RegisterAllocator.allocate(code);
        long ms = (System.nanoTime() - start) / 1_000_000;
        System.out.println(name + ": " + code.instructionCount() + " instructions, " + allocation.moveCount()
                + " moves, " + ms + " ms");
        assertThat(allocation.operands()).hasSize(code.operandStart(code.instructionCount()));
        return allocation;
    }

    @Test
    void hundredThousandRandomInstructions() {
        allocate("random", RandomCode.generate(7, new RandomCode.Shape(10_000, 100_000, 40, 3, 11, true)));
    }

    @Test
    void oneBlockOfHalfAMillion() {
        var code = new TestCode();
        int n = 500_000;
        int[] v = code.values(n);
        code.block(0);
        for (int x = 0; x < n; x++) {
            if (x < 40) code.op(TestCode.def(v[x]));
            else code.op(TestCode.reuse(v[x], 1), TestCode.any(v[x - 1 - x % 29]), TestCode.any(v[x - 40]));
        }
        allocate("one block", code.build());
    }

    @Test
    void manyValuesThroughManyBlocks() {
        var code = new TestCode();
        int values = 300;
        int blocks = 20_000;
        int[] v = code.values(values);
        code.block(0);
        for (int x : v) code.op(TestCode.def(x));
        code.op().to(1);
        for (int b = 1; b < blocks; b += 3) {
            code.block(0).op(TestCode.use(v[b % values])).to(b + 1).to(b + 2);
            code.block(0).op().call().op().to(b + 3);
            code.block(0).op(TestCode.any(v[b * 7 % values])).to(b + 3);
        }
        code.block(0);
        for (int x : v) code.op(TestCode.use(x));
        allocate("long lives", code.build());
    }

    /** More pairs of values and blocks than could be followed; the checker could not either. */
    @Test
    void hostilelyManyValuesThroughManyBlocks() {
        var code = new TestCode();
        int n = 20_000;
        int[] v = code.values(n);
        code.block(0);
        for (int x : v) code.op(TestCode.def(x));
        code.op().to(1);
        for (int b = 1; b <= n; b++) {
            code.block(b % 2).op(TestCode.use(v[n - b])).to(b + 1);
            if (b % 2 == 1) code.to(2 * n + 1 - b);
        }
        for (int b = n + 1; b <= 2 * n; b++) code.block(0).op().to(b + 1);
        code.block(0).op();
        measure("hostile", code.build());
    }

    @Test
    void deeplyNestedLoops() {
        var code = new TestCode();
        int depth = 300;
        int[] v = code.values(depth + 1);
        code.block(0);
        for (int x : v) code.op(TestCode.def(x));
        code.op().to(1);
        for (int d = 0; d < depth; d++) code.block(d + 1).op(TestCode.use(v[d])).op().to(d + 2);
        for (int d = depth; d > 0; d--) {
            int b = code.currentBlock() + 1;
            code.block(d).op(TestCode.use(v[d])).to(b + 1).to(b + 2);
            code.block(d).op().to(d);
        }
        code.block(0).op(TestCode.use(v[0]));
        allocate("deep loops", code.build());
    }

    @Test
    void oneHeaderWithManyLatches() {
        var code = new TestCode();
        int ways = 4_000;
        int[] init = code.values(30);
        int[] p = code.values(30);
        code.block(0);
        for (int x : init) code.op(TestCode.def(x));
        code.op().to(1, init);
        code.block(1, p).op(TestCode.use(p[0]));
        for (int w = 0; w < ways; w++) code.to(2 + w);
        for (int w = 0; w < ways; w++) {
            int[] next = p.clone();
            int x = code.value();
            next[w % 30] = x;
            code.block(1).op(TestCode.reuse(x, 1), TestCode.any(p[w % 30]), TestCode.any(p[(w + 7) % 30]));
            if (w % 10 == 0) code.op().call();
            code.op();
            if (w != 5) code.to(1, next);
        }
        allocate("interpreter", code.build());
    }
}
