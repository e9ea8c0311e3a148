package org.sallyport.codegen.lir;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.regalloc.Operand;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.codegen.regalloc.Registers;

/**
 * Checks that machine instructions over virtual registers are what the register allocator and the emitter rely on. Run behind
 * instruction selection in tests and with {@code CompileOptions.verify}. It checks that
 *
 * <ul>
 *   <li>the entry has neither predecessors nor parameters; every block can be reached, stands behind its dominators, and ends
 *       with its only terminator, which has the successors it needs; predecessors are the successors turned round;
 *   <li>parameters are given arguments of their register class, by blocks with one successor; where moves must stand before a
 *       terminator, it has no operands;
 *   <li>every virtual register is defined once, and that dominates its uses; what a call defines that ends a block is used only
 *       where the call has returned;
 *   <li>operands exist, definitions before uses; registers that are given are of the operand's class and may be allocated, and
 *       no two operands that live at once are given the same one;
 *   <li>a definition that reuses a register reuses that of a use of its class; what may be exchanged can be;
 *   <li>jump tables name successors of their block;
 *   <li>instructions are as the machine's {@link Rules} have it.
 * </ul>
 *
 * What the allocator makes of it is proved by {@link org.sallyport.codegen.regalloc.AllocationChecker}.
 */
public final class LirVerifier {
    /** What a machine knows of its instructions. */
    public interface Rules {
        /** A function begins. @param function index in the module */
        void begin(int function);

        /** What is wrong with the instruction's operands and fields, or null. */
        @Nullable String fault(int instruction);

        /** Whether only a block's last instruction may be that. */
        boolean ends(int instruction);

        /** Whether a block with so many successors may end with the instruction. */
        boolean endsWith(int instruction, int successors);

        /** The function as text. */
        String print();
    }

    private static final int NOWHERE = -1;

    private final Lir lir;
    private final Rules rules;
    private final LirDominators dominators = new LirDominators();
    private int function;

    /** By virtual register: block of its definition, and its instruction there; -1: a parameter. */
    private int[] definedIn = {};
    private int[] definedBy = {};
    /** By virtual register: somebody reads it. */
    private boolean[] isUsed = {};

    public LirVerifier(Lir lir, Rules rules) {
        this.lir = lir;
        this.rules = rules;
    }

    /** @throws AssertionError with the fault, the instruction and the whole function */
    public void check(int functionIndex) {
        function = functionIndex;
        rules.begin(functionIndex);
        checkBlocks();
        String fault = dominators.compute(lir);
        require(fault == null, -1, fault);
        collectDefinitions();
        for (int b = 0; b < lir.blockCount(); b++) {
            checkEdges(b);
            for (int i = lir.blockStart(b); i < lir.blockEnd(b); i++) {
                checkOperands(i, b);
                fault = rules.fault(i);
                require(fault == null, i, fault);
            }
        }
        for (int i = 0; i < lir.instructionCount(); i++) {
            checkDestroyed(i);
        }
    }

    private void require(boolean condition, int instruction, @Nullable String text) {
        if (!condition) {
            String where = instruction < 0 ? "" : " at instruction " + instruction;
            String dump = lir.instructionCount() > 2000 ? "" : "\n" + rules.print();
            throw new AssertionError("BUG: LIR of function " + function + where + ": " + text + dump);
        }
    }

    // ---- blocks

    private void checkBlocks() {
        require(lir.blockCount() > 0 && lir.blockStart(0) == 0, -1, "no entry");
        require(lir.predecessorCount(0) == 0 && lir.paramCount(0) == 0, -1, "the entry is entered");
        int edges = 0;
        for (int b = 0; b < lir.blockCount(); b++) {
            int last = lir.blockEnd(b) - 1;
            require(last >= lir.blockStart(b), -1, "b" + b + " is empty");
            for (int i = lir.blockStart(b); i < last; i++) {
                require(!rules.ends(i), i, "a terminator within b" + b);
            }
            int n = lir.successorCount(b);
            require(rules.endsWith(last, n), last, "no terminator of b" + b + " with " + n + " successors");
            for (int s = 0; s < n; s++) {
                int to = lir.successor(b, s);
                require(to >= 0 && to < lir.blockCount(), last, "b" + b + " leads to b" + to);
                require(isPredecessor(b, to), last, "b" + to + " does not know its predecessor b" + b);
            }
            edges += n - lir.predecessorCount(b);
        }
        require(edges == 0, -1, "predecessors that are none");
        require(lir.blockEnd(lir.blockCount() - 1) == lir.instructionCount(), -1, "instructions of no block");
    }

    private boolean isPredecessor(int block, int of) {
        for (int p = 0; p < lir.predecessorCount(of); p++) {
            if (lir.predecessor(of, p) == block) {
                return true;
            }
        }
        return false;
    }

    private void checkEdges(int b) {
        int last = lir.blockEnd(b) - 1;
        int n = lir.successorCount(b);
        for (int s = 0; s < n; s++) {
            int to = lir.successor(b, s);
            int arguments = lir.paramCount(to);
            require(arguments == 0 || n == 1, last, "arguments on an edge of several, to b" + to);
            require(lir.hasArguments(b) || arguments == 0, last, "no arguments for b" + to);
            for (int i = 0; i < arguments; i++) {
                int argument = lir.branchArg(b, s, i);
                checkUse(argument, b, Integer.MAX_VALUE, last);
                isUsed[argument] = true;
                require(isOf(argument, lir.registerClass(lir.param(to, i))), last, "argument " + i + " is of another class");
            }
        }
        if (n == 1 && lir.predecessorCount(lir.successor(b, 0)) > 1) {
            require(lir.operandCount(last) == 0, last, "operands where moves must stand before the terminator");
        }
    }

    // ---- virtual registers

    private void collectDefinitions() {
        int n = lir.vregCount();
        if (definedIn.length < n) {
            definedIn = new int[2 * n];
            definedBy = new int[2 * n];
            isUsed = new boolean[2 * n];
        }
        Arrays.fill(definedIn, 0, n, NOWHERE);
        Arrays.fill(isUsed, 0, n, false);
        for (int b = 0; b < lir.blockCount(); b++) {
            for (int p = 0; p < lir.paramCount(b); p++) {
                define(lir.param(b, p), b, -1);
            }
            for (int i = lir.blockStart(b); i < lir.blockEnd(b); i++) {
                for (int k = lir.operandStart(i); k < lir.operandStart(i + 1); k++) {
                    if (Operand.isDef(lir.operand(k))) {
                        define(Operand.vreg(lir.operand(k)), b, i);
                    }
                }
            }
        }
    }

    private void define(int vreg, int block, int instruction) {
        require(vreg >= 0 && vreg < lir.vregCount(), instruction, "there is no v" + vreg);
        require(definedIn[vreg] == NOWHERE, instruction, "v" + vreg + " is defined again");
        definedIn[vreg] = block;
        definedBy[vreg] = instruction;
    }

    /** @param at the instruction that must stand behind the definition */
    private void checkUse(int vreg, int block, int at, int instruction) {
        require(vreg >= 0 && vreg < lir.vregCount(), instruction, "there is no v" + vreg);
        int from = definedIn[vreg];
        require(from != NOWHERE, instruction, "v" + vreg + " is not defined");
        if (from == block) {
            require(definedBy[vreg] < at, instruction, "v" + vreg + " is not defined yet");
        } else {
            require(dominators.dominates(from, block), instruction, "v" + vreg + " is not defined on every way here");
        }
        boolean byCall = definedBy[vreg] == lir.blockEnd(from) - 1 && lir.successorCount(from) > 1;
        require(!byCall || from != block && dominators.dominates(lir.successor(from, 0), block), instruction,
                "v" + vreg + " was not returned");
    }

    private boolean isOf(int vreg, RegisterClass registerClass) {
        return lir.registerClass(vreg) == registerClass;
    }

    // ---- operands

    private void checkOperands(int i, int b) {
        int start = lir.operandStart(i);
        int end = lir.operandStart(i + 1);
        int uses = start;
        while (uses < end && Operand.isDef(lir.operand(uses))) {
            uses++;
        }
        for (int k = start; k < end; k++) {
            long operand = lir.operand(k);
            require(k < uses == Operand.isDef(operand), i, "a definition behind uses");
            if (k >= uses) {
                checkUse(Operand.vreg(operand), b, i, i);
                isUsed[Operand.vreg(operand)] = true;
            }
            checkConstraint(i, k, operand);
        }
        checkRegisters(i, start, end);
        if (lir.isCommutative(i)) {
            checkExchange(i, start, uses, end);
        }
        if (lir.isMove(i)) {
            require(uses == start + 1 && end == uses + 1, i, "a move of several registers");
        }
    }

    private void checkConstraint(int i, int k, long operand) {
        String name = "operand " + (k - lir.operandStart(i));
        switch (Operand.constraint(operand)) {
            case Operand.REGISTER -> { }
            case Operand.ANY -> require(!Operand.isExtended(operand), i, name + " may be in memory, and takes part in timing");
            case Operand.FIXED -> {
                int register = Operand.register(operand);
                require((lir.allocatable() >>> register & 1) != 0, i, name + " is in register " + register);
                boolean isInt = lir.registerClass(Operand.vreg(operand)) == RegisterClass.INT;
                require(isInt != Registers.isVector(register), i, name + " is in a register of another class");
            }
            case Operand.REUSE -> checkReuse(i, operand, name);
            case Operand.SLOT -> require(!Operand.isDef(operand), i, name + " is defined in its slot");
            default -> require(false, i, name + " has no such constraint");
        }
    }

    private void checkReuse(int i, long operand, String name) {
        int reused = lir.operandStart(i) + Operand.register(operand);
        boolean isUse = reused < lir.operandStart(i + 1) && !Operand.isDef(lir.operand(reused));
        require(Operand.isDef(operand) && isUse, i, name + " reuses no use");
        require(Operand.constraint(lir.operand(reused)) == Operand.REGISTER, i, name + " reuses what may be elsewhere");
        require(!Operand.isExtended(lir.operand(reused)) && !Operand.isExtended(operand), i, name + " lives with what it reuses");
        RegisterClass wanted = lir.registerClass(Operand.vreg(operand));
        boolean isVector = wanted != RegisterClass.INT;
        boolean fits = isVector != isOf(Operand.vreg(lir.operand(reused)), RegisterClass.INT);
        require(fits, i, name + " reuses a register of another class");
    }

    /** Registers that are given, at the instruction's start, throughout it, and at its end. */
    private void checkRegisters(int i, int start, int end) {
        long read = 0;
        long written = 0;
        long held = 0;
        for (int k = start; k < end; k++) {
            long operand = lir.operand(k);
            if (Operand.constraint(operand) != Operand.FIXED) {
                continue;
            }
            long bit = Registers.bit(Operand.register(operand));
            boolean isDef = Operand.isDef(operand);
            require(((isDef ? written : read) & bit) == 0, i, "two operands in register " + Operand.register(operand));
            if (isDef) {
                written |= bit;
            } else {
                read |= bit;
            }
            held |= Operand.isExtended(operand) ? bit : 0;
        }
        require((held & read & written) == 0, i, "a result in the register of an operand that is still read");
        require((lir.clobbers(i) & held & read) == 0, i, "destroys an operand that is still read");
    }

    /** What is destroyed may be a temporary of the instruction, not a result that somebody reads. */
    private void checkDestroyed(int i) {
        for (int k = lir.operandStart(i); k < lir.operandStart(i + 1); k++) {
            long operand = lir.operand(k);
            boolean isResult = Operand.isDef(operand) && Operand.constraint(operand) == Operand.FIXED
                    && (!Operand.isExtended(operand) || isUsed[Operand.vreg(operand)]);
            require(!isResult || (lir.clobbers(i) >>> Operand.register(operand) & 1) == 0, i, "destroys its own results");
        }
    }

    private void checkExchange(int i, int start, int uses, int end) {
        int reused = -1;
        for (int k = start; k < uses; k++) {
            if (Operand.constraint(lir.operand(k)) == Operand.REUSE) {
                reused = start + Operand.register(lir.operand(k));
            }
        }
        require(reused >= 0 && reused + 1 < end, i, "nothing to exchange");
        for (int k = reused; k <= reused + 1; k++) {
            int constraint = Operand.constraint(lir.operand(k));
            require(constraint == Operand.REGISTER || constraint == Operand.ANY, i, "exchanges what is fixed");
        }
        int other = Operand.vreg(lir.operand(reused + 1));
        require(isOf(other, lir.registerClass(Operand.vreg(lir.operand(reused)))), i, "exchanges registers of two classes");
    }
}
