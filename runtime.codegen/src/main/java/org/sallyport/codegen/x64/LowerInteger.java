package org.sallyport.codegen.x64;

import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.codegen.x64.BitAssembler.Blx;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;
import org.sallyport.codegen.x64.IntegerAssembler.Unary;

/** Selects instructions for integer arithmetic; {@link LowerShifts} for what moves and counts bits. */
final class LowerInteger {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final Address address;

    LowerInteger(Selection s, Address address) {
        this.s = s;
        this.address = address;
        graph = s.graph;
        lir = s.lir;
    }

    /** Whether it was an integer operation. */
    boolean lower(int v, Op op) {
        switch (op) {
            case ADD -> add(v);
            case SUB -> sub(v);
            case AND -> and(v);
            case OR -> alu(v, Alu.OR);
            case XOR -> xor(v);
            case MUL -> mul(v);
            case MULHI_S, MULHI_U -> mulHigh(v, op == Op.MULHI_S);
            case DIV_S, DIV_U, REM_S, REM_U -> divide(v, op);
            case WRAP -> zeroExtend(v, Width.DWORD, graph.a(v));
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

    // ---- sums and logic

    private void add(int v) {
        int a = graph.a(v);
        int b = graph.b(v);
        if (!s.isSinkableFull(b, v) && !s.isSinkableFull(a, v) && isAddressLike(v)) {
            lea(v);
        } else if (s.isImm(b)) {
            addImm(v, a, graph.imm(b));
        } else {
            alu(v, Alu.ADD);
        }
    }

    /** A sum that LEA does with fewer instructions: three terms or a scaled one. */
    private boolean isAddressLike(int v) {
        int a = s.low(graph.a(v), bits(v));
        int b = s.low(graph.b(v), bits(v));
        if (graph.op(s.behindExtensions(a)) == Op.VMCTX) {
            return true;
        }
        return isPart(a, v) || isPart(b, v);
    }

    private boolean isPart(int part, int v) {
        if (!s.isPrivate(part) || graph.type(part) != graph.type(v)) {
            return false;
        }
        if (graph.op(part) == Op.SHL && graph.isConst(graph.b(part))) {
            long count = graph.imm(graph.b(part)) & bits(v) - 1;
            return count >= 1 && count <= 3;
        }
        return graph.op(part) == Op.ADD && (s.isImm(graph.b(part)) || s.isImm(graph.b(v)))
                && !s.isSinkableFull(graph.a(part), part) && !s.isSinkableFull(graph.b(part), part);
    }

    private void lea(int v) {
        address.sumOf(v);
        open(Inst.LEA, width(v) | address.aux(), v);
        lir.def(s.result(v));
        address.write();
    }

    private void addImm(int v, int a, long imm) {
        int r = operand(v, a);
        if (s.hasOneUse(a)) {
            withImm(Inst.ALU_RI, width(v) | Fields.sub(Alu.ADD), v, r, imm);
        } else {
            open(Inst.ADD_RRI, width(v), v);
            lir.setImm(imm);
            lir.def(s.result(v));
            lir.use(r);
        }
    }

    private void sub(int v) {
        int a = graph.a(v);
        int b = graph.b(v);
        if (graph.isConst(a) && graph.imm(a) == 0) {
            unary(v, Unary.NEG, b);
        } else if (s.isImm(b) && graph.imm(b) != Integer.MIN_VALUE) {
            addImm(v, a, -graph.imm(b));
        } else {
            alu(v, Alu.SUB);
        }
    }

    private void unary(int v, Unary op, int a) {
        int r = operand(v, a);
        open(Inst.UNARY, width(v) | Fields.sub(op), v);
        lir.defReuse(s.result(v), 1);
        lir.use(r);
    }

    private void alu(int v, Alu op) {
        alu(v, op, graph.a(v), graph.b(v));
    }

    private void alu(int v, Alu op, int a, int b) {
        if (op.isCommutative() && (s.isSinkableFull(a, v) && !s.isSinkableFull(b, v) || graph.isConst(a))) {
            int swap = a;
            a = b;
            b = swap;
        }
        if (s.isImm(b)) {
            withImm(Inst.ALU_RI, width(v) | Fields.sub(op), v, operand(v, a), graph.imm(b));
        } else if (s.isSinkableFull(b, v)) {
            int r = operand(v, a);
            address.swallow(b);
            lir.add(Inst.ALU_RM.ordinal(), width(v) | Fields.sub(op) | address.aux(), address.position());
            lir.defReuse(s.result(v), 1);
            lir.use(r);
            address.write();
        } else if (op == Alu.ADD && !s.hasOneUse(a) && !s.hasOneUse(b)) {
            int x = operand(v, a);
            int y = operand(v, b);
            open(Inst.ADD_RRR, width(v), v);
            lir.def(s.result(v));
            lir.use(x);
            lir.use(y);
        } else {
            twoRegisters(Inst.ALU_RR, Fields.sub(op), v, a, b, op.isCommutative());
        }
    }

    private void twoRegisters(Inst inst, int sub, int v, int a, int b, boolean commutes) {
        int x = operand(v, a);
        int y = operand(v, b);
        open(inst, width(v) | sub, v);
        lir.defReuse(s.result(v), 1);
        lir.use(x);
        lir.useAny(y);
        if (commutes) {
            lir.markCommutative();
        }
    }

    private void and(int v) {
        int a = graph.a(v);
        int b = graph.b(v);
        if (graph.isConst(b)) {
            andConstant(v, a, s.constantBits(b));
        } else if (!s.cpu.bmi1()
                || !(andNot(v, a, b) || andNot(v, b, a) || lowestBit(v, a, b) || lowestBit(v, b, a))) {
            alu(v, Alu.AND);
        }
    }

    private void andConstant(int v, int a, long mask) {
        if (mask == 0xFF) {
            zeroExtend(v, Width.BYTE, a);
        } else if (mask == 0xFFFF) {
            zeroExtend(v, Width.WORD, a);
        } else if (mask == 0xFFFF_FFFFL) {
            zeroExtend(v, Width.DWORD, a);
        } else if (mask == (mask & 0xFFFF_FFFFL)) { // 32 bits are enough, and shorter
            withImm(Inst.ALU_RI, Fields.DWORD | Fields.sub(Alu.AND), v, s.lowReg(a, 32), (int) mask);
        } else {
            alu(v, Alu.AND);
        }
    }

    private void zeroExtend(int v, Width from, int a) {
        int r = s.lowReg(a, from.bytes() * 8);
        open(Inst.MOVZX, Fields.DWORD | Fields.sub(from), v);
        lir.def(s.result(v));
        lir.useAny(r);
    }

    /** {@code ~x & b}. */
    private boolean andNot(int v, int not, int b) {
        if (graph.op(not) != Op.XOR || !s.isPrivate(not) || !isMinusOne(graph.b(not))) {
            return false;
        }
        int x = operand(v, graph.a(not));
        int y = operand(v, b);
        open(Inst.ANDN, width(v), v);
        lir.def(s.result(v));
        lir.use(x);
        lir.useAny(y);
        return true;
    }

    private boolean isMinusOne(int v) {
        return graph.isConst(v) && graph.imm(v) == -1;
    }

    /** {@code x & x - 1} and {@code x & -x}. */
    private boolean lowestBit(int v, int x, int other) {
        if (!s.isPrivate(other)) {
            return false;
        }
        if (graph.op(other) == Op.ADD && graph.a(other) == x && isMinusOne(graph.b(other))) {
            blx(v, Blx.BLSR, x);
            return true;
        }
        if (graph.op(other) == Op.SUB && graph.b(other) == x && isZero(graph.a(other))) {
            blx(v, Blx.BLSI, x);
            return true;
        }
        return false;
    }

    private boolean isZero(int v) {
        return graph.isConst(v) && graph.imm(v) == 0;
    }

    private void blx(int v, Blx op, int x) {
        int r = operand(v, x);
        open(Inst.BLX, width(v) | Fields.sub(op), v);
        lir.def(s.result(v));
        lir.use(r);
    }

    private void xor(int v) {
        int a = graph.a(v);
        int b = graph.b(v);
        if (isMinusOne(b)) {
            unary(v, Unary.NOT, a);
        } else if (s.cpu.bmi1() && (isDecrement(b, a) || isDecrement(a, b))) {
            blx(v, Blx.BLSMSK, isDecrement(b, a) ? a : b);
        } else {
            alu(v, Alu.XOR);
        }
    }

    private boolean isDecrement(int v, int x) {
        return s.isPrivate(v) && graph.op(v) == Op.ADD && graph.a(v) == x && isMinusOne(graph.b(v));
    }

    // ---- products and quotients

    private void mul(int v) {
        int a = graph.a(v);
        int b = graph.b(v);
        if (s.isImm(b)) {
            mulImm(v, a, graph.imm(b));
        } else if (s.isSinkableFull(b, v) || s.isSinkableFull(a, v)) {
            boolean swap = !s.isSinkableFull(b, v);
            int r = operand(v, swap ? b : a);
            address.swallow(swap ? a : b);
            lir.add(Inst.IMUL_RM.ordinal(), width(v) | address.aux(), address.position());
            lir.defReuse(s.result(v), 1);
            lir.use(r);
            address.write();
        } else {
            twoRegisters(Inst.IMUL_RR, 0, v, a, b, true);
        }
    }

    private void mulImm(int v, int a, long imm) {
        if (imm == 3 || imm == 5 || imm == 9) {
            int r = operand(v, a);
            address.of(r, r, Long.numberOfTrailingZeros(imm - 1), 0);
            open(Inst.LEA, width(v) | address.aux(), v);
            lir.def(s.result(v));
            address.write();
        } else if (s.isSinkableFull(a, v)) {
            address.swallow(a);
            lir.add(Inst.IMUL_MI.ordinal(), width(v) | address.aux(), address.position());
            lir.setImm(imm);
            lir.def(s.result(v));
            address.write();
        } else {
            int r = operand(v, a);
            open(Inst.IMUL_RI, width(v), v);
            lir.setImm(imm);
            lir.def(s.result(v));
            lir.useAny(r);
        }
    }

    private void mulHigh(int v, boolean signed) {
        int a = s.reg(graph.a(v));
        int b = s.reg(graph.b(v));
        if (!signed && s.cpu.bmi2()) {
            open(Inst.MULHI_X, Fields.QWORD, v);
            lir.def(s.result(v));
            lir.useFixed(a, Reg.RDX);
        } else {
            open(Inst.MULHI, Fields.QWORD | (signed ? Fields.SIGNED : 0), v);
            lir.setClobbers(1 << Reg.RAX);
            lir.defFixed(s.result(v), Reg.RDX);
            lir.useFixed(a, Reg.RAX);
        }
        lir.useAny(b);
    }

    /** RDX is written before the divisor is read, so its definition is an early one. */
    private void divide(int v, Op op) {
        boolean signed = op == Op.DIV_S || op == Op.REM_S;
        boolean remainder = op == Op.REM_S || op == Op.REM_U;
        int a = operand(v, graph.a(v));
        int b = operand(v, graph.b(v));
        boolean unchecked = isHarmlessDivisor(graph.b(v), signed);
        open(Inst.DIV, width(v) | (signed ? Fields.SIGNED : 0) | (remainder ? Fields.REMAINDER : 0)
                | (unchecked ? Fields.UNCHECKED : 0), v);
        if (remainder) {
            lir.setClobbers(1 << Reg.RAX);
            lir.defFixedEarly(s.result(v), Reg.RDX);
        } else {
            lir.defFixed(s.result(v), Reg.RAX);
            lir.defFixedEarly(lir.newVreg(RegisterClass.INT), Reg.RDX);
        }
        lir.useFixed(a, Reg.RAX);
        lir.useAny(b);
    }

    private boolean isHarmlessDivisor(int v, boolean signed) {
        return graph.isConst(v) && graph.imm(v) != 0 && !(signed && graph.imm(v) == -1);
    }
}
