package org.sallyport.codegen.regalloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.sallyport.codegen.regalloc.TestCode.ALL;
import static org.sallyport.codegen.regalloc.TestCode.ALL_INT;
import static org.sallyport.codegen.regalloc.TestCode.RAX;
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
import static org.sallyport.codegen.regalloc.TestCode.slot;
import static org.sallyport.codegen.regalloc.TestCode.temp;
import static org.sallyport.codegen.regalloc.TestCode.use;

import org.junit.jupiter.api.Test;

/** Shapes of code by hand, each with the moves it may cost. */
class AllocationShapesTest {
    private final TestCode code = new TestCode();
    private Allocation allocation = RegisterAllocator.allocate(new TestCode().block(0).op().build());

    private void allocate() {
        code.build();
        allocation = RegisterAllocator.allocate(code);
        AllocationChecker.check(code, allocation);
    }

    private String text() {
        return AllocationPrinter.print(code, allocation);
    }

    /** Moves at the instructions of blocks with at least {@code depth} loops around them that are not cold. */
    private int movesAtDepth(int depth) {
        int n = 0;
        for (int m = 0; m < allocation.moveCount(); m++) {
            int i = allocation.movePoints()[m] >> 1;
            for (int b = 0; b < code.blockCount(); b++) {
                boolean inside = code.blockStart(b) <= i && i < code.blockEnd(b);
                if (inside && code.loopDepth(b) >= depth && !code.isCold(b)) n++;
            }
        }
        return n;
    }

    private void expectMoves(int all, int inLoops) {
        assertThat(allocation.moveCount()).as(text()).isEqualTo(all);
        assertThat(movesAtDepth(1)).as(text()).isEqualTo(inLoops);
    }

    @Test
    void straightLineOfTwoAddressCodeNeedsNoMoves() {
        int[] v = code.values(5);
        code.block(0).op(defIn(v[0], RDI), defIn(v[1], RSI));
        code.op(reuse(v[2], 1), use(v[0]), use(v[1]));
        code.op(reuse(v[3], 1), use(v[2]), use(v[2]));
        code.op(reuse(v[4], 1), use(v[3]), any(v[1]));
        code.op(in(v[4], RDI));
        allocate();
        expectMoves(0, 0);
    }

    @Test
    void chainIsComputedInTheRegisterWhereItIsReturned() {
        int[] v = code.values(4);
        code.block(0).op(defIn(v[0], RDI));
        code.op(def(v[1]), use(v[0]));
        code.op(reuse(v[2], 1), use(v[1]), use(v[0]));
        code.op(reuse(v[3], 1), use(v[2]), use(v[0]));
        code.op(in(v[3], RAX));
        allocate();
        expectMoves(0, 0);
    }

    @Test
    void valueThatLivesOnIsCopiedOnce() {
        int[] v = code.values(3);
        code.block(0).op(defIn(v[0], RDI), defIn(v[1], RSI));
        code.op(reuse(v[2], 1), use(v[0]), use(v[1]));
        code.op(use(v[0]), use(v[1]), use(v[2]));
        allocate();
        expectMoves(1, 0);
    }

    @Test
    void commutativeOperationOverwritesTheDyingOperand() {
        int[] v = code.values(3);
        code.block(0).op(defIn(v[0], RDI), defIn(v[1], RSI));
        code.op(reuse(v[2], 1), use(v[0]), use(v[1])).commutative();
        code.op(use(v[0]), use(v[2]));
        allocate();
        expectMoves(0, 0);
    }

    @Test
    void commutativeOperationReadsTheOperandInMemoryThere() {
        int[] v = code.values(3);
        code.block(0).op(defIn(v[0], RDI));
        code.op(defIn(v[1], RAX)).call();
        code.op(reuse(v[2], 1), use(v[0]), any(v[1])).commutative();
        code.op(in(v[2], RAX));
        allocate();
        expectMoves(1, 0);
        assertThat(Allocation.isSlot(allocation.operands()[code.operandStart(2) + 2])).as(text()).isTrue();
    }

    @Test
    void subtractionFromItselfReadsOneRegister() {
        int[] v = code.values(3);
        code.block(0).op(defIn(v[0], RDI));
        code.op(reuse(v[1], 1), use(v[0]), use(v[0]));
        code.op(use(v[1]));
        allocate();
        expectMoves(0, 0);
    }

    @Test
    void countingLoopHasNoMoves() {
        int[] v = code.values(8);
        code.block(0).op(defIn(v[0], RDI), defIn(v[1], RSI)).op(def(v[2])).op(def(v[3])).jump(1, v[2], v[3]);
        code.block(1, v[4], v[5]);
        code.op(reuse(v[6], 1), use(v[5]), any(v[0]));
        code.op(reuse(v[7], 1), use(v[4]));
        code.op(use(v[7]), any(v[1])).to(2).to(3);
        code.block(1).jump(1, v[7], v[6]);
        code.block(0).op(in(v[6], RAX));
        allocate();
        assertThat(movesAtDepth(1)).as(text()).isZero();
        assertThat(allocation.moveCount()).as(text()).isLessThanOrEqualTo(1);
    }

    @Test
    void swapAroundTheBackEdgeGoesThroughTheScratchRegister() {
        int[] v = code.values(5);
        code.block(0).op(defIn(v[0], RDI), defIn(v[1], RSI), defIn(v[4], RDX)).jump(1, v[0], v[1]);
        code.block(1, v[2], v[3]).op(use(v[4]), use(v[2]), use(v[3])).to(2).to(3);
        code.block(1).jump(1, v[3], v[2]);
        code.block(0).op(use(v[2]), use(v[3]));
        allocate();
        expectMoves(3, 3);
    }

    @Test
    void rotationOfManyParametersIsOneCycle() {
        int n = 9;
        int[] init = code.values(n);
        int[] p = code.values(n);
        code.block(0);
        for (int x : init) code.op(def(x));
        code.jump(1, init);
        code.block(1, p);
        for (int x : p) code.op(use(x));
        code.op(use(p[0])).to(2).to(3);
        int[] rotated = new int[n];
        for (int x = 0; x < n; x++) rotated[x] = p[(x + 1) % n];
        code.block(1).jump(1, rotated);
        code.block(0).op();
        allocate();
        expectMoves(n + 1, n + 1);
    }

    @Test
    void rotationInMemoryIsOneCycle() {
        code.allocatable(0b1111 | 0xFL << Registers.VECTORS);
        int n = 7;
        int[] init = code.values(n);
        int[] p = code.values(n);
        int wide = code.value(RegisterClass.VECTOR);
        code.block(0).op(def(wide));
        for (int x : init) code.op(def(x));
        code.jump(1, init);
        code.block(1, p).op().clobbersAll();
        for (int x : p) code.op(any(x));
        code.op(any(wide)).to(2).to(3);
        int[] rotated = new int[n];
        for (int x = 0; x < n; x++) rotated[x] = p[(x + 1) % n];
        code.block(1).jump(1, rotated);
        code.block(0).op();
        allocate();
        assertThat(movesAtDepth(1)).as(text()).isLessThanOrEqualTo(2 * n + 2);
    }

    @Test
    void valueUsedInALoopIsLoadedBeforeIt() {
        int[] v = code.values(4);
        code.block(0).op(defIn(v[0], RDI)).op(in(v[0], RDI)).call().jump(1);
        code.block(1).op(use(v[0])).to(2).to(3);
        code.block(1).jump(1);
        code.block(0).op(use(v[0]));
        allocate();
        expectMoves(2, 0);
    }

    @Test
    void coldCallCostsTheHotPathNothing() {
        int[] v = code.values(4);
        code.block(0).op(defIn(v[0], RDI), defIn(v[1], RSI)).jump(1);
        code.block(1).op(use(v[0]), use(v[1])).to(2).to(3);
        code.block(1).cold().op().call().jump(4);
        code.block(1).jump(4);
        code.block(1).op(use(v[0]), any(v[1])).to(5).to(6);
        code.block(1).jump(1);
        code.block(0).op(use(v[0]));
        allocate();
        assertThat(movesAtDepth(0)).as(text()).isZero();
    }

    @Test
    void valueIsStoredOnceBeforeTheLoopWithTheCall() {
        int[] v = code.values(3);
        code.block(0).op(defIn(v[0], RDI)).jump(1);
        code.block(1).op().call().op(any(v[0])).to(2).to(3);
        code.block(1).jump(1);
        code.block(0).op(any(v[0]));
        allocate();
        expectMoves(1, 0);
    }

    @Test
    void unusedValueLeavesItsRegisterBeforeTheCrowdedLoop() {
        code.allocatable(ALL_INT);
        int[] far = code.values(5);
        int[] near = code.values(10);
        code.block(0);
        for (int x : far) code.op(def(x));
        for (int x : near) code.op(def(x));
        code.jump(1);
        code.block(1);
        for (int x : near) code.op(use(x));
        code.op(use(near[0])).to(2).to(3);
        code.block(1).jump(1);
        code.block(0);
        for (int x : far) code.op(use(x));
        allocate();
        assertThat(movesAtDepth(1)).as(text()).isZero();
    }

    @Test
    void divisionsKeepTheirRegistersFree() {
        int[] v = code.values(8);
        code.block(0).op(defIn(v[0], RDI), defIn(v[1], RSI), defIn(v[2], RDX), defIn(v[3], RAX));
        code.op(in(v[0], RAX), late(v[1]), defIn(v[4], RAX)).destroys(1 << RDX);
        code.op(in(v[4], RAX), late(v[2]), defIn(v[5], RAX)).destroys(1 << RDX);
        code.op(in(v[3], RAX), late(v[5]), defIn(v[6], RDX)).destroys(1 << RAX);
        code.op(in(v[6], RAX));
        allocate();
        assertThat(allocation.moveCount()).as(text()).isLessThanOrEqualTo(7);
    }

    @Test
    void oneValueInTwoFixedRegisters() {
        int[] v = code.values(2);
        code.block(0).op(defIn(v[0], RDI));
        code.op(in(v[0], RDI), in(v[0], RSI), defIn(v[1], RAX)).call();
        code.op(use(v[1]));
        allocate();
        expectMoves(1, 0);
    }

    @Test
    void argumentsSwapPlaces() {
        int[] v = code.values(2);
        code.block(0).op(defIn(v[0], RDI), defIn(v[1], RSI));
        code.op(in(v[0], RSI), in(v[1], RDI)).call();
        allocate();
        assertThat(allocation.moveCount()).as(text()).isLessThanOrEqualTo(3);
    }

    @Test
    void temporariesDoNotDestroyOperands() {
        code.allocatable(0b1111 | 0xFL << Registers.VECTORS);
        int[] v = code.values(6);
        code.block(0).op(def(v[0])).op(def(v[1])).op(def(v[2]));
        code.op(temp(v[3]), use(v[0]), use(v[1]), def(v[4]));
        code.op(use(v[2]), use(v[4]), use(v[0]));
        allocate();
        int k = code.operandStart(3);
        assertThat(allocation.operands()[k]).isNotEqualTo(allocation.operands()[k + 1]);
    }

    @Test
    void constantIsMadeAgainAndNeverStored() {
        int c = code.constant(RegisterClass.INT);
        int f = code.constant(RegisterClass.FLOAT);
        code.block(0).op(def(c)).op(def(f)).op().call().op(use(c), use(f)).op().call().op(any(c));
        allocate();
        assertThat(allocation.spillUnits()).isZero();
        for (int m = 0; m < allocation.moveCount(); m++) {
            assertThat(allocation.moveFrom()[m]).as(text()).isEqualTo(Allocation.REMATERIALIZE);
        }
    }

    @Test
    void referenceLiveAcrossACallIsInItsSlot() {
        int[] v = code.values(2);
        code.block(0).op(defIn(v[0], RDI)).op(slot(v[0])).call().op(use(v[0]));
        allocate();
        assertThat(Allocation.isSlot(allocation.operands()[code.operandStart(1)])).isTrue();
        expectMoves(2, 0);
    }

    @Test
    void sixteenByteSlotsAreAligned() {
        int i = code.value();
        int v = code.value(RegisterClass.VECTOR);
        int f = code.value(RegisterClass.FLOAT);
        int w = code.value(RegisterClass.VECTOR);
        code.block(0).op(def(i)).op(def(v)).op(def(f)).op(def(w)).op().call().op(any(i), any(v), any(f), any(w));
        allocate();
        assertThat(allocation.spillUnits()).isEqualTo(6);
    }

    @Test
    void resultsOfATerminatorReachBothSuccessors() {
        int[] v = code.values(3);
        code.block(0).op(defIn(v[0], RDI));
        code.op(in(v[0], RDI), defIn(v[1], RAX)).call().to(1).to(2);
        code.block(0).op().call().op(use(v[1]), any(v[0]));
        code.block(0).cold().op(use(v[1]));
        allocate();
        assertThat(allocation.spillUnits()).isEqualTo(2);
    }

    @Test
    void irreducibleCycleIsConnected() {
        code.allocatable(0b1111 | 0xFL << Registers.VECTORS);
        int[] v = code.values(6);
        int[] p = code.values(2);
        code.block(0);
        for (int x : v) code.op(def(x));
        code.op(use(v[0])).to(1).to(2);
        code.block(0).jump(3, v[1]);
        code.block(0).jump(4, v[2]);
        code.block(1, p[0]).op(use(p[0]), use(v[3])).jump(5);
        code.block(1, p[1]).op(use(p[1]), use(v[4])).op(any(v[5])).to(6).to(7);
        code.block(1).op().clobbersAll().jump(4, p[0]);
        code.block(1).jump(3, p[1]);
        code.block(0).op(use(v[0]), use(v[5]));
        allocate();
        assertThat(allocation.spillUnits()).isPositive();
    }

    @Test
    void criticalEdgeWithoutArgumentsGoesThroughMemory() {
        int[] v = code.values(2);
        code.block(0).op(defIn(v[0], RDI), defIn(v[1], RSI)).op().to(1).to(2);
        code.block(0).op(use(v[0])).to(2).to(3);
        code.block(0).op(any(v[0]), any(v[1]));
        code.block(0).op(use(v[1]));
        allocate();
        assertThat(allocation.spillUnits()).isEqualTo(2);
    }

    @Test
    void shiftCountMayStayInItsRegister() {
        int[] v = code.values(7);
        code.block(0).op(defIn(v[0], RDI), defIn(v[1], RSI), defIn(v[6], RDX)).jump(1, v[0]);
        code.block(1, v[2]).op(reuse(v[3], 1), use(v[2]), in(v[1], RCX));
        code.op(use(v[3]), use(v[6])).to(2).to(3);
        code.block(1).jump(1, v[3]);
        code.block(0).op(use(v[3]), use(v[1]));
        allocate();
        assertThat(movesAtDepth(1)).as(text()).isZero();
    }

    @Test
    void floatsAndIntegersDoNotDisturbEachOther() {
        int x = code.value(RegisterClass.FLOAT);
        int y = code.value(RegisterClass.FLOAT);
        int[] v = code.values(2);
        code.allocatable(ALL).block(0).op(defIn(x, XMM0), defIn(v[0], RDI));
        code.op(reuse(y, 1), use(x), use(x)).op(reuse(v[1], 1), use(v[0]), use(v[0]));
        code.op(in(y, XMM0), in(v[1], RDI));
        allocate();
        expectMoves(0, 0);
    }
}
