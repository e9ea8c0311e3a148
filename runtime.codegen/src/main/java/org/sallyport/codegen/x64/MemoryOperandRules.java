package org.sallyport.codegen.x64;

import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.lir.FrameFacts;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.pipeline.ModuleCode;

/** Holds memory operands to what their instructions can have, and to the frame that they are in. */
final class MemoryOperandRules {
    private final Lir lir;
    private final ModuleCode module;
    private final boolean avx;
    private int function;

    MemoryOperandRules(Lir lir, ModuleCode module, CpuFeatures cpu) {
        this.lir = lir;
        this.module = module;
        avx = cpu.avx();
    }

    void begin(int functionIndex) {
        function = functionIndex;
    }

    @Nullable String fault(int i, Inst inst, Form form) {
        int aux = lir.aux(i);
        boolean wanted = form.has(Form.Kind.MEMORY)
                || form.has(Form.Kind.COMPARISON) && Fields.producer(aux).readsMemory();
        if (!wanted) {
            return (aux & Fields.MEMORY_BITS) == 0 ? null : "a memory operand";
        }
        if (Fields.scale(aux) != 0 && !Fields.is(aux, Fields.INDEX)) {
            return "a factor of no index";
        }
        Fields.Base base = Fields.base(aux);
        boolean isLinear = base == Fields.Base.MEMORY0 || base == Fields.Base.VREG;
        boolean faults = Fields.is(aux, Fields.FAULTS);
        if (faults && (!isLinear || inst == Inst.LEA || inst == Inst.CALL_CODE_M)) {
            return "an access that cannot fault";
        }
        if (Fields.is(aux, Fields.NULLS) && !faults) {
            return "a null reference that cannot be found";
        }
        if (!avx && inst == Inst.VOP_RM && base != Fields.Base.POOL && Simd.of(Fields.row(aux)) != Simd.INSERTPS) {
            return "memory that need not be aligned";
        }
        return switch (base) {
            case NONE -> "no memory operand";
            case VREG, VMCTX, ABSENT -> null;
            case MEMORY0 -> module.hasMemory() ? null : "a memory that the module has not";
            case POOL -> pool(i, inst, aux);
            case OUTGOING -> frame(i, inst, aux, 0, lir.frame().outgoing());
            case INCOMING -> {
                FrameFacts frame = lir.frame();
                yield frame(i, inst, aux, -frame.extraIncoming(), module.functionLayout(function).outgoing());
            }
        };
    }

    private @Nullable String pool(int i, Inst inst, int aux) {
        boolean isWide = inst == Inst.VOP_RM || inst == Inst.VUN_M;
        if (!isWide && inst != Inst.FOP_RM || Fields.is(aux, Fields.INDEX)) {
            return "an operand in the pool";
        }
        boolean isThere = !isWide || lir.disp(i) >= 0 && lir.disp(i) < lir.wide().size();
        return isThere ? null : "constant " + lir.disp(i);
    }

    /** Arguments and results on the stack are whole: loaded and stored, and nothing else. */
    private @Nullable String frame(int i, Inst inst, int aux, int from, int to) {
        int bytes = switch (inst) {
            case LOAD, STORE, STORE_I, FLOAD, FSTORE -> 8;
            case VUN_M, VSTORE -> 16;
            default -> 0;
        };
        if (bytes == 0 || Fields.is(aux, Fields.INDEX)) {
            return "an operand on the stack";
        }
        boolean isInside = lir.disp(i) >= from && lir.disp(i) + bytes <= to && lir.disp(i) % bytes == 0;
        return isInside ? null : lir.disp(i) + " is outside of the stack's " + from + " to " + to;
    }
}
