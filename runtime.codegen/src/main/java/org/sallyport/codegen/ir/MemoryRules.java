package org.sallyport.codegen.ir;

import static org.sallyport.codegen.ir.Rewriter.NO;
import static org.sallyport.codegen.ir.Rule.first;

/** Rules for loads and stores. */
final class MemoryRules {
    /** Offsets up to here fit the addressing modes. */
    private static final long MAX_OFFSET = Integer.MAX_VALUE;

    private MemoryRules() {}

    static void addTo(Rules t) {
        for (Op op : Op.values()) {
            if (!op.isLinearAccess()) {
                continue;
            }
            t.add(op, "address-const", first(Op.CONST), MemoryRules::constantAddress);
            t.add(op, "address-sum", first(Op.ADD), MemoryRules::sumAddress);
        }
        for (Op op : new Op[] {Op.VMLOAD, Op.VMSTORE}) {
            t.add(op, "context-address-sum", first(Op.ADD), MemoryRules::contextSum);
        }
        t.add(Op.STORE, "store-low-bits", MemoryRules::storedValue);
    }

    private static int constantAddress(Rewriter r, int v, int x, int y) {
        long offset = r.graph().imm(v);
        if (!r.isConst(x) || r.value(x) == 0 || r.unsigned(x) < 0 || r.unsigned(x) > MAX_OFFSET - Math.min(offset, MAX_OFFSET)) {
            return NO;
        }
        r.graph().setA(v, r.constantLike(x, 0));
        r.graph().setImm(v, offset + r.unsigned(x));
        return v;
    }

    /**
     * The constant part of an address goes into the offset if the sum cannot wrap around: an offset is added without
     * wrapping, and
     * an access beyond 4 GiB must trap, not reach low memory.
     */
    private static int sumAddress(Rewriter r, int v, int x, int y) {
        if (!r.isWithConst(x, Op.ADD)) {
            return NO;
        }
        long c = r.unsigned(r.b(x));
        long offset = r.graph().imm(v);
        long possible = r.possible(r.a(x));
        long max = possible == 0 ? 0 : -1L >>> Long.numberOfLeadingZeros(possible);
        long top = r.isI32(x) ? 0xFFFF_FFFFL : Long.MAX_VALUE;
        if (c < 0 || max < 0 || max > top - c || c > MAX_OFFSET - Math.min(offset, MAX_OFFSET)) {
            return NO;
        }
        r.graph().setA(v, r.a(x));
        r.graph().setImm(v, offset + c);
        return v;
    }

    private static int contextSum(Rewriter r, int v, int x, int y) {
        if (!r.isWithConst(x, Op.ADD)) {
            return NO;
        }
        long offset = r.graph().imm(v) + r.value(r.b(x));
        if (offset != (int) offset) {
            return NO;
        }
        r.graph().setA(v, r.a(x));
        r.graph().setImm(v, offset);
        return v;
    }

    /** A store of the low bits need not care how the value came by its upper ones. */
    private static int storedValue(Rewriter r, int v, int x, int y) {
        int bits = r.graph().access(v).bytes() * 8;
        if (!r.type(y).isInt() || bits == 64) {
            return NO;
        }
        long low = (1L << bits) - 1;
        boolean hidden = switch (r.op(y)) {
            case EXTEND8_S -> bits <= 8;
            case EXTEND16_S -> bits <= 16;
            case EXTEND_S, EXTEND_U, WRAP -> bits <= 32;
            case AND -> r.isConst(r.b(y)) && (r.value(r.b(y)) & low) == low;
            default -> false;
        };
        if (!hidden) {
            return NO;
        }
        r.graph().setB(v, r.a(y));
        return v;
    }
}
