package org.sallyport.codegen.lir;

import java.util.Arrays;
import org.sallyport.codegen.meter.Meter;

/** Instructions of a {@link Lir} and their operands, in arrays: as they were made, or in execution order. */
final class LirCode {
    private static final int INSTRUCTION_BYTES = 35;

    private final Meter meter;
    int count;
    short[] op = new short[256];
    byte[] flags = new byte[256];
    int[] aux = new int[256];
    int[] disp = new int[256];
    long[] imm = new long[256];
    int[] position = new int[256];
    long[] clobbers = new long[256];
    /** One more than instructions. */
    int[] operandStart = new int[257];
    long[] operands = new long[1024];
    int operandCount;

    LirCode(Meter meter) {
        this.meter = meter;
    }

    void clear() {
        count = 0;
        operandCount = 0;
        operandStart[0] = 0;
    }

    /** Makes room for {@code n} instructions. */
    void ensure(int n) {
        if (n > op.length) {
            int to = Math.max(n, op.length * 2);
            meter.take((long) (to - op.length) * INSTRUCTION_BYTES);
            op = Arrays.copyOf(op, to);
            flags = Arrays.copyOf(flags, to);
            aux = Arrays.copyOf(aux, to);
            disp = Arrays.copyOf(disp, to);
            imm = Arrays.copyOf(imm, to);
            position = Arrays.copyOf(position, to);
            clobbers = Arrays.copyOf(clobbers, to);
            operandStart = Arrays.copyOf(operandStart, to + 1);
        }
    }

    void ensureOperands(int n) {
        if (n > operands.length) {
            int to = Math.max(n, operands.length * 2);
            meter.take((to - operands.length) * 8L);
            operands = Arrays.copyOf(operands, to);
        }
    }

    /** Appends the instructions from {@code start} up to {@code end}. */
    void copy(LirCode from, int start, int end) {
        // groups are short: one loop for all arrays is faster than copying each
        int to = count;
        int k = operandCount;
        for (int i = start; i < end; i++) {
            op[to] = from.op[i];
            flags[to] = from.flags[i];
            aux[to] = from.aux[i];
            disp[to] = from.disp[i];
            imm[to] = from.imm[i];
            position[to] = from.position[i];
            clobbers[to] = from.clobbers[i];
            for (int x = from.operandStart[i]; x < from.operandStart[i + 1]; x++) {
                operands[k++] = from.operands[x];
            }
            operandStart[++to] = k;
        }
        count = to;
        operandCount = k;
    }
}
