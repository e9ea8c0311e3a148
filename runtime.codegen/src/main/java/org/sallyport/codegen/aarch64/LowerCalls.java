package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.lir.FrameFacts;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.pipeline.CallLayout;
import org.sallyport.codegen.regalloc.RegisterClass;
import org.sallyport.codegen.regalloc.Registers;
import org.sallyport.spi.Builtin;

/** Selects instructions for calls, and for the arguments of the function itself (docs/abi.md). */
final class LowerCalls {
    /** What the memory helpers destroy, their arguments included. */
    static final long HELPER_CLOBBERS =
            1 << Reg.X0 | 1 << Reg.X1 | 1 << Reg.X2 | 1 << Reg.X3 | 1 << Reg.X4 | 0xFFL << Registers.VECTORS;

    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final Address address;
    private final CallValues values;
    private final FrameFacts frame;

    LowerCalls(Selection s, Address address, CallValues values) {
        this.s = s;
        this.address = address;
        this.values = values;
        graph = s.graph;
        lir = s.lir;
        frame = lir.frame();
    }

    boolean lower(int v, Op op) {
        switch (op) {
            case CALL -> direct(v);
            case CALL_IMPORT -> imported(v);
            case CALL_INDIRECT -> indirect(v);
            case CALL_BUILTIN -> builtin(v);
            case CALL_HELPER -> helper(v);
            default -> {
                return false;
            }
        }
        return true;
    }

    // ---- calls

    private void direct(int v) {
        int function = (int) graph.imm(v);
        CallLayout layout = s.module.functionLayout(function);
        if (s.module.leavesInstance(function)) {
            frame.leavesInstance();
        }
        passArguments(v, layout, 0);
        call(Inst.CALL, v, layout);
        values.use();
        takeStackResults(v, layout);
    }

    private void imported(int v) {
        CallLayout layout = s.module.functionLayout((int) graph.imm(v));
        frame.leavesInstance();
        passArguments(v, layout, 0);
        call(Inst.CALL_IMPORT, v, layout);
        values.use();
        takeStackResults(v, layout);
    }

    private void builtin(int v) {
        CallLayout layout = s.module.builtinLayout(BUILTINS[(int) graph.imm(v)]);
        passArguments(v, layout, 0);
        call(Inst.CALL_BUILTIN, v, layout);
        values.use();
        takeStackResults(v, layout);
    }

    private static final Builtin[] BUILTINS = Builtin.values();

    /**
     * The emitter writes {@link Abi#CALLER_VMCTX} in front of the call, while the callee's code and context are still to be read:
     * it is an early temporary.
     */
    private void indirect(int v) {
        CallLayout layout = s.module.typeLayout((int) graph.imm(v));
        passArguments(v, layout, 2);
        int code = graph.operand(v, 0);
        int context = graph.operand(v, 1);
        if (graph.op(context) == Op.VMCTX) {
            withinInstance(v, layout, code);
            return;
        }
        frame.leavesInstance();
        boolean byReference = values.isFieldOf(code, context);
        int first;
        int second = -1;
        if (byReference) {
            s.swallow(code);
            s.swallow(context);
            first = s.reg(graph.a(code));
        } else {
            first = s.reg(code);
            second = s.reg(context);
        }
        call(byReference ? Inst.CALL_REF : Inst.CALL_INDIRECT, v, layout);
        lir.defFixedEarly(lir.newVreg(RegisterClass.INT), Abi.CALLER_VMCTX);
        values.use();
        lir.use(first);
        if (!byReference) {
            lir.use(second);
        }
        takeStackResults(v, layout);
    }

    private void withinInstance(int v, CallLayout layout, int code) {
        int r = s.reg(code);
        call(Inst.CALL_CODE, v, layout);
        values.use();
        lir.use(r);
        takeStackResults(v, layout);
    }

    private void helper(int v) {
        CallLayout layout = s.module.helperLayout();
        frame.callsHelpers();
        passArguments(v, layout, 0);
        lir.add(Inst.CALL_HELPER.ordinal(), 0, graph.position(v));
        lir.setImm(graph.imm(v));
        lir.setDisp(graph.aux(v));
        lir.setClobbers(HELPER_CLOBBERS);
        values.use();
    }

    /** Stores the stack arguments and collects the register arguments. */
    private void passArguments(int v, CallLayout layout, int firstOperand) {
        values.clear();
        frame.passes(layout.outgoing());
        for (int i = 0; i < layout.paramCount(); i++) {
            int place = layout.param(i);
            int value = graph.operand(v, firstOperand + i);
            if (CallLayout.isStack(place)) {
                values.store(value, layout.paramType(i), address.outgoing(place - CallLayout.STACK), graph.position(v));
            }
        }
        for (int i = 0; i < layout.paramCount(); i++) {
            if (!CallLayout.isStack(layout.param(i))) {
                values.add(graph.operand(v, firstOperand + i), layout.param(i));
            }
        }
    }

    /** Opens the call with its results in registers. */
    private void call(Inst inst, int v, CallLayout layout) {
        frame.callsFunctions();
        lir.add(inst.ordinal(), 0, graph.position(v));
        lir.setImm(graph.imm(v));
        long clobbers = Abi.ALLOCATABLE;
        int value = v;
        for (int i = 0; i < layout.resultCount(); i++) {
            int place = layout.result(i);
            if (!CallLayout.isStack(place) && s.isWanted(value)) {
                lir.defFixed(s.result(value), place);
                clobbers &= ~Registers.bit(place);
            }
            value = graph.next(value);
        }
        lir.setClobbers(clobbers);
    }

    /** The results that the call ending a block gave on the stack, at the start of the block where it has returned. */
    void takeStackResults(int block) {
        int call = graph.previous(graph.last(block));
        while (graph.op(call) == Op.RESULT) {
            call = graph.previous(call);
        }
        CallLayout layout = switch (graph.op(call)) {
            case CALL, CALL_IMPORT -> s.module.functionLayout((int) graph.imm(call));
            case CALL_INDIRECT -> s.module.typeLayout((int) graph.imm(call));
            default -> s.module.builtinLayout(BUILTINS[(int) graph.imm(call)]);
        };
        lir.openGroup();
        loadStackResults(call, layout);
    }

    private void takeStackResults(int v, CallLayout layout) {
        int next = graph.next(v);
        while (graph.op(next) == Op.RESULT) {
            next = graph.next(next);
        }
        if (graph.op(next) != Op.OUTCOME) { // else nothing stands behind the call
            loadStackResults(v, layout);
        }
    }

    /** Handlers are entered with the function's context from its slot. */
    void mayThrow() {
        frame.leavesInstance();
    }

    private void loadStackResults(int v, CallLayout layout) {
        int value = v;
        for (int i = 0; i < layout.resultCount(); i++) {
            int place = layout.result(i);
            if (CallLayout.isStack(place) && s.isWanted(value)) {
                values.load(s.result(value), layout.resultType(i), address.outgoing(place - CallLayout.STACK));
            }
            value = graph.next(value);
        }
    }

    // ---- this function

    /** The arguments that are used, at the start of the entry block: its last group. */
    void arguments(int entry) {
        CallLayout layout = s.module.functionLayout(graph.function());
        frame.takes(layout.popped());
        lir.add(Inst.ARGS.ordinal(), 0, -1);
        boolean hasStackArguments = false;
        for (int v = graph.first(entry); v >= 0; v = graph.next(v)) {
            if (graph.op(v) == Op.ARG && s.isWanted(v)) {
                int place = layout.param((int) graph.imm(v));
                if (CallLayout.isStack(place)) {
                    hasStackArguments = true;
                } else {
                    lir.defFixed(s.result(v), place);
                }
            }
        }
        if (hasStackArguments) {
            stackArguments(entry, layout);
        }
    }

    private void stackArguments(int entry, CallLayout layout) {
        for (int v = graph.first(entry); v >= 0; v = graph.next(v)) {
            if (graph.op(v) == Op.ARG && s.isWanted(v)) {
                int i = (int) graph.imm(v);
                int place = layout.param(i);
                if (CallLayout.isStack(place)) {
                    values.load(s.result(v), layout.paramType(i), address.incoming(place - CallLayout.STACK));
                }
            }
        }
    }
}
