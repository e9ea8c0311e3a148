package org.sallyport.validator;

import org.sallyport.wasm.Effect;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.ValType;

/**
 * The effect column of the opcode table as type codes, by {@link Opcode#ordinal()}; null where an instruction has no
 * such effect.
 */
final class Effects {
    private static final Opcode[] OPCODES = Opcode.values();

    /** Operands of regular instructions. */
    static final int[][] POPS = new int[OPCODES.length][];
    /** Results of regular instructions. */
    static final int[][] PUSHES = new int[OPCODES.length][];
    /** Operands of memory accesses, with an address of 32 bits. */
    static final int[][] POPS_32 = new int[OPCODES.length][];
    /** The same with an address of 64 bits. */
    static final int[][] POPS_64 = new int[OPCODES.length][];
    /** Results of memory accesses. */
    static final int[][] LOADS = new int[OPCODES.length][];
    /** Feature bit of each instruction, or 0. */
    static final long[] FEATURE = new long[OPCODES.length];
    /** Exponent of the natural alignment. */
    static final int[] ALIGN = new int[OPCODES.length];

    static {
        for (Opcode op : OPCODES) {
            int i = op.ordinal();
            switch (op.effect()) {
                case Effect.Fixed(ValType[] pops, ValType[] pushes) -> {
                    POPS[i] = codes(pops);
                    PUSHES[i] = codes(pushes);
                }
                case Effect.Access(int bytes, boolean _, ValType[] operands, ValType[] pushes) -> {
                    POPS_32[i] = behind(Types.I32, codes(operands));
                    POPS_64[i] = behind(Types.I64, codes(operands));
                    LOADS[i] = codes(pushes);
                    ALIGN[i] = Integer.numberOfTrailingZeros(bytes);
                }
                case Effect.Special() -> {}
            }
            if (op.feature() != null) {
                FEATURE[i] = Uses.bit(op.feature());
            }
        }
    }

    private Effects() {}

    private static int[] codes(ValType[] types) {
        int[] codes = new int[types.length];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = Types.simpleCode(types[i]);
        }
        return codes;
    }

    private static int[] behind(int first, int[] rest) {
        int[] all = new int[rest.length + 1];
        all[0] = first;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }
}
