package org.sallyport.codegen.aarch64;

import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.aarch64.IntegerAssembler.Alu;
import org.sallyport.codegen.aarch64.IntegerAssembler.Bitfield;
import org.sallyport.codegen.aarch64.IntegerAssembler.Multiply;
import org.sallyport.codegen.aarch64.IntegerAssembler.Shift;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.lir.Lir;

/** Selects instructions for integer arithmetic; {@link LowerShifts} for what moves and counts bits. */
final class LowerInteger {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;

    LowerInteger(Selection s) {
        this.s = s;
        graph = s.graph;
        lir = s.lir;
    }

    /** Whether it was an integer operation. */
    boolean lower(int v, Op op) {
        switch (op) {
            case ADD -> add(v);
            case SUB -> sub(v);
            case AND -> and(v);
            case OR -> logic(v, Alu.ORR, Alu.ORN);
            case XOR -> xor(v);
            case MUL -> mul(v);
            case MULHI_S -> product(v, Multiply.SMULH, graph.a(v), graph.b(v));
            case MULHI_U -> product(v, Multiply.UMULH, graph.a(v), graph.b(v));
            case DIV_S, DIV_U, REM_S, REM_U -> divide(v, op);
            case WRAP -> wrap(v);
            default -> {
                return false;
            }
        }
        return true;
    }

    private int width(int v) {
        return Fields.width(graph.type(v));
    }

    /** An operand of an operation that reads no more bits than its type has. */
    private int operand(int user, int value) {
        return s.lowReg(value, s.bits(user));
    }

    // ---- sums and logic

    private void add(int v) {
        int a = graph.a(v);
        int b = graph.b(v);
        if (graph.isConst(b) && Immediates.isArithmetic(graph.imm(b))) {
            withImm(v, Alu.ADD, a, graph.imm(b));
        } else if (!(multiplyAdd(v, Multiply.MADD, b, a) || multiplyAdd(v, Multiply.MADD, a, b))) {
            twoRegisters(v, Alu.ADD, a, b, true);
        }
    }

    private void sub(int v) {
        int a = graph.a(v);
        int b = graph.b(v);
        if (s.isConst(a, 0)) {
            ofZero(v, Alu.SUB, b);
        } else if (graph.isConst(b) && Immediates.isArithmetic(graph.imm(b))) {
            withImm(v, Alu.SUB, a, graph.imm(b));
        } else if (!multiplyAdd(v, Multiply.MSUB, b, a)) {
            twoRegisters(v, Alu.SUB, a, b, false);
        }
    }

    private void withImm(int v, Alu op, int a, long imm) {
        int r = operand(v, a);
        s.open(Inst.ALU_RI, width(v) | Fields.sub(op), v);
        lir.setImm(imm);
        lir.def(s.result(v));
        lir.use(r);
    }

    /** {@code other ± x * y}. */
    private boolean multiplyAdd(int v, Multiply op, int product, int other) {
        if (graph.op(product) != Op.MUL || graph.type(product) != graph.type(v) || !s.isPrivate(product)) {
            return false;
        }
        int x = operand(v, graph.a(product));
        int y = operand(v, graph.b(product));
        int z = operand(v, other);
        s.open(Inst.MADD, width(v) | Fields.sub(op), v);
        lir.def(s.result(v));
        lir.use(x);
        lir.use(y);
        lir.use(z);
        return true;
    }

    /** The second operand shifted where that is for nothing else. */
    private void twoRegisters(int v, Alu op, int a, int b, boolean commutes) {
        int x = a;
        int y = b;
        if (commutes && shift(a, v, op) != null && shift(b, v, op) == null) {
            x = b;
            y = a;
        }
        Shift shift = shift(y, v, op);
        long how = 0;
        if (shift != null) {
            how = Fields.shifted(shift, amount(y));
            y = graph.a(y);
        }
        int first = operand(v, x);
        int second = operand(v, y);
        s.open(Inst.ALU_RR, width(v) | Fields.sub(op), v);
        lir.setImm(how);
        lir.def(s.result(v));
        lir.use(first);
        lir.use(second);
    }

    private void ofZero(int v, Alu op, int b) {
        Shift shift = shift(b, v, op);
        int r = operand(v, shift == null ? b : graph.a(b));
        s.open(Inst.ALU_ZR, width(v) | Fields.sub(op), v);
        lir.setImm(shift == null ? 0 : Fields.shifted(shift, amount(b)));
        lir.def(s.result(v));
        lir.use(r);
    }

    /** How an operand is shifted by a constant, if only this user wants it. */
    private @Nullable Shift shift(int value, int user, Alu op) {
        if (graph.type(value) != graph.type(user) || !s.isPrivate(value)) {
            return null;
        }
        Shift shift = switch (graph.op(value)) {
            case SHL -> Shift.LSL;
            case SHR_U -> Shift.LSR;
            case SHR_S -> Shift.ASR;
            case ROTR, ROTL -> op.isArithmetic() ? null : Shift.ROR;
            default -> null;
        };
        return shift != null && graph.isConst(graph.b(value)) ? shift : null;
    }

    private int amount(int shift) {
        int last = s.bits(shift) - 1;
        int count = (int) graph.imm(graph.b(shift)) & last;
        return graph.op(shift) == Op.ROTL ? -count & last : count;
    }

    private void logic(int v, Alu op, Alu inverted) {
        int a = graph.a(v);
        int b = graph.b(v);
        long mask = graph.isConst(b) ? s.constantBits(b) : 0;
        if (graph.isConst(b) && op.takes(Fields.is(width(v), Fields.WIDE), mask)) {
            withImm(v, op, a, mask);
        } else if (isNot(b, v)) {
            twoRegisters(v, inverted, a, graph.a(b), false);
        } else if (isNot(a, v)) {
            twoRegisters(v, inverted, b, graph.a(a), false);
        } else {
            twoRegisters(v, op, a, b, true);
        }
    }

    private boolean isNot(int x, int user) {
        return graph.op(x) == Op.XOR && graph.type(x) == graph.type(user) && s.isPrivate(x) && s.isConst(graph.b(x), -1);
    }

    private void xor(int v) {
        if (s.isConst(graph.b(v), -1)) {
            ofZero(v, Alu.ORN, graph.a(v));
        } else {
            logic(v, Alu.EOR, Alu.EON);
        }
    }

    private void and(int v) {
        int b = graph.b(v);
        if (graph.isConst(b)) {
            long mask = s.constantBits(b);
            if (mask == 0xFFFF_FFFFL) {
                wrap(v);
                return;
            }
            if (extract(v, graph.a(v), mask)) {
                return;
            }
        }
        logic(v, Alu.AND, Alu.BIC);
    }

    /** {@code x >>> n & 2ᵏ - 1}. */
    private boolean extract(int v, int a, long mask) {
        if ((mask & mask + 1) != 0 || mask == 0 || graph.op(a) != Op.SHR_U || graph.type(a) != graph.type(v)
                || !s.isPrivate(a) || !graph.isConst(graph.b(a))) {
            return false;
        }
        int from = amount(a);
        int last = Math.min(s.bits(v) - 1, from + Long.bitCount(mask) - 1);
        int r = operand(v, graph.a(a));
        s.open(Inst.BITFIELD, width(v) | Fields.sub(Bitfield.UBFM), v);
        lir.setImm(from << 6 | last);
        lir.def(s.result(v));
        lir.use(r);
        return true;
    }

    /** The lower 32 bits, zero-extended. */
    private void wrap(int v) {
        int r = s.lowReg(graph.a(v), 32);
        s.open(Inst.ALU_ZR, Fields.sub(Alu.ORR), v);
        lir.def(s.result(v));
        lir.use(r);
    }

    // ---- products and quotients

    private void mul(int v) {
        int a = graph.a(v);
        int b = graph.b(v);
        if (graph.isConst(b) && Long.bitCount(graph.imm(b) - 1) == 1 && graph.imm(b) > 2) { // x + (x << n)
            int r = operand(v, a);
            s.open(Inst.ALU_RR, width(v) | Fields.sub(Alu.ADD), v);
            lir.setImm(Fields.shifted(Shift.LSL, Long.numberOfTrailingZeros(graph.imm(b) - 1)));
            lir.def(s.result(v));
            lir.use(r);
            lir.use(r);
        } else if (isSignExtension(a) && isSignExtension(b)) {
            product(v, Multiply.SMADDL, graph.a(a), graph.a(b));
        } else {
            product(v, Multiply.MADD, a, b);
        }
    }

    private boolean isSignExtension(int v) {
        return graph.op(v) == Op.EXTEND_S && s.isFree(v);
    }

    private void product(int v, Multiply op, int a, int b) {
        int bits = op == Multiply.SMADDL ? 32 : s.bits(v);
        int x = s.lowReg(a, bits);
        int y = s.lowReg(b, bits);
        s.open(Inst.MUL, width(v) | Fields.sub(op), v);
        lir.def(s.result(v));
        lir.use(x);
        lir.use(y);
    }

    private void divide(int v, Op op) {
        boolean signed = op == Op.DIV_S || op == Op.REM_S;
        boolean remainder = op == Op.REM_S || op == Op.REM_U;
        int a = operand(v, graph.a(v));
        int divisor = graph.b(v);
        boolean unchecked = graph.isConst(divisor) && graph.imm(divisor) != 0 && !(op == Op.DIV_S && graph.imm(divisor) == -1);
        int b = operand(v, divisor);
        s.open(Inst.DIV, width(v) | (signed ? Fields.SIGNED : 0) | (remainder ? Fields.REMAINDER : 0)
                | (unchecked ? Fields.UNCHECKED : 0), v);
        lir.def(s.result(v));
        lir.use(a);
        lir.use(b);
    }
}
