package org.sallyport.codegen.pipeline;

import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.lir.FrameFacts;
import org.sallyport.codegen.lir.Lir;

/**
 * Selects instructions for what ends a function: returns and tail calls (docs/abi.md). As terminators, tail calls take what they
 * need in registers that nobody passes arguments in. The same on every machine but for the {@link Machine}.
 */
public final class LowerLeaving {
    private final SelectedValues s;
    private final Graph graph;
    private final Lir lir;
    private final PassedValues values;
    private final Machine machine;
    private final FrameFacts frame;

    /**
     * Instructions by number, and two registers.
     *
     * @param returns to the caller
     * @param call a tail call of a function of the module
     * @param callImport of an imported one
     * @param callCode of code of this very instance, in {@code code}
     * @param callReference of the function reference whose address is in {@code code}
     * @param callIndirect of code in {@code code} with the instance in {@code context}
     */
    public record Machine(
            int returns, int call, int callImport, int callCode, int callReference, int callIndirect, int code, int context) {}

    public LowerLeaving(SelectedValues s, PassedValues values, Machine machine) {
        this.s = s;
        this.values = values;
        this.machine = machine;
        graph = s.graph;
        lir = s.lir;
        frame = lir.frame();
    }

    /** @return false if the operation ends no function */
    public boolean lower(int v, Op op) {
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
        leave(op == Op.RETURN_CALL ? machine.call : machine.callImport, v, layout);
    }

    private void inPlaceByReference(int v, CallLayout layout) {
        int code = graph.operand(v, 0);
        int context = graph.operand(v, 1);
        passInPlace(v, layout, 2);
        if (graph.op(context) == Op.VMCTX) {
            values.add(code, machine.code);
            leave(machine.callCode, v, layout);
        } else if (values.isFieldOf(code, context)) {
            s.swallow(code);
            s.swallow(context);
            values.add(graph.a(code), machine.code);
            leave(machine.callReference, v, layout);
        } else {
            values.add(code, machine.code);
            values.add(context, machine.context);
            leave(machine.callIndirect, v, layout);
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
                values.storeIncoming(
                        graph.operand(v, firstOperand + i),
                        layout.paramType(i),
                        start + place - CallLayout.STACK,
                        graph.position(v));
            }
        }
        for (int i = 0; i < layout.paramCount(); i++) {
            if (!CallLayout.isStack(layout.param(i))) {
                values.add(graph.operand(v, firstOperand + i), layout.param(i));
            }
        }
    }

    private void leave(int inst, int v, CallLayout layout) {
        lir.add(inst, 0, graph.position(v));
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
                values.storeIncoming(
                        graph.operand(v, i), layout.resultType(i), place - CallLayout.STACK, graph.position(v));
            }
        }
        for (int i = 0; i < layout.resultCount(); i++) {
            if (!CallLayout.isStack(layout.result(i))) {
                values.add(graph.operand(v, i), layout.result(i));
            }
        }
        lir.add(machine.returns, 0, graph.position(v));
        values.use();
    }
}
