package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.lir.FrameFacts;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.pipeline.CallLayout;

/**
 * Selects instructions for what ends a function: returns and tail calls (docs/abi.md). As terminators, tail calls take what they
 * need in registers that nobody passes arguments in.
 */
final class LowerLeaving {
    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final Address address;
    private final CallValues values;
    private final FrameFacts frame;

    LowerLeaving(Selection s, Address address, CallValues values) {
        this.s = s;
        this.address = address;
        this.values = values;
        graph = s.graph;
        lir = s.lir;
        frame = lir.frame();
    }

    boolean lower(int v, Op op) {
        switch (op) {
            case RETURN -> returns(v);
            case RETURN_CALL, RETURN_CALL_IMPORT, RETURN_CALL_INDIRECT -> inPlace(v, op);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void inPlace(int v, Op op) {
        int callee = (int) graph.imm(v);
        frame.callsFunctions();
        if (op == Op.RETURN_CALL_INDIRECT) {
            inPlaceByReference(v, s.module.typeLayout(callee));
            return;
        }
        CallLayout layout = s.module.functionLayout(callee);
        passInPlace(v, layout, 0);
        leave(op == Op.RETURN_CALL ? Inst.RETURN_CALL : Inst.RETURN_CALL_IMPORT, v, layout);
    }

    private void inPlaceByReference(int v, CallLayout layout) {
        int code = graph.operand(v, 0);
        int context = graph.operand(v, 1);
        passInPlace(v, layout, 2);
        if (graph.op(context) == Op.VMCTX) {
            values.add(code, Abi.CALLEE_CODE);
            leave(Inst.RETURN_CALL_CODE, v, layout);
        } else if (values.isFieldOf(code, context)) {
            s.swallow(code);
            s.swallow(context);
            values.add(graph.a(code), Abi.CALLEE_CODE);
            leave(Inst.RETURN_CALL_REF, v, layout);
        } else {
            values.add(code, Abi.CALLEE_CODE);
            values.add(context, Abi.CALLEE_VMCTX);
            leave(Inst.RETURN_CALL_INDIRECT, v, layout);
        }
    }

    /** Stores the stack arguments so that they end where this function's own do, and collects the others. */
    private void passInPlace(int v, CallLayout layout, int firstOperand) {
        values.clear();
        frame.passesInPlace(layout.popped());
        int start = s.module.functionLayout(graph.function()).popped() - layout.popped();
        for (int i = 0; i < layout.paramCount(); i++) {
            int place = layout.param(i);
            if (CallLayout.isStack(place)) {
                Address to = address.incoming(start + place - CallLayout.STACK);
                values.store(graph.operand(v, firstOperand + i), layout.paramType(i), to, graph.position(v));
            }
        }
        for (int i = 0; i < layout.paramCount(); i++) {
            if (!CallLayout.isStack(layout.param(i))) {
                values.add(graph.operand(v, firstOperand + i), layout.param(i));
            }
        }
    }

    private void leave(Inst inst, int v, CallLayout layout) {
        lir.add(inst.ordinal(), 0, graph.position(v));
        lir.setImm(graph.imm(v));
        lir.setDisp(layout.popped());
        values.use();
    }

    private void returns(int v) {
        CallLayout layout = s.module.functionLayout(graph.function());
        values.clear();
        for (int i = 0; i < layout.resultCount(); i++) {
            int place = layout.result(i);
            if (CallLayout.isStack(place)) {
                Address to = address.incoming(place - CallLayout.STACK);
                values.store(graph.operand(v, i), layout.resultType(i), to, graph.position(v));
            }
        }
        for (int i = 0; i < layout.resultCount(); i++) {
            if (!CallLayout.isStack(layout.result(i))) {
                values.add(graph.operand(v, i), layout.result(i));
            }
        }
        lir.add(Inst.RET.ordinal(), 0, graph.position(v));
        values.use();
    }
}
