package org.sallyport.codegen.regalloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.sallyport.codegen.regalloc.TestCode.RAX;
import static org.sallyport.codegen.regalloc.TestCode.RBX;
import static org.sallyport.codegen.regalloc.TestCode.RCX;
import static org.sallyport.codegen.regalloc.TestCode.RDI;
import static org.sallyport.codegen.regalloc.TestCode.RDX;
import static org.sallyport.codegen.regalloc.TestCode.RSI;
import static org.sallyport.codegen.regalloc.TestCode.XMM0;
import static org.sallyport.codegen.regalloc.TestCode.any;
import static org.sallyport.codegen.regalloc.TestCode.def;
import static org.sallyport.codegen.regalloc.TestCode.defIn;
import static org.sallyport.codegen.regalloc.TestCode.in;
import static org.sallyport.codegen.regalloc.TestCode.late;
import static org.sallyport.codegen.regalloc.TestCode.reuse;
import static org.sallyport.codegen.regalloc.TestCode.temp;
import static org.sallyport.codegen.regalloc.TestCode.use;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The checker must refuse what is wrong: each case is an allocation by hand with one fault. */
class AllocationCheckerTest {
    private static final int SCRATCH = 11;
    private static final int SLOT = Allocation.SLOT_BASE;

    private final TestCode code = new TestCode();

    /** @param moves rows of point, from, to, vreg */
    private void expect(String message, int units, int[] places, int[]... moves) {
        var wide = new boolean[moves.length];
        int[][] columns = new int[4][moves.length];
        for (int m = 0; m < moves.length; m++) {
            for (int c = 0; c < 4; c++) columns[c][m] = moves[m][c];
            wide[m] = code.registerClass(moves[m][3]) == RegisterClass.VECTOR;
        }
        var allocation = new Allocation(
                places, units, moves.length, columns[0], columns[1], columns[2], columns[3], wide);
        if (message.isEmpty()) AllocationChecker.check(code.build(), allocation);
        else assertThatThrownBy(() -> AllocationChecker.check(code.build(), allocation)).hasMessageContaining(message);
    }

    private static int[] at(int... places) {
        return places;
    }

    private static int[] move(int point, int from, int to, int vreg) {
        return new int[] {point, from, to, vreg};
    }

    @Test
    void refusesAUseOfAnotherValue() {
        int[] v = code.values(2);
        code.block(0).op(def(v[0])).op(def(v[1])).op(use(v[0]), use(v[1]));
        expect("", 0, at(RAX, RCX, RAX, RCX));
        expect("does not hold v0", 0, at(RAX, RCX, RCX, RAX));
        expect("does not hold v0", 0, at(RAX, RAX, RAX, RAX));
    }

    @Test
    void refusesWhatACallDestroys() {
        int v = code.value();
        code.block(0).op(def(v)).op().call().op(use(v));
        expect("does not hold v0", 0, at(RBX, RBX));
        expect("", 1, at(RBX, RBX), move(1, RBX, SLOT, v), move(4, SLOT, RBX, v));
        expect("outside of the spill area", 1, at(RBX, RBX), move(1, RBX, SLOT + 1, v), move(4, SLOT + 1, RBX, v));
    }

    @Test
    void refusesBrokenConstraints() {
        int[] v = code.values(2);
        int f = code.value(RegisterClass.FLOAT);
        code.block(0).op(defIn(v[0], RDI)).op(def(f)).op(in(v[0], RDI), use(f), def(v[1]));
        expect("", 0, at(RDI, XMM0, RDI, XMM0, RDI));
        expect("should be fixed", 0, at(RSI, XMM0, RSI, XMM0, RDI));
        expect("wrong kind", 0, at(RDI, RAX, RDI, RAX, RDI));
        expect("not allocatable", 0, at(RDI, XMM0, RDI, XMM0, 4));
        expect("needs a register", 1, at(RDI, XMM0, RDI, XMM0, SLOT));
    }

    @Test
    void refusesResultsThatDestroyOperands() {
        int[] v = code.values(4);
        code.block(0).op(def(v[0])).op(def(v[1])).op(use(v[0]), late(v[1]), temp(v[2]), def(v[3]));
        expect("", 0, at(RAX, RCX, RAX, RCX, RDX, RAX));
        expect("destroys a late use", 0, at(RAX, RCX, RAX, RCX, RDX, RCX));
        expect("early result destroys a use", 0, at(RAX, RCX, RAX, RCX, RAX, RBX));
        expect("results in one place", 0, at(RAX, RCX, RAX, RCX, RDX, RDX));
    }

    @Test
    void refusesABrokenTwoAddressForm() {
        int[] v = code.values(3);
        code.block(0).op(def(v[0])).op(def(v[1])).op(reuse(v[2], 1), use(v[0]), use(v[1])).op(use(v[2]));
        expect("", 0, at(RAX, RCX, RAX, RAX, RCX, RAX));
        expect("should reuse", 0, at(RAX, RCX, RDX, RAX, RCX, RDX));
        expect("does not hold v0", 0, at(RAX, RCX, RCX, RCX, RAX, RCX));
        expect("does not hold v0", 0, at(RAX, RAX, RAX, RAX, RAX, RAX));
    }

    @Test
    void acceptsExchangedOperandsOnlyWhereAllowed() {
        int[] v = code.values(3);
        code.block(0).op(def(v[0])).op(def(v[1])).op(reuse(v[2], 1), use(v[0]), use(v[1])).commutative().op(use(v[2]));
        expect("", 0, at(RAX, RCX, RCX, RCX, RAX, RCX));
        expect("does not hold", 0, at(RAX, RCX, RCX, RCX, RBX, RCX));
    }

    @Test
    void refusesTheValueOfTheLastIteration() {
        int[] v = code.values(2);
        code.block(0).op(def(v[0])).op().to(1);
        code.block(1).op(def(v[1]), use(v[0])).op(use(v[1])).op().to(2).to(3);
        code.block(1).op().to(1);
        code.block(0).op();
        expect("", 0, at(RAX, RCX, RAX, RCX));
        // v1 is put aside behind its definition, and the second iteration reads what the first put aside
        expect("does not hold v1", 0, at(RAX, RCX, RAX, RBX), move(8, RCX, RBX, v[1]));
    }

    @Test
    void refusesAParameterWithoutItsArgument() {
        int[] v = code.values(3);
        code.block(0).op(def(v[0])).op(def(v[1])).op(use(v[0])).to(1).to(2);
        code.block(0).op().to(3, v[0]);
        code.block(0).op().to(3, v[1]);
        code.block(0, v[2]).op(use(v[2]));
        expect("", 0, at(RAX, RCX, RAX, RAX), move(8, RCX, RAX, v[1]));
        expect("does not hold v2", 0, at(RAX, RCX, RAX, RAX));
    }

    @Test
    void refusesWrongMoves() {
        int v = code.value();
        int c = code.constant(RegisterClass.INT);
        code.block(0).op(def(v)).op(def(c)).op(any(v), use(c));
        int[] load = move(3, -1, RDX, c);
        expect("", 2, at(RAX, RCX, SLOT, RDX), move(1, RAX, SCRATCH, v), move(1, SCRATCH, SLOT, v), load);
        expect("no constant", 2, at(RAX, RCX, RBX, RCX), move(3, -1, RBX, v));
        expect("memory to memory", 2, at(RAX, RCX, SLOT, RCX), move(1, RAX, SLOT + 1, v), move(3, SLOT + 1, SLOT, v));
        expect("does not hold it", 2, at(RAX, RCX, RBX, RCX), move(3, RCX, RBX, v));
        expect("uses register 4", 2, at(RAX, RCX, RAX, RCX), move(3, RCX, 4, c));
        expect("out of order", 2, at(RAX, RCX, RAX, RCX), move(3, RCX, RBX, c), move(1, RAX, RBX, v));
    }

    @Test
    void refusesAScratchRegisterAcrossAnInstruction() {
        int v = code.value();
        code.block(0).op(def(v)).op().op(use(v));
        expect("does not hold", 0, at(RAX, RBX), move(1, RAX, SCRATCH, v), move(4, SCRATCH, RBX, v));
    }

    @Test
    void refusesOverlappingSlots() {
        int w = code.value(RegisterClass.VECTOR);
        int v = code.value();
        code.block(0).op(def(w)).op(def(v)).op(any(w), any(v));
        expect("", 3, at(XMM0, RAX, SLOT, SLOT + 2), move(1, XMM0, SLOT, w), move(3, RAX, SLOT + 2, v));
        expect("does not hold v0", 3, at(XMM0, RAX, SLOT, SLOT + 1), move(1, XMM0, SLOT, w), move(3, RAX, SLOT + 1, v));
        expect("not aligned", 3, at(XMM0, RAX, SLOT + 1, SLOT), move(1, XMM0, SLOT + 1, w), move(3, RAX, SLOT, v));
    }

    /** Faults put into right allocations of random code; a few do no harm, as in a value that nobody reads. */
    @Test
    void findsNearlyAllRandomFaults() {
        int found = 0;
        int faults = 600;
        for (int seed = 0; seed < faults; seed++) {
            TestCode random = RandomCode.generate(seed, new RandomCode.Shape(6, 30, 8, 8, 6, seed % 2 == 0));
            Allocation broken = breakIt(RegisterAllocator.allocate(random), new Random(seed));
            try {
                AllocationChecker.check(random, broken);
            } catch (AssertionError e) {
                found++;
            }
        }
        assertThat(found).isGreaterThan(faults * 8 / 10);
    }

    private static Allocation breakIt(Allocation a, Random random) {
        int[] places = a.operands().clone();
        int[] to = a.moveTo().clone();
        int[] from = a.moveFrom().clone();
        int m = a.moveCount() == 0 ? -1 : random.nextInt(a.moveCount());
        if (m >= 0 && random.nextBoolean()) {
            if (random.nextBoolean()) to[m] ^= 1;
            else from[m] = from[m] < 0 ? to[m] : from[m] ^ 1;
        } else {
            places[random.nextInt(places.length)] ^= 1;
        }
        return new Allocation(
                places, a.spillUnits(), a.moveCount(), a.movePoints(), from, to, a.moveVreg(), a.moveVector());
    }
}
