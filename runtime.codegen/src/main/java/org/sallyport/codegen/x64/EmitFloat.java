package org.sallyport.codegen.x64;

import static org.sallyport.codegen.x64.Width.QWORD;

import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.x64.Assembler.Sse;
import org.sallyport.codegen.x64.BitAssembler.Shift;
import org.sallyport.codegen.x64.IntegerAssembler.Alu;

/** Writes float instructions and conversions, with VEX forms where the CPU has them. */
final class EmitFloat {
    private static final Sse[] SSE = Sse.values();

    private final Emission e;
    private final Assembler asm;
    private final Lir lir;
    private final boolean avx;
    private final ConvertToInt toInt;

    EmitFloat(Emission e) {
        this.e = e;
        asm = e.asm;
        lir = e.lir;
        avx = e.cpu.avx();
        toInt = new ConvertToInt(e);
    }

    /** Whether it was a float instruction. */
    boolean emit(Inst inst, int i, int aux) {
        boolean dbl = Fields.is(aux, Fields.DOUBLE);
        switch (inst) {
            case MOVF -> constant(e.xmm(0), lir.imm(i));
            case FLOAD -> load(e, dbl, e.xmm(0), e.memory(1, aux, lir.disp(i)));
            case FSTORE -> store(e, dbl, e.memory(1, aux, lir.disp(i)), e.xmm(0));
            case FOP_RR -> binary(SSE[Fields.sub(aux)]);
            case FOP_RM -> binary(SSE[Fields.sub(aux)], e.xmm(0), e.xmm(1), source(i, aux));
            case FOP_RC -> binary(SSE[Fields.sub(aux)], e.xmm(0), e.xmm(1), e.constantTwice(lir.imm(i)));
            case FUN_R -> unary(SSE[Fields.sub(aux)]);
            case FUN_M -> {
                clear(e.xmm(0));
                unary(SSE[Fields.sub(aux)], e.xmm(0), e.memory(1, aux, lir.disp(i)));
            }
            case FROUND -> {
                if (avx) {
                    asm.vround(dbl, e.xmm(0), e.xmm(1), e.xmm(1), (int) lir.imm(i));
                } else {
                    asm.round(dbl, e.xmm(0), e.xmm(1), (int) lir.imm(i));
                }
            }
            case FMINMAX -> minMax(dbl, Fields.is(aux, Fields.MAX));
            case FCMP -> asm.vcmp(dbl, e.xmm(0), e.xmm(1), e.xmm(2), (int) lir.imm(i));
            case FBLEND -> asm.vblendv(dbl, e.xmm(0), e.xmm(1), e.xmm(2), e.xmm(3));
            default -> {
                return convert(inst, aux, dbl);
            }
        }
        return true;
    }

    private Mem source(int i, int aux) {
        return Fields.base(aux) == Fields.Base.POOL ? e.constant(lir.imm(i)) : e.memory(2, aux, lir.disp(i));
    }

    // ---- moves

    void constant(int dst, long bits) {
        if (bits == 0) {
            clear(dst);
        } else {
            load(e, true, dst, e.constant(bits));
        }
    }

    /** Zero, which also ends any dependency on the register. */
    private void clear(int dst) {
        if (avx) {
            asm.avx(Sse.XORPS, dst, dst, dst);
        } else {
            asm.sse(Sse.XORPS, dst, dst);
        }
    }

    static void copy(Emission e, int dst, int src) {
        if (dst == src) {
            return;
        }
        if (e.cpu.avx()) {
            e.asm.avx(Sse.MOVAPS, dst, src);
        } else {
            e.asm.sse(Sse.MOVAPS, dst, src);
        }
    }

    static void load(Emission e, boolean dbl, int dst, Mem src) {
        if (e.cpu.avx()) {
            e.asm.vmovs(dbl, dst, src);
        } else {
            e.asm.movs(dbl, dst, src);
        }
    }

    static void store(Emission e, boolean dbl, Mem dst, int src) {
        if (e.cpu.avx()) {
            e.asm.vmovs(dbl, dst, src);
        } else {
            e.asm.movs(dbl, dst, src);
        }
    }

    // ---- arithmetic

    private void binary(Sse op) {
        int dst = e.xmm(0);
        int a = e.xmm(1);
        if (e.isSlot(2)) {
            binary(op, dst, a, e.slot(2));
        } else {
            binary(op, dst, a, e.xmm(2));
        }
    }

    private void binary(Sse op, int dst, int a, int b) {
        if (avx) {
            asm.avx(op, dst, a, b);
        } else {
            assert dst == a : "BUG: two-address instruction with three registers";
            asm.sse(op, dst, b);
        }
    }

    private void binary(Sse op, int dst, int a, Mem b) {
        if (avx) {
            asm.avx(op, dst, a, b);
        } else {
            assert dst == a : "BUG: two-address instruction with three registers";
            asm.sse(op, dst, b);
        }
    }

    /**
     * The upper part comes from another register: the source where it is one, else a cleared destination, so that
     * nothing is waited for.
     */
    private void unary(Sse op) {
        int dst = e.xmm(0);
        if (e.isSlot(1)) {
            clear(dst);
            unary(op, dst, e.slot(1));
        } else if (avx) {
            asm.avx(op, dst, e.xmm(1), e.xmm(1));
        } else {
            if (dst != e.xmm(1)) {
                clear(dst);
            }
            asm.sse(op, dst, e.xmm(1));
        }
    }

    private void unary(Sse op, int dst, Mem src) {
        if (avx) {
            asm.avx(op, dst, dst, src);
        } else {
            asm.sse(op, dst, src);
        }
    }

    /**
     * MINSD gives the second operand when both are equal or one is NaN, which covers zeros of both signs. So these
     * cases go behind the function: equal operands are joined bit by bit (minimum: the sign of either; maximum: the
     * sign of both), and a sum makes NaN quiet.
     */
    private void minMax(boolean dbl, boolean max) {
        int dst = e.xmm(0);
        int a = e.xmm(1);
        int b = e.xmm(2);
        int special = asm.newLabel();
        int done = asm.newLabel();
        if (avx) {
            asm.avx(dbl ? Sse.UCOMISD : Sse.UCOMISS, a, b);
        } else {
            asm.sse(dbl ? Sse.UCOMISD : Sse.UCOMISS, a, b);
        }
        asm.jcc(Cond.E, special);
        binary(max ? dbl ? Sse.MAXSD : Sse.MAXSS : dbl ? Sse.MINSD : Sse.MINSS, dst, a, b);
        asm.bind(done);
        e.forgetFlags();
        e.cold(() -> {
            asm.bind(special);
            int nan = asm.newLabel();
            asm.jcc(Cond.P, nan);
            binary(max ? Sse.ANDPS : Sse.ORPS, dst, a, b);
            asm.jmp(done);
            asm.bind(nan);
            binary(dbl ? Sse.ADDSD : Sse.ADDSS, dst, a, b);
            asm.jmp(done);
        });
    }

    // ---- conversions

    private boolean convert(Inst inst, int aux, boolean dbl) {
        Width w = Fields.width(aux);
        switch (inst) {
            case CVT_FROM_INT -> fromInt(dbl, w);
            case CVT_FROM_U64 -> fromUnsigned(dbl);
            case CVT_TO_INT -> {
                toInt.emit(aux);
                e.forgetFlags();
            }
            case INT_BITS -> intBits(w);
            case FLOAT_BITS -> floatBits(w);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void fromInt(boolean dbl, Width w) {
        int dst = e.xmm(0);
        clear(dst);
        if (e.isSlot(1)) {
            if (avx) {
                asm.vcvtFromInt(dbl, w, dst, dst, e.slot(1));
            } else {
                asm.cvtFromInt(dbl, w, dst, e.slot(1));
            }
        } else {
            fromInt(dbl, w, dst, e.reg(1));
        }
    }

    private void fromInt(boolean dbl, Width w, int dst, int src) {
        if (avx) {
            asm.vcvtFromInt(dbl, w, dst, dst, src);
        } else {
            asm.cvtFromInt(dbl, w, dst, src);
        }
    }

    /** A number of 64 bits is halved first, its lowest bit kept sticky for the rounding, and the result doubled. */
    private void fromUnsigned(boolean dbl) {
        int dst = e.xmm(0);
        int src = e.reg(1);
        int large = asm.newLabel();
        int done = asm.newLabel();
        clear(dst);
        asm.test(QWORD, src, src);
        asm.jcc(Cond.S, large);
        fromInt(dbl, QWORD, dst, src);
        asm.bind(done);
        e.forgetFlags();
        e.cold(() -> {
            int even = asm.newLabel();
            asm.bind(large);
            asm.mov(QWORD, Abi.SCRATCH, src);
            asm.shift(Shift.SHR, QWORD, Abi.SCRATCH, 1);
            asm.jcc(Cond.AE, even);
            asm.aluImm(Alu.OR, QWORD, Abi.SCRATCH, 1);
            asm.bind(even);
            fromInt(dbl, QWORD, dst, Abi.SCRATCH);
            binary(dbl ? Sse.ADDSD : Sse.ADDSS, dst, dst, dst);
            asm.jmp(done);
        });
    }

    private void intBits(Width w) {
        if (e.isSlot(1)) {
            load(e, w == QWORD, e.xmm(0), e.slot(1));
        } else if (avx) {
            asm.vmovToXmm(w, e.xmm(0), e.reg(1));
        } else {
            asm.movToXmm(w, e.xmm(0), e.reg(1));
        }
    }

    private void floatBits(Width w) {
        int dst = e.reg(0);
        if (e.isSlot(1)) {
            asm.mov(w, dst, e.slot(1));
        } else if (avx) {
            asm.vmovFromXmm(w, dst, e.xmm(1));
        } else {
            asm.movFromXmm(w, dst, e.xmm(1));
        }
        e.wrote(dst);
    }
}
