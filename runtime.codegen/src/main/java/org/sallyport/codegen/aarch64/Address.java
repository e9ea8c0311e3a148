package org.sallyport.codegen.aarch64;

import static org.sallyport.codegen.aarch64.Reg.NONE;

import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.spi.VmLayout;

/**
 * The memory operand of the instruction that is being made: {@code base + (index << shift) + displacement}, of which emission
 * makes what the ISA has.
 *
 * <p><b>Why it stays inside the memory.</b> An i32 address has its upper half zero in a register (docs/abi.md), and only
 * values of type i32 that are whole in that sense are used as index: no 32-bit sum or shift is folded unless it is known not
 * to wrap. Then {@code base + index + offset} is below 8 GiB, which the memory's reservation covers. An i64 address was
 * checked.
 */
final class Address {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;

    private Fields.Base kind = Fields.Base.NONE;
    private int base = NONE;
    private int index = NONE;
    private int shift;
    private int disp;
    private boolean faults;
    private boolean nulls;
    private int position;

    Address(Selection s) {
        this.s = s;
        graph = s.graph;
        lir = s.lir;
    }

    private void clear() {
        kind = Fields.Base.NONE;
        base = NONE;
        index = NONE;
        shift = 0;
        disp = 0;
        faults = false;
        nulls = false;
    }

    /** The memory operand of a load or store, linear or of the runtime's structures. Asks for registers. */
    Address of(int access) {
        clear();
        position = graph.position(access);
        if (graph.op(access).isLinearAccess()) {
            linear(access);
        } else {
            disp = (int) graph.imm(access);
            structure(s.behindExtensions(graph.a(access)), access);
        }
        return this;
    }

    /** The same operand as {@link #of}, for a load that its user swallows. */
    Address swallow(int load) {
        s.swallow(load);
        return of(load);
    }

    Address outgoing(int offset) {
        clear();
        kind = Fields.Base.OUTGOING;
        disp = offset;
        return this;
    }

    Address incoming(int offset) {
        clear();
        kind = Fields.Base.INCOMING;
        disp = offset;
        return this;
    }

    // ---- linear memory

    private void linear(int access) {
        int memory = graph.memory(access);
        int address = graph.a(access);
        long offset = graph.imm(access); // below 2³², or negative and small: the pages before the base are guarded too
        faults = graph.isGuarded(access);
        nulls = Graph.isHeap(memory);
        if (graph.isConst(address)) {
            constantAddress(s.constantBits(address), offset);
        } else if (offset == (int) offset) {
            index = s.reg(offset == 0 ? peelShift(address, access) : address);
            disp = (int) offset;
        } else {
            index = add(s.reg(address), s.constant(offset));
        }
        if (memory == 0 || nulls && s.module.hasHeapBase()) {
            kind = Fields.Base.MEMORY0;
        } else {
            kind = Fields.Base.VREG;
            base = memoryBase(memory);
        }
    }

    private void constantAddress(long address, long offset) {
        if (address >= 0 && address + offset <= Integer.MAX_VALUE) {
            disp = (int) (address + offset);
        } else {
            index = s.constant(address + offset);
        }
    }

    private int add(int a, int b) {
        int sum = lir.newVreg(RegisterClass.INT);
        lir.add(Inst.ALU_RR.ordinal(), Fields.WIDE | Fields.sub(IntegerAssembler.Alu.ADD), position);
        lir.def(sum);
        lir.use(a);
        lir.use(b);
        return sum;
    }

    private int memoryBase(int memory) {
        int r = lir.newVreg(RegisterClass.INT);
        int fields = Fields.sub(MemoryAssembler.Moved.LDRX) | Fields.memory(Fields.Base.VMCTX, false, 0);
        lir.add(Inst.LOAD.ordinal(), fields, position);
        VmLayout layout = s.module.vmLayout();
        lir.setDisp(Graph.isHeap(memory) ? layout.heapBase() : layout.memoryBase(memory));
        lir.def(r);
        return r;
    }

    /** {@code x << n} as a shifted index, where that is the access's size and x so small that nothing is shifted out. */
    private int peelShift(int v, int access) {
        int log = Integer.numberOfTrailingZeros(graph.access(access).bytes());
        if (log == 0 || graph.op(v) != Op.SHL || !s.isFree(v) || !graph.isConst(graph.b(v))
                || graph.op(access).isAtomic()) {
            return v;
        }
        boolean isWide = graph.type(v) == Type.I64;
        long count = graph.imm(graph.b(v)) & (isWide ? 63 : 31);
        if (count != log || !isWide && s.maximum(graph.a(v)) << count > 0xFFFF_FFFFL) {
            return v;
        }
        shift = log;
        return graph.a(v);
    }

    // ---- structures

    private void structure(int address, int access) {
        int v = address;
        while (graph.op(v) == Op.ADD && s.isFree(v) && graph.isConst(graph.b(v))
                && disp + graph.imm(graph.b(v)) == (int) (disp + graph.imm(graph.b(v)))) {
            disp += (int) graph.imm(graph.b(v));
            v = s.behindExtensions(graph.a(v));
        }
        if (graph.op(v) == Op.VMCTX) {
            kind = Fields.Base.VMCTX;
            return;
        }
        kind = Fields.Base.VREG;
        if (graph.op(v) == Op.ADD && s.isPrivate(v) && disp == 0) {
            base = s.reg(graph.a(v));
            index = s.reg(peelShift(graph.b(v), access));
        } else {
            base = s.reg(v);
        }
    }

    // ---- writing

    /** The bits for {@link Fields} of an instruction with this operand. */
    int aux() {
        return Fields.memory(kind, index != NONE, shift) | (faults ? Fields.FAULTS : 0) | (nulls ? Fields.NULLS : 0);
    }

    int position() {
        return position;
    }

    /** Writes displacement and registers into the instruction just added, behind its other operands. */
    void write() {
        lir.setDisp(disp);
        if (base != NONE) {
            lir.use(base);
        }
        if (index != NONE) {
            lir.use(index);
        }
    }
}
