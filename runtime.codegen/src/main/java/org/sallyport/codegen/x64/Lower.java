package org.sallyport.codegen.x64;

import org.sallyport.codegen.ir.Cfg;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.pipeline.Isa;
import org.sallyport.codegen.pipeline.LowerLeaving;
import org.sallyport.codegen.pipeline.ModuleCode;

/**
 * Instruction selection: from the graph to machine instructions over virtual registers. Blocks and instructions are
 * visited backwards ({@link Selection}); each value that is wanted or has an effect becomes one group of
 * instructions.
 */
final class Lower implements Isa.Lowering {
    private static final LowerLeaving.Machine LEAVING = new LowerLeaving.Machine(
            Inst.RET.ordinal(),
            Inst.RETURN_CALL.ordinal(),
            Inst.RETURN_CALL_IMPORT.ordinal(),
            Inst.RETURN_CALL_CODE.ordinal(),
            Inst.RETURN_CALL_REF.ordinal(),
            Inst.RETURN_CALL_INDIRECT.ordinal(),
            Abi.CALLEE_CODE,
            Abi.CALLEE_VMCTX);

    private final Selection s;
    private final Graph graph;
    private final Lir lir;
    private final LowerInteger integers;
    private final LowerShifts shifts;
    private final LowerFloat floats;
    private final LowerMemory memory;
    private final LowerConditions conditions;
    private final LowerAtomics atomics;
    private final LowerCalls calls;
    private final LowerLeaving leaving;
    private final LowerVector vectors;
    /** By operation: which of the parts lowers it, once it has been met. */
    private final byte[] part = new byte[Op.values().length];

    Lower(Graph graph, Lir lir, CpuFeatures cpu, ModuleCode module) {
        this.graph = graph;
        this.lir = lir;
        s = new Selection(graph, lir, cpu, module);
        Address address = new Address(s);
        integers = new LowerInteger(s, address);
        shifts = new LowerShifts(s, address);
        VectorCode code = new VectorCode(s);
        LowerLanes lanes = new LowerLanes(s, address, code);
        memory = new LowerMemory(s, address, lanes);
        floats = new LowerFloat(s, address, memory);
        conditions = new LowerConditions(s, address);
        atomics = new LowerAtomics(s, address, memory);
        CallValues values = new CallValues(s, address);
        calls = new LowerCalls(s, address, values);
        leaving = new LowerLeaving(s, values, LEAVING);
        vectors = new LowerVector(s, address, code, lanes);
    }

    @Override
    public void run() {
        s.begin();
        for (int b = graph.lastBlock(); b >= 0; b = graph.previousBlock(b)) {
            lir.openBlock(s.number(b));
            for (int v = graph.last(b); v >= 0; v = graph.previous(v)) {
                visit(v, b);
            }
            afterReturn(b);
        }
        lir.openGroup();
        calls.arguments(graph.firstBlock());
        lir.seal();
    }

    /** Where a call has returned that might have thrown, its results on the stack are still there. */
    private void afterReturn(int b) {
        if (!graph.hasMade(Op.OUTCOME)) {
            return;
        }
        Cfg cfg = graph.cfg();
        int before = cfg.predecessorCount(b) == 1 ? cfg.predecessor(b, 0) : -1;
        if (before >= 0 && graph.op(graph.last(before)) == Op.OUTCOME && graph.successor(before, 0) == b) {
            calls.takeStackResults(before);
        }
    }

    private void visit(int v, int b) {
        Op op = graph.op(v);
        if (op == Op.OUTCOME) { // the call itself ends the block
            calls.mayThrow();
            return;
        }
        if (s.isSwallowed(v) || !s.isWanted(v) && !hasEffect(v, op) || op == Op.ARG || op == Op.RESULT) {
            return;
        }
        s.setRoot(v);
        lir.openGroup();
        int known = part[op.ordinal()];
        if (known != 0) {
            lower(v, b, op, known);
            return;
        }
        int p = 1;
        while (!lower(v, b, op, p)) {
            p++;
        }
        part[op.ordinal()] = (byte) p;
    }

    private boolean lower(int v, int b, Op op, int by) {
        return switch (by) {
            case 1 -> integers.lower(v, op);
            case 2 -> memory.lower(v, op);
            case 3 -> conditions.lower(v, op);
            case 4 -> floats.lower(v, op);
            case 5 -> calls.lower(v, op);
            case 6 -> leaving.lower(v, op);
            case 7 -> end(v, b, op);
            case 8 -> vectors.lower(v, op);
            case 9 -> shifts.lower(v, op);
            case 10 -> atomics.lower(v, op);
            default -> throw new AssertionError("BUG: no instruction for " + op);
        };
    }

    private boolean hasEffect(int v, Op op) {
        return !op.isRemovable() && (op != Op.LOAD || graph.mayTrap(v));
    }

    private boolean end(int v, int b, Op op) {
        switch (op) {
            case JUMP -> {
                int number = s.number(b);
                int count = graph.operandCount(v);
                if (count > 0) {
                    lir.openArguments(number);
                    for (int i = 0; i < count; i++) {
                        lir.addArgument(s.reg(graph.operand(v, i)));
                    }
                }
                lir.add(Inst.JMP.ordinal(), 0, graph.position(v));
            }
            case CHARGE -> {
                lir.add((graph.isCheckedCharge(v) ? Inst.CHARGE_CHECKED : Inst.CHARGE).ordinal(), 0, graph.position(v));
                lir.setImm(graph.imm(v));
            }
            case CHARGE_BY -> {
                int amount = s.reg(graph.a(v));
                lir.add(Inst.CHARGE_BY.ordinal(), 0, graph.position(v));
                lir.use(amount);
            }
            case TRAP -> {
                lir.add(Inst.UD2.ordinal(), 0, graph.position(v));
                lir.setImm(graph.imm(v));
            }
            default -> {
                return false;
            }
        }
        return true;
    }
}
