package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.aarch64.MemoryAssembler.Atomic;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.lir.Lir;

/** Selects instructions for atomic accesses: acquiring loads, releasing stores, sequentially consistent among each other. */
final class LowerAtomics {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final Address address;

    LowerAtomics(Selection s, Address address) {
        this.s = s;
        this.address = address;
        graph = s.graph;
        lir = s.lir;
    }

    boolean lower(int v, Op op) {
        switch (op) {
            case ATOMIC_LOAD -> {
                address.of(v);
                lir.add(Inst.LDAR.ordinal(), size(v) | address.aux(), address.position());
                lir.def(s.result(v));
                address.write();
            }
            case ATOMIC_STORE -> {
                int value = value(v);
                address.of(v);
                lir.add(Inst.STLR.ordinal(), size(v) | address.aux(), address.position());
                lir.use(value);
                address.write();
            }
            case ATOMIC_XCHG -> modify(v, Atomic.SWPAL);
            case ATOMIC_ADD -> modify(v, Atomic.LDADDAL);
            case ATOMIC_AND -> modify(v, Atomic.LDCLRAL);
            case ATOMIC_OR -> modify(v, Atomic.LDSETAL);
            case ATOMIC_XOR -> modify(v, Atomic.LDEORAL);
            case ATOMIC_CMPXCHG -> compareAndExchange(v);
            case ATOMIC_FENCE -> s.open(Inst.DMB, 0, v);
            default -> {
                return false;
            }
        }
        return true;
    }

    private int size(int v) {
        return Fields.subNumber(Integer.numberOfTrailingZeros(graph.access(v).bytes()));
    }

    /** The second operand, of which only as many bits count as are accessed. */
    private int value(int v) {
        return s.lowReg(graph.b(v), graph.access(v).bytes() * 8);
    }

    private void modify(int v, Atomic row) {
        int value = value(v);
        address.of(v);
        lir.add(Inst.MODIFY.ordinal(), size(v) | address.aux(), address.position());
        lir.setImm(row.ordinal());
        lir.defEarly(s.result(v));
        lir.use(value);
        address.write();
    }

    private void compareAndExchange(int v) {
        int bits = graph.access(v).bytes() * 8;
        int expected = s.reg(graph.b(v));
        int value = s.lowReg(graph.c(v), bits);
        boolean fits = bits == 64 || s.maximum(graph.b(v)) >>> bits == 0;
        address.of(v);
        lir.add(Inst.CMPXCHG.ordinal(), size(v) | (fits ? Fields.UNCHECKED : 0) | address.aux(), address.position());
        lir.defEarly(s.result(v));
        lir.use(expected);
        lir.use(value);
        address.write();
    }
}
