package org.sallyport.codegen.regalloc;

import java.util.Arrays;
import java.util.Locale;

/** What an allocation costs at run time, each move weighted by 10 to the power of the loops around it. */
final class AllocationQuality {
    double loads;
    double stores;
    double copies;
    double constants;
    double memoryOperands;
    double instructions;
    long moves;

    void add(AllocatableCode code, Allocation allocation) {
        double[] weight = new double[code.instructionCount()];
        for (int b = 0; b < code.blockCount(); b++) {
            double w = Math.pow(10, code.loopDepth(b)) * (code.isCold(b) ? 0.001 : 1);
            Arrays.fill(weight, code.blockStart(b), code.blockEnd(b), w);
        }
        for (double w : weight) instructions += w;
        moves += allocation.moveCount();
        for (int m = 0; m < allocation.moveCount(); m++) {
            double w = weight[allocation.movePoints()[m] >> 1];
            int from = allocation.moveFrom()[m];
            if (from < 0) constants += w;
            else if (Allocation.isSlot(from)) loads += w;
            else if (Allocation.isSlot(allocation.moveTo()[m])) stores += w;
            else copies += w;
        }
        for (int i = 0; i < code.instructionCount(); i++) {
            for (int k = code.operandStart(i); k < code.operandStart(i + 1); k++) {
                boolean inMemory = Operand.constraint(code.operand(k)) == Operand.ANY
                        && Allocation.isSlot(allocation.operands()[k]);
                if (inMemory) memoryOperands += weight[i];
            }
        }
    }

    /** Loads 3, memory operands 2.5, stores 2, copies and constants 1. */
    double cost() {
        return loads * 3 + memoryOperands * 2.5 + stores * 2 + copies + constants;
    }

    @Override
    public String toString() {
        double per = 100 / instructions;
        return String.format(Locale.ROOT, "per 100 instructions: %.2f loads, %.2f stores, %.2f copies, %.2f constants,"
                + " %.2f memory operands; cost %.3f; %d moves", per * loads, per * stores, per * copies,
                per * constants, per * memoryOperands, per * cost(), moves);
    }
}
