package org.sallyport.codegen.regalloc;

/**
 * Result of register allocation: a place for every operand, and moves between instructions. A place is a register
 * ({@link Registers}, {@code 0..63}) or {@code SLOT_BASE + n}: the spill slot that begins at 8-byte unit {@code n} of
 * the frame's spill area (16-byte values take two units, {@code n} even).
 *
 * <p>Moves are already ordered for sequential execution (cycles broken with the scratch register): the emitter plays
 * them one by one. Each makes at most one memory access: between two slots the value goes through a scratch register,
 * which may be that of the other kind (an integer may pass through the vector scratch), so choose the machine
 * instruction by the two places and {@code moveVector}.
 *
 * @param operands the place of {@code operand(k)}
 * @param spillUnits 8-byte units of the spill area
 * @param movePoints for each move the point at which it happens, ascending: {@code 2 * instruction} is before the
 *     instruction, {@code 2 * instruction + 1} behind it. Moves on an edge stand before the terminator of the
 *     predecessor or before the first instruction of the successor
 * @param moveFrom source place, or {@link #REMATERIALIZE}
 * @param moveTo destination place
 * @param moveVreg the virtual register whose value moves (tells width and constant)
 * @param moveVector whether the move is of 16 bytes (class {@link RegisterClass#VECTOR})
 */
public record Allocation(
        int[] operands,
        int spillUnits,
        int moveCount,
        int[] movePoints,
        int[] moveFrom,
        int[] moveTo,
        int[] moveVreg,
        boolean[] moveVector) {
    public static final int SLOT_BASE = 64;
    /** {@code moveFrom}: make the constant of {@code moveVreg} in {@code moveTo} (always a register). */
    public static final int REMATERIALIZE = -1;

    public static boolean isSlot(int place) {
        return place >= SLOT_BASE;
    }
}
