package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.LoopLocals.ensure;

import java.util.Arrays;

/**
 * Lets accesses at {@code x + c1}, {@code x + c2}, … share one address register, with the difference in the offset.
 *
 * <p><b>Why that needs an argument.</b> The sums are i32 and wrap around, offsets do not: {@code x + c} with x near
 * 4 GiB is a low
 * address, which an offset would miss. But an access that was executed did not trap, so its address y lies inside
 * the memory, and
 * no 32-bit memory is larger than 4 GiB less {@link #GAP} (docs/abi.md). Hence for every access that it dominates:
 * <ul>
 *   <li>y + d with 0 < d <= GAP does not wrap, and d may go into the offset;
 *   <li>y - d wraps only for y < d. Then the wrapped address is in the last GAP bytes below 4 GiB and must trap; as
 * an offset it
 *       points to the GAP bytes below the memory's base, which are never accessible, and traps as well. This holds
 * for the sum
 *       itself, so only accesses with no other offset are treated.
 * </ul>
 * The sums then have no user left. Only accesses within the same loop share, so that no register is held for long.
 */
final class ShareAddresses {
    /** Bytes below the base and below 4 GiB that no memory has. */
    static final int GAP = 64 << 10;

    private static final long MAX_OFFSET = Integer.MAX_VALUE;

    private Cfg cfg = Graph.NO_CFG;
    private Graph graph = Graph.NOTHING;
    /** By value x: the access whose address others may use, or -1; its address and the constant in it. */
    private int[] anchor = new int[256];
    private int[] anchorAddress = new int[256];
    private int[] anchorConstant = new int[256];

    void run(Graph of) {
        graph = of;
        cfg = graph.cfg();
        anchor = ensure(anchor, graph.size());
        anchorAddress = ensure(anchorAddress, graph.size());
        anchorConstant = ensure(anchorConstant, graph.size());
        Arrays.fill(anchor, 0, graph.size(), -1);
        for (int i = 0; i < cfg.count(); i++) {
            int b = cfg.block(i);
            for (int v = graph.first(b); v >= 0; v = graph.next(v)) {
                Op op = graph.op(v);
                if ((op == Op.LOAD || op == Op.STORE) && !graph.isChecked(v) && !graph.isConst(graph.a(v))) {
                    access(v, b);
                }
            }
        }
    }

    private void access(int v, int b) {
        int address = graph.a(v);
        int root = address;
        int constant = 0;
        if (graph.op(address) == Op.ADD && graph.isConst(graph.b(address))) {
            root = graph.a(address);
            constant = (int) graph.imm(graph.b(address));
        }
        boolean found = anchor[root] >= 0 && isNear(graph.blockOf(anchor[root]), b);
        if (!found || constant == 0) {
            anchor[root] = v;
            anchorAddress[root] = address;
            anchorConstant[root] = constant;
            return;
        }
        int distance = constant - anchorConstant[root];
        long offset = graph.imm(v) + distance;
        boolean up = distance > 0 && distance <= GAP && offset <= MAX_OFFSET;
        boolean down = distance < 0 && distance >= -GAP && graph.imm(v) == 0;
        if (up || down) {
            graph.setA(v, anchorAddress[root]);
            graph.setImm(v, offset);
        }
    }

    /** Whether a block dominates the other within the same loop. */
    private boolean isNear(int from, int to) {
        return from == to || cfg.loopHeader(from) == cfg.loopHeader(to) && cfg.dominates(from, to);
    }
}
