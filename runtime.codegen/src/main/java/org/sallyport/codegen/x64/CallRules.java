package org.sallyport.codegen.x64;

import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.FrameFacts;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.pipeline.CallLayout;
import org.sallyport.codegen.pipeline.ModuleCode;
import org.sallyport.codegen.regalloc.Operand;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.spi.Builtin;

/**
 * Holds calls, returns and arguments to the calling convention (docs/abi.md): each value that goes in a register is in its own,
 * results come from where they are, and the frame knows of the call.
 */
final class CallRules {
    private final Lir lir;
    private final ModuleCode module;
    private int function;

    CallRules(Lir lir, ModuleCode module) {
        this.lir = lir;
        this.module = module;
    }

    void begin(int functionIndex) {
        function = functionIndex;
    }

    @Nullable String fault(int i, Inst inst) {
        long imm = lir.imm(i);
        return switch (inst) {
            case ARGS -> results(i, module.functionLayout(function), true);
            case RET -> arguments(i, module.functionLayout(function), true, 0);
            case CALL, CALL_IMPORT -> module.isFunction(imm, inst == Inst.CALL_IMPORT)
                    ? call(i, inst, module.functionLayout((int) imm))
                    : inst + ": no such function: " + imm;
            case CALL_INDIRECT, CALL_REF, CALL_CODE, CALL_CODE_M ->
                module.isFunctionType(imm) ? call(i, inst, module.typeLayout((int) imm)) : inst + ": no such type: " + imm;
            case CALL_BUILTIN -> imm >= 0 && imm < Builtin.values().length
                    ? call(i, inst, module.builtinLayout(Builtin.values()[(int) imm]))
                    : "no such builtin: " + imm;
            case CALL_HELPER ->
                lir.frame().helps() ? arguments(i, module.helperLayout(), false, 0) : "a helper that the frame does not know";
            case RETURN_CALL, RETURN_CALL_IMPORT -> module.isFunction(imm, inst == Inst.RETURN_CALL_IMPORT)
                    ? inPlace(i, module.functionLayout((int) imm), 0)
                    : inst + ": no such function: " + imm;
            case RETURN_CALL_INDIRECT, RETURN_CALL_REF, RETURN_CALL_CODE -> module.isFunctionType(imm)
                    ? inPlace(i, module.typeLayout((int) imm), inst == Inst.RETURN_CALL_INDIRECT ? 2 : 1)
                    : inst + ": no such type: " + imm;
            default -> null;
        };
    }

    private @Nullable String call(int i, Inst inst, CallLayout layout) {
        FrameFacts frame = lir.frame();
        if (!frame.calls() || frame.outgoing() < layout.outgoing()) {
            return inst + ": a call that the frame does not know";
        }
        boolean ends = i == lir.blockEnd(lir.blockOf(i)) - 1;
        boolean leaves = switch (inst) {
            case CALL -> module.leavesInstance((int) lir.imm(i));
            case CALL_IMPORT, CALL_INDIRECT, CALL_REF -> true;
            default -> false;
        };
        if ((leaves || ends) && !frame.leaves()) {
            return inst + ": the context is not saved";
        }
        int others = inst == Inst.CALL_INDIRECT && isFixed(lir.operandStart(i + 1) - 1) ? 1 : 0;
        String wrong = arguments(i, layout, false, others);
        return wrong == null ? results(i, layout, false) : wrong;
    }

    private @Nullable String inPlace(int i, CallLayout layout, int others) {
        FrameFacts frame = lir.frame();
        if (lir.disp(i) != layout.popped() || layout.popped() > frame.incoming() + frame.extraIncoming() || !frame.calls()) {
            return "a tail call that the frame does not know";
        }
        return arguments(i, layout, false, others);
    }

    // ---- values in registers

    private boolean isFixed(int k) {
        return Operand.constraint(lir.operand(k)) == Operand.FIXED;
    }

    /**
     * The uses in given registers are what the layout has in registers, in order.
     *
     * @param areResults the layout's results, not its parameters
     * @param others uses in given registers behind these
     */
    private @Nullable String arguments(int i, CallLayout layout, boolean areResults, int others) {
        int k = lir.operandStart(i);
        int end = lir.operandStart(i + 1);
        while (k < end && Operand.isDef(lir.operand(k))) {
            k++;
        }
        int n = areResults ? layout.resultCount() : layout.paramCount();
        for (int p = 0; p < n; p++) {
            int place = areResults ? layout.result(p) : layout.param(p);
            if (CallLayout.isStack(place)) {
                continue;
            }
            if (k == end || !isFixed(k) || Operand.register(lir.operand(k)) != place) {
                return "value " + p + " is not passed in register " + place;
            }
            Type type = areResults ? layout.resultType(p) : layout.paramType(p);
            if (lir.registerClass(Operand.vreg(lir.operand(k))) != registerClass(type)) {
                return "value " + p + " is of another type";
            }
            k++;
        }
        for (; k < end; k++) {
            others -= isFixed(k) ? 1 : 0;
        }
        return others == 0 ? null : "values in registers that nobody takes";
    }

    /** Definitions in given registers are results, or with {@code areParams} parameters, of the layout. */
    private @Nullable String results(int i, CallLayout layout, boolean areParams) {
        for (int k = lir.operandStart(i); k < lir.operandStart(i + 1); k++) {
            long operand = lir.operand(k);
            if (!Operand.isDef(operand) || Operand.isExtended(operand)) {
                continue;
            }
            RegisterClass wanted = null;
            int n = areParams ? layout.paramCount() : layout.resultCount();
            for (int r = 0; r < n; r++) {
                int place = areParams ? layout.param(r) : layout.result(r);
                if (place == Operand.register(operand)) {
                    wanted = registerClass(areParams ? layout.paramType(r) : layout.resultType(r));
                }
            }
            if (wanted != lir.registerClass(Operand.vreg(operand))) {
                return "nothing of the kind comes in register " + Operand.register(operand);
            }
        }
        return null;
    }

    private static RegisterClass registerClass(Type type) {
        return switch (type) {
            case I32, I64, REF -> RegisterClass.INT;
            case F32, F64 -> RegisterClass.FLOAT;
            case V128 -> RegisterClass.VECTOR;
            case VOID -> throw new AssertionError("BUG: void in a signature");
        };
    }
}
