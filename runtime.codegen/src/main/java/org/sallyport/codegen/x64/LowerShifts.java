package org.sallyport.codegen.x64;

import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.x64.BitAssembler.Bits;
import org.sallyport.codegen.x64.BitAssembler.Shift;
import org.sallyport.codegen.x64.BitAssembler.ShiftX;

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
            case SHL -> shift(v, Shift.SHL, ShiftX.SHLX);
            case SHR_S -> shift(v, Shift.SAR, ShiftX.SARX);
            case SHR_U -> shift(v, Shift.SHR, ShiftX.SHRX);
            case ROTL -> rotate(v, Shift.ROL);
            case ROTR -> rotate(v, Shift.ROR);
            case CLZ, CTZ, POPCNT -> count(v, op);
            case EXTEND8_S -> extend(v, Width.BYTE, 8);
            case EXTEND16_S -> extend(v, Width.WORD, 16);
            case EXTEND_S -> extend(v, Width.DWORD, 32);
            default -> {
                return false;
            }
        }
        return true;
    }

    private int width(int v) {
        return Fields.width(graph.type(v));
    }

    private int bits(int v) {
        return graph.type(v).bytes() * 8;
    }

    /** An operand of an operation that reads no more bits than its type has. */
    private int operand(int user, int value) {
        return s.lowReg(value, bits(user));
    }

    private void open(Inst inst, int aux, int v) {
        lir.add(inst.ordinal(), aux, graph.position(v));
    }

    /** {@code d=a, a, imm}. */
    private void withImm(Inst inst, int aux, int v, int a, long imm) {
        open(inst, aux, v);
        lir.setImm(imm);
        lir.defReuse(s.result(v), 1);
        lir.use(a);
    }

    private void shift(int v, Shift op, ShiftX without) {
        int a = graph.a(v);
        int b = graph.b(v);
        if (graph.isConst(b)) {
            shiftImm(v, op, a, (int) graph.imm(b) & bits(v) - 1);
        } else if (s.cpu.bmi2()) {
            int r = op == Shift.SHL ? operand(v, a) : operand(v, a);
            int count = count(v, b);
            open(Inst.SHIFT_X, width(v) | Fields.sub(without), v);
            lir.def(s.result(v));
            lir.useAny(r);
            lir.use(count);
        } else {
            shiftByCl(v, op, a, b);
        }
    }

    private void shiftByCl(int v, Shift op, int a, int b) {
        int r = operand(v, a);
        int count = count(v, b);
        open(Inst.SHIFT_CL, width(v) | Fields.sub(op), v);
        lir.defReuse(s.result(v), 1);
        lir.use(r);
        lir.useFixed(count, Reg.RCX);
    }

    /** The count's register; the CPU takes it modulo the width as wasm does, so masks may go. */
    private int count(int v, int b) {
        return s.lowReg(b, graph.type(v) == Type.I64 ? 6 : 5);
    }

    private void shiftImm(int v, Shift op, int a, int count) {
        int r = operand(v, a);
        if (op == Shift.SHL && count >= 1 && count <= 3 && !s.hasOneUse(a)) {
            open(Inst.SHL_LEA, width(v), v);
            lir.setImm(count);
            lir.def(s.result(v));
            lir.use(r);
        } else {
            withImm(Inst.SHIFT_I, width(v) | Fields.sub(op), v, r, count);
        }
    }

    private void rotate(int v, Shift op) {
        int a = graph.a(v);
        int b = graph.b(v);
        if (!graph.isConst(b)) {
            shiftByCl(v, op, a, b);
            return;
        }
        int bits = bits(v);
        int count = (int) graph.imm(b) & bits - 1;
        int right = op == Shift.ROR ? count : bits - count & bits - 1;
        int r = operand(v, a);
        if (s.cpu.bmi2()) {
            open(Inst.RORX, width(v), v);
            lir.setImm(right);
            lir.def(s.result(v));
            lir.use(r);
        } else {
            withImm(Inst.SHIFT_I, width(v) | Fields.sub(op), v, r, count);
        }
    }

    private void count(int v, Op op) {
        int r = operand(v, graph.a(v));
        if (op == Op.CLZ && !s.cpu.lzcnt() || op == Op.CTZ && !s.cpu.bmi1()) {
            open(op == Op.CLZ ? Inst.CLZ : Inst.CTZ, width(v), v);
            lir.def(s.result(v));
            lir.use(r);
        } else {
            Bits row = op == Op.CLZ ? Bits.LZCNT : op == Op.CTZ ? Bits.TZCNT : Bits.POPCNT;
            open(Inst.BITS, width(v) | Fields.sub(row), v);
            lir.def(s.result(v));
            lir.useAny(r);
        }
    }

    private void extend(int v, Width from, int bits) {
        int a = graph.a(v);
        if (from == Width.DWORD && s.isSinkableLoad(a) && graph.access(a) == Access.U32) {
            address.swallow(a);
            lir.add(
                    Inst.LOAD.ordinal(),
                    Fields.QWORD | Fields.SIGNED | Fields.sub(Width.DWORD) | address.aux(),
                    address.position());
            lir.def(s.result(v));
            address.write();
            return;
        }
        int r = s.lowReg(a, bits);
        open(Inst.MOVSX, width(v) | Fields.sub(from), v);
        lir.def(s.result(v));
        lir.useAny(r);
    }
}
