package org.sallyport.codegen.regalloc;

/**
 * Numbers of the points in a function at which the allocator tells states apart: four for each instruction, ascending
 * in layout order. Ranges of points are half-open.
 *
 * <table>
 * <caption>The points of instruction i</caption>
 * <tr><td>{@code entry}</td><td>between the instruction before (or the edge into the block) and this one</td></tr>
 * <tr><td>{@code before}</td><td>moves before the instruction have happened</td></tr>
 * <tr><td>{@code early}</td><td>operands are read; early definitions are written</td></tr>
 * <tr><td>{@code late}</td><td>results are written; late uses are still needed</td></tr>
 * <tr><td>{@code after}</td><td>moves behind the instruction have happened; equal to the next {@code entry}</td></tr>
 * </table>
 */
final class Point {
    /** Points per instruction, as a shift. */
    static final int SHIFT = 2;

    private Point() {}

    static int entry(int instruction) {
        return instruction << SHIFT;
    }

    static int before(int instruction) {
        return (instruction << SHIFT) + 1;
    }

    static int early(int instruction) {
        return (instruction << SHIFT) + 2;
    }

    static int late(int instruction) {
        return (instruction << SHIFT) + 3;
    }

    static int after(int instruction) {
        return instruction + 1 << SHIFT;
    }

    static int instruction(int point) {
        return point >> SHIFT;
    }

    /** The instruction before an {@code entry} point, the same instruction for all others. */
    static int instructionBefore(int point) {
        return point - 1 >> SHIFT;
    }

    /** The last point not behind {@code point} at which a value may change its register. */
    static int lastMovePoint(int point) {
        return (point & 3) == 0 ? point : point & ~3 | 1;
    }
}
