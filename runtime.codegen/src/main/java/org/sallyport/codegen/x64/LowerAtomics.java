package org.sallyport.codegen.x64;

import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;

/**
 * Selects instructions for atomic accesses. On x86-64 (SDM vol. 3, 9.2) loads are ordered among loads and stores among
 * stores; a sequentially consistent store is one that is ordered before later loads, too: XCHG, which is locked as it is.
 */
final class LowerAtomics {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final Address address;
    private final LowerMemory memory;

    LowerAtomics(Selection s, Address address, LowerMemory memory) {
        this.s = s;
        this.address = address;
        this.memory = memory;
        graph = s.graph;
        lir = s.lir;
    }

    boolean lower(int v, Op op) {
        switch (op) {
            case ATOMIC_LOAD -> memory.load(v, v);
            case ATOMIC_STORE -> exchange(v, Inst.XCHG, lir.newVreg(RegisterClass.INT));
            case ATOMIC_XCHG -> exchange(v, Inst.XCHG, s.result(v));
            case ATOMIC_ADD -> {
                if (s.isWanted(v)) {
                    exchange(v, Inst.LOCK_XADD, s.result(v));
                } else {
                    inPlace(v, Alu.ADD);
                }
            }
            case ATOMIC_AND -> modify(v, Alu.AND);
            case ATOMIC_OR -> modify(v, Alu.OR);
            case ATOMIC_XOR -> modify(v, Alu.XOR);
            case ATOMIC_CMPXCHG -> compareAndExchange(v);
            case ATOMIC_FENCE -> lir.add(Inst.MFENCE.ordinal(), 0, graph.position(v));
            default -> {
                return false;
            }
        }
        return true;
    }

    private int width(int v) {
        return Fields.width(LowerMemory.width(graph.access(v)));
    }

    /** The second operand, of which only as many bits count as are accessed. */
    private int value(int v) {
        return s.lowReg(graph.b(v), graph.access(v).bytes() * 8);
    }

    private void exchange(int v, Inst inst, int result) {
        int value = value(v);
        address.of(v);
        lir.add(inst.ordinal(), width(v) | address.aux(), address.position());
        lir.defReuse(result, 1);
        lir.use(value);
        address.write();
    }

    private void modify(int v, Alu op) {
        if (!s.isWanted(v)) {
            inPlace(v, op);
            return;
        }
        int value = value(v);
        address.of(v);
        lir.add(Inst.LOCK_LOOP.ordinal(), width(v) | Fields.sub(op) | address.aux(), address.position());
        lir.defFixedEarly(s.result(v), Reg.RAX);
        lir.defEarly(lir.newVreg(RegisterClass.INT));
        lir.use(value);
        address.write();
    }

    /** Nobody wants what was there. */
    private void inPlace(int v, Alu op) {
        int b = graph.b(v);
        Access access = graph.access(v);
        int aux = width(v) | Fields.sub(op);
        if (s.isImm(b) || graph.isConst(b) && access.bytes() < 8) {
            address.of(v);
            lir.add(Inst.LOCK_ALU_MI.ordinal(), aux | address.aux(), address.position());
            lir.setImm(LowerMemory.narrow((int) graph.imm(b), access));
        } else {
            int value = value(v);
            address.of(v);
            lir.add(Inst.LOCK_ALU_MR.ordinal(), aux | address.aux(), address.position());
            lir.use(value);
        }
        address.write();
    }

    private void compareAndExchange(int v) {
        int bits = graph.access(v).bytes() * 8;
        int expected = s.reg(graph.b(v));
        int value = s.lowReg(graph.c(v), bits);
        long most = s.maximum(graph.b(v));
        boolean fits = bits == 64 || most >>> bits == 0;
        address.of(v);
        int aux = width(v) | (fits ? Fields.UNCHECKED : 0);
        lir.add(Inst.LOCK_CMPXCHG.ordinal(), aux | address.aux(), address.position());
        lir.defFixed(s.result(v), Reg.RAX);
        lir.useFixed(expected, Reg.RAX);
        lir.use(value);
        address.write();
    }
}
