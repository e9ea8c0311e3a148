package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Reg.NONE;

import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.spi.VmLayout;
import org.sallyport.codegen.regalloc.RegisterClass;

/**
 * The memory operand of the instruction that is being made: chosen for a load, store or sum, then written into the
 * instruction.
 *
 * <p><b>Why it stays inside the memory.</b> An i32 address has its upper half zero in a register (docs/abi.md), and
 * only values of type i32 that are whole in that sense are used as index: no 32-bit sum or shift is folded into an
 * address unless it is known not to wrap. A static offset up to 2³¹−1 becomes the displacement; a larger one, which
 * the CPU would sign-extend, is added in a register. Then {@code base + index + offset} is below 8 GiB, which the
 * memory's reservation covers. An i64 address was checked, and a sum modulo 2⁶⁴ is folded exactly as it was
 * written.
 */
final class Address {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;

    private Fields.Base kind = Fields.Base.NONE;
    private int base = NONE;
    private int index = NONE;
    private int scale;
    private int disp;
    /** I64, or I32 in a sum that is cut to 32 bits. */
    private Type type = Type.I64;
    private boolean faults;
    private boolean nulls;
    private int position;

    Address(Selection s) {
        this.s = s;
        graph = s.graph;
        lir = s.lir;
    }

    private void clear() {
        kind = Fields.Base.ABSENT;
        base = NONE;
        index = NONE;
        scale = 0;
        disp = 0;
        faults = false;
        nulls = false;
    }

    /** The memory operand of a load or store, linear or of the runtime's structures. Asks for registers. */
    Address of(int access) {
        clear();
        position = graph.position(access);
        Op op = graph.op(access);
        if (op.isLinearAccess()) {
            linear(access);
        } else {
            long offset = graph.imm(access);
            disp = (int) offset;
            type = Type.I64;
            sum(graph.a(access));
        }
        return this;
    }

    /** The same operand as {@link #of}, for a load that its user swallows. */
    Address swallow(int load) {
        s.swallow(load);
        return of(load);
    }

    /** The integer sum whose turn it is as an address, for LEA. */
    Address sumOf(int addition) {
        clear();
        position = graph.position(addition);
        type = graph.type(addition);
        if (addConstant(graph.b(addition))) {
            sum(graph.a(addition));
        } else {
            term(graph.a(addition));
            term(graph.b(addition));
        }
        return this;
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

    Address context(int offset) {
        clear();
        kind = Fields.Base.VMCTX;
        disp = offset;
        return this;
    }

    Address pool() {
        clear();
        kind = Fields.Base.POOL;
        return this;
    }

    /** {@code base + index << scale + disp} of registers; base and index may be {@link Reg#NONE}. */
    Address of(int baseVreg, int indexVreg, int scaleLog2, int displacement) {
        clear();
        kind = baseVreg == NONE ? Fields.Base.ABSENT : Fields.Base.VREG;
        base = baseVreg;
        index = indexVreg;
        scale = scaleLog2;
        disp = displacement;
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
        } else {
            if (graph.type(address) == Type.I64) {
                offset = peelConstant(address, offset);
                address = peeled;
            } else {
                address = peelScale(address);
            }
            offset(s.reg(address), offset);
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

    private void offset(int address, long offset) {
        index = address;
        if (offset <= Integer.MAX_VALUE && offset >= Integer.MIN_VALUE) {
            disp = (int) offset;
        } else {
            index = add(address, s.constant(offset));
        }
    }

    /** A 64-bit sum in a new register; the index's own factor must still be 1. */
    private int add(int a, int b) {
        if (scale != 0) {
            int shifted = lir.newVreg(RegisterClass.INT);
            lir.add(Inst.SHL_LEA.ordinal(), Fields.QWORD, position);
            lir.setImm(scale);
            lir.def(shifted);
            lir.use(a);
            a = shifted;
            scale = 0;
        }
        int sum = lir.newVreg(RegisterClass.INT);
        lir.add(Inst.ADD_RRR.ordinal(), Fields.QWORD, position);
        lir.def(sum);
        lir.use(a);
        lir.use(b);
        return sum;
    }

    private int memoryBase(int memory) {
        int r = lir.newVreg(RegisterClass.INT);
        int fields = Fields.QWORD | Fields.sub(Width.QWORD) | Fields.memory(Fields.Base.VMCTX, false, 0);
        lir.add(Inst.LOAD.ordinal(), fields, position);
        VmLayout layout = s.module.vmLayout();
        lir.setDisp(Graph.isHeap(memory) ? layout.heapBase() : layout.memoryBase(memory));
        lir.def(r);
        return r;
    }

    private int peeled;

    /** i64: {@code x + c} as x with a larger offset, modulo 2⁶⁴ as the CPU adds. Leaves x in {@link #peeled}. */
    private long peelConstant(int address, long offset) {
        peeled = address;
        if (graph.op(address) == Op.ADD && s.isLocal(address) && !s.isWanted(address) && s.isImm(graph.b(address))) {
            long sum = offset + graph.imm(graph.b(address));
            if (sum == (int) sum) {
                peeled = graph.a(address);
                return sum;
            }
        }
        return offset;
    }

    /**
     * i32: {@code x << n} as index with a factor, only where x is known to be so small that nothing is shifted out.
     */
    private int peelScale(int address) {
        if (graph.op(address) == Op.SHL && isFree(address) && graph.isConst(graph.b(address))) {
            long count = graph.imm(graph.b(address)) & 31;
            if (count <= 3 && s.maximum(graph.a(address)) << count <= 0xFFFF_FFFFL) {
                scale = (int) count;
                return graph.a(address);
            }
        }
        return address;
    }

    // ---- sums

    /**
     * Takes apart {@code x + y + c} with scaled terms as far as one operand can hold. In 32 bits, what is above them
     * in the terms does not matter: the instruction (LEA) drops it.
     */
    private void sum(int value) {
        int v = skip(value);
        while (isInnerSum(v) && addConstant(graph.b(v))) {
            v = skip(graph.a(v));
        }
        if (isInnerSum(v) && kind == Fields.Base.ABSENT && index == NONE) {
            term(graph.a(v));
            term(graph.b(v));
        } else {
            term(v);
        }
    }

    private int skip(int v) {
        return type == Type.I32 ? s.low(v, 32) : s.behindExtensions(v);
    }

    private boolean isInnerSum(int v) {
        return graph.op(v) == Op.ADD && graph.type(v) == type
                && (s.isPrivate(v) || isFree(v) && graph.isConst(graph.b(v)));
    }

    /** A value that nobody wants so far: doing its work here again costs nothing. */
    private boolean isFree(int v) {
        return s.isLocal(v) && !s.isWanted(v) && !s.isSwallowed(v);
    }

    private boolean addConstant(int v) {
        if (s.isImm(v) && disp + graph.imm(v) == (int) (disp + graph.imm(v))) {
            disp += (int) graph.imm(v);
            return true;
        }
        return false;
    }

    private void term(int value) {
        int v = skip(value);
        while (isInnerSum(v) && addConstant(graph.b(v))) {
            v = skip(graph.a(v));
        }
        if (graph.op(v) == Op.VMCTX && kind == Fields.Base.ABSENT) {
            kind = Fields.Base.VMCTX;
        } else if (index == NONE && scaledTerm(v)) {
            return;
        } else if (kind == Fields.Base.ABSENT) {
            kind = Fields.Base.VREG;
            base = s.reg(v);
        } else {
            assert index == NONE : "BUG: third term of an address";
            index = s.reg(v);
        }
    }

    private boolean scaledTerm(int v) {
        if (graph.op(v) == Op.SHL && graph.type(v) == type && isFree(v) && graph.isConst(graph.b(v))) {
            long count = graph.imm(graph.b(v)) & type.bytes() * 8 - 1;
            if (count >= 1 && count <= 3) {
                scale = (int) count;
                index = s.reg(skip(graph.a(v)));
                return true;
            }
        }
        return false;
    }

    // ---- writing

    /** The bits for {@link Fields} of an instruction with this operand. */
    int aux() {
        return Fields.memory(kind, index != NONE, scale) | (faults ? Fields.FAULTS : 0) | (nulls ? Fields.NULLS : 0);
    }

    int position() {
        return position;
    }

    /** Whether the operand has a base and an index besides the displacement. */
    boolean isTwoTerms() {
        return kind != Fields.Base.ABSENT && index != NONE;
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
