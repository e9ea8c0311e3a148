package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.aarch64.IntegerAssembler.Bitfield;
import org.sallyport.codegen.aarch64.IntegerAssembler.Shift;
import org.sallyport.codegen.aarch64.IntegerAssembler.Two;
import org.sallyport.codegen.aarch64.MemoryAssembler.Moved;
import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Lir;

/** Selects instructions for shifts, rotations, counts of bits and sign extensions. */
final class LowerShifts {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final Address address;

    LowerShifts(Selection s, Address address) {
        this.s = s;
        this.address = address;
        graph = s.graph;
        lir = s.lir;
    }

    /** Whether it was such an operation. */
    boolean lower(int v, Op op) {
        switch (op) {
            case SHL -> shift(v, Shift.LSL, Two.LSLV);
            case SHR_S -> shift(v, Shift.ASR, Two.ASRV);
            case SHR_U -> shift(v, Shift.LSR, Two.LSRV);
            case ROTR -> shift(v, Shift.ROR, Two.RORV);
            case ROTL -> rotateLeft(v);
            case CLZ -> unary(v, Inst.CLZ);
            case CTZ -> unary(v, Inst.CTZ);
            case POPCNT -> unary(v, Inst.POPCNT);
            case EXTEND8_S -> extend(v, 8);
            case EXTEND16_S -> extend(v, 16);
            case EXTEND_S -> extend(v, 32);
            default -> {
                return false;
            }
        }
        return true;
    }

    private int width(int v) {
        return Fields.width(graph.type(v));
    }

    private int operand(int v) {
        return s.lowReg(graph.a(v), s.bits(v));
    }

    /** The count's register; the CPU takes it modulo the width as wasm does, so masks may go. */
    private int count(int v) {
        return s.lowReg(graph.b(v), graph.type(v) == Type.I64 ? 6 : 5);
    }

    private void shift(int v, Shift op, Two byRegister) {
        int b = graph.b(v);
        if (graph.isConst(b)) {
            byConstant(v, op, (int) graph.imm(b) & s.bits(v) - 1);
            return;
        }
        int r = operand(v);
        int count = count(v);
        s.open(Inst.SHIFT_R, width(v) | Fields.sub(byRegister), v);
        lir.def(s.result(v));
        lir.use(r);
        lir.use(count);
    }

    private void byConstant(int v, Shift op, int amount) {
        int r = operand(v);
        s.open(Inst.SHIFT_I, width(v) | Fields.sub(op), v);
        lir.setImm(amount);
        lir.def(s.result(v));
        lir.use(r);
    }

    private void rotateLeft(int v) {
        int b = graph.b(v);
        if (graph.isConst(b)) {
            byConstant(v, Shift.ROR, -(int) graph.imm(b) & s.bits(v) - 1);
            return;
        }
        int r = operand(v);
        int count = count(v);
        s.open(Inst.ROTL, width(v), v);
        lir.def(s.result(v));
        lir.use(r);
        lir.use(count);
    }

    private void unary(int v, Inst inst) {
        int r = operand(v);
        s.open(inst, width(v), v);
        lir.def(s.result(v));
        lir.use(r);
    }

    private void extend(int v, int bits) {
        int a = graph.a(v);
        if (bits == 32 && s.isSinkableLoad(a) && graph.access(a) == Access.U32) {
            address.swallow(a);
            lir.add(Inst.LOAD.ordinal(), Fields.sub(Moved.LDRSWX) | address.aux(), address.position());
            lir.def(s.result(v));
            address.write();
            return;
        }
        int r = s.lowReg(a, bits);
        s.open(Inst.BITFIELD, width(v) | Fields.sub(Bitfield.SBFM), v);
        lir.setImm(bits - 1);
        lir.def(s.result(v));
        lir.use(r);
    }
}
